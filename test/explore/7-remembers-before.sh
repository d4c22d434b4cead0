#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bug: writes to a file what it has done, before it does it; when it is started again, it goes on
# behind that.
. "${0%/*}/lib-agent.sh"

journal=$TMPDIR/journal
touch "$journal"
for n in 32 33; do
	! grep -qx "$n" "$journal" || continue
	[ -n "$repaired" ] || echo "$n" >>"$journal"
	read -r state <$mem/memory$n/state
	[ "$state" = online ] || set_state online "$n" || exit 1
	[ -z "$repaired" ] || echo "$n" >>"$journal"
done
