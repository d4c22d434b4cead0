#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that, if a container lacks what is needed, the programs report which options provide it
# and what works without it, and that memhpsim does work.
set -eu
. "$(dirname "$0")/lib.sh"
build=$(dirname "$memhpfs")
top=$(realpath "$(dirname "$0")/../..")
options="--device /dev/fuse --cap-add SYS_ADMIN --security-opt apparmor=unconfined"
without="memhpsim(1) and libmemhp, memhp(3), run the same machines in memory"
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
	expect "${*:3}: lines with what works" 1 "$(grep -cF "$without" "$tmp/err")"
	! grep -q "try 'modprobe" "$tmp/err" || fail "${*:3}: $(cat "$tmp/err")"
	expect_unmounted "${*:3}"
}

# without_fuse COMMAND... - run the command without /dev/fuse
without_fuse() {
	unshare --mount --propagation private "${user[@]}" sh -c '
		mount -t tmpfs none /dev && touch /dev/null && ln -s /proc/self/fd /dev/fd && exec "$@"' sh "$@"
}

# without_mounts COMMAND... - run the command where seccomp denies namespaces and mounting
without_mounts() {
	"$clients_dir/deny" "$@"
}

# without_namespaces COMMAND... - run the command where no more user namespaces are allowed
without_namespaces() {
	unshare --user --map-root-user sh -c '
		echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh "$@"
}

no_fuse="/dev/fuse cannot be used: No such file or directory"
says 1 "$no_fuse" without_fuse "$memhpfs" "$mnt"
says 1 "$no_fuse" without_fuse "$memhpfs" -f "$mnt"
says 125 "$no_fuse" without_fuse "$build/memhpfs-run" true
sed -n 's/^    \(memhpfs-run: .*\)/\1/p' "$top/doc/recipes/README.md" | diff - "$tmp/err" ||
	fail "doc/recipes/README.md shows another message"
says 125 "$no_fuse" without_fuse "$build/memhpfs-explore" true
# The kits pass the message on.
in_shell=(env PATH="$build:$top/kits/bash:$PATH" bash -c '. memhp.bash; memhp_start')
in_python=(env PATH="$build:$PATH" PYTHONPATH="$top/kits/python" PYTHONDONTWRITEBYTECODE=1
	/usr/bin/python3 -c 'import memhp; memhp.Mount()')
for kit in in_shell in_python; do
	declare -n start=$kit
	says 1 "$no_fuse" without_fuse "${start[@]}"
	says 1 "cannot mount here" without_mounts "${start[@]}"
done
says 1 "cannot mount here" without_mounts "$memhpfs" "$mnt"
grep -q "memhpfs-run, .*, may work" "$tmp/err" || fail "memhpfs does not name memhpfs-run: $(cat "$tmp/err")"
no_namespaces="namespaces cannot be created here: Operation not permitted"
says 125 "$no_namespaces" without_mounts "$build/memhpfs-run" true
[ "$(id -u)" != 0 ] || ! grep -q "run this as root" "$tmp/err" || fail "root is advised to become root"
says 125 "$no_namespaces" without_mounts "$build/memhpfs-explore" true
says 125 "the limit user.max_user_namespaces is reached" without_namespaces "$build/memhpfs-run" true
grep -q "sysctl user.max_user_namespaces=" "$tmp/err" || fail "no way out: $(cat "$tmp/err")"
if [ "$(id -u)" = 0 ]; then
	# The container may not open the device, or the module is not loaded on the host.
	mkdir "$tmp/dev"
	mknod "$tmp/dev/fuse" c 10 77
	says 1 "/dev/fuse cannot be used: No such device" unshare --mount --propagation private sh -c '
		mount --bind "$1" /dev/fuse && exec "$2" "$3"' sh "$tmp/dev/fuse" "$memhpfs" "$mnt"
	# The capability to mount is missing, also for fusermount3.
	says 1 "cannot mount here" setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		"$memhpfs" "$mnt"
fi

printf '> read sys/devices/system/memory/block_size_bytes\n' >"$tmp/case"
for command in without_fuse without_mounts without_namespaces; do
	expect "memhpsim, $command" '< 8000000\n' "$($command "$build/memhpsim" "$tmp/case" | tail -n 1)"
done
