#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --state: killed at random points of random runs, nothing acknowledged is lost and nothing
# unacknowledged is there by half. MEMHP_KILLS: how often (each of the two parts).
set -eu
. "$(dirname "$0")/lib.sh"

rmdir "$mnt"
# as memhpsim has it
{ cat "$here/../../machines/default.yaml" && echo "kernel_pages: boot"; } >"$tmp/machine.yaml"
python3 "$here/state_kill.py" "$memhpfs" "$(dirname "$memhpfs")/memhpsim" "$tmp" "$tmp/machine.yaml" \
	"${MEMHP_SEED:-1}" "${MEMHP_KILLS:-10}"
