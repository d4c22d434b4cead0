#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies the results of 335 system calls against the real sysfs (sysfs/golden-6.18.txt). The
# results that may differ are listed in sysfs-probe.expected, with the reason; one that no longer
# differs is an error, too.
set -eu
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || fail "this test must be run by root"
chmod 755 "$tmp"
mount_tree
python3 "$here/sysfs/probe.py" "$mnt/sys" >"$tmp/answers" || fail "probe.py: exit status $?"
diff "$here/sysfs/golden-6.18.txt" "$tmp/answers" >"$tmp/diff" || :
sed -n 's/^[<>] \(.*\) | .*/\1/p' "$tmp/diff" | sort -u >"$tmp/differs"
sed '/^#/d' "$here/sysfs-probe.expected" | sort -u >"$tmp/may-differ"
cmp -s "$tmp/differs" "$tmp/may-differ" && exit 0
diff "$tmp/may-differ" "$tmp/differs" | grep '^[<>]' || :
cat "$tmp/diff"
fail "the answers differ from those of sysfs"
