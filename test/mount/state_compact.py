#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that the state of very many inputs stays short, and that a restart from it is fast.

    state_compact.py MEMHPFS DIR

The saved machine takes the place of the inputs before it.
"""
import os
import sqlite3
import subprocess
import time

from state_lib import MEMHPFS, MNT, STATE, call, come_to_rest, fail, kill, look_again, path_of, show, start, write

# This is more than twice as many as cause a snapshot.
INPUTS = 25000
MOST_ROWS = 12000
MOST_BYTES = 8 << 20
FILE = "sys/devices/system/memory/auto_online_blocks"


def write_often(nr):
    fd = os.open(path_of(FILE), os.O_WRONLY)
    for i in range(nr):
        os.write(fd, (b"online_movable", b"offline")[i % 2])
    os.close(fd)


def rows(state=STATE):
    db = sqlite3.connect(state)
    found = db.execute("SELECT count(*), min(id), max(id) FROM input").fetchone()
    saved = db.execute("SELECT input, length(data) FROM snapshot").fetchall()
    db.close()
    return found, saved


def look():
    """Return all files; those that take too long on a busy machine have no text."""
    before, blocked, moving = come_to_rest()
    if moving:
        fail(f"{moving} do not stop changing")
    return before, blocked


def expect_same(seen, what):
    before, blocked = seen
    after, wrong = look_again(before, blocked, ())
    if wrong:
        fail(f"{what}: {wrong[:12]} differ; {wrong[0]} was {show(before.get(wrong[0]), after.get(wrong[0]))}, is "
             f"{show(after.get(wrong[0]), before.get(wrong[0]))}")


def go_on(damage, *options):
    """Resume from a copy of the state with this damage; return the process and the copy's path."""
    bad = STATE + ".bad"
    db, copy = sqlite3.connect(STATE), sqlite3.connect(bad)
    db.backup(copy)
    copy.execute(damage)
    copy.commit()
    copy.close()
    db.close()
    done = subprocess.run([MEMHPFS, "--state", bad, *options, MNT], capture_output=True, text=True, timeout=60,
                          check=False)
    if done.returncode == 0:
        subprocess.run(["fusermount3", "-u", MNT], check=True)
    return done, bad


def refused(damage, what):
    """Check that a state whose saved machine is damaged is refused."""
    done, bad = go_on(damage)
    os.unlink(bad)
    if done.returncode == 0 or what not in done.stderr or "cannot be loaded" not in done.stderr:
        fail(f"{damage}: exit status {done.returncode}, {done.stderr}")


def recovered(last):
    """Check that a state that is damaged after its saved machine resumes from that."""
    done, bad = go_on(f"UPDATE input SET result = 77 WHERE id = {last - 3}", "--state-recover")
    if done.returncode or f"resumes after input {last - 4};" not in done.stderr:
        fail(f"not recovered: exit status {done.returncode}, {done.stderr}")
    (nr, first, end), saved = rows(bad)
    if end != last - 4 or not saved or first != saved[0][0]:
        fail(f"recovered: {nr} inputs, {first} to {end}, saved: {saved}")


def main():
    daemon = start()
    for name in ("dimm/d", "virtio-mem/v", "workload/w", "race/r", "fault/f"):
        call(os.mkdir, path_of("machine/" + name))
    for name, text in (("dimm/d/size", "512M"), ("dimm/d/plugged", "1"), ("workload/w/kind", "anon"),
                       ("workload/w/size", "100M"), ("virtio-mem/v/size", "1G"),
                       ("virtio-mem/v/requested_size", "256M"), ("virtio-mem/v/plugged", "1")):
        write("machine/" + name, text)
    os.chmod(path_of("sys/devices/system/memory/memory33/state"), 0o600)
    write_often(INPUTS)

    before = look()
    size = sum(os.path.getsize(STATE + end) for end in ("", "-wal"))
    if size > MOST_BYTES:
        fail(f"{INPUTS} inputs take {size} bytes")
    kill(daemon)
    subprocess.run(["fusermount3", "-u", "-z", MNT], check=False)
    (nr, first, last), saved = rows()
    if not saved or nr > MOST_ROWS or first != saved[0][0] or last < INPUTS:
        fail(f"{nr} inputs, {first} to {last}, are in the file; saved: {saved}")
    refused("UPDATE snapshot SET data = substr(data, 1, 1000)", "damaged")
    refused("UPDATE snapshot SET data = zeroblob(1000)", "does not begin like")
    refused("UPDATE snapshot SET data = x''", "0 bytes")
    recovered(last)

    began = time.monotonic()
    daemon = start()
    took = time.monotonic() - began
    expect_same(before, "after a restart")
    write_often(INPUTS)
    before = look()
    kill(daemon)
    subprocess.run(["fusermount3", "-u", "-z", MNT], check=False)
    (_, first, _), saved_again = rows()
    if saved_again[0][0] <= saved[0][0]:
        fail("the machine is not saved again")
    daemon = start()
    expect_same(before, "after a second restart")
    kill(daemon)
    subprocess.run(["fusermount3", "-u", "-z", MNT], check=False)
    print(f"{last} inputs, {nr} kept, {size} bytes, {took:.2f} s to start")


main()
