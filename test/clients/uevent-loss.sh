#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that a listener whose buffer is too small loses events of a large plug and gets an
# error, and that one with a large enough buffer receives all 1,024 in order. (Their numbers
# increase; other events of the host, such as those of a mount, have numbers in between.) Only
# root can always have such a buffer; for other users it depends on the host's rmem_max.
set -eu
view_options=(--machine "$(cd "$(dirname "$0")" && pwd)/grows-by-128g.yaml")
. "$(dirname "$0")/lib-view.sh"

cat >"$tmp/listen.py" <<'END'
import errno, os, socket, subprocess, sys, time
NETLINK_KOBJECT_UEVENT, SO_RCVBUFFORCE = 15, 33
LAST_BLOCK = b"/devices/system/memory/memory1087\0"  # 1,024 from memory64 on

def listener(size):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_KOBJECT_UEVENT)
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, size)
    except PermissionError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    sock.bind((0, 1))
    sock.setblocking(False)
    return sock

def hear(sock):
    """Return the pending events, and how often some were lost."""
    events, lost = [], 0
    while True:
        try:
            text, sender = sock.recvfrom(65536)
            assert sender == (0, 1), sender  # the kernel, to group 1
            events.append(text)
        except BlockingIOError:
            return events, lost
        except OSError as error:
            assert error.errno == errno.ENOBUFS, error
            lost += 1

slow, fast = listener(4096), listener(1 << 24)
size = fast.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
plug = subprocess.Popen([sys.argv[1] + "/memhp", "plug", "d0", "128G", "0"], stdout=subprocess.PIPE)
heard, lost, last, deadline = [], 0, b"", time.monotonic() + 20
while not last.startswith(b"add@" + LAST_BLOCK) and time.monotonic() < deadline:
    more, losses = hear(fast)
    heard += more
    lost += losses
    last = heard[-1] if heard else b""
    if plug.poll() is not None and lost and not more:
        break
blocks = plug.communicate()[0].split()
assert plug.returncode == 0 and len(blocks) == 1024, (plug.returncode, len(blocks))
fields = [dict(f.split(b"=", 1) for f in e.split(b"\0")[1:] if f) for e in heard]
numbers = [int(f[b"SEQNUM"]) for f in fields]
assert all(a < b for a, b in zip(numbers, numbers[1:])), numbers
place = {b"add@/devices/system/memory/" + block: nr for nr, block in enumerate(blocks)}
places = [place[event.split(b"\0")[0]] for event in heard]
assert all(a < b for a, b in zip(places, places[1:])), places
assert len(heard) == 1024 if not lost else 0 < len(heard) < 1024, (len(heard), lost, size)
assert not lost or size < 1 << 24, "lost %d times with %d bytes" % (lost, size)
events, lost = hear(slow)
assert 0 < len(events) < 1024 and lost, (len(events), lost)
END
"$python" "$tmp/listen.py" "$build" 2>"$tmp/err" || fail "$(tail -n 2 "$tmp/err")"
