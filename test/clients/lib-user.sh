# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by tests that root runs once more as an ordinary user; $top is the project.

# as_user SCRATCH COMMAND... - run it as nobody, with access to /dev/fuse and to the project in SCRATCH/top
as_user() {
	unshare --mount --propagation private bash -eu -c '
		top=$1 scratch=$2
		shift 2
		mknod "$scratch/fuse" c 10 229
		chmod 666 "$scratch/fuse"
		mount --bind "$scratch/fuse" /dev/fuse
		mkdir -p "$scratch/top"
		mount --bind "$top" "$scratch/top"
		cd /
		export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"' \
		as_user "$top" "$@"
}
