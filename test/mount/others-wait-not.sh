#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that, while a write to a file waits, no call of another process to the same file does,
# regardless of when that process opened the file.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree
python3 "$(dirname "$0")/others_wait_not.py" "$mnt"
unmount_tree
