#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that chmem, at the real path, enables and disables blocks, chooses zones, and reports
# the errors of its writes.
set -eu
. "$(dirname "$0")/lib.sh"

# chmem_fails STATUS ERROR ARGUMENT... - check that chmem exits with STATUS and reports ERROR
chmem_fails() {
	local status=0 wanted=$1 error=$2

	shift 2
	in_view chmem --verbose "$@" >"$tmp/out" 2>&1 || status=$?
	expect "chmem $*: exit status" "$wanted" "$status"
	grep -q "$error" "$tmp/out" || fail "chmem $*: no '$error': $(cat "$tmp/out")"
}

# state_of FIRST LAST - print the states of all blocks in the range in one line
state_of() {
	for n in $(seq "$1" "$2"); do
		cat "$mem/memory$n/state"
	done | tr '\n' ' '
}

mount_tree
plug_dimm d0 512M 1
expect "plugged" "offline offline offline offline " "$(state_of "$first" "$last")"

in_view chmem --enable -b "$first-$((first + 1))" >"$tmp/out" ||
	fail "chmem --enable: $(cat "$tmp/out")"
expect "enabled" "online online offline offline " "$(state_of "$first" "$last")"
# Without a zone, chmem requests Movable wherever possible.
expect "their zone" Movable "$(cat "$mem/memory$first/valid_zones")"

in_view chmem --enable -b --zone Normal "$last" || fail "chmem --zone Normal"
expect "--zone Normal" Normal "$(cat "$mem/memory$last/valid_zones")"

in_view chmem --disable -b "$first-$((first + 1))" || fail "chmem --disable"
expect "disabled" "offline offline offline online " "$(state_of "$first" "$last")"

in_view chmem --enable 256M || fail "chmem --enable 256M"
expect "256M enabled" "online online offline online " "$(state_of "$first" "$last")"

# A block cannot be offlined if it has unmovable pages, or because of an injected error.
mkdir "$mnt/machine/workload/w"
echo kernel >"$mnt/machine/workload/w/kind"
echo "$last" >"$mnt/machine/workload/w/block"
echo 4096 >"$mnt/machine/workload/w/size"
chmem_fails 1 "Device or resource busy" --disable -b "$last"
expect "a busy block" online "$(cat "$mem/memory$last/state")"
rmdir "$mnt/machine/workload/w"
in_view chmem --disable -b "$last" || fail "chmem --disable, after the pages are gone"

inject=$mnt/sys/kernel/debug/notifier-error-inject/memory/actions
echo -12 >"$inject/MEM_GOING_ONLINE/error"
chmem_fails 1 "Cannot allocate memory" --enable -b "$last"
echo 0 >"$inject/MEM_GOING_ONLINE/error"
expect "an injected error" offline "$(cat "$mem/memory$last/state")"
