#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that a second mount of memhpfs on the same directory is refused unless the daemon of
# the first was killed, and that a mount point that is not a directory is refused. The first mount
# continues.
set -eu
. "$(dirname "$0")/lib.sh"

# refused MOUNTPOINT TEXT [OPTION...] - check that mounting there fails with TEXT
refused() {
	local status=0 dir=$1 text=$2

	shift 2
	"$memhpfs" "$@" "$dir" 2>"$tmp/err" || status=$?
	expect "mount on $dir $*: exit status" 1 "$status"
	grep -qF -- "$dir: $text" "$tmp/err" || fail "mount on $dir: says $(cat "$tmp/err")"
}

mount_tree
refused "$mnt" "a memhpfs is already mounted here"
refused "$mnt" "a memhpfs is already mounted here" -f
expect "mounts" 1 "$(grep -c " $mnt fuse.memhpfs " /proc/mounts)"
[ -r "$mem/block_size_bytes" ] || fail "the first mount is gone"
unmount_tree

refused "$tmp/none" "No such file or directory"
touch "$tmp/file"
refused "$tmp/file" "not a directory"

mount_foreground
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null || :
{ exec 3<"$mem"; } 2>/dev/null && fail "a file system without its daemon answers"
mount_tree
expect "mounts after the daemon was killed" 1 "$(grep -c " $mnt fuse.memhpfs " /proc/mounts)"
[ -r "$mem/block_size_bytes" ] || fail "the new mount does not answer"
unmount_tree
expect_unmounted "once"
