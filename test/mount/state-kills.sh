#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies --state with repeated kills in the middle of operations of all kinds, by comparing each
# file; see state_kills.py. MEMHPFS_STATE_KILLS is the number of kills; the seeds count from
# MEMHPFS_STATE_SEED.
set -eu
. "$(dirname "$0")/lib.sh"

rmdir "$mnt"
PYTHONDONTWRITEBYTECODE=1 python3 "$here/state_kills.py" "$memhpfs" "$tmp" \
	"${MEMHPFS_STATE_SEED:-1}" "${MEMHPFS_STATE_KILLS:-10}" || {
	[ -z "${MEMHPFS_STATE_KEEP:-}" ] || cp "$tmp"/state* "$MEMHPFS_STATE_KEEP"
	exit 1
}
