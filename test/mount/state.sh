#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that with --state a daemon that was killed or unmounted resumes where it was, and
# replaces its old mount. An unanswered request has had no effect, or its whole effect. Anything
# that is not a state of this machine is refused.
set -eu
. "$(dirname "$0")/lib.sh"

state=$tmp/state

kill_daemon() {
	kill -KILL "$daemon"
	{ wait "$daemon" || :; } 2>/dev/null
}

# refused TEXT [OPTION...] - check that memhpfs fails with TEXT, and that nothing is mounted
refused() {
	local text=$1 status=0

	shift
	"$memhpfs" "$@" "$mnt" 2>"$tmp/err" || status=$?
	expect "$*: exit status" 1 "$status"
	grep -qF -- "$text" "$tmp/err" || fail "$*: says $(cat "$tmp/err")"
	expect_unmounted "$*"
}

mount_foreground --state "$state"
refused_status=0
"$memhpfs" --state "$state" "$tmp" 2>"$tmp/err" || refused_status=$?
expect "a second daemon: exit status" 1 "$refused_status"
grep -qF "$state: in use by another memhpfs" "$tmp/err" || fail "a second one says $(cat "$tmp/err")"

plug_dimm d0 1G 1
echo online_movable >"$mem/memory$first/state"
chmod 600 "$mem/memory$first/state"
mkdir "$mnt/machine/workload/db"
echo pinned >"$mnt/machine/workload/db/kind"
echo "$first" >"$mnt/machine/workload/db/block"
echo 64M >"$mnt/machine/workload/db/size"
echo every 2 >"$mnt/machine/workload/db/block" 2>/dev/null && fail "an invalid text is accepted"
free_before=$(grep MemFree "$mnt/proc/meminfo")
(echo offline >"$mem/memory$first/state") 2>/dev/null &
writer=$!
wait_for text "$mem/memory$first/state" going-offline
kill_daemon
wait "$writer" && fail "a write of a daemon that died is acknowledged"

mount_foreground --state "$state"
expect "the block" online "$(cat "$mem/memory$first/state")"
expect "its zone" Movable "$(cat "$mem/memory$first/valid_zones")"
expect "its mode" 600 "$(stat -c %a "$mem/memory$first/state")"
expect "the workload" 67108864 "$(cat "$mnt/machine/workload/db/size")"
expect "free memory" "$free_before" "$(grep MemFree "$mnt/proc/meminfo")"
tail -n 1 "$mnt/machine/log" | grep -q "signal backoff" || fail "the offlining has not given up"

# It also resumes after a clean end.
rmdir "$mnt/machine/workload/db"
echo offline >"$mem/memory$first/state"
unmount_tree
wait "$daemon" || fail "unmounted: exit status $?"
mount_foreground --state "$state"
expect "the block" offline "$(cat "$mem/memory$first/state")"
[ ! -e "$mnt/machine/workload/db" ] || fail "the workload is back"
echo 0 >"$mnt/machine/dimm/d0/plugged"
kill_daemon
mount_tree --state "$state"
[ ! -e "$mem/memory$first" ] || fail "the DIMM is back"
unmount_tree

# A daemon that is about to end is waited for.
for _ in $(seq 20); do
	mount_tree --state "$state"
	unmount_tree
done

refused "belongs to another command line" --state "$state" --cmdline movable_node
printf 'memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\ncpus:\n  - {list: "0", node: 0}\n' >"$tmp/m.yaml"
refused "belongs to another machine" --state "$state" --machine "$tmp/m.yaml"
echo "This is no database, and long enough to be seen as none by whoever looks at its head." >"$tmp/text"
refused "$tmp/text: " --state "$tmp/text"
grep -q "^This is no database" "$tmp/text" || fail "a file that is no state was changed"
refused "$tmp/none/state: " --state "$tmp/none/state"
python3 - "$state" "$tmp/other" <<'EOF'
import shutil, sqlite3, sys
shutil.copy(sys.argv[1], sys.argv[2])
with sqlite3.connect(sys.argv[2]) as db:
    db.execute("UPDATE input SET result = -16 WHERE op = 'write' AND result > 0 AND id ="
               " (SELECT max(id) FROM input WHERE op = 'write')")
with sqlite3.connect(sys.argv[2] + ".alien") as db:
    db.execute("CREATE TABLE mine (a)")
EOF
refused "has a different result" --state "$tmp/other"
refused "is not a state file of memhpfs" --state "$tmp/other.alien"

# An empty file becomes a new state.
: >"$tmp/empty"
mount_tree --state "$tmp/empty"
unmount_tree
