#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that files about memory are the machine's, or listed in memhpfs-run(1).
set -eu
. "$(dirname "$0")/lib-view.sh"
"$python" "$here/real_files.py" "$top/man/memhpfs-run.1" >"$tmp/out" || fail "$(head -n 40 "$tmp/out")"
