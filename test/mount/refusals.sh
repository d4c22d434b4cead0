#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that each refusal below machine/ adds one line with the reason to machine/log, and
# that, with --state, the log is the same after the daemon was killed.
set -eu
. "$(dirname "$0")/lib.sh"

# refused WHAT REASON COMMAND... - check that the command fails and adds one line to the log
refused() {
	local what=$1 reason=$2 before

	shift 2
	before=$(grep -c '^machine: ' "$mnt/machine/log" || :)
	! sh -c "$*" 2>/dev/null || fail "$*: the command was not refused"
	expect "lines after: $*" $((before + 1)) "$(grep -c '^machine: ' "$mnt/machine/log")"
	expect "the line" "machine: $what: $reason" "$(grep '^machine: ' "$mnt/machine/log" | tail -n 1)"
}

mount_foreground --state "$tmp/state"
cd "$mnt/machine"
mkdir dimm/d0 workload/w fault/f race/r
refused dimm/d0/size "'8GB' is not a valid size (use 4G or 512M)" 'echo 8GB >dimm/d0/size'
refused dimm/d0/plugged "it has no size: write one to size first" 'echo 1 >dimm/d0/plugged'
echo 900G >dimm/d0/size
refused dimm/d0/plugged "900G does not fit: the largest free range of the hotplug windows is 78G at node 1" \
	'echo 1 >dimm/d0/plugged'
refused workload/w/block "there is no block 99: see sys/devices/system/memory" \
	'echo 99 >workload/w/block'
refused clock/rate "'fast' is not a valid rate (use 1, 0.1, 0 to stop, at most 1000, or skip)" \
	'echo fast >clock/rate'
refused race/r/release "only 0 requests wait here" 'echo 1 >race/r/release'
refused nowhere "nothing can be made or removed here, only in the directories of machine/" \
	'mkdir nowhere'
echo 256M >dimm/d0/size
echo 1 >dimm/d0/node
echo 1 >dimm/d0/plugged
refused dimm/d0 "it is plugged: write 0 to plugged first" 'rmdir dimm/d0'
cd "$tmp"
grep -a . "$mnt/machine/log" >"$tmp/before"

kill -KILL "$daemon"
{ wait "$daemon" || :; } 2>/dev/null
mount_foreground --state "$tmp/state"
grep -a . "$mnt/machine/log" >"$tmp/after"
diff "$tmp/before" "$tmp/after" || fail "the log differs after a restart"
unmount_tree
