#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that a static program, and one that makes system calls without the C library, see the
# machine like any other program.
set -eu
. "$(dirname "$0")/lib-view.sh"
plug d0 512M 1
echo online >"$mem/memory$first/state"
blocks=$(ls "$mem" | grep -c 'memory[0-9]')
for program in static_reader raw_reader; do
	file=$build/test/$program
	[ -x "$file" ] || fail "$file: no such program"
	expect "$program" "$blocks $((blocks - 3))" "$("$file")"
done
