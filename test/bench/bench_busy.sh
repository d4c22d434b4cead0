#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench_busy.sh MEMHPFS BENCH_READ - measure mounts whose memory is in use
#
# Measures what it costs to read the state of a block while another block goes offline at a
# limited rate, compared with an idle mount; a second idle mount shows how much of the difference
# is due to chance. Then measures the daemon's memory for a machine with 64 TiB, of which 64 GiB
# are in use. The figures are only printed: the benchmark fails only if something does not work.
# The last column is the ratio to the first line of the group.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

memhpfs=$(realpath "$1")
bench_read=$(realpath "$2")
tmp=$(mktemp -d)
mkdir "$tmp/idle" "$tmp/other" "$tmp/busy" "$tmp/large"
writers=()

cleanup() {
	[ ${#writers[@]} -eq 0 ] || kill "${writers[@]}" 2>/dev/null || :
	unmount "$tmp/idle" "$tmp/other" "$tmp/busy" "$tmp/large"
	rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT

# machine BLOCK_SIZE GIB - print a machine with two nodes that have half of the memory each
machine() {
	printf 'phys_bits: 52\nblock_size: %s\nmemory:\n  - {start: 0x1000, end: 0x9fbff, node: 0}\n' "$1"
	printf '  - {start: 1M, end: %d, node: 0}\n' $((($2 << 29) - 1))
	printf '  - {start: %d, end: %d, node: 1}\n' $(($2 << 29)) $((($2 << 30) - 1))
	printf 'cpus:\n  - {list: "0", node: 0}\n  - {list: "1", node: 1}\n'
}

# workload MOUNT NAME KIND ATTR=TEXT... - create and configure a workload
workload() {
	local dir=$1/machine/workload/$2 attr

	mkdir "$dir"
	echo "$3" >"$dir/kind"
	shift 3
	for attr; do
		echo "${attr#*=}" >"$dir/${attr%%=*}"
	done
}

# fill_block MOUNT BLOCK - fill a block with 2 GiB of 16 owners, who take turns for a MiB each
fill_block() {
	local i mib

	for i in $(seq 16); do
		workload "$1" "w$i" anon "block=$2"
	done
	for mib in $(seq 128); do
		for i in $(seq 16); do
			echo "${mib}M" >"$1/machine/workload/w$i/size"
		done
	done
}

# start_offlining MOUNT BLOCK - take a block offline in the background, and wait until that has
# begun
start_offlining() {
	echo offline >"$1/sys/devices/system/memory/memory$2/state" &
	writers=($!)
	until [ "$(cat "$1/sys/devices/system/memory/memory$2/state")" = going-offline ]; do
		kill -0 "${writers[0]}"
	done
}

# while_offlining RATE - measure while a block goes offline at RATE pages per millisecond
while_offlining() {
	local state=sys/devices/system/memory/memory6/state left=0

	fill_block "$tmp/busy" 5
	echo "$1" >"$tmp/busy/machine/clock/migrate_pages_per_ms"
	start_offlining "$tmp/busy" 5
	"$bench_read" "  idle=$tmp/idle/$state" "  idle, another mount=$tmp/other/$state" \
		"  offlining, $1 pages/ms=$tmp/busy/$state"
	# Otherwise the last rounds would have measured an idle mount.
	[ "$(cat "$tmp/busy/sys/devices/system/memory/memory5/state")" = going-offline ]
	kill "${writers[0]}"
	wait "${writers[0]}" || left=$?
	writers=()
	[ "$left" -ne 0 ]
	rmdir "$tmp/busy/machine/workload/w"*
}

# in_use MOUNT - use 64 GiB for workloads of all kinds, most of which grow in turns
in_use() {
	local i

	echo 2048 >"$1/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages"
	echo 2048 >"$1/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages"
	workload "$1" vm hugetlb size=6G
	workload "$1" huge thp size=8G
	for i in anon pagecache shmem slab pagetable mlock pinned kernel; do
		workload "$1" "$i" "$i"
	done
	for i in $(seq 1536); do
		echo "$((i * 16))M" >"$1/machine/workload/anon/size"
		echo "$((i * 8))M" >"$1/machine/workload/pagecache/size"
		echo "$((i * 2))M" >"$1/machine/workload/shmem/size"
		echo "$((i * 2))M" >"$1/machine/workload/slab/size"
		echo "${i}M" >"$1/machine/workload/pagetable/size"
		echo "${i}M" >"$1/machine/workload/mlock/size"
		echo "${i}M" >"$1/machine/workload/pinned/size"
		echo "${i}M" >"$1/machine/workload/kernel/size"
	done
}

used_kib() {
	awk '/^MemTotal:/ { total = $2 } /^MemFree:/ { print total - $2 }' "$1/proc/meminfo"
}

echo "reading the state of another block"
machine 2G 16 >"$tmp/machine"
"$memhpfs" --machine "$tmp/machine" "$tmp/idle"
"$memhpfs" --machine "$tmp/machine" "$tmp/other"
"$memhpfs" --machine "$tmp/machine" "$tmp/busy"
for rate in 10 25; do
	while_offlining "$rate"
done
unmount "$tmp/idle" "$tmp/other" "$tmp/busy"

echo "resident memory, 64 TiB in 524288 blocks"
machine 128M 65536 >"$tmp/machine.large"
"$memhpfs" --machine "$tmp/machine.large" "$tmp/large"
before=$(used_kib "$tmp/large")
base=$(rss_kib "^$memhpfs --machine $tmp/machine.large")
figure "  after boot" "$base" KiB "$base"
in_use "$tmp/large"
[ $(($(used_kib "$tmp/large") - before)) -ge $((64 << 20)) ]
figure "  64 GiB in use" "$(rss_kib "^$memhpfs --machine $tmp/machine.large")" KiB "$base"
cat "$tmp/large/proc/zoneinfo" "$tmp/large/proc/buddyinfo" >"$tmp/texts"
figure "  after reading zoneinfo and buddyinfo" \
	"$(rss_kib "^$memhpfs --machine $tmp/machine.large")" KiB "$base"
