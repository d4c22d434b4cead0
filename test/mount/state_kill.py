#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kill a daemon with --state at random points of random runs, and check what it resumes with.

    state_kill.py MEMHPFS MEMHPSIM DIR MACHINE SEED ROUNDS

With one client, after each kill the tree is that of memhpsim after all operations that were
acknowledged, or after those and the one that was not. With four clients that have a DIMM each,
each one finds its own blocks as it left them, or as its unacknowledged operation would have left
them.
"""
import errno
import os
import random
import signal
import subprocess
import sys
import threading

MEMHPFS, MEMHPSIM, DIR, MACHINE = sys.argv[1:5]
SEED, ROUNDS = int(sys.argv[5]), int(sys.argv[6])
MNT = os.path.join(DIR, "mnt")
MEM = "sys/devices/system/memory"
DIED = (errno.ENOTCONN, errno.ECONNABORTED)
READ = ["proc/meminfo", "proc/zoneinfo", "proc/iomem", "proc/buddyinfo", MEM + "/auto_online_blocks",
        "sys/devices/system/node/online", "sys/devices/system/node/has_memory", "machine/map",
        "sys/kernel/uevent_seqnum"]
LIST = [MEM, "machine/dimm", "machine/workload"]


class Died(Exception):
    """The daemon died before it answered."""


def fail(text):
    print(f"state-kill: seed {SEED}: {text}")
    sys.exit(1)


def start(state):
    daemon = subprocess.Popen([MEMHPFS, "-f", "--ready-fd", "1", "--state", state,
                               "--machine", MACHINE, MNT],
                              stdout=subprocess.PIPE)
    if daemon.stdout.read(1) != b"\n":
        fail(f"{state}: the daemon did not resume")
    return daemon


def stop(daemon):
    subprocess.run(["fusermount3", "-u", MNT], check=True)
    if daemon.wait():
        fail(f"exit status {daemon.returncode}")


def call(fn, *args):
    """Return what a system call returns, or "err" and the name of its error."""
    try:
        return fn(*args)
    except OSError as e:
        if e.errno in DIED:
            raise Died from e
        return "err " + errno.errorcode[e.errno]


def write(path, text):
    fd = os.open(os.path.join(MNT, path), os.O_WRONLY)
    try:
        return os.write(fd, text.encode())
    finally:
        try:
            os.close(fd)
        except OSError:
            pass


def do(op):
    if op[0] == "write":
        return call(write, op[1], op[2])
    return call(os.mkdir if op[0] == "mkdir" else os.rmdir, os.path.join(MNT, op[1]))


def read(path):
    with open(os.path.join(MNT, path)) as file:
        return file.read()


def random_op(rng):
    word = rng.choice(["online", "online_kernel", "online_movable", "offline", "offline"])
    dimm = f"machine/dimm/d{rng.randrange(3)}"
    load = f"machine/workload/w{rng.randrange(3)}"
    block = f"{MEM}/memory{rng.choice([rng.randrange(4, 16), rng.randrange(32, 50)])}"
    return rng.choice([
        ("write", block + "/state", word), ("write", block + "/state", word),
        ("write", block + "/online", rng.choice("01")),
        ("write", MEM + "/auto_online_blocks", word),
        ("mkdir", dimm), ("write", dimm + "/size", rng.choice(["128M", "512M", "1G"])),
        ("write", dimm + "/node", rng.choice("01")), ("write", dimm + "/plugged", rng.choice("110")),
        ("rmdir", dimm), ("mkdir", load), ("write", load + "/kind", rng.choice(["anon", "kernel", "slab"])),
        ("write", load + "/node", rng.choice("01")),
        ("write", load + "/size", rng.choice(["0", "4K", "10M", "100M"])), ("rmdir", load),
    ])


def files():
    """Return all files that an operation can have changed, also those of unused objects."""
    blocks = sorted(n for n in os.listdir(os.path.join(MNT, MEM)) if n.startswith("memory"))
    made = [f"machine/{kind}/{name}/{attr}" for kind in ("dimm", "workload")
            for name in sorted(os.listdir(os.path.join(MNT, "machine", kind)))
            for attr in sorted(os.listdir(os.path.join(MNT, "machine", kind, name)))]
    return (READ + made +
            [f"{MEM}/{b}/{f}" for b in blocks for f in ("state", "valid_zones", "removable")])


def names(path):
    return set(os.listdir(os.path.join(MNT, path)))


def as_memhpsim(ops, paths):
    """Return memhpsim's texts of files after these operations, and its names in directories."""
    with open(MACHINE) as file:
        lines = ["---", file.read().strip(), "---"]
    lines += [f"> {' '.join(op)}" for op in ops] + [f"> read {path}" for path in paths]
    lines += [f"> list {path}" for path in LIST]
    out = subprocess.run([MEMHPSIM, "-"], input="\n".join(lines) + "\n", text=True, check=True,
                         stdout=subprocess.PIPE).stdout.splitlines()
    answers = [line[2:].replace("\\n", "\n").replace("\\\\", "\\")
               for line in out if line.startswith("<")][len(ops):]
    return answers[:len(paths)] + [set(answer.split()) for answer in answers[len(paths):]]


def compare(done, unanswered):
    paths = files()
    # Removed objects have no files, so that only the names show that they are missing.
    here = [read(path) for path in paths] + [names(path) for path in LIST]
    sides = [done] + ([done + [unanswered]] if unanswered else [])
    for ops in sides:
        if as_memhpsim(ops, paths) == here:
            return ops
    differ = [p for p, a, b in zip(paths + LIST, here, as_memhpsim(sides[0], paths)) if a != b]
    fail(f"after {len(done)} operations, and {unanswered} without an answer, these differ: {differ}")


def one_client(rng):
    done, state = [], os.path.join(DIR, "one")
    for _ in range(ROUNDS):
        daemon, unanswered = start(state), None
        killer = threading.Timer(rng.uniform(0, 0.03), daemon.kill)
        killer.start()
        try:
            while True:
                unanswered = random_op(rng)
                do(unanswered)
                done.append(unanswered)
        except Died:
            killer.join()
        daemon.wait()
        daemon = start(state)
        done = compare(done, unanswered)
        stop(daemon)


class Client(threading.Thread):
    """A client with a DIMM of four blocks that no other client uses."""

    def __init__(self, nr):
        super().__init__()
        self.rng = random.Random(f"{SEED} {nr}")
        self.blocks = [f"{MEM}/memory{32 + 4 * nr + i}/state" for i in range(4)]
        self.model = {block: {"offline"} for block in self.blocks}

    def run(self):
        try:
            while True:
                block = self.rng.choice(self.blocks)
                word = self.rng.choice(["online", "offline"])
                self.model[block] = self.model[block] | {word}
                if do(("write", block, word)) not in (len(word), "err EINVAL"):
                    fail(f"{word} to {block} is refused")
                self.model[block] = {word}
        except Died:
            pass

    def check(self):
        for block in self.blocks:
            found = read(block).strip()
            if found not in self.model[block]:
                fail(f"{block} is {found}, not {self.model[block]}")
            self.model[block] = {found}


def four_clients(rng):
    state = os.path.join(DIR, "four")
    daemon = start(state)
    for nr in range(4):
        for op in (("mkdir", f"machine/dimm/d{nr}"), ("write", f"machine/dimm/d{nr}/size", "512M"),
                   ("write", f"machine/dimm/d{nr}/plugged", "1")):
            do(op)
    clients = [Client(nr) for nr in range(4)]
    for _ in range(ROUNDS):
        for client in clients:
            client.start()
        threading.Timer(rng.uniform(0, 0.05), daemon.kill).start()
        for client in clients:
            client.join()
        daemon.wait()
        daemon = start(state)
        models = [client.model for client in clients]
        clients = [Client(nr) for nr in range(4)]
        for client, model in zip(clients, models):
            client.model = model
            client.check()
            client.rng.seed(rng.random())
    stop(daemon)


signal.alarm(60 + 2 * ROUNDS)
os.mkdir(MNT)
one_client(random.Random(SEED))
four_clients(random.Random(SEED + 1))
