#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Wait until a condition is true; the exit status is 1 if it is not after ten seconds.

    wait.py mounted DIR PID     memhpfs is mounted on DIR; fails at once if process PID ends
    wait.py gone PID            process PID has ended
    wait.py asleep PID          process PID waits for an answer of a FUSE file system
    wait.py blocked PID         process PID waits, and no signal but SIGKILL can end that
    wait.py stopped PID         process PID is stopped
    wait.py text FILE TEXT      FILE has the line TEXT
    wait.py lines FILE TEXT NR  FILE has at least NR lines that contain TEXT
    wait.py file FILE           FILE exists and is not empty
    wait.py without PATH        PATH does not exist
"""
import os
import select
import sys
import time

DEADLINE = time.monotonic() + 10


def is_mounted(path):
    with open("/proc/self/mounts") as table:
        return any(line.split()[1:3] == [path, "fuse.memhpfs"] for line in table)


def state(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def alive(pid):
    return state(pid) != "Z"


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


def blocked(pid):
    while state(pid) != "D":
        yield


def stopped(pid):
    while state(pid) != "T":
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


def lines(path, wanted, number):
    def found():
        with open(path) as file:
            return sum(wanted in line for line in file)

    while found() < int(number):
        yield


def file(path):
    while not os.path.exists(path) or not os.path.getsize(path):
        yield


def without(path):
    while os.path.lexists(path):
        yield


for _ in globals()[sys.argv[1]](*sys.argv[2:]):
    if time.monotonic() > DEADLINE:
        sys.exit(1)
    time.sleep(0.005)
