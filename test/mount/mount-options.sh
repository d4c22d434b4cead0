#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that -o options are passed to the mount, that unknown ones are refused, and that
# nothing is mounted then. Also verifies the rest of the command line: usage errors exit with 2,
# and --help and --version work.
set -eu
. "$(dirname "$0")/lib.sh"

options() {
	awk -v dir="$mnt" '$2 == dir { print "," $4 "," }' /proc/mounts
}

# status WANTED ARGUMENT... - check the exit status of memhpfs, and that nothing is mounted
status() {
	local status=0 wanted=$1

	shift
	"$memhpfs" "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	expect "memhpfs $*: exit status" "$wanted" "$status"
	expect_unmounted "memhpfs $*"
}

mount_tree
wanted="nosuid nodev default_permissions"
[ "$(id -u)" = 0 ] && wanted="$wanted allow_other"
for option in $wanted; do
	[[ $(options) == *,$option,* ]] || fail "no $option in $(options)"
done
expect "source" memhpfs "$(awk -v dir="$mnt" '$2 == dir { print $1 }' /proc/mounts)"
unmount_tree

mount_tree -o ro -o noexec,noatime
for option in ro noexec noatime; do
	[[ $(options) == *,$option,* ]] || fail "-o $option: $(options)"
done
unmount_tree

status 1 -o nosuchoption "$mnt"
grep -q nosuchoption "$tmp/err" || fail "unknown option: says $(cat "$tmp/err")"
status 1 -o max_read=1 "$mnt"
status 2
status 2 --nosuchflag "$mnt"
status 2 "$mnt" "$mnt"
status 0 --help
status 0 --version
grep -q '^memhpfs [0-9]' "$tmp/out" || fail "--version: says $(cat "$tmp/out")"
