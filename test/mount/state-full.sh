#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies --state on a disk that is full for a while, on one that cannot be written to at all,
# and with writes that fail (one in $MEMHPFS_STATE_STEP is tried, each in a run of its own): what
# was acknowledged is kept, what was not has not happened, and machine/log gives the reason.
set -eu
. "$(dirname "$0")/lib.sh"

# The small disk is a tmpfs; for users other than root it is in a new namespace.
if [ -z "${MEMHPFS_IN_NAMESPACE:-}" ]; then
	map=()
	[ "$(id -u)" = 0 ] || map=(-r)
	export MEMHPFS_IN_NAMESPACE=1
	unshare -m "${map[@]}" "$0" "$@"
	exit
fi
disk=$tmp/disk
mkdir "$disk"
mount -t tmpfs -o size=2M tmpfs "$disk" || fail "a small disk cannot be mounted"

leave() {
	while grep -q " $disk/mnt fuse" /proc/mounts; do
		fusermount3 -uz "$disk/mnt" || umount -l "$disk/mnt" || break
	done
	umount -l "$disk" || :
	mnt=$tmp/walk/mnt
	cleanup
}
trap leave EXIT

PYTHONDONTWRITEBYTECODE=1 python3 "$here/state_faults.py" "$memhpfs" "$disk" full

# A file that cannot be written to is reported at once.
refused() {
	local status=0

	"$memhpfs" --state "$1" "$mnt" 2>"$tmp/err" || status=$?
	expect "$1: exit status" 1 "$status"
	grep -qE "$1: cannot be (written|opened): " "$tmp/err" || fail "$1: says $(cat "$tmp/err")"
	expect_unmounted "$1"
}

cp "$disk/state" "$disk/empty" && : >"$disk/empty"
mount -o remount,bind,ro "$disk" || fail "the disk cannot be made read-only"
refused "$disk/state"
refused "$disk/empty"
refused "$disk/none"

mkdir "$tmp/walk"
PYTHONDONTWRITEBYTECODE=1 python3 "$here/state_faults.py" "$memhpfs" "$tmp/walk" walk \
	"$clients_dir/libfail_write.so" 1 "${MEMHPFS_STATE_STEP:-24}" 1000
