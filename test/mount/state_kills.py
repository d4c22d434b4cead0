#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills a daemon with --state again and again, and looks at whether what was shown holds.

    state_kills.py MEMHPFS DIR SEED KILLS

Random clients write to the mount in DIR, with fault plans that delay and hang, race gates, workloads
that grow and pages that cannot be moved, and nothing of that is cleared away before a kill. In every
other round the clients are killed first, and every file is read before the daemon is killed and
after it has gone on: all have to be the same, with their modes, owners and times. In the others the
daemon is killed while the clients are busy: what they were told, or have seen, has to be there, and
then every file is compared over a further kill. One state goes through all of this.
"""
import ctypes
import errno
import fcntl
import os
import random
import select
import signal
import stat
import subprocess
import sys
import time

MEMHPFS, DIR, SEED, KILLS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
MNT = os.path.join(DIR, "mnt")
STATE = os.path.join(DIR, "state")
MEM = "sys/devices/system/memory"
NR_CLIENTS = 4
# Whose calls race gates hold: not ours.
COMMAND = b"rclient"
DIED = (errno.ENOTCONN, errno.ECONNABORTED)
# Streams, and what says itself that it goes on.
UNREAD = {"machine/uevents", "machine/trace", "machine/clock/now_ns"}
PATIENCE_S = 60
BLOCKED_S = 1
NR_LOOKS = 12

nr_kills = nr_files = nr_moving = nr_blocked = 0


class Died(Exception):
    """The daemon did, before it answered."""


def fail(text):
    print(f"state-kills: seed {SEED}, after {nr_kills} kills: {text}; the state is {STATE}")
    os._exit(1)


def path_of(name):
    return os.path.join(MNT, name)


def call(fn, *args):
    """What a system call answers: its result, or the name of its error."""
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


def start():
    with open(os.path.join(DIR, "log"), "ab") as log:
        daemon = subprocess.Popen([MEMHPFS, "-f", "--ready-fd", "1", "--state", STATE, MNT],
                                  stdout=subprocess.PIPE, stderr=log)
    if daemon.stdout.read(1) != b"\n":
        with open(os.path.join(DIR, "log"), "rb") as log:
            fail(f"the daemon does not go on: {log.read().decode()[-300:]}")
    return daemon


def kill(daemon):
    global nr_kills
    nr_kills += 1
    daemon.kill()
    daemon.wait()
    daemon.stdout.close()


# ---- clients -----------------------------------------------------------------------------------


def random_block(rng):
    return f"{MEM}/memory{rng.choice([rng.randrange(0, 16), rng.randrange(32, 56)])}"


def fault_ops(rng):
    plan = f"machine/fault/f{rng.randrange(3)}"
    return [
        ("mkdir", plan), ("mkdir", plan), ("rmdir", plan),
        ("write", plan + "/phase", rng.choice(["going_online", "going_offline", "migrate", "plug",
                                               "eject", "isolate", "add", "remove"])),
        ("write", plan + "/delay_ms", rng.choice(["0", "1", "2", "3600000", "hang"])),
        ("write", plan + "/errno", rng.choice(["0", "EBUSY", "ENOMEM"])),
        ("write", plan + "/count", rng.choice(["0", "1", "3"])),
        ("write", plan + "/probability", rng.choice(["30", "100"])),
        ("write", plan + "/block", rng.choice(["any", "every 3", "node 1", "32-40"])),
        ("write", plan + "/enabled", rng.choice("110")),
    ]


def gate_ops(rng):
    gate = f"machine/race/g{rng.randrange(3)}"
    return [
        ("mkdir", gate), ("write", gate + "/actor", COMMAND.decode()),
        ("write", gate + "/op", rng.choice(["open", "read", "write", "mkdir", "any"])),
        ("write", gate + "/path", rng.choice(["*/state", "machine/dimm/*", "*/memory3*"])),
        ("write", gate + "/until", rng.choice(["", "machine/dimm/d0", MEM + "/memory33/state online"])),
        ("write", gate + "/parties", rng.choice(["0", "2"])),
        ("write", gate + "/count", rng.choice(["1", "2", "5"])),
        ("gate", gate), ("write", gate + "/release", rng.choice("12")),
        ("write", gate + "/enabled", "0"), ("rmdir", gate),
    ]


def workload_ops(rng):
    load = f"machine/workload/w{rng.randrange(4)}"
    return [
        ("mkdir", load), ("mkdir", load), ("rmdir", load),
        ("write", load + "/kind", rng.choice(["anon", "kernel", "slab", "pinned", "mlock", "thp",
                                              "hugetlb"])),
        ("write", load + "/node", rng.choice(["0", "1", "auto"])),
        ("write", load + "/block", rng.choice(["any", str(rng.randrange(32, 48))])),
        ("write", load + "/size", rng.choice(["0", "4K", "10M", "100M", "300M"])),
        ("write", "machine/clock/migrate_pages_per_ms", rng.choice(["0", "1000", "100000"])),
    ]


def device_ops(rng):
    dimm = f"machine/dimm/d{rng.randrange(3)}"
    vmem = "machine/virtio-mem/v0"
    return [
        ("mkdir", dimm), ("mkdir", dimm), ("rmdir", dimm),
        ("write", dimm + "/size", rng.choice(["128M", "512M", "1G"])),
        ("write", dimm + "/node", rng.choice("01")),
        ("write", dimm + "/plugged", rng.choice("110")),
        ("mkdir", vmem), ("write", vmem + "/size", "1G"), ("write", vmem + "/plugged", "1"),
        ("write", vmem + "/requested_size", rng.choice(["0", "256M", "512M"])),
        ("write", MEM + "/auto_online_blocks", rng.choice(["offline", "online", "online_movable"])),
    ]


def block_ops(rng):
    block = random_block(rng)
    words = ["online", "online_kernel", "online_movable", "offline"]
    return [
        ("write", block + "/state", rng.choice(words)), ("write", block + "/online", rng.choice("01")),
        ("kill", block + "/state", rng.choice(words)), ("read", block + "/state"),
        ("read", block + "/valid_zones"), ("list", MEM), ("chmod", block + "/state"),
        ("utime", block + "/removable"), ("write", block + "/uevent", "change"),
    ]


def forked_write(name, text, after_s):
    """A writer that is killed soon, if it has no answer before."""
    pid = os.fork()
    if not pid:
        try:
            write(name, text)
        finally:
            os._exit(0)
    time.sleep(after_s)
    os.kill(pid, signal.SIGKILL)
    while True:
        done, _ = os.waitpid(pid, os.WNOHANG)
        # one that cannot be killed stays where it is
        if done or process_state(pid) == "D":
            return None


def do(rng, op):
    name = path_of(op[1])
    if op[0] == "write":
        return write(op[1], op[2])
    if op[0] == "gate":
        write(op[1] + "/actor", COMMAND.decode())
        return write(op[1] + "/enabled", "1")
    if op[0] == "kill":
        return forked_write(op[1], op[2], rng.uniform(0, 0.01))
    if op[0] == "read":
        return call(read_file, op[1])
    if op[0] == "list":
        return call(os.listdir, name)
    if op[0] == "chmod":
        return call(os.chmod, name, rng.choice([0o644, 0o640, 0o600]))
    if op[0] == "utime":
        return call(os.utime, name)
    return call(os.mkdir if op[0] == "mkdir" else os.rmdir, name)


class Client:
    """Random operations; and a number in a file of its own that grows, of which it keeps books."""

    def __init__(self, nr, seed):
        self.own = f"machine/race/own{nr}"
        self.book_path = os.path.join(DIR, f"book{nr}")
        self.book = os.open(self.book_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        self.pid = os.fork()
        if not self.pid:
            become_client()
            try:
                self.run(random.Random(seed))
            except Died:
                pass
            except BaseException as error:
                if not isinstance(error, OSError) or error.errno not in DIED:
                    os.write(self.book, f"error {error!r}\n".encode())
            os._exit(0)
        os.close(self.book)

    def note(self, *words):
        os.write(self.book, (" ".join(str(word) for word in words) + "\n").encode())

    def run(self, rng):
        call(os.mkdir, path_of(self.own))
        number = int(read_file(self.own + "/count")) + 1
        while True:
            ops = rng.choice([block_ops, block_ops, device_ops, workload_ops, fault_ops, gate_ops])(rng)
            for op in rng.sample(ops, rng.randrange(1, 5)):
                do(rng, op)
            self.note("try", number)
            if write(self.own + "/count", str(number)) == len(str(number)):
                self.note("done", number)
            self.look()
            number += 1

    def look(self):
        self.note("ns", int(read_file("machine/clock/now_ns")))
        self.note("seqnum", int(read_file("sys/kernel/uevent_seqnum")))

    def check(self):
        """After the daemon has gone on: what it said is so."""
        last = {}
        with open(self.book_path) as book:
            for line in book.read().splitlines():
                word, _, value = line.partition(" ")
                if word == "error":
                    fail(f"a client: {value}")
                last[word] = int(value)
        if "done" in last:
            found = int(read_file(self.own + "/count"))
            if not last["done"] <= found <= last["try"]:
                fail(f"{self.own}/count is {found}, and {last['done']} was acknowledged")
        check_not_before(last)


def check_not_before(last):
    for word, name in (("ns", "machine/clock/now_ns"), ("seqnum", "sys/kernel/uevent_seqnum")):
        found = int(read_file(name))
        if found < last.get(word, 0):
            fail(f"{name} was {last[word]} and is {found}")


class Listener:
    """Notes the number of the last event that it was given."""

    def __init__(self):
        self.book_path = os.path.join(DIR, "book-events")
        self.book = os.open(self.book_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self.pid = os.fork()
        if not self.pid:
            become_client()
            self.run()
            os._exit(0)
        os.close(self.book)

    def run(self):
        try:
            fd = call(os.open, path_of("machine/uevents"), os.O_RDONLY)
            self.note_events(fd)
        except Died:
            pass

    def note_events(self, fd):
        while True:
            text = call(os.read, fd, 1 << 20)
            if not isinstance(text, bytes):
                continue
            for line in text.splitlines():
                if line.startswith(b"SEQNUM="):
                    os.pwrite(self.book, b"%20d" % int(line[7:]), 0)

    def check(self):
        with open(self.book_path) as book:
            check_not_before({"seqnum": int(book.read() or 0)})


def become_client():
    ctypes.CDLL(None).prctl(15, COMMAND, 0, 0, 0)
    os.setpgid(0, 0)


def process_state(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def group(leader):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.getpgid(int(name)) == leader:
                    found.append(int(name))
            except OSError:
                pass
    return found


def kill_clients(clients):
    """Until each has gone, or waits for an answer that no signal brings."""
    for client in clients:
        try:
            os.killpg(client.pid, signal.SIGKILL)
        except OSError:
            pass
    until = time.monotonic() + PATIENCE_S
    for client in clients:
        while any(process_state(pid) not in "ZD" and process_state(pid) != "gone"
                  for pid in group(client.pid)):
            if time.monotonic() > until:
                fail("a client does not die")


def reap(clients):
    for client in clients:
        kill_clients([client])
        try:
            os.waitpid(client.pid, 0)
        except ChildProcessError:
            pass


# ---- all files ---------------------------------------------------------------------------------


def look_at(name, blocked):
    """What anybody can know of a file."""
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
    """In a process of its own, since a read may wait for ever."""
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
    """False when a file had no answer, which is in @blocked now."""
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
            at, value = eval(buffer[4:end])  # of our own repr()
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


def come_to_rest():
    """All files, those that have no answer, and those that go on changing."""
    blocked = set()
    before = dump(blocked)
    for _ in range(NR_LOOKS):
        after = dump(blocked)
        moving = differ(before, after)
        if not moving:
            break
        before = after
    return after, blocked, set(moving)


def compare_over_kill(daemon):
    global nr_files, nr_moving, nr_blocked
    before, blocked, moving = come_to_rest()
    now_ns = int(read_file("machine/clock/now_ns"))
    if len(before) < 500:
        fail(f"only {len(before)} files")
    kill(daemon)
    daemon = start()
    after = dump(blocked)
    nr_files += len(before)
    nr_moving += len(moving)
    nr_blocked += len(blocked)
    wrong = [name for name in differ(before, after) if name not in moving]
    if wrong:
        name = wrong[0]
        fail(f"{len(wrong)} files differ: {', '.join(wrong[:12])}; {name} was "
             f"{show(before.get(name), after.get(name))}, is {show(after.get(name), before.get(name))}")
    if int(read_file("machine/clock/now_ns")) < now_ns:
        fail("the clock went back")
    return daemon


def show(value, other):
    """The lines that differ."""
    if isinstance(value, tuple) and isinstance(other, tuple) and value[:-1] == other[:-1] and \
            isinstance(value[-1], bytes) and isinstance(other[-1], bytes):
        lines = set(other[-1].splitlines())
        return str([line for line in value[-1].splitlines() if line not in lines][:6])
    return str(value)[:400]


# ---- rounds ------------------------------------------------------------------------------------


def clear_some(rng):
    """What holds the machine up for ever may go; it would be for ever, over all rounds."""
    for kind, percent in (("fault", 90), ("workload", 50), ("race", 30)):
        for name in call(os.listdir, path_of(f"machine/{kind}")):
            if not name.startswith("own") and rng.randrange(100) < percent:
                if kind == "race":
                    write(f"machine/{kind}/{name}/enabled", "0")
                call(os.rmdir, path_of(f"machine/{kind}/{name}"))


def one_round(daemon, rng):
    clear_some(rng)
    clients = [Client(nr, rng.random()) for nr in range(NR_CLIENTS)] + [Listener()]
    time.sleep(rng.uniform(0.02, 0.4))
    if rng.randrange(2):
        kill_clients(clients)
        daemon = compare_over_kill(daemon)
        reap(clients)
    else:
        kill(daemon)
        reap(clients)
        daemon = start()
        for client in clients:
            client.check()
        daemon = compare_over_kill(daemon)
    return daemon


def main():
    rng = random.Random(SEED)
    signal.alarm(120 + 10 * KILLS)
    os.makedirs(MNT, exist_ok=True)
    daemon = start()
    while nr_kills < KILLS:
        daemon = one_round(daemon, rng)
    subprocess.run(["fusermount3", "-u", MNT], check=True)
    if daemon.wait():
        fail(f"exit status {daemon.returncode}")
    print(f"seed {SEED}: {nr_kills} kills, {nr_files} files compared, {nr_moving} that went on "
          f"changing, {nr_blocked} that had no answer")


main()
