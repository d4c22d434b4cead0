#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies -o cache against an ordinary user who keeps the kernel from dropping names, by listing
# their directory into memory that is never paged in. Others are answered nevertheless.
set -eu
. "$(dirname "$0")/lib.sh"

# The daemon of this file system is stopped, so that its mapped pages are never paged in.
mkdir "$tmp/other"
trap 'fusermount3 -uzq "$tmp/other" || :; cleanup' EXIT
"$memhpfs" -f "$tmp/other" &
other=$!
wait_for mounted "$tmp/other" "$other"

mount_checked -o cache
plug_dimm d0 512M 1
cat "$mem"/memory*/phys_index >"$tmp/out"

python3 - "$mem" "$tmp/other/sys/devices/system/memory/memory1/phys_index" "$other" <<'END' &
import ctypes, mmap, os, signal, sys

memory, never, daemon = sys.argv[1:]
page = mmap.mmap(os.open(never, os.O_RDONLY), 4096, mmap.MAP_PRIVATE,
                 mmap.PROT_READ | mmap.PROT_WRITE)
there = ctypes.addressof(ctypes.c_char.from_buffer(page))
directory = os.open(memory, os.O_RDONLY | os.O_DIRECTORY)
os.kill(int(daemon), signal.SIGSTOP)
ctypes.CDLL(None).getdents64(directory, ctypes.c_void_p(there), ctypes.c_size_t(4096))
END
holder=$!
wait_for blocked "$holder"
wait_for stopped "$other"

echo 0 >"$mnt/machine/dimm/d0/plugged" &
unplugs=$!
wait_for gone "$unplugs"
wait "$unplugs" || fail "unplugging meanwhile: exit status $?"
for file in "$mem/memory1/state" "$mem/memory2/phys_index" "$mnt/proc/meminfo"; do
	cat "$file" >"$tmp/out" &
	wait_for gone $!
	[ -s "$tmp/out" ] || fail "$file cannot be read meanwhile"
done

kill -CONT "$other"
wait_for gone "$holder"
wait_for without "$mem/memory$first"
echo 1 >"$mnt/machine/dimm/d0/plugged"
expect "afterwards" offline "$(cat "$mem/memory$first/state")"
unmount_tree "$tmp/other"
wait "$other"
unmount_tree
expect_exit 0 "$daemon" "after all that"
expect_no_report
