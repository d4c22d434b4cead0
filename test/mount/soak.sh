#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# soak.sh [MEMHPFS [CHANGES]] - verify that the daemon's memory does not grow
#
# Eight writers plug, unplug and switch blocks, while eight readers check that each text is one
# that a kernel can print.
set -eu
. "$(dirname "$0")/lib.sh"

# ZONE_NORMAL of boot memory has room for the memmap of each DIMM; otherwise DIMMs could pin each
# other.
cat >"$tmp/machine" <<-'END'
	possible_nodes: "0-1"
	block_size: 128M
	memory:
	  - {start: 0x1000, end: 0x9fbff, node: 0}
	  - {start: 0x100000, end: 0x7fffffff, node: 0}
	  - {start: 0x100000000, end: 0x17fffffff, node: 0}
	  - {start: 0x180000000, end: 0x1ffffffff, node: 1}
	cpus:
	  - {list: "0", node: 0}
	  - {list: "1", node: 1}
END
mount_checked --machine "$tmp/machine"
pid=$daemon
# Sanitizers keep freed memory, which is not the daemon's, so its memory is not measured then.
sanitized && pid=$$
"$clients_dir/soak" "$mnt" "$pid" "${2:-20000}" || fail "see above"
python3 "$here/tree_check.py" settle "$mnt" || fail "the machine does not come to rest"
python3 "$here/tree_check.py" check "$mnt" || fail "the tree contradicts itself"
expect "descriptors" "$fds" "$(nr_fds)"
unmount_tree
expect_exit 0 "$daemon" "after all that"
expect_no_report
