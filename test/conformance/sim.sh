#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sim.sh MEMHPSIM FILE.case - memhpsim prints the recording again, byte for byte
set -eu
out=$(mktemp)
trap 'rm -f "$out"' EXIT
"$1" "$2" >"$out"
diff -u "$2" "$out"
