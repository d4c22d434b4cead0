#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that lscpu, numactl -H and hwloc see the machine's nodes, and that their memory changes
# as it is plugged and unplugged.
set -eu
. "$(dirname "$0")/lib-view.sh"
needs lscpu numactl lstopo-no-graphics lsmem chmem

expect "lscpu: nodes" 2 "$(LC_ALL=C lscpu | awk '/^NUMA node\(s\)/ { print $3 }')"
for nid in 0 1; do
	expect "lscpu: CPUs of node $nid" "$(cat "$node/node$nid/cpulist")" \
		"$(LC_ALL=C lscpu | awk -v nid="node$nid" '$1 == "NUMA" && $2 == nid { print $4 }')"
done

# numactl prints MemTotal and MemFree in MiB.
numactl_says() {
	numactl -H | awk -v nid="$1" -v what="$2:" '$1 == "node" && $2 == nid && $3 == what { print $4 }'
}
node_mib() {
	awk -v label="$2:" '$3 == label { print int($4 / 1024) }' "$node/node$1/meminfo"
}
check_numactl() {
	for nid in 0 1; do
		expect "$1: size of node $nid" "$(node_mib $nid MemTotal)" "$(numactl_says $nid size)"
		expect "$1: free on node $nid" "$(node_mib $nid MemFree)" "$(numactl_says $nid free)"
	done
}
check_numactl "at boot"
expect "distances" "0: 10 20 1: 20 10" "$(numactl -H | awk '/distances/ { on = 1; next }
	on && /^ +[01]:/ { $1 = $1; print }' | tr '\n' ' ' | sed 's/ $//')"
before=$(numactl_says 1 size)
plug d0 512M 1
expect "offline memory is no memory" "$before" "$(numactl_says 1 size)"
chmem --enable -b "$first-$last" >"$tmp/out" || fail "chmem: $(cat "$tmp/out")"
expect "chmem: a zone that can leave" "Movable Movable Movable Movable " "$(zones "$first" "$last")"
expect "512 MiB more" $((before + 512)) "$(numactl_says 1 size)"
check_numactl "grown"

# hwloc would omit nodes that the real machine lacks, if it saw the real control group.
hwloc_bytes() {
	lstopo-no-graphics --of xml 2>/dev/null |
		sed -n "s/.*type=\"NUMANode\" os_index=\"$1\".*local_memory=\"\([0-9]*\)\".*/\1/p"
}
for nid in 0 1; do
	expect "hwloc: node $nid" \
		$(($(awk '$3 == "MemTotal:" { print $4 }' "$node/node$nid/meminfo") * 1024)) \
		"$(hwloc_bytes $nid)"
done

expect "lsmem: online" $((2560 << 20)) \
	"$(lsmem --bytes --summary=only | sed -n 's/^Total online memory: *//p')"
"$build/memhp" unplug d0
check_numactl "gone again"
expect "lsmem: online, after it" $((2048 << 20)) \
	"$(lsmem --bytes --summary=only | sed -n 's/^Total online memory: *//p')"

# With the mount as its root, and without a view, hwloc also sees the machine's CPUs.
HWLOC_FSROOT=$root HWLOC_COMPONENTS=linux,stop lstopo-no-graphics --of xml >"$tmp/xml"
for nid in 0 1; do
	expect "HWLOC_FSROOT: node $nid" "$(($(awk '$3 == "MemTotal:" { print $4 }' "$node/node$nid/meminfo") * 1024))" \
		"$(sed -n "s/.*type=\"NUMANode\" os_index=\"$nid\".*local_memory=\"\([0-9]*\)\".*/\1/p" "$tmp/xml")"
done
expect "HWLOC_FSROOT: packages" 2 "$(grep -c 'type="Package"' "$tmp/xml")"
