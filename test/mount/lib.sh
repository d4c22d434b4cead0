# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the mount tests, which source it under set -eu. A test is silent if it passes;
# otherwise it reports what is wrong and exits with 1. The program is $MEMHPFS, or the one built
# in $MEMHP_BUILD.
#
# Nothing here sleeps for a fixed time: a background mount is ready when memhpfs returns, and
# other conditions are waited for with wait.py.

here=$(cd "$(dirname "$0")" && pwd)
memhpfs=${MEMHPFS:-${MEMHP_BUILD:-build}/memhpfs}
clients_dir=${MEMHP_CLIENTS:-${MEMHP_BUILD:-build}/test}
tmp=$(mktemp -d)
mnt=$tmp/mnt
mem=$mnt/sys/devices/system/memory
daemon=

fail() {
	echo "$(basename "$0" .sh): $*"
	exit 1
}

cleanup() {
	for pid in $(jobs -p); do
		kill -KILL "$pid" 2>/dev/null || :
	done
	while grep -q " $mnt fuse" /proc/mounts; do
		fusermount3 -uz "$mnt" || break
	done
	rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT

[ -c /dev/fuse ] || fail "there is no /dev/fuse"
: <>/dev/fuse || fail "/dev/fuse cannot be opened"
[ -x "$memhpfs" ] || fail "$memhpfs: no such program"
memhpfs=$(realpath "$memhpfs")
mkdir "$mnt"

wait_for() {
	python3 "$here/wait.py" "$@" || fail "timed out waiting for: $*"
}

# mount_tree [OPTION...] - mount in the background; the mount is ready when this returns
mount_tree() {
	"$memhpfs" "$@" "$mnt" || fail "memhpfs $*: exit status $?"
}

# mount_foreground [OPTION...] - mount in the foreground, as a child of this shell; sets $daemon
# to its pid, and writes its messages to $tmp/log
mount_foreground() {
	"$memhpfs" -f "$@" "$mnt" 2>"$tmp/log" &
	daemon=$!
	wait_for mounted "$mnt" "$daemon"
}

# expect_exit STATUS PID WHAT - wait for the process, and check its exit status
expect_exit() {
	local status=0

	wait "$2" || status=$?
	[ "$status" = "$1" ] || fail "$3: exit status $status, not $1: $(cat "$tmp/log")"
}

mounted() {
	grep -q " $mnt fuse.memhpfs " /proc/mounts
}

expect_unmounted() {
	mounted && fail "$1: still mounted"
	return 0
}

# unmount_tree [DIR] - unmount, with retries: a process that inspects all mounts, such as df in
# another test, may keep this one busy for a moment
unmount_tree() {
	local dir=${1:-$mnt}

	for _ in $(seq 50); do
		fusermount3 -u "$dir" 2>"$tmp/unmount" && return
		grep -q busy "$tmp/unmount" || break
		sleep 0.1
	done
	fail "fusermount3 -u $dir: $(cat "$tmp/unmount")"
}

# expect WHAT WANTED GOT - fail unless both values are equal
expect() {
	[ "$2" = "$3" ] || fail "$1: '$3', not '$2'"
}

# plug_dimm NAME SIZE NODE - plug a DIMM, and set $first and $last to its first and last block
plug_dimm() {
	local dir=$mnt/machine/dimm/$1 size

	size=$((0x$(cat "$mem/block_size_bytes")))
	mkdir "$dir"
	echo "$2" >"$dir/size"
	echo "$3" >"$dir/node"
	echo 1 >"$dir/plugged"
	first=$(($(cat "$dir/addr") / size))
	last=$((first + $(cat "$dir/size") / size - 1))
}

# mount_checked [OPTION...] - mount like mount_foreground, and have the daemon checked; sets $fds
# to the number of descriptors that it needs for itself
#
# Sanitizer reports about the daemon are checked by expect_no_report; a leak causes a nonzero exit
# status.
mount_checked() {
	local options="log_path=$tmp/report:exitcode=99"

	ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}$options" LSAN_OPTIONS="$options" \
		UBSAN_OPTIONS="print_stacktrace=1:$options" mount_foreground "$@"
	fds=$(nr_fds)
}

expect_no_report() {
	local report

	for report in "$tmp"/report.*; do
		[ -e "$report" ] || continue
		cat "$report"
		fail "the sanitizers report errors"
	done
}

sanitized() {
	grep -q __asan_init "$memhpfs"
}

# rss_kib - print the resident memory of the daemon
rss_kib() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$daemon/status"
}

nr_fds() {
	find "/proc/$daemon/fd" -type l | wc -l
}
