#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that damaged state files are refused with a message, and that they can be recovered.

    state_damage.py MEMHPFS DIR

Damage of any kind must not cause a crash. --state-recover continues with what precedes the
damage.
"""
import os
import random
import shutil
import sqlite3
import subprocess
import sys

MEMHPFS, DIR = sys.argv[1:3]
MNT = os.path.join(DIR, "mnt")
GOOD, BAD = os.path.join(DIR, "good"), os.path.join(DIR, "bad")
MEM = os.path.join(MNT, "sys/devices/system/memory")
COLUMNS = ("id", "ns", "steps", "real_ns", "op", "ino", "path", "text", "end_ns", "end_steps", "result")
VALUES = ("NULL", "-5", "'some text'", "x'00ff'", "1.5", "9223372036854775807")
# This damage affects texts for users (where a number is a text, too), or replaces values by
# others that are equally valid.
HARMLESS = {("path", "'some text'"), ("real_ns", "9223372036854775807"), ("text", "x'00ff'")}


def fail(text):
    print(f"state-damage: {text}")
    sys.exit(1)


def run(*options, state=BAD):
    """Run memhpfs, and unmount it again; return its exit status and its messages."""
    done = subprocess.run([MEMHPFS, "--state", state, *options, MNT], capture_output=True, text=True, errors="replace",
                          timeout=60, check=False)
    if done.returncode == 0:
        unmount()
    return done.returncode, done.stderr


def unmount():
    """Unmount, and wait until the daemon, which uses the state, has ended."""
    subprocess.run(["fusermount3", "-u", MNT], check=True)
    while any(MNT in words for words in command_lines()):
        pass


def command_lines():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                words = file.read().split("\0")
        except OSError:
            continue
        if words[0] == MEMHPFS:
            yield words


def write(path, text):
    fd = os.open(os.path.join(MNT, path), os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    except OSError:
        pass
    finally:
        os.close(fd)


def make_good():
    subprocess.run([MEMHPFS, "--state", GOOD, MNT], check=True)
    os.mkdir(os.path.join(MNT, "machine/dimm/d0"))
    for path, text in (("machine/dimm/d0/size", "512M"), ("machine/dimm/d0/node", "1"),
                       ("machine/dimm/d0/plugged", "1")):
        write(path, text)
    for block in range(32, 36):
        write(f"sys/devices/system/memory/memory{block}/state", "online_movable")
    os.chmod(os.path.join(MEM, "memory32/state"), 0o600)
    write("sys/devices/system/memory/memory33/state", "offline")
    unmount()


def copy(source=GOOD):
    for name in os.listdir(DIR):
        if name.startswith("bad"):
            os.unlink(os.path.join(DIR, name))
    shutil.copy(source, BAD)


def change(*statements):
    """Execute statements on a copy of the tables that has no constraints."""
    db = sqlite3.connect(BAD, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    for table in ("machine", "clock", "input", "snapshot"):
        db.execute(f"CREATE TABLE other AS SELECT * FROM {table}")
        db.execute(f"DROP TABLE {table}")
        db.execute(f"ALTER TABLE other RENAME TO {table}")
    for statement in statements:
        db.execute(statement)
    db.close()


def refused(what, *options):
    status, words = run(*options)
    if status != 1 or BAD not in words or "died" in words:
        fail(f"{what}: exit status {status}, says {words!r}")
    return words


def columns():
    nr = sqlite3.connect(GOOD).execute("SELECT count(*) FROM input").fetchone()[0]
    for column in COLUMNS:
        for value in VALUES:
            for number in (1, nr // 2, nr):
                copy()
                change(f"UPDATE input SET {column} = {value} WHERE id = {number}")
                if (column, value) in HARMLESS or column == "path" and value[-1].isdigit():
                    status, words = run()
                    if status not in (0, 1) or status and BAD not in words:
                        fail(f"{column} {value}: exit status {status}, says {words!r}")
                else:
                    refused(f"{column} of {number} is {value}")


def tables():
    for table in ("machine", "clock", "input"):
        copy()
        change(f"DROP TABLE {table}")
        refused(f"no table {table}")
    for name in ("version", "machine", "cmdline", "born_ns"):
        for value in ("NULL", "x'00'", "'other'"):
            copy()
            change(f"UPDATE machine SET value = {value} WHERE name = '{name}'")
            refused(f"{name} is {value}")
    for column in ("ns", "steps"):
        for value in ("NULL", "-5", "'text'"):
            copy()
            change(f"UPDATE clock SET {column} = {value}")
            refused(f"{column} of the clock is {value}")
    copy()
    change("DELETE FROM clock")
    refused("no clock")
    copy()
    change("DELETE FROM input WHERE id = 4")
    refused("an input is missing")
    copy()
    change("PRAGMA user_version = 1")
    if "format 1" not in refused("another format"):
        fail("the message about another format does not name it")


def bytes_of_it():
    size = os.path.getsize(GOOD)
    rng = random.Random(1)
    for length in (1, 100, 4096, 5000, size // 2, size - 4096, size - 1):
        copy()
        os.truncate(BAD, length)
        refused(f"the first {length} bytes")
    for _ in range(40):
        copy()
        with open(BAD, "r+b") as file:
            for _ in range(rng.randrange(1, 200)):
                file.seek(rng.randrange(size))
                file.write(bytes([rng.randrange(256)]))
        status, words = run()
        if status not in (0, 1) or status and (BAD not in words or "died" in words):
            fail(f"random bytes: exit status {status}, says {words!r}")


def recover():
    copy()
    before = os.path.getsize(BAD)
    if run("--state-recover") != (0, "") or os.path.getsize(BAD) < before:
        fail("--state-recover changes an intact state")
    db = sqlite3.connect(GOOD)
    number, path = db.execute("SELECT max(id), path FROM input WHERE op = 'write'").fetchone()
    nr = db.execute("SELECT count(*) FROM input").fetchone()[0]
    db.close()
    for statement in (f"UPDATE input SET result = -16 WHERE id = {number}",
                      f"UPDATE input SET ns = NULL WHERE id = {number}",
                      f"UPDATE input SET steps = steps + 1 WHERE id = {number}"):
        copy()
        change(statement)
        if "--state-recover" not in refused(statement):
            fail("the refusal does not name the option")
        one_recovery(statement, number, nr, path)


def one_recovery(what, number, nr, path):
    done = subprocess.run([MEMHPFS, "--state", BAD, "--state-recover", MNT], capture_output=True,
                          text=True, errors="replace", check=False)
    lines = [line for line in done.stderr.splitlines() if "lost: " in line]
    wanted = (f"{BAD}: resumes after input {number - 1}; lost: {nr - number + 1} inputs, from {number} "
              f"(write {path}) on; the old file is {BAD}.before-recover")
    if done.returncode or len(lines) != 1 or not lines[0].endswith(wanted):
        fail(f"{what}: recovery says {done.stderr!r}, exit status {done.returncode}")
    with open(os.path.join(MEM, "memory33/state")) as file:
        if file.read() != "online\n":
            fail(f"{what}: an input that was lost has an effect")
    with open(os.path.join(MEM, "memory32/valid_zones")) as file:
        if file.read() != "Movable\n":
            fail(f"{what}: an input before the damage has no effect")
    unmount()
    answer = run()
    if answer != (0, ""):
        fail(f"{what}: it does not resume after a recovery: {answer}")
    old = sqlite3.connect(BAD + ".before-recover")
    if old.execute("SELECT count(*) FROM input").fetchone()[0] != nr:
        fail(f"{what}: the old file is not kept")
    old.close()
    left = sorted(name for name in os.listdir(DIR) if name.startswith("bad"))
    if left != ["bad", "bad.before-recover"]:
        fail(f"{what}: leaves {left}")


os.mkdir(MNT)
make_good()
columns()
tables()
bytes_of_it()
recover()
