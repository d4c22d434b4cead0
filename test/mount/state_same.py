#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kill a daemon that nobody writes to, and compare each file with what the next one shows.

    state_same.py MEMHPFS DIR PID     PID is the daemon with the mount DIR/mnt and the state DIR/state
"""
import os
import signal
import stat
import sys

from state_lib import MNT, come_to_rest, fail, look_again, path_of, process_state, read_file, show, start

NOW = "machine/clock/now_ns"


def open_up(path):
    """Make all directories accessible again; a client may have changed their modes."""
    st = os.lstat(path)
    if not stat.S_ISDIR(st.st_mode):
        return
    if st.st_mode & 0o700 != 0o700:
        os.chmod(path, stat.S_IMODE(st.st_mode) | 0o700)
    for name in os.listdir(path):
        open_up(os.path.join(path, name))


open_up(MNT)
os.chmod(path_of(NOW), 0o444)  # a client may have made it unreadable
before, blocked, moving = come_to_rest()
if len(before) < 500:
    fail(f"only {len(before)} files")
now_ns = int(read_file(NOW))
os.kill(int(sys.argv[3]), signal.SIGKILL)
while process_state(sys.argv[3]) not in ("Z", "gone"):
    pass
start()
after, wrong = look_again(before, blocked, moving)
if wrong:
    fail(f"{wrong[:12]} differ; {wrong[0]} was {show(before.get(wrong[0]), after.get(wrong[0]))}, is "
         f"{show(after.get(wrong[0]), before.get(wrong[0]))}")
if int(read_file(NOW)) < now_ns:
    fail("the clock went back")
print(f"{len(before)} files, {len(moving)} that kept changing, {len(blocked)} without an answer")
