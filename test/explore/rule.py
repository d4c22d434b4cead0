#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a udev rule does that onlines memory which is added. Runs for ever."""
import uevents

sock = uevents.listen()
print("ready", flush=True)
while True:
    action, block = uevents.event(sock, None)
    if action == "add":
        uevents.set_state(block, "online")
