#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that requests that wait while the mount is unmounted get EINTR, and that the daemon
# does not wait for them.
set -eu
. "$(dirname "$0")/lib.sh"

# start_reader - start the reader $reader, which waits in read(2); its result will be in
# $tmp/result
start_reader() {
	: >"$tmp/opened"
	python3 - "$mnt/machine/uevents" "$tmp/result" "$tmp/opened" <<-'END' &
		import ctypes, errno, os, sys
		read = ctypes.CDLL(None, use_errno=True).read
		buf = ctypes.create_string_buffer(99)
		fd = os.open(sys.argv[1], os.O_RDONLY)
		print("open", file=open(sys.argv[3], "w"), flush=True)
		result = read(fd, buf, 99)
		with open(sys.argv[2], "w") as file:
		    file.write(str(result) if result >= 0 else errno.errorcode[ctypes.get_errno()])
	END
	reader=$!
	wait_for text "$tmp/opened" open
	wait_for asleep "$reader"
}

mount_foreground
start_reader
fusermount3 -u "$mnt" 2>/dev/null && fail "unmounted although a client reads"
kill -TERM "$daemon"
expect_exit 0 "$daemon" SIGTERM
expect_unmounted SIGTERM
wait "$reader"
expect "read(2) when the mount ended" EINTR "$(cat "$tmp/result")"

if [ "$(id -u)" = 0 ]; then
	mount_foreground
	start_reader
	umount -f "$mnt" 2>/dev/null || :
	expect_exit 0 "$daemon" "umount -f"
	expect_unmounted "umount -f"
	wait "$reader"
	expect "read(2) after umount -f" ECONNABORTED "$(cat "$tmp/result")"
fi
