#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bug: takes memory offline from the top, fails in the middle, and leaves it so.
. "${0%/*}/lib-agent.sh"

done=
for n in 14 13; do
	if timeout 0.3 sh -c 'echo offline >"$0"' $mem/memory$n/state 2>/dev/null; then
		done="$n $done"
		continue
	fi
	[ -z "$repaired" ] || for n in $done; do set_state online "$n"; done
	exit 1
done
