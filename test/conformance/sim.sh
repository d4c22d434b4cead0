#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sim.sh MEMHPSIM FILE.case - verify that memhpsim reproduces the recording byte for byte
set -eu
out=$(mktemp)
trap 'rm -f "$out"' EXIT
"$1" "$2" >"$out"
diff -u "$2" "$out"
