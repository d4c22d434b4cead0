#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that modes, owners and times can be changed, that the changes last as long as the file,
# and that they take effect. A file can be opened only if a mode bit permits it, even by root.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree
state=$mem/memory1/state
size=$mem/block_size_bytes

expect "before" "644 $(id -u) $(id -g) 4096" "$(stat -c '%a %u %g %s' "$state")"
chmod 600 "$state"
expect "chmod" 600 "$(stat -c %a "$state")"
expect "chmod of a block: its neighbour" 644 "$(stat -c %a "$mem/memory2/state")"
chmod 750 "$mem"
expect "chmod of a directory" 750 "$(stat -c %a "$mem")"
touch -d @1000000000 "$state"
expect "times" "1000000000 1000000000" "$(stat -c '%X %Y' "$state")"
expect "mode after touch" 600 "$(stat -c %a "$state")"
cat "$state" >/dev/null
expect "time after a read" 1000000000 "$(stat -c %Y "$state")"
: >"$state"
[ "$(stat -c %Y "$state")" -gt 1600000000 ] || fail "O_TRUNC does not count as a change"

(: <"$size") || fail "$size cannot be opened for reading"
(: >"$size") 2>/dev/null && fail "a file of mode 0444 can be opened for writing"
(: <"$mem/probe") 2>/dev/null && fail "a file of mode 0200 can be opened for reading"
chmod 644 "$size"
(echo 1 >"$size") 2>"$tmp/err" && fail "block_size_bytes can be written"
grep -q "Input/output error\|I/O error" "$tmp/err" || fail "not EIO: $(cat "$tmp/err")"
chmod 0 "$size"
(: <"$size") 2>/dev/null && fail "a file of mode 0 can be opened for reading"
chmod 444 "$size"

if [ "$(id -u)" = 0 ]; then
	chmod 755 "$tmp" "$mem"
	chown 65534:65534 "$state"
	expect "chown" "65534 65534" "$(stat -c '%u %g' "$state")"
	nobody() {
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	}
	nobody cat "$state" >/dev/null || fail "the owner cannot read"
	chown 0:0 "$state"
	nobody cat "$state" >/dev/null 2>&1 && fail "other users can read a file of mode 600"
	nobody chmod 644 "$state" 2>/dev/null && fail "other users can change modes"
	nobody cat "$mem/memory2/state" >/dev/null ||
		fail "other users cannot read a file of mode 644"
	nobody sh -c 'echo x > "$0"' "$mem/memory2/state" 2>"$tmp/err" &&
		fail "other users can write to a file of mode 644"
	grep -q "Permission denied" "$tmp/err" || fail "not EACCES: $(cat "$tmp/err")"
fi

# Only the size of the file distinguishes data from a hole.
python3 - "$mem/memory1/online" <<'END' || fail "SEEK_DATA or SEEK_HOLE"
import errno, os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
for offset, whence, wanted in [(0, os.SEEK_DATA, 0), (4095, os.SEEK_DATA, 4095),
                               (4096, os.SEEK_DATA, "ENXIO"), (0, os.SEEK_HOLE, 4096),
                               (4095, os.SEEK_HOLE, 4096), (4096, os.SEEK_HOLE, "ENXIO")]:
    try:
        got = os.lseek(fd, offset, whence)
    except OSError as error:
        got = errno.errorcode[error.errno]
    assert got == wanted, (offset, whence, got)
END

# A block that is added again is a new one.
links=$(stat -c %h "$mem")
plug_dimm d0 128M 1
expect "links of the directory with one block more" $((links + 1)) "$(stat -c %h "$mem")"
chmod 600 "$mem/memory$first/state"
echo 0 >"$mnt/machine/dimm/d0/plugged"
echo 1 >"$mnt/machine/dimm/d0/plugged"
expect "mode of a new block" 644 "$(stat -c %a "$mem/memory$first/state")"
