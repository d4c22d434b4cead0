#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies files and directories of a block that is removed while they are open: they return
# ENODEV permanently, even if a block with the same number is added, and nothing of the old block
# can be found by name.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree
plug_dimm d0 256M 1
python3 - "$mnt" "$first" <<'END' || fail "see above"
import errno, os, select, sys

mnt, block = sys.argv[1], sys.argv[2]
mem = mnt + "/sys/devices/system/memory"
dir = f"{mem}/memory{block}"
bad = 0


def answer(fn):
    try:
        return fn()
    except OSError as error:
        return errno.errorcode[error.errno]


def expect(what, wanted, fn):
    global bad
    got = answer(fn)
    if got != wanted:
        print(f"{what}: {got!r}, not {wanted!r}")
        bad = 1


def plugged(value):
    fd = os.open(mnt + "/machine/dimm/d0/plugged", os.O_WRONLY)
    os.write(fd, value)
    os.close(fd)


fresh = os.open(dir + "/state", os.O_RDWR)
used = os.open(dir + "/state", os.O_RDWR)
fixed = os.open(dir + "/phys_index", os.O_RDONLY)
power = os.open(dir + "/power/control", os.O_RDWR)
top = os.open(dir, os.O_RDONLY)
expect("before", b"offline\n", lambda: os.read(used, 99))
ino = os.stat(dir + "/state").st_ino
names = set(os.listdir(mem))
plugged(b"0")


def gone(when):
    for name, fd in {"fresh": fresh, "used": used, "power": power}.items():
        expect(f"{when}: read {name}", "ENODEV", lambda: os.pread(fd, 99, 0))
        expect(f"{when}: read further {name}", "ENODEV", lambda: os.read(fd, 99))
        expect(f"{when}: write {name}", "ENODEV", lambda: os.write(fd, b"online"))
        expect(f"{when}: seek {name}", "ENODEV", lambda: os.lseek(fd, 0, os.SEEK_DATA))
    expect(f"{when}: read phys_index", "ENODEV", lambda: os.pread(fixed, 99, 0))
    poll = select.poll()
    poll.register(used, select.POLLIN)
    events = poll.poll(0)[0][1]
    expect(f"{when}: poll", select.POLLERR, lambda: events & select.POLLERR)
    expect(f"{when}: openat", "ENOENT", lambda: os.open("state", os.O_RDONLY, dir_fd=top))


gone("removed")
expect("removed: stat", "ENOENT", lambda: os.stat(dir))
expect("removed: stat a file", "ENOENT", lambda: os.stat(dir + "/state"))
expect("removed: bus link", "ENOENT",
       lambda: os.lstat(f"{mnt}/sys/bus/memory/devices/memory{block}"))
expect("removed: list", False, lambda: f"memory{block}" in os.listdir(mem))

plugged(b"1")
expect("again: list", names, lambda: set(os.listdir(mem)))
expect("again: read", "offline\n", lambda: open(dir + "/state").read())
expect("again: another inode", True, lambda: os.stat(dir + "/state").st_ino != ino)
gone("again")
sys.exit(bad)
END
