#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that clients can connect to the monitor of a mount: several at once, over a path or a
# port; that a wrong one harms nobody; and that what they ask for is traced, held by race gates and
# resumed with --state, also after a reboot.
set -eu
. "$(dirname "$0")/lib.sh"

python3 "$here/qmp.py" "$memhpfs" "$mnt" "$tmp"
