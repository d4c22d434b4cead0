#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that each machine in machines/ can be mounted, that lsmem understands it, and that it
# serves its purpose.
set -eu
. "$(dirname "$0")/../mount/lib.sh"
machines=$(cd "$(dirname "$0")/../../machines" && pwd)

# totals ONLINE OFFLINE - check the totals that lsmem prints, in bytes
totals() {
	expect "$machine: lsmem" "$(($1)) $(($2))" "$(lsmem --sysroot "$mnt" -b --summary=only |
		sed -n 's/.*o[nf]*line memory: *//p' | xargs)"
}
state() {
	cat "$mem/memory$1/state"
}
# device KIND NAME KEY VALUE... - create and configure a device
device() {
	local dir=$mnt/machine/$1/$2

	mkdir "$dir"
	shift 2
	while [ $# -gt 0 ]; do
		echo "$2" >"$dir/$1"
		shift 2
	done
}

for file in "$machines"/*.yaml; do
	machine=$(basename "$file" .yaml)
	mount_tree --machine "$file"
	case $machine in
	default) totals 2\<\<30 0 ;;
	small-vm)
		totals 512\<\<20 0
		device dimm d size 1G plugged 1
		totals 1536\<\<20 0
		;;
	two-socket) totals 64\<\<30 0 ;;
	vm-8g) totals 8\<\<30 0 ;;
	vm-kvm | vm-xen | vm-azure | vm-vmware)
		totals 4\<\<30 0
		device dimm d size 1G plugged 1
		totals 4\<\<30 1\<\<30
		;;
	bare-metal) totals 32\<\<30 0 ;;
	vm-virtio-mem)
		totals 64\<\<30 0
		device virtio-mem v size 512G plugged 1 requested_size 256G
		totals 320\<\<30 0
		expect "$machine: zone" Movable "$(cat "$mem/memory128/valid_zones")"
		;;
	four-nodes)
		expect "$machine: nodes" "0-2 0-1" \
			"$(cat "$mnt"/sys/devices/system/node/{online,has_memory} | xargs)"
		device dimm d size 1G node 3 addr 16G plugged 1
		expect "$machine: one more node" "0-3 0-1" \
			"$(cat "$mnt"/sys/devices/system/node/{online,has_memory} | xargs)"
		;;
	power-64t)
		expect "$machine: blocks" 524288 "$(ls -U "$mem" | grep -c '^memory[0-9]')"
		expect "$machine: the last one" "online node15" \
			"$(state 524287) $(basename "$(readlink "$mem"/memory524287/node*)")"
		echo "memory remove count 4" >"$mnt/sys/kernel/dlpar"
		[ ! -e "$mem/memory32771" ] || fail "$machine: memory32771 is still there"
		echo "memory add index 0x80008003" >"$mnt/sys/kernel/dlpar"
		expect "$machine: it came back" online "$(state 32771)"
		;;
	s390-lpar)
		totals 4\<\<30 4\<\<30
		expect "$machine: phys_device" 64 "$(cat "$mem/memory16/phys_device")"
		echo online_movable >"$mem/memory16/state"
		totals 4352\<\<20 3840\<\<20
		;;
	arm64-16k)
		totals 126\<\<27 0
		! (echo offline >"$mem/memory8200/state") 2>"$tmp/err" ||
			fail "$machine: boot memory goes offline"
		device dimm d size 256M plugged 1
		totals 126\<\<27 256\<\<20
		;;
	cxl)
		totals 128\<\<30 0
		device dax dax0.0 size 64G node 2 memmap_on_memory 1 plugged 1
		totals 128\<\<30 0
		echo 1 >"$mnt/machine/dax/dax0.0/system_ram"
		totals 128\<\<30 64\<\<30
		for block in $(seq 128 159); do
			echo online_movable >"$mem/memory$block/state"
		done
		totals 192\<\<30 0
		expect "$machine: node 2" 2 "$(cat "$mnt/sys/devices/system/node/has_memory" | cut -d - -f 2)"
		expect "$machine: kmem" 1 "$(grep -c 'System RAM (kmem)' "$mnt/proc/iomem")"
		;;
	*) fail "$machine: its purpose is not tested" ;;
	esac
	unmount_tree
done
