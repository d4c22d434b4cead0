#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --state: the file stays short regardless of the number of inputs, and restarts stay fast.
set -eu
. "$(dirname "$0")/lib.sh"

PYTHONDONTWRITEBYTECODE=1 python3 "$here/state_compact.py" "$memhpfs" "$tmp"
