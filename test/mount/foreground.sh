#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that with -f the program remains a child of its starter, with the same session,
# directory and output.
set -eu
. "$(dirname "$0")/lib.sh"

cd "$tmp"
mount_foreground
[ -s "$mem/block_size_bytes" ] || fail "no answer"
expect "parent" $$ "$(ps -o ppid= -p "$daemon" | tr -d ' ')"
expect "session" "$(ps -o sid= -p $$ | tr -d ' ')" "$(ps -o sid= -p "$daemon" | tr -d ' ')"
expect "working directory" "$tmp" "$(readlink "/proc/$daemon/cwd")"
expect "standard error" "$tmp/log" "$(readlink "/proc/$daemon/fd/2")"
kill "$daemon"
expect_exit 0 "$daemon" SIGTERM
expect "messages" "" "$(cat "$tmp/log")"

status=0
"$memhpfs" --foreground "$tmp/none" 2>"$tmp/err" || status=$?
expect "no mount point: exit status" 1 "$status"
