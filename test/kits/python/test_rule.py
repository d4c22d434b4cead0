# SPDX-License-Identifier: GPL-2.0-or-later
"""A udev rule, tested with systemd-udevd itself."""
import subprocess

RULE = 'SUBSYSTEM=="memory", ACTION=="add", ATTR{state}=="offline", ATTR{state}="online_movable"'
UDEVD = f"""
mkdir -p /run/udev/rules.d
echo '{RULE}' > /run/udev/rules.d/60-my.rules
/lib/systemd/systemd-udevd --daemon
until udevadm control --ping; do sleep 0.01; done
echo ready
sleep infinity
"""


def test_new_memory_goes_to_movable(view):
    udevd = view.start(["sh", "-c", UDEVD], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert udevd.stdout.readline() == "ready\n"
    for block in view.plug("256M", node=1).blocks:
        block.wait("online")
        assert block.zones == "Movable"
