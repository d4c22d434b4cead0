#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that writers can be killed at any point: before they have the hotplug lock, while pages
# migrate, while none can, and afterwards. Each time the whole block is online or offline, and the
# free memory is free again.
set -eu
. "$(dirname "$0")/lib.sh"

hold=sys/devices/system/memory/memory32/state
wait=sys/devices/system/memory/memory33/state

# workload NAME KIND BLOCK SIZE - create a workload on a block
workload() {
	local dir=$mnt/machine/workload/$1

	mkdir "$dir"
	echo "$2" >"$dir/kind"
	echo "$3" >"$dir/block"
	echo "$4" >"$dir/size"
}

mount_checked
plug_dimm d0 256M 1
expect "first block" 32 "$first"
echo online_movable >"$mnt/$hold"
echo online_movable >"$mnt/$wait"
workload fixed pinned 32 4096
workload slow anon 33 8M
# The 2048 pages of the workload take 5 ms.
echo 400 >"$mnt/machine/clock/migrate_pages_per_ms"

timeout 100 "$clients_dir/crowd" "$mnt" kill 300 $hold $wait || fail "see above"
rmdir "$mnt/machine/workload/fixed"
echo offline >"$mnt/$hold" || fail "the block cannot go offline any more"
python3 "$here/tree_check.py" check "$mnt" || fail "the tree contradicts itself"
expect "descriptors" "$fds" "$(nr_fds)"
unmount_tree
expect_exit 0 "$daemon" "after all that"
expect_no_report
