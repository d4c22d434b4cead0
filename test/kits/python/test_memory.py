# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines in memory of the Python package."""
import pytest

import memhp

STATE = "sys/devices/system/memory/memory33/state"
SMALL = """
memory: [{start: 0x0, end: 0x7fffffff, node: 0}]
hotplug: [{start: 0x100000000, end: 0x4ffffffff, node: 0}]
"""


def test_which_machine():
    with memhp.Machine("four-nodes", kernel="6.1", cmdline="memhp_default_state=online") as machine:
        assert machine.read("sys/devices/system/node/possible") == "0-3\n"
        assert machine.read("proc/sys/kernel/osrelease") == "6.1\n"
        assert machine.read("sys/devices/system/memory/auto_online_blocks") == "online\n"
    with pytest.raises(memhp.MemhpError, match="closed"):
        machine.read("proc/version")
    with memhp.Machine(text=SMALL) as small, memhp.Machine() as machine:
        assert small.list("sys/devices/system/node") != machine.list("sys/devices/system/node")


def test_wrong_machine():
    with pytest.raises(memhp.MemhpError, match="no-such: neither a file nor the name of a machine .*vm-8g"):
        memhp.Machine("no-such")
    with pytest.raises(memhp.MemhpError, match="colour"):
        memhp.Machine(text="colour: red")
    with pytest.raises(memhp.MemhpError, match="2.6"):
        memhp.Machine(kernel="2.6")


def test_delay(machine):
    machine.plug("512M", node=1)
    machine.fault("going_online", block=33, errno="none", delay_ms=5000)
    start = machine.now
    machine.block(33).online()
    assert machine.now == start + 5

    machine.block(33).offline()
    request = machine.begin_write(STATE, "online")
    machine.advance(4.9)
    assert request.pending and machine.block(34).state == "offline"
    machine.advance(0.2)
    assert not request.pending
    request.wait()
    assert machine.block(33).state == "online"
    machine.block(33).offline()
    request = machine.begin_write(STATE, "online")
    machine.run()
    assert not request.pending


def test_wait(machine):
    machine.plug("256M", node=1)
    machine.fault("going_online", block=33, errno="ENOMEM", delay_ms=1000)
    request = machine.begin_write(STATE, "online")
    with pytest.raises(TimeoutError) as caught:
        machine.block(33).wait("online", 2)
    first, *log = str(caught.value).splitlines()
    assert first == "not online after 2 s: <memory33: offline, Normal Movable>"
    assert log[-1] == "  machine/log: fault fault0: going_online of memory33 fails with ENOMEM"
    with pytest.raises(memhp.KernelError):
        request.wait()
    machine.fault("going_online", block=33, errno="none", delay_ms=1000)
    machine.rmdir("machine/fault/fault0")
    machine.begin_write(STATE, "online")
    machine.block(33).wait("online", 2)


def test_never_ends(machine):
    machine.plug("256M", node=1)
    machine.block(32).online("movable")
    machine.workload("64M", "kernel", block=32)
    with pytest.raises(memhp.KernelError, match="^ETIMEDOUT: write 'offline' to .*memory32/state: does not end"):
        machine.block(32).offline()
    request = machine.begin_write("sys/devices/system/memory/memory32/state", "offline")
    assert machine.block(32).state == "going-offline"
    with pytest.raises(memhp.KernelError, match="ETIMEDOUT"):
        machine.run(60)
    request.cancel()
    assert machine.block(32).state == "online"


def test_request_fails(machine):
    request = machine.begin_write(STATE, "online")
    with pytest.raises(memhp.KernelError, match=f"ENOENT: write 'online' to {STATE}"):
        request.wait()


def test_gate(machine):
    machine.plug("512M", node=1)
    gate = machine.race(actor="agent", path=f"*{STATE[-15:]}", until="sys/devices/system/memory/memory34/state online")
    with machine.actor("agent"):
        request = machine.begin_write(STATE, "online")
    assert request.pending and gate.waiting == 1
    machine.block(34).online()
    assert not request.pending and gate.passed == 1


def test_fork(machine):
    dimm = machine.plug("256M", node=1)
    copy = machine.fork()
    copy.block(32).online()
    assert (machine.block(32).state, copy.block(32).state) == ("offline", "online")
    assert (machine.uevents, copy.uevents) == (["add memory32", "add memory33"], ["online memory32"])
    dimm.unplug()
    assert copy.plug("128M").name == "dimm1"
    copy.close()
    copy.close()
    machine.block(14).offline()


def test_no_library(monkeypatch):
    monkeypatch.setenv("MEMHP_LIBRARY", "/nonexistent/libmemhp.so.0")
    memhp.library.load.cache_clear()
    with pytest.raises(memhp.MemhpError, match="/nonexistent/libmemhp.so.0.*MEMHP_LIBRARY"):
        memhp.Machine()
    memhp.library.load.cache_clear()


@pytest.mark.memhp(machine="vm-8g", cmdline="memhp_default_state=online_movable")
def test_marker(machine):
    assert machine.plug("1G").blocks[0].zones == "Movable"
    assert repr(machine) == "<machine in memory>"
