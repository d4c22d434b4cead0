#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that an autoscaler, which looks at the guest and resizes it through the hypervisor, finds
# both ends in one process.
set -eu
. "$(dirname "$0")/../mount/lib.sh"

mount_tree --qmp="$tmp/qmp"
python3 "$(dirname "$0")/autoscaler.py" "$mnt" "$tmp/qmp" || fail "see above"
