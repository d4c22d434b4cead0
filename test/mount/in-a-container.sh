#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that, if a container lacks what is needed, the programs report which options provide it
# and what works without it, and that memhpsim does work.
set -eu
. "$(dirname "$0")/lib.sh"
build=$(dirname "$memhpfs")
options="--device /dev/fuse --cap-add SYS_ADMIN --security-opt apparmor=unconfined"
user=()
[ "$(id -u)" = 0 ] || user=(--map-root-user)

# says STATUS WORDS COMMAND... - check that the command exits with STATUS, and that standard error
# has WORDS, one line with the options, and one that says what works without them
says() {
	local status=0

	"${@:3}" >"$tmp/out" 2>"$tmp/err" || status=$?
	expect "${*:3}: exit status" "$1" "$status"
	grep -qF -- "$2" "$tmp/err" || fail "${*:3}: no \"$2\": $(cat "$tmp/err")"
	expect "${*:3}: lines with the options" 1 "$(grep -cF -- "$options" "$tmp/err")"
	expect "${*:3}: lines with what works" 1 "$(grep -cF "memhpsim works without" "$tmp/err")"
	! grep -q "try 'modprobe" "$tmp/err" || fail "${*:3}: $(cat "$tmp/err")"
	expect_unmounted "${*:3}"
}

# without_fuse COMMAND... - run the command without /dev/fuse
without_fuse() {
	unshare --mount --propagation private "${user[@]}" sh -c '
		mount -t tmpfs none /dev && touch /dev/null && exec "$@"' sh "$@"
}

# without_mounts COMMAND... - run the command where seccomp denies namespaces and mounting
without_mounts() {
	"$clients_dir/deny" "$@"
}

says 1 "/dev/fuse: No such file or directory" without_fuse "$memhpfs" "$mnt"
says 1 "/dev/fuse: No such file or directory" without_fuse "$memhpfs" -f "$mnt"
says 125 "/dev/fuse: No such file or directory" without_fuse "$build/memhpfs-run" true
says 1 "cannot mount here" without_mounts "$memhpfs" "$mnt"
says 125 "(Operation not permitted)" without_mounts "$build/memhpfs-run" true
if [ "$(id -u)" = 0 ]; then
	! grep -q "as root" "$tmp/err" || fail "root is advised to become root"
	# The container may not open the device, or the module is not loaded on the host.
	mkdir "$tmp/dev"
	mknod "$tmp/dev/fuse" c 10 77
	says 1 "/dev/fuse: No such device" unshare --mount --propagation private sh -c '
		mount --bind "$1" /dev/fuse && exec "$2" "$3"' sh "$tmp/dev/fuse" "$memhpfs" "$mnt"
	# The capability to mount is missing, also for fusermount3.
	says 1 "cannot mount here" setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		"$memhpfs" "$mnt"
fi

printf '> read sys/devices/system/memory/block_size_bytes\n' >"$tmp/case"
for command in without_fuse without_mounts; do
	expect "memhpsim, $command" '< 8000000\n' "$($command "$build/memhpsim" "$tmp/case" | tail -n 1)"
done
