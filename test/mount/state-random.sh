#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies --state after random system calls of four clients that are killed in the middle of
# them. What they leave behind (workloads, faults, gates, offlinings that do not end) is not
# cleaned up. The daemon is killed, and the resumed machine shows the same in each file, with the
# same modes, owners and times.
set -eu
. "$(dirname "$0")/lib.sh"

random_client=$(dirname "$memhpfs")/test/random_client

# Removes pinned pages from time to time, because an eject that meets them would block all other
# clients.
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
clients=()
for i in 1 2 3 4; do
	timeout -s KILL "${MEMHPFS_RANDOM_SECONDS:-4}" "$random_client" "$mnt" \
		$((${MEMHP_SEED:-1} + i)) 3600 >"$tmp/client$i" 2>&1 &
	clients+=($!)
done
for pid in "${clients[@]}"; do
	status=0
	{ wait "$pid" || status=$?; } 2>/dev/null
	[ "$status" = 137 ] || fail "a client ends with status $status: $(cat "$tmp"/client*)"
done
kill "$renewer"
{ wait "$renewer" || :; } 2>/dev/null

PYTHONDONTWRITEBYTECODE=1 python3 "$here/state_same.py" "$memhpfs" "$tmp" "$daemon"
python3 "$here/tree_check.py" settle "$mnt" || fail "the machine does not come to rest"
python3 "$here/tree_check.py" check "$mnt" || fail "the tree contradicts itself"
unmount_tree
