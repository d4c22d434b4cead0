#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --state, after random system calls of four clients: the daemon is killed, and the machine that goes
# on shows the same in every file, with the same modes and owners. Only machine/log lacks what uevent
# helpers had to say, which do not run again.
set -eu
. "$(dirname "$0")/lib.sh"

random_client=$(dirname "$memhpfs")/test/random_client

dump() (
	cd "$mnt"
	{
		find . -printf '%p %m %U %G %l\n'
		find . -type f -perm -400 ! -path ./machine/uevents ! -path ./machine/trace \
			! -path ./machine/log ! -path ./machine/clock/now_ns \
			-exec grep -asH '' {} + || :
	} | LC_ALL=C sort
)

# What pins pages goes from time to time, or an eject that meets it would hold up everybody.
renew() {
	while :; do
		sleep 0.2
		rmdir "$mnt"/machine/workload/* "$mnt"/machine/fault/* 2>/dev/null || :
	done
}

mount_foreground --state "$tmp/state"
plug_dimm d0 512M 1
echo 1000 >"$mnt/machine/clock/migrate_pages_per_ms"
renew &
renewer=$!
pids=()
for i in 1 2 3 4; do
	timeout -s KILL 60 "$random_client" "$mnt" $((${MEMHP_SEED:-1} + i)) \
		"${MEMHPFS_RANDOM_SECONDS:-4}" >"$tmp/client$i" &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" || fail "a client ends with status $?: the daemon is gone, or slow"
done
kill "$renewer"
{ wait "$renewer" || :; } 2>/dev/null
rmdir "$mnt"/machine/workload/* "$mnt"/machine/fault/* "$mnt"/machine/race/* 2>/dev/null || :
python3 "$here/tree_check.py" settle "$mnt" || fail "the machine does not come to rest"
dump >"$tmp/before"
kill -KILL "$daemon"
{ wait "$daemon" || :; } 2>/dev/null

mount_foreground --state "$tmp/state"
dump >"$tmp/after"
[ "$(wc -l <"$tmp/before")" -gt 1000 ] || fail "that was no dump"
diff "$tmp/before" "$tmp/after" >"$tmp/diff" || fail "differs: $(head -n 20 "$tmp/diff")"
python3 "$here/tree_check.py" check "$mnt" || fail "the tree contradicts itself"
unmount_tree
