#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bug: takes a block offline, and tries again for as long as it is busy.
. "${0%/*}/lib-agent.sh"

if [ -z "$repaired" ]; then
	until set_state offline 14; do sleep 0.01; done
	exit 0
fi
# The kernel itself tries to migrate pages for ever, until a signal comes.
for try in 1 2 3; do
	! timeout 0.3 sh -c 'echo offline >"$0"' $mem/memory14/state 2>/dev/null || exit 0
done
exit 1
