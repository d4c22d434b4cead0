#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies memhpsim --live on mounts: recordings made with system calls have the answers of the
# recorded cases (a quarter of them; all with MEMHPFS_LIVE_ALL=1); gates and writes that wait are told
# as memhpsim tells them; and what cannot be done is refused before anything is done.
set -eu
. "$(dirname "$0")/lib.sh"
memhpsim=$(dirname "$memhpfs")/memhpsim
conformance=$here/../conformance

# ---- recorded cases

mapfile -t supported < <(sed '/^#/d' "$conformance/supported")
names=(stuck-offline held-memory-migrates virtio-mem-cycle inject)
for i in "${!supported[@]}"; do
	name=${supported[i]}
	if [ -n "${MEMHPFS_LIVE_ALL:-}" ] || [ $((i % 4)) = 0 ]; then
		[[ " ${names[*]} " == *" $name "* ]] || names+=("$name")
	fi
done
python3 "$here/live_cases.py" "$memhpfs" "$memhpsim" "$tmp" "${names[@]}" >"$tmp/out" ||
	fail "$(cat "$tmp/out")"
[ -z "${MEMHPFS_LIVE_ALL:-}" ] || cat "$tmp/out"

# ---- gates, actors, writes that wait, a stream; what memhpsim says without a mount

mount_tree
cat >"$tmp/race.ops" <<'END'
# two programs
> race r actor=agent until=sys/devices/system/memory/memory9/state offline
<
> as agent write sys/devices/system/memory/memory8/state offline
< held
> as udev write sys/devices/system/memory/memory9/state offline
< 7
> join agent 0
< 7
> race all actor=two*
<
> as twofold write sys/devices/system/memory/memory9/state online
< held
> join twofold 0
< pending
> release all
<
> join twofold 0
< 6
> rmdir machine/race/all
<
> rmdir machine/race/none
< err ENOENT
> hold h pinned 4096 0
< 4096
> mkdir machine/workload/p
<
> write machine/workload/p/kind pinned
< 6
> write machine/workload/p/block 10
< 2
> write machine/workload/p/size 4096
< 4
> timed-write 300 sys/devices/system/memory/memory10/state offline
< killed
> read sys/devices/system/memory/memory10/state
< online\n
END
answers() {
	sed -n '/^[><#]/p' | sed '/^# A machine/d'
}
"$memhpsim" "$tmp/race.ops" | diff "$tmp/race.ops" - || fail "memhpsim: not as expected here"
"$memhpsim" --live "$mnt" - <"$tmp/race.ops" 2>"$tmp/err" | tee "$tmp/all" | answers |
	diff "$tmp/race.ops" - || fail "--live: gates and writes that wait: $(cat "$tmp/err")"
sed -n '/^---$/,/^---$/p' "$tmp/all" | grep -q '^kernel: ' || fail "--live: no machine at the head"

# A signal ends an operation that waits, and memhpsim; the mount goes on.
printf '> write %s offline\n' sys/devices/system/memory/memory10/state >"$tmp/wait.ops"
"$memhpsim" --live "$mnt" "$tmp/wait.ops" >"$tmp/out" 2>&1 &
pid=$!
while [ "$(cat "$mem/memory10/state")" != going-offline ]; do
	kill -0 $pid || fail "a write that waits: ended: $(cat "$tmp/out")"
done
kill -TERM $pid
status=0
wait $pid || status=$?
expect "SIGTERM" 143 $status
expect "after SIGTERM" online "$(cat "$mem/memory10/state")"

# ---- refusals

# refused MESSAGE ARGUMENT... - check for exit status 2 and the message; nothing is printed
refused() {
	local wanted=$1 status=0

	shift
	"$memhpsim" "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	[ $status = 2 ] || fail "$*: exit status $status"
	[ ! -s "$tmp/out" ] || fail "$*: prints $(cat "$tmp/out")"
	grep -qF -- "$wanted" "$tmp/err" || fail "$*: '$(cat "$tmp/err")', not '$wanted'"
}

before=$(cat "$mem/memory8/state")
printf '> write %s online\n> fetch x\n> list\n' sys/devices/system/memory/memory8/state >"$tmp/bad.ops"
refused "bad.ops:2: fetch x: no such operation" --live "$mnt" "$tmp/bad.ops"
refused "bad.ops:3: list: list DIR [PREFIX]" --live "$mnt" "$tmp/bad.ops"
expect "nothing was done" "$before" "$(cat "$mem/memory8/state")"
mkdir -p "$tmp/none" "$tmp/looks/sys/devices/system/memory"
refused "there is no sys/devices/system/memory/; ROOT must be a mount" --live "$tmp/none" "$tmp/race.ops"
refused "neither those of memhpfs nor those of the kernel" --live "$tmp/looks" "$tmp/race.ops"
refused "No such file" --live "$tmp/nowhere" "$tmp/race.ops"
refused "--really requires --live" --really "$tmp/race.ops"
refused "cannot be combined" --live "$mnt" --kernel 6.1 "$tmp/race.ops"
refused "must be a regular file" --live "$mnt" <(cat "$tmp/race.ops")
unmount_tree

# ---- this machine, if it shows memory blocks: as a user who may not write anything here

[ -e /sys/devices/system/memory/block_size_bytes ] || exit 0
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null || exit 0
	chmod 755 "$tmp"
	cp "$memhpsim" "$tmp/memhpsim"
	printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups "%s" "$@"\n' \
		"$tmp/memhpsim" >"$tmp/as-nobody"
	chmod 755 "$tmp/as-nobody"
	memhpsim=$tmp/as-nobody
fi
memory=sys/devices/system/memory
printf '> plug dimm d size=1G node=0\n> read machine/log\n> write etc/motd x\n' >"$tmp/bad.ops"
for line in 'bad.ops:1: plug dimm d size=1G node=0: only a mount' 'bad.ops:2: read machine/log: a real' \
	'bad.ops:3: write etc/motd x: on a real machine only files below sys/' 'nothing was done'; do
	refused "$line" --live / "$tmp/bad.ops"
	refused "$line" --live / --really "$tmp/bad.ops"
done
printf '> write %s x\n' $memory/memory0/uevent $memory/probe >"$tmp/write.ops"
refused "$memory/probe: memory that is added stays" --live / "$tmp/write.ops"
refused "nothing was done: --really does it" --live / "$tmp/write.ops"
refused "nothing was done: --really does it" --live / -
refused "nothing was done: --really must be run as root" --live / --really "$tmp/write.ops"
