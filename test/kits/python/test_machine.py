# SPDX-License-Identifier: GPL-2.0-or-later
"""What all machines of the Python package have in common."""
import errno

import pytest

import memhp


def test_blocks(m):
    assert m.block_size == 128 << 20
    assert [block.number for block in m.blocks] == list(range(16))
    dimm = m.plug("512M", node=1)
    assert (dimm.name, dimm.size, dimm.addr) == ("dimm0", 512 << 20, 4 << 30)
    assert dimm.blocks == [m.block(number) for number in range(32, 36)] == m.blocks[16:]
    assert m.block(32).node == 1 and m.block(32).exists and not m.block(36).exists
    assert repr(m.block(32)) == "<memory32: offline, Normal Movable>"
    assert repr(m.block(36)) == "<memory36: does not exist>"
    assert m.readlink("sys/devices/system/memory/memory32/node1") == "../../node/node1"
    before = m.meminfo["MemTotal"]
    m.block(33).online("movable")
    m.block(32).online()
    assert m.meminfo["MemTotal"] == before + (256 << 20)
    assert (m.block(33).state, m.block(33).zones) == ("online", "Movable")
    m.block(33).offline()
    assert m.block(33).state == "offline"
    dimm.unplug()
    assert not m.block(32).exists and m.list("machine/dimm") == []


def test_uevents(m):
    dimm = m.plug("256M", node=1)
    assert m.uevents == m.new_uevents() == ["add memory32", "add memory33"]
    assert m.new_uevents() == []
    dimm.blocks[0].online()
    assert m.new_uevents() == ["online memory32"]
    assert m.uevents == ["add memory32", "add memory33", "online memory32"]
    event = m.uevents[2]
    assert (event.action, event.devpath) == ("online", "/devices/system/memory/memory32")
    assert event.env["SUBSYSTEM"] == "memory"


def test_devices(m):
    assert m.plug("128M", name="d", addr=8 << 30).blocks == [m.block(64)]
    device = m.plug_virtio_mem("1G", node=1, requested="256M")
    assert (device.size, device.plugged_size) == (1 << 30, 256 << 20)
    device.resize(0)
    assert device.plugged_size == 0
    device.unplug()
    region = m.plug_dax("256M", node=1, system_ram=True)
    assert region.system_ram and len(region.blocks) == 2
    region.system_ram = False
    assert not region.system_ram and region.blocks == []


def test_workloads(m):
    load = m.workload("64M", "pagecache", block=m.block(9))
    assert load.size == 64 << 20 and load.resident.startswith("node1 DMA32 ")
    load.size = "1M"
    assert load.size == 1 << 20
    assert load["kind"] == "pagecache"
    load.remove()
    assert m.list("machine/workload") == []


def test_faults(m):
    m.plug("512M", node=1)
    with m.fault("going_online", block=m.block(34), errno="ENOMEM", count=1) as fault:
        with pytest.raises(memhp.KernelError) as caught:
            m.block(34).online()
        m.block(34).online()
        assert (fault.hits, fault.failures) == (2, 1)
    assert m.list("machine/fault") == []
    path = "sys/devices/system/memory/memory34/state"
    error = caught.value
    assert (error.errno, error.code, error.filename) == (errno.ENOMEM, "ENOMEM", path)
    assert error.reason == "fault fault0: going_online of memory34 fails with ENOMEM"
    assert str(error) == (f"ENOMEM: write 'online' to {path}: Cannot allocate memory\n"
                          f"  machine/log: {error.reason}")


@pytest.mark.parametrize("path", ["proc/nosuch", "machine/dimm/none/size"])
def test_no_such_file(m, path):
    for function in (m.read, m.list, m.readlink, lambda path: m.write(path, 1)):
        with pytest.raises(memhp.KernelError, match=f"^ENOENT: [^/]* {path}: No such file") as caught:
            function(path)
        assert caught.value.errno == errno.ENOENT and isinstance(caught.value, OSError)


def test_time(m):
    now = m.now
    m.advance(3600)
    assert 3600 <= m.now - now < 4000


def test_refused_objects(m):
    with pytest.raises(memhp.KernelError, match="'8GB' is not a valid size"):
        m.plug("8GB")
    with pytest.raises(memhp.KernelError, match="node 12 is not possible"):
        m.plug("1G", node=12)
    with pytest.raises(memhp.KernelError, match="EEXIST"):
        m.plug("1G", name=m.plug("1G").name)
    assert m.list("machine/dimm") == ["dimm2"]
    with pytest.raises(memhp.KernelError, match="ENOENT.*mkdir machine/nosuch/x"):
        m.make("nosuch", "x")
