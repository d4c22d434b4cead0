#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bug: takes the memory of a device offline, and removes it from the kernel a while later, without
looking whether a udev rule has onlined a block in between. The kernel then loses the memory until
the next boot, and reports success.
"""
import os
import sys
import time

import uevents

repaired = sys.argv[1:] == ["repaired"]
device = os.environ["MEMHPFS_ROOT"] + "/machine/dax/dax0.0/system_ram"


def bind(text):
    with open(device, "w") as f:
        f.write(text)


def mine():
    return [block for block in uevents.blocks() if int(block[6:]) >= 32]


def wait(seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not what():
        time.sleep(0.02)


def offline():
    return all(uevents.state(block) == "offline" or uevents.set_state(block, "offline")
               for block in mine())


before = set(uevents.blocks())
bind("1")
wait(0.4, lambda: all(uevents.state(block) == "online" for block in mine()))
if not offline():
    sys.exit(1)
time.sleep(0.9)  # whoever used it says goodbye
if repaired and not offline():
    sys.exit(1)
bind("0")
