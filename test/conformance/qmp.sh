#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# qmp.sh MEMHPSIM FILE.case... - verify that memhpsim's monitor gives the recorded answers
#
# Only the differences that qmp-differs explains are accepted: QEMU lists backends in an order of its
# own, and score.py does not compare that.
set -eu
here=$(dirname "$0")
sim=$1
shift
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for case; do
	name=$(basename "$case" .case)
	python3 "$here/score.py" --sim "$sim" -v "$case" >"$out" && continue
	lines=$(sed -n 's/^  line \([0-9]*\): .*/\1/p' "$out")
	for line in ${lines:-none}; do
		grep -q "^$name:$line " "$here/qmp-differs" || { cat "$out"; exit 1; }
	done
	if grep -q 'here:   (missing)' "$out"; then
		cat "$out"
		exit 1
	fi
done
