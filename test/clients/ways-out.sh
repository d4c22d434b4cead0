#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that no program in memhpfs-run reaches the real machine, as root and as an ordinary user
# (ways_out.py has the attempts).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/lib-user.sh"
memhpfs=$(realpath "${MEMHPFS:-$top/build/memhpfs}")

fail() {
	echo "ways-out, as $(id -u): $*"
	exit 1
}

# The test runs first as an ordinary user with access to /dev/fuse, and then as root, with other mounts of sysfs and proc.
if [ "$(id -u)" = 0 ] && [ -z "${AS_USER:-}" ]; then
	outer=$(mktemp -d)
	chmod 755 "$outer"
	AS_USER=1 MEMHPFS="$outer/top/${memhpfs#"$top"/}" as_user "$outer" "$outer/top/test/clients/ways-out.sh" ||
		fail "the ordinary user"
	AS_USER=0 unshare --mount --propagation private bash -eu -c '
		mkdir -p "$1/sys" "$1/proc"
		mount -t sysfs none "$1/sys"
		mount -t proc none "$1/proc"
		# as if it had NVDIMMs
		for dir in /sys/bus/nd/devices /sys/class/nd /sys/bus/cxl/devices; do
			[ ! -d $dir ] || { mount -t tmpfs none $dir && touch $dir/nmem0; }
		done
		group=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)
		mount -t tmpfs none /sys/fs/cgroup
		mkdir -p "$group"
		echo REAL >"$group/cpuset.mems.effective"
		REAL_CHROOT=$1 "$2"' as_root "$outer" "$0" || fail "root"
	rm -rf --one-file-system "$outer"
	exit
fi
tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'kill $marked; ipcrm -m "$segment"; rm -rf --one-file-system "$tmp"' EXIT
bash -c 'exec -a REAL_MARK sleep 1000' &
marked=$!
segment=$(ipcmk -M 999 | sed 's/.*: //')
cat >"$tmp/machine.yaml" <<'END'
arch: x86_64
block_size: 512M
memory:
  - {start: 0x1000, end: 0x9fbff, node: 0}
  - {start: 1M, end: 0x7fffffff, node: 0}
cpus:
  - {list: "0", node: 0}
END
REAL_BLOCK=$(cat /sys/devices/system/memory/block_size_bytes 2>/dev/null || echo none)
REAL_TOTAL=$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)
REAL_PID=$marked
RUN=$(dirname "$memhpfs")/memhpfs-run
MACHINE=$tmp/machine.yaml
export REAL_BLOCK REAL_TOTAL REAL_PID RUN MACHINE
export REAL_SYS=9 REAL_PROC=8
[ "$REAL_BLOCK" != 20000000 ] || fail "the real machine has blocks of the same size"
cd /sys/devices/system/memory 2>/dev/null || cd /sys/devices/system
"$RUN" --machine="$tmp/machine.yaml" /usr/bin/python3 "$here/ways_out.py" 9</sys 8</proc >"$tmp/out" 2>"$tmp/err" ||
	fail "$(grep "REAL" "$tmp/out"; cat "$tmp/err")"
echo "as $(id -u):"
cat "$tmp/out"
grep -q "^the working directory.* 20000000$" "$tmp/out" || fail "the working directory"

# The attempts work: where the view is not locked, they get out.
if [ "$(id -u)" = 0 ]; then
	! "$RUN" --privileged --pid=host --ipc=host --machine="$tmp/machine.yaml" /usr/bin/python3 "$here/ways_out.py" \
		"umount a cover in /sys" "mount -t sysfs" "processes in /proc, as a memory killer sees them" \
		"/proc/PID/root of a process outside" "System V shared memory" "open /proc/sys/kernel/printk for writing" \
		>"$tmp/out" 2>"$tmp/err" || fail "--privileged: $(cat "$tmp/out")"
	grep -q "^6 attempts, 5 reach the real machine" "$tmp/out" || fail "--privileged: $(cat "$tmp/out" "$tmp/err")"
	grep -q "privileged: COMMAND can remove the view and reach the real machine" "$tmp/err" || fail "no warning"
fi
