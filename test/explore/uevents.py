# SPDX-License-Identifier: GPL-2.0-or-later
"""Uevents of memory blocks, as the kernel broadcasts them, and the files of the blocks."""
import glob
import os
import re
import socket

MEM = "/sys/devices/system/memory"


def listen():
    """Return a socket that receives the events from now on."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
    sock.bind((0, 1))
    return sock


def event(sock, seconds):
    """Return the action and the block of the next event, or (None, None) if there is none."""
    sock.settimeout(seconds)
    try:
        header = sock.recv(65536).split(b"\0")[0].decode()
    except (TimeoutError, BlockingIOError):
        return None, None
    m = re.fullmatch(r"(\w+)@.*/(memory\d+)", header)
    return (m[1], m[2]) if m else ("", "")


def state(block):
    try:
        with open(f"{MEM}/{block}/state") as f:
            return f.read().strip()
    except OSError:
        return "gone"


def set_state(block, text):
    """Return whether it could be set."""
    try:
        fd = os.open(f"{MEM}/{block}/state", os.O_WRONLY)
    except OSError:
        return False
    try:
        return os.write(fd, text.encode()) > 0
    except OSError:
        return False
    finally:
        os.close(fd)


def blocks():
    names = [os.path.basename(path) for path in glob.glob(f"{MEM}/memory*[0-9]")]
    return sorted(names, key=lambda name: int(name[6:]))
