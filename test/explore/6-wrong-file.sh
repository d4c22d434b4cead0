#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bug: writes online_movable to `online`, which takes everything that begins with "on" for a yes.
. "${0%/*}/lib-agent.sh"

file=$([ -z "$repaired" ] && echo online || echo state)
done=
for n in $(in_state offline); do
	if echo online_movable 2>/dev/null >"$mem/memory$n/$file"; then
		done="$n $done"
	else
		for n in $done; do set_state offline "$n"; done
		exit 1
	fi
done
