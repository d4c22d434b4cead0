#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that fusermount3 -u, SIGTERM, SIGINT, SIGHUP and --exit-with end a mount, even while a
# file is open, and that the exit status of the daemon is 0.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree
mounted || fail "not mounted"
[ -d "$mem" ] || fail "no $mem"
pid=$(pgrep -f -- "$memhpfs $mnt\$")
unmount_tree
expect_unmounted "fusermount3 -u"
wait_for gone "$pid"

mount_foreground
unmount_tree
expect_exit 0 "$daemon" "fusermount3 -u"

for signal in TERM INT HUP; do
	mount_foreground
	kill -s "$signal" "$daemon"
	expect_exit 0 "$daemon" "SIG$signal"
	expect_unmounted "SIG$signal"
done

mount_foreground
exec 8<"$mem" 9<"$mem/block_size_bytes"
kill "$daemon"
expect_exit 0 "$daemon" "SIGTERM with open files"
expect_unmounted "SIGTERM with open files"
cat <&9 2>/dev/null && fail "an open file outlives the daemon"
exec 8<&- 9<&-

mount_foreground
exec 9<"$mem/block_size_bytes"
fusermount3 -u "$mnt" 2>/dev/null && fail "unmounted although a file is open"
fusermount3 -uz "$mnt"
expect "a read after a lazy unmount" 8000000 "$(cat <&9)"
exec 9<&-
expect_exit 0 "$daemon" "lazy unmount"

# umount -f aborts the connection, but cannot unmount a busy mount.
if [ "$(id -u)" = 0 ]; then
	mount_foreground
	exec 9<"$mem/block_size_bytes"
	umount -f "$mnt" 2>/dev/null || :
	expect_exit 0 "$daemon" "umount -f"
	expect_unmounted "umount -f"
	exec 9<&-
fi

# --exit-with, although the whole process group is killed and a file is open; --rmdir shows that
# memhpfs has ended
mkfifo "$tmp/ready"
for foreground in "" -f; do
	mkdir -p "$mnt"
	setsid bash -c '"$@" --exit-with $$ & sleep 60' bash \
		"$memhpfs" $foreground --rmdir --ready-fd 1 "$mnt" >"$tmp/ready" &
	owner=$!
	read -r <"$tmp/ready" || fail "--exit-with: not mounted"
	exec 9<"$mem/block_size_bytes"
	kill -KILL -- "-$owner"
	wait "$owner" 2>/dev/null || :
	wait_for without "$mnt"
	exec 9<&-
done
mkdir "$mnt"
for pid in 0 -1 abc 4294967296 "$owner"; do
	status=0
	"$memhpfs" --exit-with="$pid" "$mnt" 2>"$tmp/err" || status=$?
	expect "--exit-with $pid: exit status" 2 "$status"
	grep -q -- "$pid" "$tmp/err" || fail "--exit-with $pid: says $(cat "$tmp/err")"
done

[ -z "$(ls -A "$mnt")" ] || fail "files are left in the mount point"
