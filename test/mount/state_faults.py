#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify a state that cannot be written for a while.

    state_faults.py MEMHPFS DIR walk SHIM FIRST STEP LAST    writes FIRST, FIRST + STEP, ... fail
    state_faults.py MEMHPFS DIR full                         DIR is on a small file system

A change that was answered with success is kept, and one that was answered with EIO is not. The
machine shows nothing that is lost after a kill.
"""
import errno
import os
import signal
import subprocess
import sys
import threading

from state_lib import (DIR, MEMHPFS, MNT, STATE, Died, call, come_to_rest, fail, kill, look_again,
                       path_of, read_file, show, start, write)

MEM = "sys/devices/system/memory"
LOG = "machine/log"
COUNT = "machine/race/g/count"
CANNOT = b"memhpfs: state: cannot be written ("
DONE = b"though it is answered with EIO"
AGAIN = b"memhpfs: state: can be written again"
# The files whose writes were answered with EIO.
refused = set()
# The files that changed although the result could not be stored, according to the log.
done_all_the_same = set()
FAULTS = ((errno.ENOSPC, 0), (errno.EIO, 0), (errno.EIO, 1))


def attempt(expected, name, text, kind="write"):
    """Make one change, and return whether it was acknowledged.

    For each file, @expected has what was acknowledged, followed by what was refused since then.
    """
    answer = write(name, text) if kind == "write" else call(os.mkdir, path_of(name))
    if answer == "EIO":
        expected.setdefault(name, [None]).append(text)
        refused.add(name)
        return False
    if answer in (None, len(text)):
        expected[name] = [text]
    elif not refused:
        # After a refusal, a change may fail because it depends on the refused one.
        fail(f"{kind} {name}: {answer}")
    return True


def scenario(expected):
    """Make changes of all kinds, and return how many were refused."""
    nr_refused = 0
    dimm, gate = "machine/dimm/d0", "machine/race/g"
    for kind, name, text in (
            ("mkdir", dimm, ""), ("write", dimm + "/size", "512M"), ("write", dimm + "/node", "1"),
            ("write", dimm + "/plugged", "1"), ("write", f"{MEM}/memory32/state", "online_movable"),
            ("write", f"{MEM}/memory33/state", "online"), ("write", f"{MEM}/memory33/state", "offline"),
            ("mkdir", gate, "")) + tuple(("write", COUNT, str(n)) for n in range(1, 20)):
        if os.path.exists(path_of(name)) or kind == "mkdir":
            nr_refused += not attempt(expected, name, text, kind)
    return nr_refused


def look(expected):
    """Check that what was acknowledged is there, and that what was refused is not.

    Exceptions are the changes that the log reports as done. A read may be refused, but never
    shows anything else.
    """
    for name, (acknowledged, *in_vain) in expected.items():
        found = state_of(name)
        wanted = {seen_as(acknowledged)}
        if found == "EIO":
            continue
        if name in done_all_the_same or os.path.dirname(name) in done_all_the_same:
            wanted |= {seen_as(text) for text in in_vain}
        if acknowledged is not None and found not in wanted:
            fail(f"{name} is {found!r}, acknowledged was {acknowledged!r}, refused {in_vain}")
        if acknowledged is None and found is not None and in_vain[0] == "" and \
                os.path.dirname(name) not in done_all_the_same:
            fail(f"{name} exists, although it was refused")


def state_of(name):
    """Return the text of a file, '' for a directory, or None if there is no such name."""
    path = path_of(name)
    answer = call(os.stat, path)
    if isinstance(answer, str):
        return "EIO" if answer == "EIO" else None
    text = "" if os.path.isdir(path) else call(read_file, name)
    return text.decode().strip() if isinstance(text, bytes) else text


def seen_as(text):
    return {"512M": "536870912", "online_movable": "online"}.get(text, text)


def log_of_trouble():
    text = call(read_file, LOG)
    if not isinstance(text, bytes):
        fail(f"{LOG} cannot be read: {text}")
    done_all_the_same.update(line.split(b": ")[2].decode() for line in text.splitlines()
                             if DONE in line)
    return text


def compare(daemon, what):
    """Check that a kill does not change anything, and return the new daemon."""
    before, blocked, moving = come_to_rest()
    kill(daemon)
    daemon = start()
    after, wrong = look_again(before, blocked, moving)
    if wrong:
        name = wrong[0]
        fail(f"{what}: {wrong[:8]} differ; {name} was {show(before.get(name), after.get(name))}, is "
             f"{show(after.get(name), before.get(name))}")
    return daemon


# ---- each write fails once --------------------------------------------------------------------


def fresh():
    for name in os.listdir(DIR):
        if name.startswith("state"):
            os.unlink(os.path.join(DIR, name))


def one_fault(shim, at, number, error, half):
    what = f"write {at}, {number} times, errno {error}, half {half}"
    fresh()
    done_all_the_same.clear()
    refused.clear()
    expected = {}
    env = dict(os.environ, LD_PRELOAD=shim, FAIL_PATH=STATE, FAIL_AT=str(at), FAIL_NR=str(number),
               FAIL_ERRNO=str(error), FAIL_HALF=str(half),
               ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
    daemon = start(env=env)
    if daemon:
        nr_refused = scenario(expected)
        text = log_of_trouble()
        look(expected)
        if nr_refused and CANNOT not in text:
            fail(f"{what}: {nr_refused} writes are refused, and {LOG} does not say why")
        kill(daemon)
    if not os.path.exists(STATE + ".failed"):
        if daemon:
            subprocess.run(["fusermount3", "-uz", MNT], check=False, stderr=subprocess.DEVNULL)
        return False
    daemon = start()
    look(expected)
    daemon = compare(daemon, what)
    kill(daemon)
    return True


def walk(shim, first, step, last):
    nr = 0
    for at in range(first, last + 1, step):
        error, half = FAULTS[at // step % len(FAULTS)]
        if not one_fault(shim, at, 1 + at % 4, error, half):
            break
        nr += 1
    if not nr:
        fail("no write failed")


# ---- no room -----------------------------------------------------------------------------------


def fill():
    with open(os.path.join(DIR, "fill"), "wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass


def full():
    """Verify that changes are refused while there is no room, and succeed when there is again."""
    daemon = start()
    expected = {}
    if scenario(expected):
        fail("a write is refused while there is room")
    for name, text in (("phase", "going_offline"), ("delay_ms", "hang"), ("enabled", "1")):
        call(os.mkdir, path_of("machine/fault/f"))
        attempt({}, "machine/fault/f/" + name, text)
    number = 100
    for turn in range(3):
        # The writer hangs in a fault plan and cannot be killed; the signal is stored
        # nevertheless.
        victim = threading.Thread(target=lambda: swallow(f"{MEM}/memory32/state", "offline"))
        nr_hung = log_of_trouble().count(b" hangs")
        victim.start()
        wait_until(lambda: log_of_trouble().count(b" hangs") > nr_hung)
        pid = os.fork()
        if not pid:
            swallow(f"{MEM}/memory32/state", "offline")
            os._exit(0)
        fill()
        in_a_row = 0
        while in_a_row < 3:
            number += 1
            if attempt(expected, COUNT, str(number)):
                in_a_row = 0
            else:
                in_a_row += 1
        if CANNOT not in log_of_trouble():
            fail(f"{LOG} does not say that nothing can be written")
        del expected[f"{MEM}/memory32/state"]  # this block is going offline
        look(expected)
        if os.path.exists(path_of("machine/dimm/new")) or call(os.mkdir, path_of("machine/dimm/new")) != "EIO":
            fail("mkdir is not refused")
        if call(os.chmod, path_of(COUNT), 0o600) != "EIO" or os.stat(path_of(COUNT)).st_mode & 0o044 == 0:
            fail("chmod is not refused, or has an effect")
        now_ns = call(read_file, "machine/clock/now_ns")
        os.kill(pid, signal.SIGKILL)
        if call(read_file, "machine/clock/now_ns") not in (now_ns, "EIO"):
            fail("the clock continues")
        if turn == 1:
            kill(daemon)
        os.unlink(os.path.join(DIR, "fill"))
        if turn == 1:
            os.waitpid(pid, 0)
            victim.join()
            daemon = start()
            look(expected)
        # The daemon itself checks whether there is room again.
        wait_until(lambda: AGAIN in log_of_trouble() or turn == 1)
        number += 1
        if not attempt(expected, COUNT, str(number)):
            fail("a write is refused although there is room again")
        look(expected)
        call(os.rmdir, path_of("machine/fault/f"))
        if turn != 1:
            os.waitpid(pid, 0)
            victim.join()
        # The end of the fault makes the write fail, too.
        expected[f"{MEM}/memory32/state"] = ["online_movable"]
        daemon = compare(daemon, f"turn {turn}")
        look(expected)
        for name, text in (("phase", "going_offline"), ("delay_ms", "hang"), ("enabled", "1")):
            call(os.mkdir, path_of("machine/fault/f"))
            attempt({}, "machine/fault/f/" + name, text)
    subprocess.run(["fusermount3", "-u", MNT], check=True)
    if daemon.wait():
        fail(f"exit status {daemon.returncode}")


def wait_until(fn):
    for _ in range(2000):
        if fn():
            return
        threading.Event().wait(0.005)
    fail("timed out")


def swallow(name, text):
    try:
        write(name, text)
    except Died:
        pass


signal.alarm(600)
os.makedirs(MNT, exist_ok=True)
if sys.argv[3] == "walk":
    walk(sys.argv[4], *(int(word) for word in sys.argv[5:8]))
else:
    full()
