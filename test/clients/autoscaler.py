# SPDX-License-Identifier: GPL-2.0-or-later
"""autoscaler.py MOUNTPOINT SOCKET - an autoscaler: it looks at the guest's files, and resizes it by QMP.

When MemAvailable is low, a virtio-mem device grows by a step; when it is high, it shrinks, and what
the guest does not give back in a while is counted as refused.
"""
import os
import sys
import time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mount"))
from qmp_lib import Client, get, put  # noqa: E402

MIB = 1 << 20
STEP = 256 * MIB
LOW, HIGH = 256 * MIB, 768 * MIB
ROOT, SOCK = sys.argv[1:]


def available():
    lines = get(ROOT + "/proc/meminfo").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))


class Scaler:
    def __init__(self):
        self.qmp = Client(SOCK)
        self.most = 2048 * MIB
        self.qmp.ram("pool", self.most)
        self.qmp.ask("device_add", driver="virtio-mem-pci", id="vm0", memdev="pool", node=0)
        self.wanted = self.refused = 0

    def size(self):
        return self.qmp.ask("qom-get", path="vm0", property="size")["return"]

    def resize(self, wanted):
        self.wanted = wanted
        assert "return" in self.qmp.ask("qom-set", path="vm0", property="requested-size", value=wanted)
        end = time.monotonic() + 0.3
        while self.size() != wanted and time.monotonic() < end:
            time.sleep(0.01)
        self.refused += self.size() != wanted

    def loop(self, rounds):
        for _ in range(rounds):
            free = available()
            if free < LOW and self.wanted < self.most:
                self.resize(self.wanted + STEP)
            elif free > HIGH + STEP and self.wanted:
                self.resize(self.wanted - STEP)


put(ROOT + "/sys/devices/system/memory/auto_online_blocks", "online_movable")
scaler = Scaler()
app = ROOT + "/machine/workload/app"
os.mkdir(app)
put(app + "/kind", "anon")
put(app + "/size", str(available() - 128 * MIB))
scaler.loop(10)
assert scaler.size() >= STEP and available() >= LOW, (scaler.size(), available())
put(app + "/size", "64M")
scaler.loop(20)
assert scaler.size() == 0 and not scaler.refused, (scaler.size(), scaler.refused)
