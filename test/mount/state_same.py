#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills a daemon that nobody writes to, and compares every file with what the next one shows.

    state_same.py MEMHPFS DIR PID     PID is the daemon that has DIR/mnt and DIR/state
"""
import os
import signal
import sys

from state_lib import come_to_rest, differ, dump, fail, read_file, show, start

before, blocked, moving = come_to_rest()
if len(before) < 500:
    fail(f"only {len(before)} files")
now_ns = int(read_file("machine/clock/now_ns"))
os.kill(int(sys.argv[3]), signal.SIGKILL)
while os.path.exists(f"/proc/{sys.argv[3]}/exe"):
    pass
start()
after = dump(blocked)
wrong = [name for name in differ(before, after) if name not in moving]
if wrong:
    fail(f"{wrong[:12]} differ; {wrong[0]} was {show(before.get(wrong[0]), after.get(wrong[0]))}, is "
         f"{show(after.get(wrong[0]), before.get(wrong[0]))}")
if int(read_file("machine/clock/now_ns")) < now_ns:
    fail("the clock went back")
print(f"{len(before)} files, {len(moving)} that went on changing, {len(blocked)} without an answer")
