#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies readers, walkers and writers at the same time: each answer is complete, and no request
# is lost.
set -eu
. "$(dirname "$0")/lib.sh"

rounds=20

# Each writer has its own block.
writer() {
	for _ in $(seq $rounds); do
		echo online_movable >"$1/state"
		expect "$1 online" online "$(cat "$1/state")"
		echo offline >"$1/state"
		expect "$1 offline" offline "$(cat "$1/state")"
	done
}

# A block may be removed while it is read.
reader() {
	for _ in $(seq $rounds); do
		cat "$mem"/memory*[0-9]/state >"$tmp/out.$1" 2>"$tmp/err.$1" || :
		grep -vxE 'online|offline|going-offline' "$tmp/out.$1" &&
			fail "a reader got the text above"
		grep -vE 'No such (file|device)' "$tmp/err.$1" && fail "cat reports the error above"
	done
	return 0
}

walker() {
	for _ in $(seq 5); do
		find "$mnt/sys" -ls >/dev/null 2>"$tmp/err.$1" || :
		grep -v "No such file" "$tmp/err.$1" && fail "find reports the error above"
	done
	return 0
}

plugger() {
	for _ in $(seq $rounds); do
		echo 1 >"$mnt/machine/dimm/$1/plugged"
		echo 0 >"$mnt/machine/dimm/$1/plugged"
	done
}

mount_tree
plug_dimm d0 512M 1
pids=()
for block in $(seq "$first" "$last"); do
	writer "$mem/memory$block" &
	pids+=($!)
done
plug_dimm d1 128M 1
echo 0 >"$mnt/machine/dimm/d1/plugged"
plugger d1 &
pids+=($!)
for i in 1 2 3; do
	reader "r$i" &
	pids+=($!)
done
for i in 1 2; do
	walker "w$i" &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" || fail "one of the clients failed"
done
unmount_tree
