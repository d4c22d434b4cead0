#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies a step that a fault plan delays: its writer waits, regardless of signals, until the
# delay ends, and all others are served. With a state file, the delay continues after a restart;
# unmounting ends it.
set -eu
. "$(dirname "$0")/lib.sh"

# hold PHASE DELAY - enable a fault plan that delays the steps of a phase
hold() {
	[ -d "$mnt/machine/fault/f" ] || mkdir "$mnt/machine/fault/f"
	echo 0 >"$mnt/machine/fault/f/enabled"
	echo "$1" >"$mnt/machine/fault/f/phase"
	echo none >"$mnt/machine/fault/f/errno"
	echo "$2" >"$mnt/machine/fault/f/delay_ms"
	echo 1 >"$mnt/machine/fault/f/enabled"
}

mount_foreground --state "$tmp/state"
plug_dimm d0 1G 1

hold going_online 50
began=$(cat "$mnt/machine/clock/now_ns")
echo online >"$mem/memory$first/state"
took=$(($(cat "$mnt/machine/clock/now_ns") - began))
[ "$took" -ge 50000000 ] || fail "an onlining that takes 50 ms took $took ns"

hold going_offline hang
echo offline >"$mem/memory$first/state" 2>/dev/null &
writer=$!
wait_for text "$mem/memory$first/state" going-offline
wait_for asleep "$writer"
kill -KILL "$writer"
echo nonsense 2>/dev/null >"$mem/memory$first/state" && fail "an invalid word is accepted"
expect "another block" offline "$(cat "$mem/memory$last/state")"
expect "the block of the killed writer" going-offline "$(cat "$mem/memory$first/state")"
echo 0 >"$mnt/machine/fault/f/enabled"
wait "$writer" 2>/dev/null && fail "a killed writer has succeeded"
wait_for text "$mem/memory$first/state" online
echo offline >"$mem/memory$first/state"

hold going_online hang
echo online >"$mem/memory$first/state" 2>/dev/null &
writer=$!
wait_for asleep "$writer"
expect "going online" offline "$(cat "$mem/memory$first/state")"
kill -KILL "$daemon"
{ wait "$daemon" || :; } 2>/dev/null
wait "$writer" && fail "a write of a daemon that died is acknowledged"

# The step still hangs in the resumed machine.
mount_foreground --state "$tmp/state"
expect "going online, still" offline "$(cat "$mem/memory$first/state")"
echo 0 >"$mnt/machine/fault/f/enabled"
wait_for text "$mem/memory$first/state" online

hold going_offline hang
echo offline >"$mem/memory$first/state" 2>/dev/null &
writer=$!
wait_for asleep "$writer"
fusermount3 -uz "$mnt"
kill -TERM "$daemon"
wait "$writer" && fail "a write of a daemon that ended is acknowledged"
expect_exit 0 "$daemon" "SIGTERM while a write hangs"
