#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that machine/log and machine/map behave like files on a disk: programs that use the
# size and seek show the right lines, and followers of the log miss none.
set -eu
. "$(dirname "$0")/lib.sh"
log=$mnt/machine/log

# lines NUMBER - add that many pairs of lines to the log
lines() {
	python3 - "$mem/memory1/uevent" "$1" <<-'END'
		import os, sys

		fd = os.open(sys.argv[1], os.O_WRONLY)
		for _ in range(int(sys.argv[2])):
		    try:
		        os.write(fd, b"none")
		    except OSError:
		        pass
	END
}

# same_lines FILE COMMAND... - check that the command prints the same as for a file on a disk
same_lines() {
	cat "$1" >"$tmp/whole"
	"${@:2}" "$tmp/whole" >"$tmp/wanted" || :
	"${@:2}" "$1" >"$tmp/got" || :
	cmp -s "$tmp/wanted" "$tmp/got" || fail "${*:2} ${1#"$mnt/"}: $(head -c 300 "$tmp/got")"
}

mount_tree
plug_dimm d0 16G 1
lines 150
for file in "$log" "$mnt/machine/map"; do
	[ "$(stat -c %s "$file")" -gt 9000 ] || fail "$file is too short to show anything"
	for n in 1 5 10 1000 +3; do
		same_lines "$file" tail -n "$n"
	done
	for n in 30 5000 +100; do
		same_lines "$file" tail -c "$n"
	done
	for command in tail tac "head -n 3" "head -n -3" "head -c 5000" "head -c -100" "wc -l" \
		"grep -c memory" "dd bs=100 status=none if=/dev/stdin of=/dev/stdout" "less -E"; do
		case $command in
		"wc -l") same_lines "$file" sh -c 'wc -l <"$0"' ;;
		dd*) same_lines "$file" sh -c 'dd bs=100 status=none <"$0"' ;;
		*) same_lines "$file" $command ;;
		esac
	done
	same_lines "$file" stat -c %s
	cp "$file" "$tmp/copy"
	cmp "$file" "$tmp/copy" || fail "cp $file"
	python3 -c '
import os, sys
source, copy = os.open(sys.argv[1], os.O_RDONLY), os.open(sys.argv[2], os.O_WRONLY | os.O_TRUNC)
while os.sendfile(copy, source, None, 5000):
    pass' "$file" "$tmp/copy"
	cmp "$file" "$tmp/copy" || fail "sendfile $file"
done
expect "other sizes" "4096 4096 4096" \
	"$(stat -c %s "$mem/memory1/state" "$mem/probe" "$mnt/machine/dimm/d0/size" | xargs)"

# tail -f misses no line, also while old lines of the log are dropped.
first=$(wc -l <"$log")
tail -n 1 -s 0.1 -f "$log" >"$tmp/followed" 2>"$tmp/err" &
tail=$!
wait_for lines "$tmp/followed" synthetic 1
lines 3
wait_for lines "$tmp/followed" synthetic 4
lines 2
wait_for lines "$tmp/followed" synthetic 6
tail -n 11 "$log" | cmp - "$tmp/followed" || fail "tail -f: $(cat "$tmp/followed")"
while [ "$(stat -c %s "$log")" -lt 200000 ]; do
	lines 50
done
wait_for lines "$tmp/followed" synth $(($(wc -l <"$log") - first + 1))
lines 500
wait_for lines "$tmp/err" truncated 1
kill "$tail"
wait "$tail" || :
lines 4000
[ "$(stat -c %s "$log")" -le 262144 ] || fail "the log grows without a limit"

# A reader that continues misses no line, and gets none twice, while old lines are dropped.
python3 - "$log" "$mem/memory1/uevent" <<'END' || fail "see above"
import os, sys

log, uevent = os.open(sys.argv[1], os.O_RDONLY), os.open(sys.argv[2], os.O_WRONLY)
late = os.open(sys.argv[1], os.O_RDONLY)
good = (b"synth uevent: /devices/system/memory/memory1: unknown uevent action string\n",
        b"memory memory1: uevent: failed to send synthetic uevent: -22\n")


def rest(fd, size):
    text = b""
    while piece := os.read(fd, size):
        text += piece
    return text


def refused(number):
    for _ in range(number):
        try:
            os.write(uevent, b"none")
        except OSError:
            pass


rest(log, 65536)
rest(late, 65536)
for size in [65536, 100, 4096, 999] * 20:
    refused(50)
    if rest(log, size) != (good[0] + good[1]) * 50:
        sys.exit(f"in pieces of {size}: lines are lost or wrong")
lines = rest(late, 4096).splitlines(True)
if not 1000 < len(lines) < 8000 or set(lines) != set(good):
    sys.exit(f"a late reader: {len(lines)} lines, the first one {lines[0]}")
END
unmount_tree
