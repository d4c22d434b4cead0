#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Waits until something is so; exit status 1 when it is not after ten seconds.

    wait.py mounted DIR PID     DIR is a mount of memhpfs; fails at once when process PID ends
    wait.py gone PID            process PID has ended
    wait.py asleep PID          process PID waits for an answer of a FUSE file system
    wait.py text FILE TEXT      FILE has a line TEXT
    wait.py says FILE TEXT      FILE has a line with TEXT in it
    wait.py without PATH        there is no PATH
"""
import os
import select
import sys
import time

DEADLINE = time.monotonic() + 10


def is_mounted(path):
    with open("/proc/self/mounts") as table:
        return any(line.split()[1:3] == [path, "fuse.memhpfs"] for line in table)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def mounted(path, pid):
    with open("/proc/self/mounts") as table:
        poll = select.poll()
        poll.register(table, select.POLLERR | select.POLLPRI)
        while not is_mounted(path):
            if not alive(pid):
                sys.exit(1)
            poll.poll(20)
            yield


def gone(pid):
    while alive(pid):
        yield


def asleep(pid):
    def waits():
        with open(f"/proc/{pid}/wchan") as wchan:
            text = wchan.read()
        return "fuse" in text or "request_wait_answer" in text

    while not waits():
        yield


def text(path, wanted):
    def found():
        with open(path) as file:
            return wanted in file.read().splitlines()

    while not found():
        yield


def says(path, wanted):
    def found():
        with open(path) as file:
            return wanted in file.read()

    while not found():
        yield


def without(path):
    while os.path.lexists(path):
        yield


for _ in globals()[sys.argv[1]](*sys.argv[2:]):
    if time.monotonic() > DEADLINE:
        sys.exit(1)
    time.sleep(0.005)
