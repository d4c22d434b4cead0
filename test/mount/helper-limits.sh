#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies sys/kernel/uevent_helper: waiting events are limited, and dropped when it is cleared; a
# helper that always fails is slowed down; and helpers and their descendants do not outlive the
# mount.
set -eu
. "$(dirname "$0")/lib.sh"
limit_kib=$((24 * 1024)) # 16 MiB of events, plus the overhead of the allocator

# helper NAME TEXT - set a script as the uevent helper
helper() {
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/$1"
	chmod +x "$tmp/$1"
	echo "$tmp/$1" >"$mnt/sys/kernel/uevent_helper"
}

clear_helper() {
	echo >"$mnt/sys/kernel/uevent_helper"
}

# events NUMBER - cause that many events of maximum length
events() {
	python3 - "$mem/memory1/uevent" "$1" <<-'END'
		import os, sys

		args = "".join(f" K{i}={'v' * 60}" for i in range(18))
		fd = os.open(sys.argv[1], os.O_WRONLY)
		for _ in range(int(sys.argv[2])):
		    os.write(fd, f"change 12345678-1234-1234-1234-123456789abc{args}".encode())
	END
}

# log_lines TEXT - print the number of lines of the log that contain TEXT
log_lines() {
	grep -cF -- "$1" "$mnt/machine/log" || :
}

# until_log NUMBER TEXT - wait until that many lines of the log contain TEXT
until_log() {
	wait_for lines "$mnt/machine/log" "$2" "$1"
}

ended() {
	local pid

	for pid in $(cat "$@"); do
		! kill -0 "$pid" 2>/dev/null || fail "helper $pid outlives the mount: $(ps -p "$pid" -o args=)"
	done
}

mount_checked
before=$(rss_kib)
helper sleeps "echo started >>$tmp/started; exec sleep 1000"
events 14000
now=$(rss_kib)
sanitized || [ "$now" -lt $((before + limit_kib)) ] || fail "$before KiB, with events $now KiB"
clear_helper
now=$(rss_kib)
sanitized || [ "$now" -lt $((before + 4096)) ] || fail "$before KiB, cleared $now KiB"
lost=$(sed -n 's/.*uevent_helper: not run for \([0-9]*\) events.*/\1/p' "$mnt/machine/log" | paste -sd+)
# One helper was run, and another one for each five seconds that this took.
wait_for lines "$tmp/started" started $((14000 - (lost)))
expect "events that were run" $((14000 - (lost))) "$(wc -l <"$tmp/started")"
[ "$(log_lines "not run for")" -lt 30 ] || fail "too many lines about events without a helper"

# A helper that does not exist is not tried again for each of the waiting events.
echo "$tmp/none" >"$mnt/sys/kernel/uevent_helper"
events 1000
until_log 1 "it cannot be run"
[ "$(log_lines "$tmp/none: cannot be run")" -lt 900 ] || fail "tried again and again"
clear_helper

# A helper that always fails is delayed by a tenth of a second, from the 65th failure on.
start=$(date +%s%N)
helper fails 'exit 1'
events 100
# The test waits in steps, because each wait has a time limit.
for n in 11 22 33 44 55 66; do
	until_log $n "$tmp/fails: exit status 1"
done
until_log 75 "$tmp/fails: exit status 1"
# There are at least eleven pauses; a busy machine can only prolong this.
[ $(($(date +%s%N) - start)) -ge 1000000000 ] || fail "a failing helper is not slowed down"
clear_helper

# Helpers that ignore SIGTERM, and descendants in sessions of their own, end with the mount, too.
helper stays "trap '' TERM; echo \$\$ >$tmp/stays.pid
setsid sh -c 'echo \$\$ >$tmp/left.pid; exec sleep 1000' &
sleep 1000"
echo change >"$mem/memory1/uevent"
wait_for file "$tmp/stays.pid"
wait_for file "$tmp/left.pid"
unmount_tree
expect_exit 0 "$daemon" "after all that"
expect_no_report
ended "$tmp/stays.pid" "$tmp/left.pid"

# Only the daemon's own processes are terminated, not other children of the shell that became the
# daemon.
sh -c 'sleep 1000 & echo $! >$1; exec "$2" -f "$3"' sh "$tmp/other.pid" "$memhpfs" "$mnt" 2>"$tmp/log" &
daemon=$!
wait_for mounted "$mnt" "$daemon"
helper sleeps "echo \$\$ >$tmp/sleeps.pid; exec sleep 1000"
echo change >"$mem/memory1/uevent"
wait_for file "$tmp/sleeps.pid"
unmount_tree
expect_exit 0 "$daemon" "the daemon that was a shell"
kill "$(cat "$tmp/other.pid")" || fail "a process that is not a helper was terminated"
ended "$tmp/sleeps.pid"

# A helper also ends when the daemon is killed.
rm "$tmp/sleeps.pid"
mount_foreground
helper sleeps "echo \$\$ >$tmp/sleeps.pid; exec sleep 1000"
echo change >"$mem/memory1/uevent"
wait_for file "$tmp/sleeps.pid"
disown "$daemon" # otherwise bash reports its end
kill -KILL "$daemon"
wait_for gone "$(cat "$tmp/sleeps.pid")"
