#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies the scripts in policies/, and memhp.
set -eu
. "$(dirname "$0")/lib-view.sh"
policies=$top/policies memhp=$build/memhp

# refused WHAT STATUS TEXT COMMAND... - check the exit status, and TEXT on standard error
refused() {
	local what=$1 status=$2 text=$3 got=0

	shift 3
	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	expect "$what: exit status" "$status" "$got"
	grep -qF -- "$text" "$tmp/err" || fail "$what: $(cat "$tmp/err")"
}

refused "plug" 2 "Usage: memhp plug " "$memhp" plug d0
refused "no command" 2 "Usage: memhp " "$memhp"
refused "an unknown command" 2 "grow: no such command" "$memhp" grow d0
refused "a bad size" 1 "the size 3K is not a multiple of 2M" "$memhp" plug d0 3K
refused "a bad name" 1 'cannot be the name of a device' "$memhp" plug ../d0 128M
refused "a bad kind" 1 "--kind=nvdimm: must be dimm, virtio-mem or dax" "$memhp" plug -k nvdimm d0 128M
refused "nothing to unplug" 1 "d0: there is no device of this name" "$memhp" unplug d0
[ ! -e "$root/machine/dimm/d0" ] || fail "a DIMM that could not be plugged is left"
refused "no machine" 1 "MEMHPFS_ROOT" env -u MEMHPFS_ROOT "$memhp" plug d0 128M
refused "no mount" 1 "/tmp: memhpfs is not mounted there" env -u MEMHPFS_ROOT "$memhp" --root /tmp plug d0 128M
plug d0 512M 1
"$policies/online" "$root" online_movable
expect "online" "Movable Movable Movable Movable " "$(zones "$first" "$last")"
"$memhp" wait online 1 memory$first-$last memory$first $last
refused "wait" 1 "memhp wait: not offline: memory$first memory$last" \
	"$memhp" wait offline 0 memory$first memory$last
refused "wait for none" 1 "not online: memory999" "$memhp" wait online 0 memory999
refused "wait for far too many" 1 " memory114 memory115 ..." "$memhp" wait online 0 100-99999999
refused "wait for no state" 2 "up: no state (online, offline or going-offline)" "$memhp" wait up 0 memory1
refused "wait for no block" 2 "memory9-8: no memory block" "$memhp" wait online 0 memory9-8
refused "wait for no time" 2 "-1: no number of seconds" "$memhp" wait -- online -1 memory1

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

# The output of dump shows differences.
"$memhp" dump >"$tmp/before"
echo offline >"$mem/memory$last/state"
"$memhp" dump >"$tmp/after"
expect "dump" "1" "$(diff "$tmp/before" "$tmp/after" | grep -c "^> .*/memory$last/state:offline")"
expect "dump: links" "1" "$(grep -c "/memory$last/node1: -> ../../node/node1" "$tmp/after")"
rmdir "$root/machine/workload/k" "$root/machine/workload/a"
"$memhp" unplug d0
expect "unplugged" "" "$(ls "$mem" | grep "memory$first\$")"
refused "dump of nothing" 1 "/nowhere: No such file" "$memhp" dump /nowhere

# A virtio-mem device is resized; the log has the reason if it cannot be.
"$memhp" plug -k virtio-mem v0 1G 1 >"$tmp/out"
expect "an empty device has no blocks" "" "$(cat "$tmp/out")"
"$memhp" resize v0 512M
expect "resized" "$((512 << 20))" "$(cat "$root/machine/virtio-mem/v0/plugged_size")"
refused "too large" 1 "2G is more than its size, 1G" "$memhp" resize v0 2G
"$memhp" plug d0 128M >/dev/null
refused "a DIMM" 1 "only virtio-mem devices can be resized" "$memhp" resize d0 256M
"$memhp" unplug v0
"$memhp" unplug d0
expect "nothing is left" "" "$(ls "$root/machine/dimm" "$root/machine/virtio-mem" | grep -v : )"
"$memhp" log | grep -q "2G is more than its size, 1G" || fail "log"
