#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bug: onlines what events report, and never looks at what is there. Runs for ever."""
import sys

import uevents

repaired = sys.argv[1:] == ["repaired"]
sock = uevents.listen()
while True:
    action, block = uevents.event(sock, 0.1 if repaired else None)
    if repaired:
        for block in uevents.blocks():
            if uevents.state(block) == "offline":
                uevents.set_state(block, "online")
    elif action == "add":
        uevents.set_state(block, "online")
