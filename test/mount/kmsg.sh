#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dev/kmsg on a mount: what lseek(2), poll(2) and O_NONBLOCK do, and dmesg(1), which reads it.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree
# dmesg in a mount namespace in which it is the real one's place
run_dmesg() {
	unshare --user --map-root-user --mount sh -c \
		'mount --bind "$0" /dev/kmsg && exec timeout 20 dmesg "$@"' "$mnt/dev/kmsg" "$@"
}
echo '<3>from a program' >"$mnt/dev/kmsg"
run_dmesg >"$tmp/dmesg"
grep -q 'Linux version 6\.12' "$tmp/dmesg" || fail "dmesg does not show the boot"
grep -q 'from a program$' "$tmp/dmesg" || fail "dmesg does not show a program's message"
run_dmesg --level=err --facility=user | grep -q 'from a program$' || fail "its level is wrong"
run_dmesg --follow-new >"$tmp/new" &
follower=$!
until [ -s "$tmp/new" ]; do
	echo tick >"$mnt/dev/kmsg"
done
kill $follower
! grep -q 'Linux version' "$tmp/new" || fail "dmesg --follow-new shows old messages"
grep -q 'tick$' "$tmp/new" || fail "dmesg --follow-new does not show the new message"

# This overwrites the messages.
python3 "$here/kmsg.py" "$mnt/dev/kmsg" || fail "kmsg.py failed"
