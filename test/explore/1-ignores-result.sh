#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bug: writes 1 to `online` and never looks at the result.
. "${0%/*}/lib-agent.sh"

done=
for n in $(in_state offline); do
	if [ -z "$repaired" ]; then
		echo 1 2>/dev/null >"$mem/memory$n/online"
	elif echo 1 2>/dev/null >"$mem/memory$n/online"; then
		done="$n $done"
	else
		for n in $done; do set_state offline "$n"; done
		exit 1
	fi
done
exit 0
