#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long-files.sh TEST_LONG_FILES - verify that the time to boot grows linearly with the machine
# file
#
# For each kind of long machine file, a file that is eight times as long may take at most SLACK
# times eight times as many instructions. If the time were quadratic, it would be 64 times as
# many.
set -eu

program=$1
short=500
long=4000
slack=2
status=0
# meson sets this variable, which makes the C library write to all of a block that realloc()
# moves.
unset MALLOC_PERTURB_

# instructions KIND LENGTH - print how many instructions boot() of test_long_files.c executes
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=boot "$program" "$@" 2>&1 |
		sed -n 's/^==[0-9]*== Collected : //p'
}

while read -r kind; do
	one=$(instructions "$kind" $short)
	other=$(instructions "$kind" $long)
	echo "$kind: $short entries take $one instructions, $long take $other"
	if [ "${one:-0}" -eq 0 ] || [ "${other:-0}" -gt $((one * slack * long / short)) ]; then
		echo "$kind: more than $slack times $((long / short)) times as many"
		status=1
	fi
done < <("$program" --list)
exit $status
