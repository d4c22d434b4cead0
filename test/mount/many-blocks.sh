#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that the daemon stays below 30 MiB with 4096 blocks, even after a walk through all of
# them. Prints the memory and the time that mounting took.
set -eu
. "$(dirname "$0")/lib.sh"

cat >"$tmp/machine" <<-'END'
	kernel: 6.12.117
	arch: x86_64
	cmdline: ""
	block_size: 0x8000000
	possible_nodes: "0-1"
	memory:
	  - {start: 0x1000, end: 0x9fbff, node: 0}
	  - {start: 0x100000, end: 0x3fffffffff, node: 0}
	  - {start: 0x4000000000, end: 0x7fffffffff, node: 1}
	cpus:
	  - {list: "0", node: 0}
END

rss_kib() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status"
}

begin=$(date +%s%N)
mount_tree --machine "$tmp/machine"
end=$(date +%s%N)
pid=$(pgrep -f -- "$memhpfs --machine $tmp/machine")
mounted_kib=$(rss_kib)
expect "blocks" 4096 "$(find "$mem" -maxdepth 1 -name 'memory*[0-9]' | wc -l)"
expect "online" 4096 "$(cat "$mem"/memory*[0-9]/state | grep -c '^online$')"
expect "links" 8192 "$(find "$mem" "$mnt/sys/bus" -lname '*memory*' | wc -l)"
walked_kib=$(rss_kib)
echo "mounted in $(((end - begin) / 1000000)) ms; $mounted_kib KiB, after a walk $walked_kib KiB"
# Sanitizers need additional shadow memory.
if ! grep -q 'libasan\|libclang_rt' "/proc/$pid/maps"; then
	[ "$walked_kib" -lt $((30 * 1024)) ] || fail "$walked_kib KiB, 30 MiB allowed"
fi
