#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies what assertions of memhp-test.h print when they fail: the reason and the line.
#
# usage: c.sh PROGRAM - that of c_messages.c
set -eu
source=$(dirname "$0")/c_messages.c
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/expected" <<'END'
ERROR: memhp_plug(*state, "dimm", "d0", GIB, 7): machine/dimm/d0/node: Invalid argument: node 7 is not possible: possible are 0-1
ERROR: memhp_plug(*state, "dimm", "d0", GIB, 1): success
expected: Device or resource busy
ERROR: write: machine/dimm: Is a directory
expected: Device or resource busy
ERROR: write: sys/devices/system/memory/memory32/state: Invalid argument
ERROR: sys/devices/system/memory/memory32/state is "offline", not "online"
machine/log: fault f: going_online of memory32 fails with ENOMEM
ERROR: sys/devices/system/memory/memory3/valid_zones is "DMA32", not "Movable"
ERROR: read: sys/devices/system/memory/memory32/valid_zones: No such file or directory
ERROR: sys/devices/system/node/online is "0-1", not "0"
ERROR: write: sys/devices/system/memory/memory40/state: No such file or directory
ERROR: write: sys/devices/system/memory/memory0/state: Invalid argument: memhpfs: memory0: boot memory of several zones or nodes (DMA, DMA32), which cannot go offline
ERROR: uevent "online memory32", not "online memory33"
ERROR: uevent "add memory33", not ""
ERROR: no uevent "add memory34"
ERROR: no-such-machine: neither a file nor the name of a machine
END
{
	cat "$tmp/expected"
	grep -n FAILS "$source" | sed -n 's/^\([0-9]*\):\t.*/line \1/p'
	printf 'passed %s\n' mounted mounted which_machine
} | sort >"$tmp/wanted"
mkdir "$tmp/mounts"
TMPDIR=$tmp/mounts "$1" >"$tmp/out" 2>&1 && echo "c_messages: nothing fails"
rmdir "$tmp/mounts"
sed -n -e '/^ERROR: \|^expected: \|^machine\/log: /{s/ (arm64-16k,.*//;p}' \
	-e 's/^\[   LINE   \] --- .*c_messages.c:\([0-9]*\): .*/line \1/p' \
	-e 's/.*\[   LINE   \] --- .*c_messages.c:\([0-9]*\): .*/line \1/p' \
	-e 's/^\[       OK \] /passed /p' "$tmp/out" | sort >"$tmp/said"
diff "$tmp/wanted" "$tmp/said"
