#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies an offlining that cannot end: everything else is answered meanwhile; a signal ends the
# write with EINTR; a writer can be killed, also one that waits for the first; and unmounting ends
# it, too.
set -eu
. "$(dirname "$0")/lib.sh"

# plug_stuck_dimm NAME - plug a DIMM whose block $first, once it is in ZONE_MOVABLE, holds a page
# that never migrates
plug_stuck_dimm() {
	plug_dimm "$1" 256M 1
	echo online_movable >"$mem/memory$first/state"
	mkdir "$mnt/machine/workload/$1"
	echo pinned >"$mnt/machine/workload/$1/kind"
	echo "$first" >"$mnt/machine/workload/$1/block"
	echo 4096 >"$mnt/machine/workload/$1/size"
}

# start_writer FILE - start the writer $writer, which waits; the result of write(2) is in
# $tmp/result, also after a signal handler; $tmp/opened has a line when only write(2) remains to
# be called
start_writer() {
	rm -f "$tmp/result"
	: >"$tmp/opened"
	python3 - "$1" "$tmp/result" "$tmp/opened" <<-'END' &
		import ctypes, errno, os, signal, sys
		signal.signal(signal.SIGTERM, lambda *_: None)
		write = ctypes.CDLL(None, use_errno=True).write
		fd = os.open(sys.argv[1], os.O_WRONLY)
		with open(sys.argv[3], "w") as file:
		    file.write("opened")
		result = write(fd, b"offline", 7)
		with open(sys.argv[2], "w") as file:
		    file.write(str(result) if result >= 0 else errno.errorcode[ctypes.get_errno()])
	END
	writer=$!
}

going_offline() {
	wait_for text "$mem/memory$first/state" going-offline
}

mount_foreground
plug_stuck_dimm d0
state=$mem/memory$first/state

start_writer "$state"
going_offline
expect "another block meanwhile" online "$(cat "$mem/memory1/state")"
ls -l "$mem/memory$first" >/dev/null
# On the same file, an invalid word is refused at once, because each writer waits only for itself.
status=0
timeout 5 sh -c 'echo bogus >"$0"' "$state" 2>/dev/null || status=$?
expect "a bad word on the same file" 1 "$status"
# The attributes of the file are accessible.
stat "$state" >/dev/null
chmod 600 "$state"
expect "its mode" 600 "$(stat -c %a "$state")"
python3 - "$state" "$writer" <<-'END'
	import os, sys
	held = [fd for fd in os.listdir(f"/proc/{sys.argv[2]}/fd")
	        if os.readlink(f"/proc/{sys.argv[2]}/fd/{fd}").startswith(sys.argv[1])]
	mode = os.stat(f"/proc/{sys.argv[2]}/fd/{held[0]}").st_mode & 0o777
	assert mode == 0o600, f"the writer sees mode {mode:o}"
END
chmod 644 "$state"
status=0
timeout -s KILL 0.2 sh -c 'echo offline >"$0"' "$state" || status=$?
expect "a second writer of the same file, killed" 137 "$status"
status=0
timeout -s KILL 0.2 cat "$mem/memory$first/online" || status=$?
expect "a reader of online, killed" 137 "$status"
cat "$mem/memory$first/online" >"$tmp/online" &
reader=$!
wait_for asleep "$reader"
grep -q 'migrating pfn .* failed' "$mnt/machine/log" || fail "the log does not say what is stuck"
grep -q 'held by d0 (pinned)' "$mnt/machine/log" || fail "the log does not say who holds the page"
kill -TERM "$writer"
wait_for gone "$writer"
expect "a signal with a handler" EINTR "$(cat "$tmp/result")"
expect "state after it" online "$(cat "$state")"
wait_for gone "$reader"
expect "online, once it could be read" 1 "$(cat "$tmp/online")"
grep -q 'failed due to signal backoff' "$mnt/machine/log" || fail "the log does not say why it ended"

start_writer "$state"
going_offline
kill -KILL "$writer"
wait_for gone "$writer"
wait_for text "$state" online

# The second writer waits for the lock, where only SIGKILL has an effect.
start_writer "$state"
holder=$writer
going_offline
start_writer "$mem/memory$last/state"
wait_for asleep "$writer"
kill -TERM "$writer"
kill -KILL "$writer"
wait_for gone "$writer"
expect "the first after that" going-offline "$(cat "$state")"
kill -TERM "$holder"
wait_for gone "$holder"
expect "the first" EINTR "$(cat "$tmp/result")"

# A signal to the second writer, whose handler cannot run before the answer, takes effect at its
# turn.
start_writer "$state"
holder=$writer
going_offline
start_writer "$state"
wait_for text "$tmp/opened" opened
wait_for asleep "$writer"
kill -TERM "$writer"
kill -TERM "$holder"
wait_for gone "$holder"
wait_for gone "$writer"
expect "a signal while another one was going offline" EINTR "$(cat "$tmp/result")"
wait_for text "$state" online

status=0
timeout 0.2 sh -c 'echo offline >"$0"' "$state" 2>/dev/null || status=$?
expect "timeout(1)" 124 "$status"
wait_for text "$state" online

start_writer "$state"
going_offline
kill -TERM "$daemon"
expect_exit 0 "$daemon" "SIGTERM while a write is pending"
expect_unmounted "SIGTERM while a write is pending"
wait_for gone "$writer"
expect "the write when the mount ended" EINTR "$(cat "$tmp/result")"
