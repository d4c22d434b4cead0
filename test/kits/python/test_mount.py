# SPDX-License-Identifier: GPL-2.0-or-later
"""Mounted machines of the Python package."""
import os
import signal
import subprocess
import sys
import time

import pytest

import memhp
from conftest import left


def wait_for_end(directory):
    """Wait for what ends by itself, because somebody was killed."""
    deadline = time.monotonic() + 10
    while left(directory) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert left(directory) == []


def test_paths(mount):
    assert mount / "proc" == mount.path / "proc" and os.fspath(mount) == str(mount.path)
    assert (mount / "proc/version").read_text().startswith("Linux version 6.12.")
    assert str(mount.path) in repr(mount)


@pytest.mark.memhp(cmdline="memhp_default_state=online", kernel="6.1")
class TestMarker:
    def test_of_class(self, mount):
        assert mount.plug("128M").blocks[0].state == "online"
        assert mount.read("proc/version").startswith("Linux version 6.1 ")

    @pytest.mark.memhp(cmdline="memhp_default_state=offline", machine="../../../machines/two-socket.yaml")
    def test_of_function(self, mount):
        assert len(mount.blocks) > 100 and mount.plug("2G").blocks[0].state == "offline"


def test_gate(mount):
    gate = mount.race(actor="cat", op="read", path="proc/meminfo")
    with subprocess.Popen(["cat", mount / "proc/meminfo"], stdout=subprocess.PIPE) as cat:
        while not gate.waiting:
            time.sleep(0.01)
        gate.release()
        assert cat.stdout.read(9) == b"MemTotal:"
        gate.remove()


def test_view(view):
    view.plug("256M", node=1)
    done = view.run(["cat", "/sys/devices/system/memory/memory33/state"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "offline\n", "")
    assert view.run(["sh", "-c", "cat >&2; exit 3"], input="x", options=["--no-seccomp"]).stderr == "x"
    with pytest.raises(subprocess.CalledProcessError):
        view.run(["false"], check=True)


def test_daemon(view, monkeypatch, mounts):
    agent = "until echo online > /sys/devices/system/memory/memory32/state; do sleep 0.01; done; sleep 60"
    process = view.start(["sh", "-c", agent], stderr=subprocess.DEVNULL)
    stubborn = view.start(["sh", "-c", "trap '' TERM; echo ready; sleep 60"], stdout=subprocess.PIPE)
    assert stubborn.stdout.readline() == "ready\n"
    view.plug("256M", node=1)
    view.block(32).wait("online")
    with pytest.raises(TimeoutError, match="^not online after 0.1 s: <memory33: offline, Normal Movable>$"):
        view.block(33).wait("online", timeout=0.1)
    monkeypatch.setattr(memhp.mount, "TERM_S", 0.2)
    view.close()
    assert (process.returncode, stubborn.returncode) == (-signal.SIGTERM, -signal.SIGKILL)
    stubborn.stdout.close()
    wait_for_end(mounts)


def test_two_at_a_time(mount, view):
    mount.plug("128M")
    assert mount.path != view.path and view.list("machine/dimm") == []


def test_cannot_be_mounted(monkeypatch, tmp_path):
    with pytest.raises(memhp.MemhpError, match="./none.yaml: cannot be read: No such file"):
        memhp.Mount("./none.yaml")
    monkeypatch.setenv("MEMHPFS", str(tmp_path / "memhpfs"))
    with pytest.raises(memhp.MemhpError, match="memhpfs: No such file.*is memhpfs installed"):
        memhp.Mount()


def test_memhpfs_is_killed():
    with pytest.raises(memhp.MemhpError, match="had ended before, with status -9"):
        with memhp.Mount() as mount:
            with open(mount / "machine/log"):
                os.kill(mount._daemon.pid, signal.SIGKILL)
    mount.close()


DIES = """
import memhp, os, sys
mount = memhp.Mount()
print(mount.path, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("group", [False, True])
def test_is_killed(group, mounts):
    with subprocess.Popen([sys.executable, "-c", DIES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          start_new_session=True) as test:
        path = test.stdout.readline().strip()
        assert os.path.isdir(f"{path}/machine")
        (os.killpg if group else os.kill)(test.pid, signal.SIGKILL)
    wait_for_end(mounts)


def test_messages(pytester):
    pytester.makepyfile("""
        def test_state(mount):
            mount.plug("256M", node=1)
            mount.fault("going_online", block=33, errno="ENOMEM")
            try:
                mount.block(33).online()
            except OSError:
                pass
            assert mount.block(33).state == "online"

        def test_zones(mount):
            assert mount.block(3).zones == "Movable"

        def test_refused(mount):
            mount.plug("256M", node=12)

        def test_dies(mount):
            exit(3)
    """)
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines([
        "E       AssertionError: assert memory33: 'offline', not 'online'",
        "E         now <memory33: offline, Normal Movable>",
        "E         machine/log: *fails with ENOMEM",
        "E       AssertionError: assert memory3: 'DMA32', not 'Movable'",
        '>       mount.plug("256M", node=12)',
        "E       memhp.errors.KernelError: EINVAL: write '12' to machine/dimm/dimm0/node: Invalid argument",
        "E         machine/log: machine: dimm/dimm0/node: node 12 is not possible: possible are 0-1",
    ])
    result.stdout.no_fnmatch_line("*site-packages*")
    assert pytester.runpytest("--markers").stdout.str().count("@pytest.mark.memhp(") == 1
