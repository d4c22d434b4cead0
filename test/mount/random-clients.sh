#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that the daemon withstands eight clients that make random system calls, on a machine
# where offlining takes time and sometimes never ends. Whatever they do, the daemon answers, its
# views of the machine agree, it uses no more memory than the machine needs, and it ends when it
# is unmounted. The test runs for $MEMHPFS_RANDOM_SECONDS; the seeds count from
# $MEMHPFS_RANDOM_SEED.
set -eu
. "$(dirname "$0")/lib.sh"

seconds=${MEMHPFS_RANDOM_SECONDS:-8}
seed=${MEMHPFS_RANDOM_SEED:-1}
clients=8

# This allows for a machine with all objects that the clients may create, and for 200 open files
# with a text for each client.
limit_kib=$((96 * 1024))

# workload NAME KIND BLOCK SIZE - create a workload, as far as memory is available
workload() {
	local dir=$mnt/machine/workload/$1

	mkdir "$dir" 2>/dev/null || :
	{
		echo "$2" >"$dir/kind"
		echo "$3" >"$dir/block"
		echo "$4" >"$dir/size"
	} 2>/dev/null || :
}

# An eject that meets a page that does not migrate retries for ever, ignores signals and holds the
# hotplug lock, as in the kernel. Therefore workloads are removed and recreated from time to time.
renew() {
	while :; do
		sleep 0.3
		rmdir "$mnt"/machine/workload/* "$mnt"/machine/fault/* 2>/dev/null || :
		workload slow anon "$first" 64M
		workload fixed pinned "$last" 4096
	done
}

mount_checked
plug_dimm d0 512M 1
for block in $(seq "$first" "$last"); do
	echo online_movable >"$mem/memory$block/state"
done
echo 1000 >"$mnt/machine/clock/migrate_pages_per_ms"
renew &
renewer=$!
before=$(rss_kib)

pids=()
for i in $(seq "$clients"); do
	timeout -s KILL $((seconds + 60)) "$clients_dir/random_client" "$mnt" $((seed + i - 1)) \
		"$seconds" &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" || fail "a client ends with status $?: the daemon is gone, or slow"
done
kill "$renewer"
echo "resident: $before KiB, at the end $(rss_kib) KiB"
if ! sanitized; then
	[ "$(rss_kib)" -lt "$limit_kib" ] || fail "$(rss_kib) KiB, $limit_kib allowed"
fi
expect "descriptors" "$fds" "$(nr_fds)"

python3 "$here/tree_check.py" settle "$mnt" || {
	tail -n 20 "$mnt/machine/log"
	fail "the machine does not come to rest"
}
python3 "$here/tree_check.py" check "$mnt" || fail "the tree contradicts itself"
unmount_tree
expect_exit 0 "$daemon" "after all that"
expect_no_report
