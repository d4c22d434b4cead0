#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mount.sh MEMHPFS FILE.case - verify that system calls on a mount give the recorded answers
#
# Only the differences that mount-differs explains are accepted.
set -eu
here=$(dirname "$0")
name=$(basename "$2" .case)
tmp=$(mktemp -d)
out=$tmp/out

# score.py leaves a mount behind if it is busy.
cleanup() {
	for dir in $(sed -n "s|^[^ ]* \($tmp/[^ ]*\) fuse.*|\1|p" /proc/mounts); do
		fusermount3 -uz "$dir"
	done
	rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT

TMPDIR=$tmp python3 "$here/score.py" --mount "$1" -v "$2" >"$out" && exit 0
lines=$(sed -n 's/^  line \([0-9]*\): .*/\1/p' "$out")
for line in $lines; do
	grep -q "^$name:$line " "$here/mount-differs" || { cat "$out"; exit 1; }
done
if [ -z "$lines" ] || grep -q 'here:   (missing)' "$out"; then
	cat "$out"
	exit 1
fi
cat "$out"
