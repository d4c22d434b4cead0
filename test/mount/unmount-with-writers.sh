#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies unmounting while the offlining of one writer does not end and twenty more wait for the
# lock. It is refused without force; with SIGTERM or umount -f, all writers end with an error;
# with a lazy unmount they continue, and the daemon ends with the last of them.
set -eu
. "$(dirname "$0")/lib.sh"

writers=20
hold=sys/devices/system/memory/memory32/state
wait=sys/devices/system/memory/memory1/state

start_writers() {
	mount_checked
	plug_dimm d0 128M 1
	expect "first block" 32 "$first"
	echo online_movable >"$mnt/$hold"
	mkdir "$mnt/machine/workload/fixed"
	echo pinned >"$mnt/machine/workload/fixed/kind"
	echo 32 >"$mnt/machine/workload/fixed/block"
	echo 4096 >"$mnt/machine/workload/fixed/size"
	: >"$tmp/out"
	"$clients_dir/crowd" "$mnt" pend $writers $hold $wait >"$tmp/out" &
	crowd=$!
	wait_for text "$tmp/out" ready
}

# all_ended WHAT ERRNO - check that all writers end with ERRNO (a regular expression), and the
# daemon too
all_ended() {
	wait "$crowd" || fail "$1: the writers do not end"
	expect "$1: answers" $((writers + 1)) \
		"$(awk -v errno="^($2)\$" '$2 ~ errno { nr += $1 } END { print nr }' "$tmp/out")"
	expect_exit 0 "$daemon" "$1"
	expect_unmounted "$1"
	expect_no_report
}

start_writers
fusermount3 -u "$mnt" 2>/dev/null && fail "unmounted although a client writes"
expect "the first after that" going-offline "$(cat "$mnt/$hold")"
kill -TERM "$daemon"
all_ended SIGTERM EINTR

start_writers
fusermount3 -uz "$mnt"
expect_unmounted "lazily"
kill -0 "$daemon" || fail "the daemon does not wait for the writers"
pkill -KILL -P "$crowd"
wait "$crowd" || fail "the writers cannot be killed"
expect_exit 0 "$daemon" "a lazy unmount"
expect_no_report

if [ "$(id -u)" = 0 ]; then
	start_writers
	umount -f "$mnt" 2>/dev/null || :
	all_ended "umount -f" "ECONNABORTED|ENOTCONN"
fi
