# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the tests of unmodified programs, in addition to test/mount/lib.sh; they source it
# under set -eu.

. "$(dirname "$0")/../mount/lib.sh"

# summary WORD - print the size in lsmem's line "Total WORD memory", in bytes
summary() {
	lsmem --sysroot "$mnt" --bytes --summary=only | sed -n "s/^Total $1 memory: *//p"
}

# expect_totals WHAT ONLINE OFFLINE - check both totals of lsmem, in bytes
expect_totals() {
	expect "$1: online" "$2" "$(summary online)"
	expect "$1: offline" "$3" "$(summary offline)"
}

# in_view COMMAND... - run the command with the mount's blocks in place of those of this machine,
# in a mount namespace that ends with the command
#
# The rest of /sys is read-only there. The command runs only after a check that the files are
# those of the mount.
in_view() {
	local user=()

	[ "$(id -u)" = 0 ] || user=(--map-root-user)
	unshare --mount --propagation private "${user[@]}" bash -eu -c '
		mem=$1 real=/sys/devices/system/memory
		shift
		mount -o remount,bind,ro /sys
		mount --bind "$mem" "$real"
		grep -q " $real fuse.memhpfs " /proc/self/mounts || exit 125
		[ "$(stat -c %d:%i "$real/block_size_bytes")" = \
			"$(stat -c %d:%i "$mem/block_size_bytes")" ] || exit 125
		exec "$@"' in_view "$mem" "$@"
}

[ -d /sys/devices/system/memory ] || fail "this kernel has no /sys/devices/system/memory to cover"
