#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that after a reboot nothing is shown that only the host's kernel remembers: files have
# the modes of a new kernel, blocks are as at boot, and an open file of the old
# kernel says so.
set -eu
. "$(dirname "$0")/lib.sh"

mount_foreground
file=$mnt/sys/kernel/mm/transparent_hugepage/hpage_pmd_size
mode=$(stat -c '%a %u' "$file")
chmod 1312 "$file"
chown 1 "$file"
expect "the mode" "1312 1" "$(stat -c '%a %u' "$file")"
chmod 600 "$mnt/machine/log"
echo 0 >"$mem/memory9/online"
exec 3<"$mem/memory9/state"
echo 1 >"$mnt/machine/reboot"
expect "the mode after a reboot" "$mode" "$(stat -c '%a %u' "$file")"
expect "the mode of a file of the hardware" 600 "$(stat -c %a "$mnt/machine/log")"
expect "the block" online "$(cat "$mem/memory9/state")"
cat <&3 2>"$tmp/err" && fail "a file of the old kernel can be read"
grep -q 'No such device' "$tmp/err" || fail "it says $(cat "$tmp/err")"
