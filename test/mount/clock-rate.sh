#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that time on a mount can be stopped, slowed down, sped up and advanced, that a delayed
# write depends on nothing else, and that all of it is the same after a restart with --state.
set -eu
. "$(dirname "$0")/lib.sh"

state=$tmp/state
clock=$mnt/machine/clock

now() { cat "$clock/now_ns"; }

mount_foreground --state "$state"
expect "the mode" real "$(cat "$clock/mode")"
expect "the rate" 1 "$(cat "$clock/rate")"

# While time is stopped, a delay of a millisecond does not end; an hour that is skipped ends it.
echo 0 >"$clock/rate"
before=$(now)
mkdir "$mnt/machine/fault/f"
echo going_offline >"$mnt/machine/fault/f/phase"
echo none >"$mnt/machine/fault/f/errno"
echo 3600000 >"$mnt/machine/fault/f/delay_ms"
echo 1 >"$mnt/machine/fault/f/enabled"
echo offline >"$mem/memory9/state" &
writer=$!
wait_for asleep "$writer"
expect "the time while it is stopped" "$before" "$(now)"
echo 3599999999999 >"$clock/advance_ns"
expect "the block a nanosecond before the end" going-offline "$(cat "$mem/memory9/state")"
echo skip >"$clock/rate"
wait "$writer"
expect "the block" offline "$(cat "$mem/memory9/state")"
expect "the time" $((before + 3600000000000)) "$(now)"
(echo skip >"$clock/rate") 2>"$tmp/err" && fail "there was an event to skip to"

# A delay of a quarter of an hour takes less than a second.
echo 0 >"$mnt/machine/fault/f/enabled"
echo 900000 >"$mnt/machine/fault/f/delay_ms"
echo 1 >"$mnt/machine/fault/f/enabled"
echo online >"$mem/memory9/state"
echo 1000 >"$clock/rate"
before=$(now)
timeout 60 sh -c 'echo offline >"$0"' "$mem/memory9/state"
echo 0 >"$clock/rate"
[ "$(now)" -ge $((before + 900000000000)) ] || fail "the delay did not take its time"
now=$(now)

kill -KILL "$daemon"
{ wait "$daemon" || :; } 2>/dev/null
mount_foreground --state "$state"
expect "the rate after a restart" 0 "$(cat "$clock/rate")"
expect "the time after a restart" "$now" "$(now)"
expect "the block after a restart" offline "$(cat "$mem/memory9/state")"
