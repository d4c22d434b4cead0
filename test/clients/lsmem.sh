#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that the totals of lsmem --sysroot follow plug, online, offline and unplug, and that it
# shows the right states, zones and nodes.
set -eu
. "$(dirname "$0")/lib.sh"

block=$((128 << 20))
# line BLOCK - print lsmem's line about one block: state, zones, node
line() {
	lsmem --sysroot "$mnt" --all --raw --noheadings -o BLOCK,STATE,ZONES,NODE |
		sed -n "s/^$1 //p"
}

mount_tree
online=$(summary online)
[ "$online" -gt 0 ] || fail "no memory is online"
expect_totals "at boot" "$online" 0
expect "block 1" "online DMA32 0" "$(line 1)"

plug_dimm d0 512M 1
expect_totals "plugged" "$online" $((4 * block))
expect "a new block" "offline Normal/Movable 1" "$(line "$first")"

echo online_movable >"$mem/memory$first/state"
echo online_kernel >"$mem/memory$last/state"
expect_totals "two online" $((online + 2 * block)) $((2 * block))
expect "online_movable" "online Movable 1" "$(line "$first")"
expect "online_kernel" "online Normal 1" "$(line "$last")"

echo offline >"$mem/memory$first/state"
expect_totals "one offline again" $((online + block)) $((3 * block))

echo 0 >"$mnt/machine/dimm/d0/plugged"
expect_totals "unplugged" "$online" 0
expect "after it" "" "$(line "$first")"

echo online_movable >"$mem/auto_online_blocks"
echo 1 >"$mnt/machine/dimm/d0/plugged"
expect_totals "plugged, with auto_online_blocks" $((online + 4 * block)) 0
