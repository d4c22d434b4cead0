#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies memhpfs record: on mounted dumps of real machines, lsmem prints the same as on those
# machines; this machine is compared with its record link by link; and inconsistent files are
# reported.
set -eu
. "$(dirname "$0")/../mount/lib.sh"
dumps=$(cd "$(dirname "$0")/../lsmem-dumps" && pwd)
machine=$tmp/machine.yaml

# refused WHAT TEXT SOURCE [OPTION...] - check for TEXT on standard error and for no output
refused() {
	local what=$1 text=$2 status=0

	shift 2
	"$memhpfs" record "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	expect "$what: exit status" 2 "$status"
	[ ! -s "$tmp/out" ] || fail "$what: something was written"
	grep -qF -- "$text" "$tmp/err" || fail "$what: $(cat "$tmp/err")"
}

# ---- the dumps, with each set of options; an archive can also be used as a machine file
for dump in aarch64_16K_16g s390-zvm-6g x86_64-16g; do
	archive=$dumps/lsmem-$dump.tar.bz2
	"$memhpfs" record "$archive" >"$machine"
	for source in "$machine" "$archive"; do
		mount_tree --machine "$source"
		sed -n 's/^== lsmem --sysroot ROOT //p' "$dumps/$dump.expected" | while read -r options; do
			echo "== lsmem --sysroot ROOT $options"
			# shellcheck disable=SC2086
			lsmem --sysroot "$mnt" $options 2>&1 || : # lsmem rejects one set of options
		done >"$tmp/lsmem"
		diff "$dumps/$dump.expected" "$tmp/lsmem" >"$tmp/diff" || fail "$source: $(head "$tmp/diff")"
		unmount_tree
	done
done

# Blocks show the recorded state until they change; after that they behave normally.
mount_tree --machine "$dumps/lsmem-s390-zvm-6g.tar.bz2"
expect "phys_device" 640 "$(cat "$mem/memory20/phys_device")"
expect "as recorded" "offline Movable" "$(cat "$mem/memory20/state" "$mem/memory20/valid_zones" | xargs)"
echo online_movable >"$mem/memory20/state"
echo offline >"$mem/memory20/state"
expect "as it is now" "offline Normal Movable" \
	"$(cat "$mem/memory20/state" "$mem/memory20/valid_zones" | xargs)"
expect "its neighbour" "Movable" "$(cat "$mem/memory21/valid_zones")"
unmount_tree

# ---- this machine
if [ -d /sys/devices/system/memory/memory0 ]; then
	"$memhpfs" record >"$machine"
	mount_tree --machine "$machine"
	lsmem -a --output-all >"$tmp/real"
	lsmem --sysroot "$mnt" -a --output-all >"$tmp/ours"
	diff "$tmp/real" "$tmp/ours" || fail "lsmem of this machine"
	links() {
		(cd "$1/sys/devices/system" && find memory/memory* node/node*/memory[0-9]* -maxdepth 1 \
			\( -type l -printf '%p -> %l\n' \) -o \( -path '*/power' -prune \) -o -print | sort)
		(cd "$1/sys/devices/system/memory" && grep . -- */{phys_index,phys_device,removable,state,valid_zones,online})
	}
	links "" >"$tmp/real"
	links "$mnt" >"$tmp/ours"
	[ "$(wc -l <"$tmp/real")" -gt 10 ] || fail "nothing was compared"
	diff "$tmp/real" "$tmp/ours" >"$tmp/diff" || fail "this machine: $(head "$tmp/diff")"
	unmount_tree
else
	echo "record: this machine shows no memory blocks; only the dumps were compared"
fi

# ---- a mount, whose machine and objects are recorded
cat >"$machine" <<-'END'
	memory:
	  - {start: 0, end: 0x3fffffff, node: 0}
	hotplug:
	  - {start: 4G, end: 0x1ffffffff, node: 0}
	devices:
	  - {kind: dimm, name: d0, size: 1G}
END
mount_tree --machine "$machine"
echo 1 >"$mnt/machine/dimm/d0/plugged"
mkdir "$mnt/machine/workload/w0"
echo slab >"$mnt/machine/workload/w0/kind"
echo 16M >"$mnt/machine/workload/w0/size"
"$memhpfs" record "$mnt" >"$tmp/first"
(cd "$mnt" && ls -d sys/devices/system/memory/memory*) >"$tmp/blocks"
unmount_tree
mount_tree --machine "$tmp/first"
"$memhpfs" record "$mnt" | diff "$tmp/first" - || fail "the record of a recorded mount differs"
(cd "$mnt" && ls -d sys/devices/system/memory/memory*) | diff "$tmp/blocks" - || fail "a recorded mount: blocks"
expect "a recorded mount: a DIMM" 1 "$(cat "$mnt/machine/dimm/d0/plugged")"
expect "a recorded mount: a workload" 16777216 "$(cat "$mnt/machine/workload/w0/size")"
unmount_tree

# ---- inconsistent files
good=$tmp/good
tree=$tmp/tree
memory=$tree/sys/devices/system/memory
mkdir -p "$good/sys/devices/system/memory"
echo 10000000 >"$good/sys/devices/system/memory/block_size_bytes"
for n in 0 1; do
	mkdir -p "$good/sys/devices/system/node/node$n" "$good/sys/devices/system/memory/memory$n"
	echo online >"$good/sys/devices/system/memory/memory$n/state"
	echo 0000000$n >"$good/sys/devices/system/memory/memory$n/phys_index"
	ln -s "../../node/node$n" "$good/sys/devices/system/memory/memory$n/node$n"
	ln -s "../../memory/memory$n" "$good/sys/devices/system/node/node$n/memory$n"
	echo $n >"$good/sys/devices/system/node/node$n/cpulist"
done
again() {
	rm -rf "$tree"
	cp -a "$good" "$tree"
}
again
"$memhpfs" record "$tree" | grep -qx '  - {list: "1", node: 1}' || fail "the good one"
# its configuration, in a directory and in an archive; a damaged one is none
mkdir "$tree/proc"
printf '%s\n' '#' CONFIG_NUMA=y CONFIG_MIGRATION=y CONFIG_VIRTIO_MEM=m CONFIG_COMPACTION=y \
	CONFIG_MEMORY_HOTREMOVE=y '# CONFIG_PM is not set' | gzip >"$tree/proc/config.gz"
tar -C "$tree" -czf "$tmp/tree.tar.gz" .
for source in "$tree" "$tmp/tree.tar.gz"; do
	"$memhpfs" record --arch x86_64 "$source" >"$machine"
	grep -qx '  PM: n' "$machine" || fail "the configuration: $(cat "$machine")"
	! grep -q 'NUMA:\|HOTREMOVE\|VIRTIO_MEM' "$machine" || fail "what is as usual: $(cat "$machine")"
done
echo nonsense >"$tree/proc/config.gz"
"$memhpfs" record "$tree" >"$machine"
! grep -q kernel_config "$machine" || fail "a damaged configuration: $(cat "$machine")"
again
# The library for archives is loaded only if it is needed.
mkdir "$tmp/lib"
touch "$tmp/lib/libarchive.so.13"
export LD_LIBRARY_PATH=$tmp/lib
refused "no libarchive" "archives need libarchive: $tmp/lib/libarchive.so.13: file too short" "$tmp/tree.tar.gz"
"$memhpfs" record "$tree" >/dev/null || fail "a directory needs libarchive"
unset LD_LIBRARY_PATH
status=0
"$memhpfs" record /nowhere 2>"$tmp/err" || status=$?
expect "no such root" "1 /nowhere: cannot be read: No such file or directory" \
	"$status $(cat "$tmp/err")"
refused "no machine" "has no memory blocks" "$tmp/good/sys/devices/system/node"
rm "$memory/block_size_bytes"
refused "no block size" "memory/block_size_bytes is missing" "$tree"
echo big >"$memory/block_size_bytes"
refused "a bad block size" 'block_size_bytes: "big" is not a valid size' "$tree"
echo 10001000 >"$memory/block_size_bytes"
refused "no power of two" "is not a valid block size" "$tree"
again
rm "$memory/memory1/state"
refused "no state" "memory1/state is missing" "$tree"
echo away >"$memory/memory1/state"
refused "a bad state" 'memory1/state: "away" is not a valid state' "$tree"
again
echo 00000002 >"$memory/memory1/phys_index"
refused "another index" 'memory1/phys_index: "00000002" is another block: are there two block sizes?' "$tree"
again
ln -sfn ../../node/node1 "$memory/memory0/node0"
refused "a broken link" "memory0/node0 points to ../../node/node1: a broken link" "$tree"
again
rm "$tree/sys/devices/system/node/node1/memory1"
refused "no link back" "node1/memory1 is missing" "$tree"
again
rm "$memory/memory1/node1"
refused "no link" "memory1/node1 is missing" "$tree"
again
rm -r "$tree/sys/devices/system/node/node1"
refused "no node" "memory1/node1: there is no node1" "$tree"
again
echo x >"$tree/sys/devices/system/node/node1/cpulist"
refused "no CPU list" 'node1/cpulist: "x" is not a valid list of CPUs' "$tree"
again
echo offline | tee "$memory"/*/state >/dev/null
refused "all offline" "memory" "$tree"
again
refused "another architecture" "is not a valid page size (4K on s390x)" "$tree" --arch=s390x --page-size=64K
refused "an unknown one" "vax: not known" "$tree" --arch=vax
cp -a "$tree" "$tmp/second"
tar -C "$tmp" -czf "$tmp/two.tar.gz" tree second
refused "two machines" "contains two machines, tree/ and second/" "$tmp/two.tar.gz"
echo text >"$tmp/text.tar"
refused "no archive" "cannot be read" "$tmp/text.tar"
status=0
"$memhpfs" --machine "$tmp/text.tar" "$mnt" 2>"$tmp/err" || status=$?
expect "mounting it" 2 "$status"
