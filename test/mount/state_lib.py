# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions shared by the tests of states, with a daemon on DIR/mnt and the state DIR/state.

The first arguments of each test are MEMHPFS and DIR.
"""
import errno
import os
import select
import signal
import stat
import subprocess
import sys

MEMHPFS, DIR = sys.argv[1], sys.argv[2]
TITLE = os.path.basename(sys.argv[0]).removesuffix(".py").replace("_", "-")
MNT = os.path.join(DIR, "mnt")
STATE = os.path.join(DIR, "state")
DIED = (errno.ENOTCONN, errno.ECONNABORTED)
# These files are not read: streams, and a file that changes all the time.
# Of pages, each has 8 bytes for every page; that they follow from the rest is for test_proc_page.
UNREAD = {"machine/uevents", "machine/trace", "machine/clock/now_ns", "proc/kpagecount", "proc/kpageflags",
          "proc/kpagecgroup"}
BLOCKED_S = 1
# The number of attributes that precede the text of a file.
NR_ATTRIBUTES = 7
NR_LOOKS = 12


class Died(Exception):
    """The daemon died before it answered."""


def fail(text):
    print(f"{TITLE}: {text}; the state is {STATE}")
    os._exit(1)


def path_of(name):
    return os.path.join(MNT, name)


def call(fn, *args):
    """Return what a system call returns, or the name of its error."""
    try:
        return fn(*args)
    except OSError as error:
        if error.errno in DIED:
            raise Died from error
        return errno.errorcode.get(error.errno, str(error.errno))


def write_file(name, text):
    fd = os.open(path_of(name), os.O_WRONLY)
    try:
        return os.write(fd, text.encode())
    finally:
        try:
            os.close(fd)
        except OSError:
            pass


def write(name, text):
    return call(write_file, name, text)


def read_file(name):
    with open(path_of(name), "rb", buffering=0) as file:
        chunks = []
        while True:
            chunk = file.read(65536)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)


# ---- the daemon --------------------------------------------------------------------------------


def start(options=(), env=None):
    """Start a daemon and return it, or None if it does not start and @env was given."""
    with open(os.path.join(DIR, "log"), "ab") as log:
        daemon = subprocess.Popen([MEMHPFS, "-f", "--ready-fd", "1", "--state", STATE, *options, MNT],
                                  stdout=subprocess.PIPE, stderr=log, env=env)
    if daemon.stdout.read(1) != b"\n":
        if env is not None and daemon.wait() > 0:
            daemon.stdout.close()
            return None
        with open(os.path.join(DIR, "log"), "rb") as log:
            fail(f"the daemon does not resume: {log.read().decode()[-300:]}")
    return daemon


def kill(daemon):
    daemon.kill()
    daemon.wait()
    daemon.stdout.close()


def process_state(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


# ---- all files ---------------------------------------------------------------------------------


def look_at(name, blocked):
    """Return all that a client can find out about a file."""
    path = path_of(name)
    st = os.lstat(path)
    about = (stat.filemode(st.st_mode), st.st_uid, st.st_gid, st.st_ino, st.st_nlink, st.st_mtime_ns,
             st.st_ctime_ns)
    if stat.S_ISLNK(st.st_mode):
        return about + (os.readlink(path),)
    if stat.S_ISDIR(st.st_mode):
        return about + (tuple(sorted(os.listdir(path))),)
    if name in UNREAD or name in blocked or not st.st_mode & 0o444:
        return about
    return about + (call(read_file, name),)


def walk(pipe, skip, blocked):
    """Report all files to @pipe.

    This runs in a process of its own, because a read may wait for ever.
    """
    def say(name, value):
        data = repr((name, value)).encode()
        os.write(pipe, len(data).to_bytes(4, "big"))
        while data:
            data = data[os.write(pipe, data):]

    def below(name):
        if name not in skip:
            say(name, None)
            say(name, call(look_at, name, blocked))
        if os.path.isdir(path_of(name)) and not os.path.islink(path_of(name)):
            leaves = call(os.listdir, path_of(name))
            for leaf in sorted(leaves) if isinstance(leaves, list) else []:
                below(os.path.join(name, leaf))

    below("")


def one_walk(found, blocked):
    """Add files to @found; return False if one had no answer, after adding that one to @blocked."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reader)
        try:
            walk(writer, set(found), blocked)
            os._exit(0)
        except BaseException as error:
            with open(os.path.join(DIR, "log"), "a") as log:
                print(f"walk: {error!r}", file=log)
            os._exit(1)
    os.close(writer)
    buffer, at = b"", None
    while True:
        if not select.select([reader], [], [], BLOCKED_S)[0]:
            os.kill(pid, signal.SIGKILL)
            blocked.add(at)
            break
        data = os.read(reader, 1 << 20)
        if not data:
            break
        buffer += data
        while len(buffer) >= 4 and len(buffer) >= 4 + int.from_bytes(buffer[:4], "big"):
            end = 4 + int.from_bytes(buffer[:4], "big")
            at, value = eval(buffer[4:end])  # from repr() above
            buffer = buffer[end:]
            if value is not None:
                found[at] = value
    os.close(reader)
    status = os.waitpid(pid, 0)[1]
    if status and not os.WIFSIGNALED(status):
        fail(f"the tree cannot be read (at {at})")
    return not status


def dump(blocked):
    found = {}
    while not one_walk(found, blocked):
        pass
    return found


def differ(a, b):
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))


def without_texts(found, blocked):
    """Remove the texts of files without an answer.

    A file that has no answer on one look, for example because the machine is busy, has no text in
    any.
    """
    return {name: value[:NR_ATTRIBUTES] if name in blocked and isinstance(value, tuple) else value
            for name, value in found.items()}


def look_again(before, blocked, moving):
    """Return all files once more, and the names of those that have changed."""
    blocked = set(blocked)
    after = dump(blocked)
    return after, [name for name in differ(without_texts(before, blocked),
                                           without_texts(after, blocked)) if name not in moving]


def come_to_rest():
    """Return all files, those that have no answer, and those that keep changing."""
    blocked = set()
    before = dump(blocked)
    for _ in range(NR_LOOKS):
        after = dump(blocked)
        moving = differ(before, after)
        if not moving:
            break
        before = after
    return after, blocked, set(moving)


def show(value, other):
    """Return the lines that differ, as text."""
    if isinstance(value, tuple) and isinstance(other, tuple) and value[:-1] == other[:-1] and \
            isinstance(value[-1], bytes) and isinstance(other[-1], bytes):
        lines = set(other[-1].splitlines())
        return str([line for line in value[-1].splitlines() if line not in lines][:6])
    return str(value)[:400]
