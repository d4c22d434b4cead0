#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --state: the file stays short however much comes in, and a restart takes no longer for it.
set -eu
. "$(dirname "$0")/lib.sh"

PYTHONDONTWRITEBYTECODE=1 python3 "$here/state_compact.py" "$memhpfs" "$tmp"
