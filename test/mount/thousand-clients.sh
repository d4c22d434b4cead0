#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies a thousand clients at once, each a process, which read and write, and wait for the
# hotplug lock while an offlining does not end. Some are killed, and the others get their turn.
# Afterwards nothing is pending, and the daemon has no more descriptors than before and, after the
# second round, no more memory than after the first.
set -eu
. "$(dirname "$0")/lib.sh"

clients=1000
hold=sys/devices/system/memory/memory32/state
wait=sys/devices/system/memory/memory33/state

all_at_once() {
	"$clients_dir/crowd" "$mnt" use "$clients" 500 || fail "clients that read and write"
	timeout 60 "$clients_dir/crowd" "$mnt" queue "$clients" $hold $wait >"$tmp/out" ||
		fail "writers that wait: exit status $?"
	# Answers are due to the writer that had the lock, and to the half that was not killed.
	expect "answers" $((clients / 2 + 1)) \
		"$(awk '/ (0|EINVAL|EINTR)$/ { nr += $1 } END { print nr }' "$tmp/out")"
	wait_for text "$mnt/$hold" online
	expect "descriptors" "$fds" "$(nr_fds)"
}

mount_checked
plug_dimm d0 256M 1
expect "first block" 32 "$first"
echo online_movable >"$mnt/$hold"
mkdir "$mnt/machine/workload/fixed"
echo pinned >"$mnt/machine/workload/fixed/kind"
echo 32 >"$mnt/machine/workload/fixed/block"
echo 4096 >"$mnt/machine/workload/fixed/size"

all_at_once
once=$(rss_kib)
all_at_once
echo "resident: after the first time $once KiB, after the second $(rss_kib) KiB"
# The number of clients that are served at the same time is random.
sanitized || [ "$(rss_kib)" -le $((once + 1024)) ] || fail "the daemon has grown"

rmdir "$mnt/machine/workload/fixed"
echo offline >"$mnt/$hold" || fail "the block cannot go offline any more"
python3 "$here/tree_check.py" check "$mnt" || fail "the tree contradicts itself"
unmount_tree
expect_exit 0 "$daemon" "after all that"
expect_no_report
