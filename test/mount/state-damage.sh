#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies --state with damaged files, and --state-recover.
set -eu
. "$(dirname "$0")/lib.sh"

rmdir "$mnt"
python3 "$here/state_damage.py" "$memhpfs" "$tmp"
