#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that the monitor of a mount gives the recorded answers, of some recordings at once: most
# of the time is that in which score.py waits for events.
set -eu
. "$(dirname "$0")/lib.sh"

for name in auto-online balloon dimm dimm-errors reboot reboot-odd stop unplug-refused virtio-mem; do
	"$here/../conformance/mount.sh" "$memhpfs" "$here/../conformance/qmp-$name.case" >"$tmp/$name" 2>&1 ||
		{ cat "$tmp/$name" >&2; touch "$tmp/failed"; } &
done
wait
[ ! -e "$tmp/failed" ] || fail "see above"
