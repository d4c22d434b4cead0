# SPDX-License-Identifier: GPL-2.0-or-later
"""Call functions on a file while a race gate holds another process's write to it.

    others_wait_not.py MOUNT

In sysfs, only the store itself waits. In the host's kernel, a FUSE write holds the lock of its
inode, and any call that needs the lock would wait, even for SIGKILL.
"""
import fcntl
import os
import pathlib
import signal
import sys
import time

SECONDS = 60  # the time limit of a call; on an idle machine each takes less than a millisecond


def write_bad(fd):
    try:
        os.write(fd, b"bogus")
    except OSError:
        return
    raise AssertionError("an invalid word is accepted")


# Each call: its name, the flags of the open, and what is called with the descriptor.
CALLS = (
    ("read", os.O_RDONLY, lambda fd: os.read(fd, 99)),
    ("lseek SEEK_SET", os.O_RDONLY, lambda fd: os.lseek(fd, 0, os.SEEK_SET)),
    ("lseek SEEK_END", os.O_RDONLY, lambda fd: os.lseek(fd, 0, os.SEEK_END)),
    ("lseek SEEK_HOLE", os.O_RDONLY, lambda fd: os.lseek(fd, 0, os.SEEK_HOLE)),
    ("lseek SEEK_DATA", os.O_RDONLY, lambda fd: os.lseek(fd, 0, os.SEEK_DATA)),
    ("fstat", os.O_RDONLY, os.fstat),
    ("fsync", os.O_RDONLY, lambda fd: os.fsync(fd)),
    ("fchmod", os.O_RDONLY, lambda fd: os.fchmod(fd, 0o644)),
    ("futimes", os.O_RDONLY, lambda fd: os.utime(fd)),
    ("flock", os.O_RDONLY, lambda fd: fcntl.flock(fd, fcntl.LOCK_SH)),
    ("write", os.O_WRONLY, write_bad),
    ("write of an open O_RDWR", os.O_RDWR, write_bad),
    ("write of an open O_APPEND", os.O_WRONLY | os.O_APPEND, write_bad),
    ("write of an open O_TRUNC", os.O_WRONLY | os.O_TRUNC, write_bad),
    ("ftruncate", os.O_WRONLY, lambda fd: os.ftruncate(fd, 0)),
    ("open O_TRUNC in place of it", os.O_WRONLY,
     lambda fd: os.open("/proc/self/fd/%d" % fd, os.O_WRONLY | os.O_TRUNC)),
)


def ends(pid):
    """Return the status of process @pid, or None if it does not end in time."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    return None


class Held:
    """A child that opens @path on demand and then writes to it; the gate holds the write."""

    def __init__(self, gate, path):
        self.gate = gate
        opened, self.told = os.pipe()
        ready, said = os.pipe()
        self.pid = os.fork()
        if self.pid:
            self.ready = ready
            os.close(said)
            os.close(opened)
            return
        os.close(self.told)
        for step in iter(lambda: os.read(opened, 1), b""):
            if step == b"o":
                fd = os.open(path, os.O_WRONLY | os.O_TRUNC)
                os.write(said, b".")
            else:
                try:
                    os.write(fd, b"online")
                except OSError:
                    pass
        os._exit(0)

    def open(self):
        os.write(self.told, b"o")
        os.read(self.ready, 1)

    def write(self):
        (self.gate / "actor").write_text("%d\n" % self.pid)
        (self.gate / "enabled").write_text("1\n")
        os.write(self.told, b"w")
        while (self.gate / "waiting").read_text() != "1\n":
            time.sleep(0.002)

    def end(self):
        (self.gate / "enabled").write_text("0\n")
        os.close(self.told)
        os.close(self.ready)
        os.waitpid(self.pid, 0)


def child(function):
    """Call @function in a process of its own, and return its pid."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            function()
            status = 0
        finally:
            os._exit(status)
    return pid


def check(gate, path, call, order):
    name, flags, function = call
    held = Held(gate, path)
    go, begin = os.pipe()
    opened, told = os.pipe()

    def caller():
        os.close(begin)
        fd = os.open(path, flags)
        os.write(told, b".")
        os.read(go, 1)
        function(fd)

    pid = None
    for step in order:
        if step == "call":
            pid = child(caller)
            os.read(opened, 1)
        elif step == "open":
            held.open()
        else:
            held.write()
    os.write(begin, b".")
    status = ends(pid)
    held.end()
    for fd in (go, begin, opened, told):
        os.close(fd)
    if status is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return "%s waits for another process's write (%s)" % (name, ", ".join(order))
    return None if status == 0 else "%s fails: %d (%s)" % (name, status, ", ".join(order))


def main():
    mount = pathlib.Path(sys.argv[1])
    gate = mount / "machine/race/held"
    gate.mkdir()
    (gate / "op").write_text("write\n")
    wrong = []
    nr = 0
    for path in ("sys/devices/system/memory/memory9/state",
                 "sys/devices/system/memory/memory10/online",
                 "sys/devices/system/memory/auto_online_blocks"):
        for call in CALLS:
            for order in (("call", "open", "write"), ("open", "call", "write"), ("open", "write", "call")):
                said = check(gate, mount / path, call, order)
                nr += 1
                if said:
                    wrong.append("%s: %s" % (path, said))
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        sys.exit("%d of %d calls wait or fail" % (len(wrong), nr))


if __name__ == "__main__":
    main()
