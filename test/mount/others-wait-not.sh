#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While a write to a file waits, no call of another process to the same file does, whenever that
# process has opened it.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree
python3 "$(dirname "$0")/others_wait_not.py" "$mnt"
unmount_tree
