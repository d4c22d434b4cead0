#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that a wrong machine file is refused: the exit status is 2, file and line are printed
# to standard error, and nothing is mounted.
set -eu
. "$(dirname "$0")/lib.sh"

# refused FILE TEXT [OPTION...] - check that the machine file is refused with TEXT
refused() {
	local status=0 file=$1 text=$2

	shift 2
	"$memhpfs" "$@" --machine "$file" "$mnt" 2>"$tmp/err" || status=$?
	expect "$file: exit status" 2 "$status"
	grep -q -- "$text" "$tmp/err" || fail "$file: says $(cat "$tmp/err")"
	expect_unmounted "$file"
}

refused "$tmp/none" "$tmp/none"
refused "$tmp" "$tmp"
cat >"$tmp/broken" <<-'END'
	arch: x86_64
	memory: [
END
refused "$tmp/broken" "$tmp/broken:[0-9]"
cat >"$tmp/wrong" <<-'END'
	arch: x86_64
	block_size: 12345
	memory:
	  - {start: 0x100000, end: 0x3fffffff, node: 0}
END
refused "$tmp/wrong" "$tmp/wrong:2: block_size"
refused "$tmp/wrong" "$tmp/wrong:2: block_size" -f
cat >"$tmp/exclusive" <<-'END'
	memory:
	  - {start: 0x100000, end: 1G, node: 0}
END
refused "$tmp/exclusive" "$tmp/exclusive:2: memory\[0\].end: 0x40000000 is not .*as 0x3fffffff"

# Mistakes in a command line are reported, and the machine boots as a real one would.
mount_tree --cmdline "movable_nod quiet" --cmdline memhp_default_state=onlin 2>"$tmp/err"
expect "said of the command line" \
	'memhpfs: kernel command line: "movable_nod" has no effect (did you mean movable_node?)
memhpfs: kernel command line: "memhp_default_state=onlin" is not understood (offline, online, online_kernel, online_movable)' \
	"$(cat "$tmp/err")"
expect "the kernel's log" \
	'Unknown kernel command line parameters "movable_nod", will be passed to user space.
machine: cmdline: no effect here: quiet' "$(cat "$mnt/machine/log")"
expect "auto_online_blocks" offline "$(cat "$mem/auto_online_blocks")"
unmount_tree
mount_tree --cmdline "movable_node quiet" 2>"$tmp/err"
expect "said of a good command line" "" "$(cat "$tmp/err")"
