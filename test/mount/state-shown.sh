#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that with --state whatever a client has seen is still true after a SIGKILL, even if no
# write caused it: effects of time, counts of race gates, log lines of helpers, and the times of
# files. The order of simultaneous events is also the same.
set -eu
. "$(dirname "$0")/lib.sh"

state=$tmp/state
log=$mnt/machine/log

restart() {
	kill -KILL "$daemon"
	{ wait "$daemon" || :; } 2>/dev/null
	mount_foreground --state "$state"
}

mount_foreground --state "$state"

# An eject takes time, and no client waits for it.
plug_dimm d0 512M 1
for block in $(seq "$first" "$last"); do
	echo online_movable >"$mem/memory$block/state"
done
mkdir "$mnt/machine/workload/w"
echo anon >"$mnt/machine/workload/w/kind"
echo "$first" >"$mnt/machine/workload/w/block"
echo 100M >"$mnt/machine/workload/w/size"
echo 50 >"$mnt/machine/clock/migrate_pages_per_ms"
echo 1 >"$mnt/sys/bus/acpi/devices/PNP0C80:00/eject"
wait_for without "$mem/memory$last"
wait_for without "$mem/memory$first"
now=$(cat "$mnt/machine/clock/now_ns")
cat "$log" >"$tmp/before"
restart
[ ! -e "$mem/memory$first" ] || fail "a block that was gone is back"
[ "$(cat "$mnt/machine/clock/now_ns")" -ge "$now" ] || fail "the clock went back"
expect "the log of it" "" "$(diff "$tmp/before" "$log")"
rmdir "$mnt/machine/workload/w"

# A writer that a fault delays continues at once when the fault is removed.
plug_dimm d1 256M 0
plan=$mnt/machine/fault/f
mkdir "$plan"
echo going_online >"$plan/phase"
echo hang >"$plan/delay_ms"
echo EBUSY >"$plan/errno"
echo 1 >"$plan/enabled"
(echo online >"$mem/memory$first/state") 2>"$tmp/err" &
writer=$!
wait_for asleep "$writer"
rmdir "$plan"
wait "$writer" && fail "a write that should fail did not"
grep -q "busy" "$tmp/err" || fail "it says $(cat "$tmp/err")"
restart
expect "the block" offline "$(cat "$mem/memory$first/state")"

# A gate that has held as many processes as it was configured to holds no other.
gate=$mnt/machine/race/g
mkdir "$gate"
echo "*/memory$first/state" >"$gate/path"
echo 1 >"$gate/count"
echo 1 >"$gate/enabled"
echo online >"$mem/memory$first/state" &
writer=$!
wait_for text "$gate/waiting" 1
echo 1 >"$gate/release"
wait "$writer" || fail "a writer that was released: exit status $?"
expect "passed" 1 "$(cat "$gate/passed")"
restart
expect "passed, after a restart" 1 "$(cat "$gate/passed")"
timeout 10 sh -c 'echo offline >"$1"' sh "$mem/memory$first/state" ||
	fail "the gate holds another process"

# Effects of processes outside the machine are stored, too.
echo /bin/false >"$mnt/sys/kernel/uevent_helper"
echo add >"$mem/memory$first/uevent"
wait_for lines "$log" "exit status 1" 1
chmod 600 "$mem/memory$first/state"
touch -d 2001-02-03 "$mem/memory$first/online"
# Print the attributes of some files.
attributes() {
	stat -c '%n %A %i %h %Y %y %z' "$mnt" "$mem/memory0" "$mem/memory$first"/{state,online} \
		"$gate" "$gate/count" "$mnt/machine/dimm/d1"
}
attributes >"$tmp/before-attributes"
cat "$log" >"$tmp/before"
restart
expect "the log with a helper's line" "" "$(diff "$tmp/before" "$log")"
attributes >"$tmp/after-attributes"
expect "attributes" "" "$(diff "$tmp/before-attributes" "$tmp/after-attributes")"
unmount_tree
