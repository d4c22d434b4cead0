#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies machine/uevents: each reader gets each event from its open(2) on; a read waits for an
# event, and can be woken, interrupted and killed; poll, epoll and O_NONBLOCK work as with a
# socket.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree
plug_dimm d0 128M 1
python3 - "$mnt" "$first" "$here/wait.py" <<'END' || fail "see above"
import errno, fcntl, os, select, signal, subprocess, sys

mnt, block, wait = sys.argv[1:]
path = mnt + "/machine/uevents"
state = f"{mnt}/sys/devices/system/memory/memory{block}/state"
bad = 0


def expect(what, wanted, got):
    global bad
    if callable(got):
        try:
            got = got()
        except OSError as error:
            got = errno.errorcode[error.errno]
    if got != wanted:
        print(f"{what}: {got!r}, not {wanted!r}")
        bad = 1


def change(word):
    fd = os.open(state, os.O_WRONLY)
    os.write(fd, word.encode())
    os.close(fd)


def actions(data):
    return [line.partition("@")[0] for line in data.decode().splitlines() if "@" in line]


def read(fd):
    return lambda: actions(os.read(fd, 65536))


def child(fn):
    """Fork a process that reads; return its pid, and a pipe with its answer."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(w, fn())
        except OSError as error:
            os.write(w, errno.errorcode[error.errno].encode())
        finally:
            os._exit(0)
    os.close(w)
    subprocess.run([sys.executable, wait, "asleep", str(pid)], check=True)
    return pid, r


def answer(pid, r):
    data = os.read(r, 65536)
    os.close(r)
    os.waitpid(pid, 0)
    return data


# There are two readers; O_NONBLOCK is passed to open(2), or changed later.
one = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
two = os.open(path, os.O_RDONLY)
expect("nothing yet", "EAGAIN", read(one))
change("online")
expect("one", ["online"], read(one))
expect("one again", "EAGAIN", read(one))
change("offline")
expect("two", ["online", "offline"], read(two))
fcntl.fcntl(two, fcntl.F_SETFL, os.O_NONBLOCK)
expect("two with O_NONBLOCK", "EAGAIN", read(two))
late = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
expect("opened later", "EAGAIN", read(late))
expect("one got the second too", ["offline"], read(one))

# An event can be read in pieces.
change("online")
text = b""
while not text.endswith(b"\n\n"):
    text += os.read(one, 7)
expect("in pieces", text, os.read(two, 65536))
expect("the fields", True, {"ACTION=online", f"DEVPATH=/devices/system/memory/memory{block}",
                            "SUBSYSTEM=memory"} <= set(text.decode().splitlines()))
expect("seek", "ESPIPE", lambda: os.lseek(one, 0, os.SEEK_SET))
expect("write", "EACCES", lambda: os.open(path, os.O_WRONLY))
os.read(late, 65536)

# poll and epoll work, level- and edge-triggered.
poll = select.poll()
poll.register(one, select.POLLIN)
level, edge = select.epoll(), select.epoll()
level.register(one, select.EPOLLIN)
edge.register(one, select.EPOLLIN | select.EPOLLET)
for word in "offline", "online", "offline":
    expect("poll before", [], poll.poll(0))
    expect("epoll before", [], level.poll(0))
    expect("edge before", [], edge.poll(0))
    change(word)
    expect("epoll", [(one, select.EPOLLIN)], level.poll(10))
    expect("edge", [(one, select.EPOLLIN)], edge.poll(10))
    expect("poll", [(one, select.POLLIN)], poll.poll(0))
    expect("read", [word], read(one))
    expect("read again", "EAGAIN", read(one))

# A sleeping poll is woken.
pid = os.fork()
if not pid:
    os._exit(0 if poll.poll(10000) else 1)
change("online")
expect("woken poll", 0, os.waitpid(pid, 0)[1])
os.read(one, 65536)

# Reads that wait can be woken, interrupted and killed.
fcntl.fcntl(two, fcntl.F_SETFL, 0)
os.read(two, 65536)
pid, r = child(lambda: os.read(two, 65536))
change("offline")
expect("woken read", ["offline"], actions(answer(pid, r)))


class Stopped(Exception):
    pass


def stop(*_):
    raise Stopped


def interruptible():
    signal.signal(signal.SIGUSR1, stop)
    try:
        return os.read(two, 65536)
    except Stopped:
        return b"stopped"


pid, r = child(interruptible)
os.kill(pid, signal.SIGUSR1)
expect("interrupted read", b"stopped", answer(pid, r))
pid, r = child(lambda: os.read(two, 65536))
os.kill(pid, signal.SIGKILL)
expect("killed read", signal.SIGKILL, os.WTERMSIG(os.waitpid(pid, 0)[1]))
change("online")
expect("an event after that", ["online"], read(two))
sys.exit(bad)
END
unmount_tree
