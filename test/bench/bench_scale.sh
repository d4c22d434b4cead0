#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench_scale.sh MEMHPFS MEMHPSIM BENCH_READ MACHINE - measure what 524,288 blocks and 100 mounts
# cost
#
# MACHINE has that many blocks. Prints the figures with their targets; the benchmark fails only if
# something does not work.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

memhpfs=$(realpath "$1")
memhpsim=$(realpath "$2")
bench_read=$(realpath "$3")
machine=$(realpath "$4")
blocks=524288
tmp=$(mktemp -d)
mkdir "$tmp/few" "$tmp/many"

cleanup() {
	unmount "$tmp/few" "$tmp/many" "$tmp"/[0-9]*
	rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT

start_and_stop() {
	"$memhpfs" --machine "$machine" "$tmp/many"
	date +%s%N >"$tmp/started"
	fusermount3 -u "$tmp/many"
}

# start_ns - print the shortest time until a mount can be used, without the time that it takes to
# end
start_ns() {
	local begin ns best=

	for _ in 1 2 3 4 5; do
		begin=$(date +%s%N)
		start_and_stop
		ns=$(($(cat "$tmp/started") - begin))
		[ -n "$best" ] && [ "$best" -le "$ns" ] || best=$ns
	done
	echo "$best"
}

# cpu_ns COMMAND... - print the user and system time of the command
cpu_ns() {
	local TIMEFORMAT='%U %S'

	{ time "$@" >/dev/null; } 2>&1 | awk '{ printf "%d", ($1 + $2) * 1e9 }'
}

# case_file COUNT - print a case that plugs all blocks and brings COUNT of them online by writes
case_file() {
	cat <<-END
		---
		kernel: 6.12.117
		arch: arm64
		cmdline: ""
		block_size: 128M
		phys_bits: 48
		possible_nodes: "0"
		memory:
		  - {start: 1T, end: 0x2ffffffffff, node: 0}
		hotplug:
		  - {start: 4T, end: 0x43ffffffffff, node: 0}
		cpus:
		  - {list: "0", node: 0}
		---
		> plug dimm d0 size=64T node=0
	END
	seq -f '> write sys/devices/system/memory/memory%.0f/state online' 32768 $((32767 + $1))
	echo "> read sys/devices/system/memory/memory$((32768 + blocks - 1))/state"
}

cat >"$tmp/machine.few" <<-'END'
	arch: ppc64le
	block_size: 128M
	memory:
	  - {start: 0, end: 0x5ffffffff, node: 0}
	cpus:
	  - {list: "0", node: 0}
END

echo "starting with $blocks blocks"
wished "  time" "$(start_ns)e-9" s 1
"$memhpfs" --machine "$machine" "$tmp/many"
"$memhpfs" --machine "$tmp/machine.few" "$tmp/few"
many=$tmp/many/sys/devices/system/memory
few=$tmp/few/sys/devices/system/memory
kib=$(rss_kib "^$memhpfs --machine $machine")
wished "  resident memory, for each block" "$((kib * 1024))/$blocks" bytes 300

echo "listing memory/"
[ "$(find "$many" -maxdepth 1 -name 'memory[0-9]*' | wc -l)" = $blocks ]
wished "  $blocks blocks" "$(best_ns 5 ls -U "$many")e-9" s 2

echo "open, read, close of a block's state (target of the ratio: 1.2)"
"$bench_read" "  192 blocks=$few/memory1/state" "  $blocks blocks=$many/memory400000/state"
unmount "$tmp/few" "$tmp/many"

echo "onlining by writes through memhpsim, CPU time"
case_file 0 >"$tmp/none.case"
case_file $blocks >"$tmp/all.case"
[ "$("$memhpsim" "$tmp/all.case" | tail -n 1)" = '< online\n' ]
none=$(cpu_ns "$memhpsim" "$tmp/none.case")
all=$(cpu_ns "$memhpsim" "$tmp/all.case")
wished "  each of $blocks free blocks" "($all-$none)/$blocks/1000" us 20

echo "100 mounts of the default machine"
worst=0
for i in $(seq 100); do
	mkdir "$tmp/$i"
	"$memhpfs" "$tmp/$i"
done
for i in $(seq 100); do
	ls -lR "$tmp/$i/sys/devices/system/memory" >/dev/null
	kib=$(rss_kib "^$memhpfs $tmp/$i\$")
	[ "$kib" -le "$worst" ] || worst=$kib
done
wished "  resident memory of the largest" "$worst/1024" MiB 8
