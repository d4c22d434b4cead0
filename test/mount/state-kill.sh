#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies --state: when the daemon is killed at random points of random runs, nothing that was
# acknowledged is lost, and nothing that was not is half done. MEMHP_KILLS is the number of kills
# in each of the two parts.
set -eu
. "$(dirname "$0")/lib.sh"

rmdir "$mnt"
# The pages that the kernel uses are the same as in memhpsim.
{ cat "$here/../../machines/default.yaml" && echo "kernel_pages: boot"; } >"$tmp/machine.yaml"
python3 "$here/state_kill.py" "$memhpfs" "$(dirname "$memhpfs")/memhpsim" "$tmp" "$tmp/machine.yaml" \
	"${MEMHP_SEED:-1}" "${MEMHP_KILLS:-10}"
