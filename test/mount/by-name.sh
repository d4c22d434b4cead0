#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that machines are mounted by their names: on the command line, by mount(8) with options of
# memhpfs among those of the mount, and by fstab(5); and that a state file is of the machine with the
# name.
set -eu
. "$(dirname "$0")/lib.sh"

# bound SOURCE - check what is mounted, and the size of the machine's memory
bound() {
	expect "source" "$1" "$(awk -v dir="$mnt" '$2 == dir { print $1 }' /proc/mounts)"
	expect "blocks of $1" "$2" "$(ls "$mem" | grep -c 'memory[0-9]')"
}

refused() {
	"$memhpfs" "$@" "$mnt" 2>"$tmp/err" && fail "memhpfs $*: is mounted"
	expect_unmounted "memhpfs $*"
}

mount_tree --machine vm-8g --state "$tmp/state"
bound memhpfs 64
unmount_tree
cd "$tmp"
mount_tree --machine vm-8g --state state
bound memhpfs 64
unmount_tree
refused --machine small-vm --state state
grep -q "another machine" err || fail "another machine with the same state: $(cat err)"
refused --machine tiny-vm
grep -q "nor the name of a machine (.*small-vm, .*vm-8g, .*)" err || fail "an unknown name: $(cat err)"

mount_tree vm-8g -o 'noexec,kernel=6.6,cmdline=movable_node\,x\\y,cache' 2>err
bound vm-8g 64
expect "escaped" 'movable_node,x\y' "$(cat "$mnt/proc/cmdline")"
grep -q "^Linux version 6.6 " "$mnt/proc/version" || fail "kernel=6.6: $(cat "$mnt/proc/version")"
unmount_tree
refused none -o kernel
grep -q -- "-o kernel: a value is missing" err || fail "-o kernel: $(cat err)"
refused none -o state-recover=1
grep -q -- "-o state-recover=1: takes no value" err || fail "-o state-recover=1: $(cat err)"
refused none -o ready-fd=1
mount_tree none
bound none 16
unmount_tree

# mount(8) looks for memhpfs in a fixed list of directories.
[ "$(id -u)" -eq 0 ] || exit 0
echo "vm-8g $mnt fuse.memhpfs nofail,x-later=1,cmdline=movable_node 0 0" >fstab
export -f fail
timeout 60 unshare --mount bash -eu -c 'cd "$1"
	mount -t tmpfs tmpfs /usr/local/bin
	ln -s "$2" /usr/local/bin/memhpfs
	mount -t fuse.memhpfs vm-8g mnt -o nosuid,noatime,kernel=6.6
	grep -q " 6.6 " mnt/proc/version || fail "mount -o kernel=6.6"
	umount mnt
	mount -T fstab -a
	mount -T fstab -a || fail "mount -a mounts it again"
	[ "$(cat mnt/proc/cmdline)" = movable_node ] || fail "fstab: $(cat mnt/proc/cmdline)"
	umount mnt
	! mount -t fuse.memhpfs tiny-vm mnt 2>err || fail "tiny-vm is mounted"
	grep -q "^tiny-vm: " err || fail "mount: $(cat err)"' by-name "$tmp" "$memhpfs"
