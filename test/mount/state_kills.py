#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kill a daemon with --state repeatedly, and check that what was shown before is still true.

    state_kills.py MEMHPFS DIR SEED KILLS

Random clients write to the mount in DIR, with fault plans that delay and hang, race gates,
workloads that grow, and pages that cannot be moved, and nothing of that is removed before a kill.
In some of the rounds, at random, the clients are killed first, and each file is read before the
daemon is killed and after it has resumed: all files have to be the same, with their modes, owners
and times. In the other rounds, the daemon is killed while the clients are busy: what they were
told, or have seen, has to be there, and then each file is compared across another kill. One state
is used in all rounds.
"""
import ctypes
import os
import random
import signal
import subprocess
import sys
import time

import state_lib
from state_lib import (DIED, DIR, MNT, Died, call, come_to_rest, fail, kill, look_again, path_of,
                       process_state, read_file, show, start, write)

SEED, KILLS = int(sys.argv[3]), int(sys.argv[4])
state_lib.TITLE += f": seed {SEED}"
MEM = "sys/devices/system/memory"
NR_CLIENTS = 4
# Race gates hold the calls of processes with this name, the clients; this program's calls are not
# held.
COMMAND = b"rclient"
PATIENCE_S = 60

nr_kills = nr_files = nr_moving = nr_blocked = 0


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
        ("write", plan + "/errno", rng.choice(["none", "none", "EBUSY", "ENOMEM"])),
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
        ("write", load + "/kind", "pinned"),
        ("write", load + "/busy_ms", rng.choice(["0", "1", "500"])),
        ("write", load + "/idle_ms", rng.choice(["0", "1", "20"])),
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
    """Start a writer, and kill it soon if it has no answer before."""
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
        # Do not wait for a process that cannot be killed.
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
    """A client that makes random operations and increases a number in a file of its own.

    It keeps a book about the number, and about what it has seen.
    """

    def __init__(self, nr, seed):
        self.own = f"machine/race/own{nr}"
        self.book_path = os.path.join(DIR, f"book{nr}")
        self.book = os.open(self.book_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        self.pid = fork_client()
        if not self.pid:
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
        """Check that what the daemon said before it was killed is still true."""
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
                fail(f"{self.own}/count is {found}, but {last['done']} was acknowledged")
        check_not_before(last)


def check_not_before(last):
    for word, name in (("ns", "machine/clock/now_ns"), ("seqnum", "sys/kernel/uevent_seqnum")):
        found = int(read_file(name))
        if found < last.get(word, 0):
            fail(f"{name} was {last[word]} and is {found}")


class Listener:
    """A client that notes the number of the last event that it received."""

    def __init__(self):
        self.book_path = os.path.join(DIR, "book-events")
        self.book = os.open(self.book_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self.pid = fork_client()
        if not self.pid:
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


def fork_client():
    """Fork a client; its process group exists when this returns, in both processes."""
    pid = os.fork()
    if not pid:
        ctypes.CDLL(None).prctl(15, COMMAND, 0, 0, 0)
    os.setpgid(pid, pid)
    return pid


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
    """Kill the clients, and wait until each has ended, or waits in spite of the signal."""
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


def compare_over_kill(daemon):
    global nr_kills, nr_files, nr_moving, nr_blocked
    before, blocked, moving = come_to_rest()
    now_ns = int(read_file("machine/clock/now_ns"))
    if len(before) < 500:
        fail(f"only {len(before)} files")
    kill(daemon)
    nr_kills += 1
    daemon = start()
    after, wrong = look_again(before, blocked, moving)
    nr_files += len(before)
    nr_moving += len(moving)
    nr_blocked += len(blocked)
    if wrong:
        name = wrong[0]
        fail(f"{len(wrong)} files differ: {', '.join(wrong[:12])}; {name} was "
             f"{show(before.get(name), after.get(name))}, is {show(after.get(name), before.get(name))}")
    if int(read_file("machine/clock/now_ns")) < now_ns:
        fail("the clock went back")
    return daemon


# ---- rounds ------------------------------------------------------------------------------------


def clear_some(rng):
    """Remove some of the objects that block the machine, because they would do so in all rounds."""
    for kind, percent in (("fault", 90), ("workload", 50), ("race", 30)):
        for name in call(os.listdir, path_of(f"machine/{kind}")):
            if not name.startswith("own") and rng.randrange(100) < percent:
                if kind == "race":
                    write(f"machine/{kind}/{name}/enabled", "0")
                call(os.rmdir, path_of(f"machine/{kind}/{name}"))


def one_round(daemon, rng):
    global nr_kills
    clear_some(rng)
    clients = [Client(nr, rng.random()) for nr in range(NR_CLIENTS)] + [Listener()]
    time.sleep(rng.uniform(0.02, 0.4))
    if rng.randrange(2):
        kill_clients(clients)
        daemon = compare_over_kill(daemon)
        reap(clients)
    else:
        kill(daemon)
        nr_kills += 1
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
    print(f"seed {SEED}: {nr_kills} kills, {nr_files} files compared, {nr_moving} that kept "
          f"changing, {nr_blocked} without an answer")


main()
