# SPDX-License-Identifier: GPL-2.0-or-later
"""qmp.py MEMHPFS MOUNTPOINT DIRECTORY - what clients of the monitor get; see qmp.sh."""
import json
import os
import signal
import socket
import subprocess
import sys
import time
from qmp_lib import Client, get, put

MIB = 1 << 20
MEMHPFS, MNT, TMP = sys.argv[1:]
SOCK = os.path.join(TMP, "qmp")
MEM = MNT + "/sys/devices/system/memory/"


def expect(what, want, got):
    if want != got:
        sys.exit("qmp: %s: %r instead of %r" % (what, got, want))


def desc(answer):
    return answer.get("error", {}).get("desc", answer)


class Mount:
    def __init__(self, *options):
        self.process = subprocess.Popen([MEMHPFS, "-f", "--ready-fd", "1", *options, MNT],
                                        stdout=subprocess.PIPE)
        expect("ready", b"\n", self.process.stdout.read(1))

    def end(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        return self.process.wait(20)


def wrong_addresses():
    for address, text in (("tcp:0.0.0.0:1", "only tcp:127.0.0.1:PORT"), ("tcp:127.0.0.1:70000", "only tcp:127"),
                          ("/nowhere/x", "No such file"), ("x" * 200, "too long")):
        done = subprocess.run([MEMHPFS, "--qmp=" + address, MNT], capture_output=True, text=True, timeout=20)
        expect(address + ": status", 1, done.returncode)
        if text not in done.stderr:
            sys.exit("qmp: %s: says %s" % (address, done.stderr))


def negotiation(where):
    a = Client(where, negotiate=False)
    expect("greeting", [], a.greeting["QMP"]["capabilities"])
    expect("too early", "CommandNotFound", a.ask("query-status")["error"]["class"])
    expect("negotiated", {"return": {}}, a.ask("qmp_capabilities"))
    expect("again", "CommandNotFound", a.ask("qmp_capabilities")["error"]["class"])
    a.send('{"execute":"query-status","id":{"x":1}} \n {"execute":"query-name","id":2}')
    expect("first of two", {"x": 1}, a.answer()["id"])
    expect("second of two", 2, a.answer()["id"])
    a.send('{"execute":')
    a.send('\'query-name\'}')
    expect("in pieces, in single quotes", {"return": {}}, a.answer())
    for text, want in (("nonsense\n", "JSON parse error, invalid keyword 'nonsense'"),
                       ("}", "JSON parse error, expecting value"), ("[1]", "QMP input must be a JSON object"),
                       ('{"execute":"query-name",}', "JSON parse error, expecting value"),
                       ('{"a":1,"a":2}', "JSON parse error, duplicate key"),
                       ('{"execute":"query-name","arguments":{"y":1}}', "Parameter 'y' is unexpected")):
        a.send(text)
        expect(text, want, desc(a.answer()))
    a.close()


def devices(where):
    """Two clients hear of what one of them does, after its answer."""
    a, b = Client(where), Client(where)
    expect("backend", {"return": {}}, a.ram("k0", 256 * MIB))
    a.send('{"execute":"device_add","arguments":{"driver":"pc-dimm","id":"d0","memdev":"k0","node":1}}')
    expect("the answer comes first", {"return": {}}, a.line())
    for client in (a, b):
        event = client.wait("ACPI_DEVICE_OST")
        expect("inserted", ("d0", 0), (event["data"]["info"]["device"], event["data"]["info"]["status"]))
        if abs(event["timestamp"]["seconds"] - time.time()) > 60:
            sys.exit("qmp: the time of an event is %s" % event["timestamp"])
    expect("machine/dimm", "1\n", get(MNT + "/machine/dimm/d0/plugged"))
    expect("its blocks", ["memory32", "memory33"],
           sorted(n for n in os.listdir(MEM) if n in ("memory32", "memory33")))
    put(MEM + "memory32/state", "online_movable")
    expect("unplugged", {"return": {}}, b.ask("device_del", id="d0"))
    for client in (a, b):
        client.wait("ACPI_DEVICE_OST", "DEVICE_DELETED", "ACPI_DEVICE_OST")
    expect("it is gone", False, os.path.exists(MNT + "/machine/dimm/d0"))
    # what is plugged as files is known, too
    os.mkdir(MNT + "/machine/dimm/u")
    put(MNT + "/machine/dimm/u/size", "128M")
    put(MNT + "/machine/dimm/u/plugged", "1")
    a.wait("ACPI_DEVICE_OST")
    expect("a DIMM of the user", ["u"],
           [d["data"]["id"] for d in b.ask("query-memory-devices")["return"]])
    expect("device_del of it", {"return": {}}, b.ask("device_del", id="u"))
    a.wait("DEVICE_DELETED")
    expect("it is not plugged", "0\n", get(MNT + "/machine/dimm/u/plugged"))
    os.rmdir(MNT + "/machine/dimm/u")
    a.close()
    b.close()


def file_of_monitor(where):
    """The file takes a message and gives its answer."""
    expect("where", where + "\n", get(MNT + "/machine/qmp"))
    fd = os.open(MNT + "/machine/qmp", os.O_RDWR)
    os.write(fd, b'{"execute":"query-status","id":5}')
    expect("by file", 5, json.loads(os.read(fd, 4096))["id"])
    expect("the end", b"", os.read(fd, 4096))
    os.close(fd)


def rates(where):
    """Of many sizes within a moment, the first and the last are sent."""
    a = Client(where)
    a.ram("v0", 1024 * MIB)
    a.ask("device_add", driver="virtio-mem-pci", id="v", memdev="v0", node=0)
    for i in range(1, 9):
        a.ask("qom-set", path="v", property="requested-size", value=2 * i * MIB)
    sizes = [a.wait("MEMORY_DEVICE_SIZE_CHANGE")["data"]["size"] // MIB]
    while sizes[-1] != 16:
        sizes.append(a.wait("MEMORY_DEVICE_SIZE_CHANGE")["data"]["size"] // MIB)
    if len(sizes) > 4:
        sys.exit("qmp: so many events: %s" % sizes)
    a.close()


def never_reads(where):
    """A client that does not read is cut off, and nobody else waits."""
    a, bad = Client(where), Client(where)
    bad.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    bad.sock.settimeout(0.2)
    sent = 0
    try:
        while sent < 200000:
            bad.send('{"execute":"query-qmp-schema"}\n' * 1000)
            sent += 1000
    except (TimeoutError, socket.timeout, ConnectionError):
        pass
    if sent >= 200000:
        sys.exit("qmp: a client that never reads is served for ever")
    began = time.time()
    for _ in range(50):
        expect("another client", True, a.ask("query-status")["return"]["running"])
    if time.time() - began > 5:
        sys.exit("qmp: others wait for a client that never reads")
    long = Client(where)
    try:
        long.send('{"x":"' + "y" * (2 * MIB))
    except ConnectionError:
        pass
    expect("a message without an end is cut off", True, long.closed())
    for client in (a, bad, long):
        client.close()


def gate(where):
    """A race gate holds a message; others of the same client wait behind it."""
    a, b = Client(where), Client(where)
    gate_dir = MNT + "/machine/race/g/"
    os.mkdir(gate_dir)
    put(gate_dir + "path", "machine/qmp")
    put(gate_dir + "count", "1")
    put(gate_dir + "enabled", "1")
    a.send('{"execute":"stop"}{"execute":"query-status"}')
    while get(gate_dir + "waiting") != "1\n":
        time.sleep(0.01)
    expect("held", True, b.ask("query-status")["return"]["running"])
    put(gate_dir + "release", "1")
    expect("released", {"return": {}}, a.answer())
    expect("behind it", False, a.answer()["return"]["running"])
    os.rmdir(gate_dir)
    a.ask("cont")
    b.wait("STOP", "RESUME")
    a.close()
    b.close()


def fault(where):
    """A fault plan makes a message fail, or lets it be lost."""
    a = Client(where)
    plan = MNT + "/machine/fault/q/"
    os.mkdir(plan)
    put(plan + "phase", "qmp")
    put(plan + "count", "1")
    for errno in ("EIO", "ETIMEDOUT"):
        put(plan + "errno", errno)
        put(plan + "enabled", "1")
        a.send('{"execute":"stop","id":1}{"execute":"query-status","id":2}')
        if errno == "EIO":
            expect("a plan", True, "Input/output" in desc(a.answer()))
        got = a.answer()
        expect("after a message that failed", (2, True), (got["id"], got["return"]["running"]))
        put(plan + "enabled", "0")
    os.rmdir(plan)
    a.close()


def reboot(where):
    """Files of what the old kernel had answer ENODEV, the mount goes on."""
    a = Client(where)
    a.ram("k1", 256 * MIB)
    a.ask("device_add", driver="pc-dimm", id="d1", memdev="k1", node=1)
    a.wait("ACPI_DEVICE_OST")
    put(MEM + "memory40/state", "online_movable")
    old = os.open(MEM + "memory40/state", os.O_RDONLY)
    os.mkdir(MNT + "/machine/workload/p")
    put(MNT + "/machine/workload/p/kind", "pinned")
    put(MNT + "/machine/workload/p/block", "9")
    put(MNT + "/machine/workload/p/size", "4K")
    writer = subprocess.Popen(["bash", "-c", "echo offline >%smemory9/state" % MEM], stderr=subprocess.PIPE)
    while get(MEM + "memory10/state") and "9" not in get_state(9):
        time.sleep(0.01)
    expect("reset", {"return": {}}, a.ask("system_reset"))
    a.wait("RESET")
    text = writer.communicate(timeout=20)[1].decode()
    if "No such device" not in text:
        sys.exit("qmp: a write that the reboot ended says: " + text)
    try:
        os.read(old, 64)
        sys.exit("qmp: the state of a block of the old kernel can be read")
    except OSError as error:
        expect("an old file", "No such device", error.strerror)
    os.close(old)
    expect("block 40", "offline\n", get(MEM + "memory40/state"))
    expect("block 9", "online\n", get(MEM + "memory9/state"))
    expect("workloads", [], os.listdir(MNT + "/machine/workload"))
    put(MNT + "/machine/cmdline", "memhp_default_state=online_movable")
    put(MNT + "/machine/reboot", "1")
    expect("block 40", "Movable\n", get(MEM + "memory40/valid_zones"))
    expect("cmdline", "memhp_default_state=online_movable\n", get(MNT + "/proc/cmdline"))
    a.close()


def get_state(block):
    for line in get(MNT + "/machine/map").splitlines():
        if line.split()[:1] == [str(block)] and "going-offline" in line:
            return "9"
    return ""


def main():
    wrong_addresses()
    state = os.path.join(TMP, "state")
    mount = Mount("--qmp=tcp:127.0.0.1:0")
    negotiation(get(MNT + "/machine/qmp").strip())
    expect("unmounted", 0, mount.end())
    mount = Mount("--state", state, "--qmp=" + SOCK)
    where = "unix:" + SOCK
    expect("mode", 0o600, os.stat(SOCK).st_mode & 0o777)
    for test in (file_of_monitor, negotiation, devices, rates, never_reads, gate, fault, reboot):
        test(where)
    before = Client(where).ask("query-memory-devices")
    mount.end(signal.SIGKILL)
    mount = Mount("--state", state, "--qmp=" + SOCK)
    last = Client(where)
    expect("resumed", before, last.ask("query-memory-devices"))
    expect("its zone", "Movable\n", get(MEM + "memory40/valid_zones"))
    expect("in use", True, "in use" in desc(last.ask("object-del", id="k1")))
    expect("quit", {"return": {}}, last.ask("quit"))
    last.wait("SHUTDOWN")
    expect("its status", 0, mount.process.wait(20))
    expect("the socket", False, os.path.exists(SOCK))


main()
