#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that an object of machine/ cannot be removed while a write to it waits for the hotplug
# lock, and that the write ends as usual.
set -eu
. "$(dirname "$0")/lib.sh"

mount_foreground
dax=$mnt/machine/dax/x
mkdir "$dax"
echo 256M >"$dax/size"
echo 1 >"$dax/node"
echo 1 >"$dax/plugged"

# An offlining that cannot end holds the lock.
mkdir "$mnt/machine/workload/pin"
echo anon >"$mnt/machine/workload/pin/kind"
echo 9 >"$mnt/machine/workload/pin/block"
echo 4096 >"$mnt/machine/workload/pin/size"
echo pinned >"$mnt/machine/workload/pin/kind"
timeout -s KILL 100 sh -c 'echo offline >"$0"' "$mem/memory9/state" &
holder=$!
wait_for text "$mem/memory9/state" going-offline

mkfifo "$tmp/opened"
python3 - "$dax/system_ram" "$tmp/opened" <<-'END' &
	import os, sys
	fd = os.open(sys.argv[1], os.O_WRONLY)
	with open(sys.argv[2], "w") as file:
	    file.write("opened")
	assert os.write(fd, b"1") == 1
END
writer=$!
read -r _ <"$tmp/opened" || :
wait_for asleep "$writer"

# The object may be unplugged, but not removed.
echo 0 >"$dax/plugged"
status=0
rmdir "$dax" 2>"$tmp/rmdir" || status=$?
expect "rmdir while a write waits" 1 "$status"
grep -q 'resource busy' "$tmp/rmdir" || fail "rmdir says $(cat "$tmp/rmdir")"
echo 1 >"$dax/plugged"

rmdir "$mnt/machine/workload/pin"
wait "$writer" || fail "the writer has failed"
wait "$holder" || fail "the offlining has failed"
expect "the device is System RAM" 1 "$(cat "$dax/system_ram")"
echo 0 >"$dax/system_ram"
echo 0 >"$dax/plugged"
rmdir "$dax"
python3 "$here/tree_check.py" check "$mnt" || fail "the tree contradicts itself"
unmount_tree
