#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench_fuse.sh MEMHPFS MINIMAL_FUSE BENCH_READ - measure what a mount costs
#
# Compares it, in one run, with a FUSE file system that does nothing and with the host's own
# sysfs. The figures are only printed: the benchmark fails only if something does not work. The
# last column is the ratio to the first line of the group.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

memhpfs=$(realpath "$1")
minimal=$(realpath "$2")
bench_read=$(realpath "$3")
host=/sys/devices/system/memory
on_host=()
list_host=()
tmp=$(mktemp -d)
mkdir "$tmp/small" "$tmp/large" "$tmp/same" "$tmp/cache" "$tmp/minimal"

cleanup() {
	unmount "$tmp/small" "$tmp/large" "$tmp/same" "$tmp/cache" "$tmp/minimal"
	rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT

# machine BLOCKS - print a machine with blocks of 128 MiB, half of them in each of two nodes
machine() {
	printf 'block_size: 128M\nmemory:\n  - {start: 0x1000, end: 0x9fbff, node: 0}\n'
	printf '  - {start: 1M, end: %d, node: 0}\n' $(($1 * 64 * 1048576 - 1))
	printf '  - {start: %d, end: %d, node: 1}\n' $(($1 * 64 * 1048576)) $(($1 * 128 * 1048576 - 1))
	printf 'cpus:\n  - {list: "0", node: 0}\n  - {list: "1", node: 1}\n'
}

mount_and_unmount() {
	local dir=${*: -1}

	"$@"
	fusermount3 -u "$dir"
}

blocks() {
	find "$1" -maxdepth 1 -name 'memory[0-9]*' | wc -l
}

machine 16 >"$tmp/machine.small"
machine 4096 >"$tmp/machine.large"

echo "mounting and unmounting"
minimal_ns=$(best_ns 5 mount_and_unmount "$minimal" "$tmp/minimal")
small_ns=$(best_ns 5 mount_and_unmount "$memhpfs" --machine "$tmp/machine.small" "$tmp/small")
large_ns=$(best_ns 5 mount_and_unmount "$memhpfs" --machine "$tmp/machine.large" "$tmp/large")
figure "  minimal FUSE" "${minimal_ns}e-6" ms "${minimal_ns}e-6"
figure "  16 blocks" "${small_ns}e-6" ms "${minimal_ns}e-6"
figure "  4096 blocks" "${large_ns}e-6" ms "${minimal_ns}e-6"

"$minimal" "$tmp/minimal"
"$memhpfs" --machine "$tmp/machine.small" "$tmp/small"
"$memhpfs" --machine "$tmp/machine.large" "$tmp/large"
small=$tmp/small/sys/devices/system/memory
large=$tmp/large/sys/devices/system/memory
[ "$(blocks "$small") $(blocks "$large")" = "16 4096" ]

host_blocks=$(blocks "$host" 2>/dev/null || :)
if [ -e "$host/block_size_bytes" ]; then
	on_host=("  host's block_size_bytes=$host/block_size_bytes")
	list_host=("  memory/, host's $host_blocks blocks=$host")
fi

echo "open, read, close (target for memory1/state: 1.15)"
"$bench_read" \
	"  minimal FUSE, the same requests=$tmp/minimal/memory/block/state" \
	"  memory1/state of 16 blocks=$small/memory1/state" \
	"  memory1/state of 4096 blocks=$large/memory1/state" \
	"  minimal FUSE, only open, read, close=$tmp/minimal/state" \
	"  block_size_bytes=$small/block_size_bytes" \
	"${on_host[@]}"

echo "listing a directory, for each entry"
"$bench_read" "${list_host[@]}" "  memory/, 4096 blocks=$large" \
	"  node0/, half of them=$tmp/large/sys/devices/system/node/node0"

echo "lsmem, for each block"
# Use as many blocks as the host has, if it has any, because the time includes starting lsmem.
same=${host_blocks:-0}
[ "$same" -gt 0 ] || same=4096
machine "$same" >"$tmp/machine.same"
"$memhpfs" --machine "$tmp/machine.same" "$tmp/same"
"$memhpfs" -o cache --machine "$tmp/machine.same" "$tmp/cache"
same_ns=$(best_ns 20 lsmem --sysroot "$tmp/same")
cache_ns=$(best_ns 20 lsmem --sysroot "$tmp/cache")
host_ns=$same_ns
if [ "${host_blocks:-0}" -gt 0 ]; then
	host_ns=$(best_ns 20 lsmem)
	figure "  host's $same blocks" "$host_ns/1000/$same" us "$host_ns/1000/$same"
fi
figure "  $same blocks (target: 3)" "$same_ns/1000/$same" us "$host_ns/1000/$same"
figure "  $same blocks, -o cache (target: 1.5)" "$cache_ns/1000/$same" us "$host_ns/1000/$same"
large_ns=$(best_ns 3 lsmem --sysroot "$tmp/large")
figure "  4096 blocks" "$large_ns/1000/4096" us "$host_ns/1000/$same"

echo "resident memory, after the above"
base=$(rss_kib "^$minimal $tmp/minimal")
figure "  minimal FUSE" "$base" KiB "$base"
figure "  16 blocks" "$(rss_kib "^$memhpfs --machine $tmp/machine.small")" KiB "$base"
figure "  4096 blocks" "$(rss_kib "^$memhpfs --machine $tmp/machine.large")" KiB "$base"
