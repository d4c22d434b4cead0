#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that scripts/run checks the mount point, what is mounted there, and /dev/fuse before it
# builds. This is tested as this user and, if it is root, as an ordinary user. A mount whose
# memhpfs was killed is replaced.
set -eu
. "$(dirname "$0")/lib.sh"

# The mounts of this test are not at $mnt, but below $tmp.
cleanup_all() {
	awk -v below="$tmp/" 'index($2, below) == 1 { print $2 }' /proc/mounts |
		xargs -r -n 1 fusermount3 -uz
	cleanup
}
trap cleanup_all EXIT

# The sources have a fake meson and ninja, which build instantly.
top=$tmp/top
mkdir "$tmp/bin" "$top" "$top/build"
cp -r "$here/../../scripts" "$top"
ln -s "$memhpfs" "$top/build/memhpfs"
for name in meson ninja; do
	printf '#!/bin/sh\ntouch %s/built\n' "$tmp" >"$tmp/bin/$name"
	chmod +x "$tmp/bin/$name"
done
chmod 755 "$tmp"
# These files are writable for each user who builds.
touch "$tmp/built" "$top/build/build.log"
chmod -R a+w "$tmp/built" "$top/build"

as=() # the command prefix that runs a command as another user
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# run OPTION... - run scripts/run; sets $status and $built ("yes" or "no"), and leaves the output
# in $tmp/out
run() {
	status=0
	: >"$tmp/built"
	touch -d @0 "$tmp/built"
	(cd "$tmp" && PATH=$tmp/bin:$PATH "${as[@]}" "$top/scripts/run" "$@") >"$tmp/out" 2>&1 ||
		status=$?
	built=yes
	[ "$(stat -c %Y "$tmp/built")" != 0 ] || built=no
}

# refused WHAT LINE... - check that nothing was built, and that these lines were printed
refused() {
	local what=$1

	expect "$what: exit status: $(cat "$tmp/out")" 1 "$status"
	expect "$what: built" no "$built"
	shift
	for line; do
		grep -qxF -- "$line" "$tmp/out" || fail "$what: not \"$line\": $(cat "$tmp/out")"
	done
}

# mounts WHERE - check that scripts/run succeeds
mounts() {
	run "$1"
	expect "$1: exit status: $(cat "$tmp/out")" 0 "$status"
	expect "$1: built" yes "$built"
	grep -qxF "  lsmem --sysroot $1" "$tmp/out" || fail "$1: $(cat "$tmp/out")"
	"${as[@]}" test -d "$1/machine/dimm" || fail "$1: no machine"
}

# pid_of WHERE - print the pid of the memhpfs that is mounted there
pid_of() {
	pgrep -f "^$top/build/memhpfs $1\$"
}

# kill_mount WHERE - kill the memhpfs that is mounted there
kill_mount() {
	local pid

	pid=$(pid_of "$1")
	kill -KILL "$pid"
	wait_for gone "$pid"
}

# everything HOME - run the tests that are the same for all users
everything() {
	local home=$1 me

	me=$("${as[@]}" id -un)
	run
	expect "no mount point" 2 "$status"
	run --machine x
	expect "options first" 2 "$status"
	mounts "$home/m"
	run "$home/m"
	refused "twice" "Something is mounted on $home/m already. If it is no longer needed:" \
		"  fusermount3 -u $home/m"
	kill_mount "$home/m"
	mounts "$home/m"
	unmount_tree "$home/m"
	mounts "$home/a/b/c"
	unmount_tree "$home/a/b/c"
	touch "$home/file"
	run "$home/file"
	refused "a file" "$home/file is no directory."
	run "$home/file/m"
	refused "below a file" "$home/file/m cannot be made: $home/file is no directory."
	run /proc/m
	refused "where nothing can be made" "Take a place of your own:" "  scripts/run ~/m"
	grep -q "cannot be made: /proc is not $me's to write to.$\|cannot create" "$tmp/out" ||
		fail "where nothing can be made: $(cat "$tmp/out")"
}

mkdir "$tmp/mine"
everything "$tmp/mine"
if [ "$(id -u)" = 0 ]; then
	mounts "$tmp/mine/m"
	as=("${nobody[@]}")
	mkdir "$tmp/other" "$tmp/other/roots"
	chown 65534:65534 "$tmp/other"
	everything "$tmp/other"
	run "$tmp/mine/new"
	refused "root's place" "$tmp/mine/new cannot be made: $tmp/mine is not $("${as[@]}" id -un)'s to write to." \
		"Take a place of your own:" "  scripts/run ~/m"
	run "$tmp/other/roots"
	refused "root's directory" "$tmp/other/roots is not $("${as[@]}" id -un)'s to mount on."
	kill_mount "$tmp/mine/m"
	run "$tmp/mine/m"
	refused "root's mount" "$tmp/mine/m is a mount of another user's memhpfs, which was killed."
	unmount_tree "$tmp/mine/m"
	chmod go-w "$top/build"
	run "$tmp/other/m"
	refused "root's sources" \
		"$top/build is not $("${as[@]}" id -un)'s to write to. Build in a clone of your own."
	as=(unshare -m sh -c "mount --bind $tmp/other/file /dev/fuse && exec \"\$@\"" sh)
	run "$tmp/mine/n"
	refused "no /dev/fuse"
	grep -q '^There is no /dev/fuse here' "$tmp/out" || fail "no /dev/fuse: $(cat "$tmp/out")"
	[ ! -e "$tmp/mine/n" ] || fail "no /dev/fuse: the mount point was made"
fi
