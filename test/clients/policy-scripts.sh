#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies the scripts in policies/ and scripts/ that users run.
set -eu
. "$(dirname "$0")/lib-view.sh"
policies=$top/policies scripts=$top/scripts

# refused WHAT STATUS TEXT COMMAND... - check the exit status, and TEXT on standard error
refused() {
	local what=$1 status=$2 text=$3 got=0

	shift 3
	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	expect "$what: exit status" "$status" "$got"
	grep -qF -- "$text" "$tmp/err" || fail "$what: $(cat "$tmp/err")"
}

refused "plug-dimm" 2 "usage: plug-dimm" "$scripts/plug-dimm" d0
refused "a bad size" 1 "nvalid argument" "$scripts/plug-dimm" d0 3K
[ ! -e "$root/machine/dimm/d0" ] || fail "a DIMM that could not be plugged is left"
refused "no machine" 1 "MEMHPFS_ROOT" env -u MEMHPFS_ROOT "$scripts/plug-dimm" d0 128M
plug d0 512M 1
"$policies/online" "$root" online_movable
expect "online" "Movable Movable Movable Movable " "$(zones "$first" "$last")"
"$scripts/wait-state" online 1 memory$first memory$last
refused "wait-state" 1 "wait-state: not offline: memory$first memory$last" \
	"$scripts/wait-state" offline 0 memory$first memory$last
refused "wait-state for none" 1 "not online: memory999" "$scripts/wait-state" online 0 memory999

# offline-some proceeds from the top down, and skips blocks that cannot be offlined.
refused "offline-some" 2 "'x' is no count" "$policies/offline-some" x
mkdir "$root/machine/workload/k"
echo kernel >"$root/machine/workload/k/kind"
echo $((last - 1)) >"$root/machine/workload/k/block"
echo 4K >"$root/machine/workload/k/size"
expect "offline-some" "memory$last memory$((last - 2)) memory$((last - 3)) " \
	"$("$policies/offline-some" 3 0.3 | tr '\n' ' ')"
expect "states" "offline offline online offline " "$(states "$first" "$last")"
"$policies/online" "$root" online_movable

# If too many blocks are requested, all return to their zones. One block does not meet its
# deadline.
echo 1 >"$root/machine/clock/migrate_pages_per_ms"
mkdir "$root/machine/workload/a"
echo anon >"$root/machine/workload/a/kind"
echo "$first" >"$root/machine/workload/a/block"
echo 64M >"$root/machine/workload/a/size"
total=$(field /proc/meminfo MemTotal:)
# Memory that the kernel has used since boot (memory0 and the tops of nodes) cannot be offlined
# either.
refused "too many" 1 "more could not go" "$policies/offline-some" 17 0.3
expect "all came back" "$(yes online | head -n 4 | tr '\n' ' ')" "$(states "$first" "$last")"
expect "to their zones" "Movable Movable Movable Movable " "$(zones "$first" "$last")"
expect "with all memory" "$total" "$(field /proc/meminfo MemTotal:)"

# The output of dump-tree shows differences.
"$scripts/dump-tree" >"$tmp/before"
echo offline >"$mem/memory$last/state"
"$scripts/dump-tree" >"$tmp/after"
expect "dump-tree" "1" "$(diff "$tmp/before" "$tmp/after" | grep -c "^> .*/memory$last/state:offline")"
expect "dump-tree: links" "1" "$(grep -c "/memory$last/node1: -> ../../node/node1" "$tmp/after")"
rmdir "$root/machine/workload/k" "$root/machine/workload/a"
"$scripts/unplug-dimm" d0
expect "unplugged" "" "$(ls "$mem" | grep "memory$first\$")"
