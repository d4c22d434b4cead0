#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A DAX device, and what a udev rule does.
mkfifo "$TMPDIR/ready"
"${0%/*}/rule.py" >"$TMPDIR/ready" &
read -r _ <"$TMPDIR/ready"
cd "$MEMHPFS_ROOT/machine/dax" && mkdir dax0.0 && echo 256M >dax0.0/size && echo 1 >dax0.0/plugged
