#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that a --state file stays short, and that restarts stay fast, regardless of the number
# of inputs.
set -eu
. "$(dirname "$0")/lib.sh"

PYTHONDONTWRITEBYTECODE=1 python3 "$here/state_compact.py" "$memhpfs" "$tmp"
