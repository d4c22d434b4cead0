#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that the files exist when memhpfs returns, and that the daemon keeps nothing of its
# starter open.
set -eu
. "$(dirname "$0")/lib.sh"

cd "$tmp"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	mount_tree
	[ -s "$mem/block_size_bytes" ] || fail "not ready"
	unmount_tree
done

# The mount point is relative, and the shell waits for the end of the output.
out=$("$memhpfs" mnt) || fail "relative mount point: exit status $?"
expect "output" "" "$out"
[ -s "$mem/block_size_bytes" ] || fail "relative mount point: not ready"
pid=$(pgrep -f -- "$memhpfs mnt\$" | while read -r pid; do
	[ "$(stat -c %Y "/proc/$pid")" -ge "$(stat -c %Y "$tmp")" ] && echo "$pid"
done | tail -n 1)
expect "working directory" / "$(readlink "/proc/$pid/cwd")"
for fd in 0 1 2; do
	expect "descriptor $fd" /dev/null "$(readlink "/proc/$pid/fd/$fd")"
done
expect "session" "$pid" "$(ps -o sid= -p "$pid" | tr -d ' ')"
unmount_tree
wait_for gone "$pid"

status=0
"$memhpfs" "$tmp/none" 2>"$tmp/err" || status=$?
expect "no mount point: exit status" 1 "$status"
[ -s "$tmp/err" ] || fail "no mount point: no message is printed"
