#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies the trials of memhpfs-run: --setup, --fault, --check, --recover, --result and the rest,
# and memhpfs-explore, as root and as an ordinary user.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(dirname "$(realpath "$1")")
PATH=$build:$PATH

if [ -z "${TRIAL_WHO:-}" ] && [ "$(id -u)" -eq 0 ]; then
	TRIAL_WHO=root "$0" "$1"
	# nobody, with access to /dev/fuse and to the project
	tmp=$(mktemp -d)
	chmod 755 "$tmp"
	trap 'rm -rf --one-file-system "$tmp"' EXIT
	TRIAL_WHO=user unshare --mount --propagation private bash -eu -c '
		mknod "$1/fuse" c 10 229
		chmod 666 "$1/fuse"
		mount --bind "$1/fuse" /dev/fuse
		mkdir "$1/top"
		mount --bind "$2" "$1/top"
		cd /
		exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
			"$1/top/test/explore/trial.sh" "$1/top/${3#"$2"/}"' \
		nobody "$tmp" "$top" "$(realpath "$1")"
	exit
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mem=/sys/devices/system/memory
plug='memhp plug d0 512M 1 >/dev/null'

fail() {
	echo "trial, as ${TRIAL_WHO:-user}: $*"
	exit 1
}

# trial STATUS OPTION... - memhpfs-run must end with this status; its output is in $out
trial() {
	local wanted=$1 status=0
	shift
	{ timeout 20 memhpfs-run "$@" >"$tmp/out" 2>&1 || status=$?; } 2>/dev/null
	out=$(cat "$tmp/out")
	[ "$status" = "$wanted" ] || fail "$*: status $status, not $wanted: $out"
}

# says TEXT - the output must have it
says() {
	case $out in
	*"$1"*) ;;
	*) fail "'$out' does not say '$1'" ;;
	esac
}

# result EXPRESSION - it must be true of the result r
result() {
	/usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); assert eval(sys.argv[2]), r' \
		"$tmp/result" "$1" || fail "$1"
}

# ---- setup, check and the result -----------------------------------------------------------------

trial 0 --setup "$plug" --result "$tmp/result" --check 'echo checked' -- \
	sh -c "echo online >$mem/memory33/state"
result 'r["begin"]["memory33"] == "offline node1" and r["end"]["memory33"] == "online Normal node1"'
result 'r["check"] == {"status": 0, "output": "checked\n"} and r["status"] == 0'
trial 1 --check false -- true
trial 3 --check false -- sh -c 'exit 3'
trial 125 --setup 'exit 7' -- echo never
says "'exit 7' has failed with status 7"
# temporary files are those of one run
trial 0 --setup 'echo x >"$TMPDIR/x"' -- sh -c 'cat "$TMPDIR/x" && ! ls "$TMPDIR" | grep -v x'
[ ! -e "${TMPDIR:-/tmp}/x" ] || fail "TMPDIR is that of the caller"

# ---- one passing of one step ---------------------------------------------------------------------

twice="for i in 1 2 3; do (echo offline >$mem/memory14/state) 2>/dev/null && echo \$i; \
	(echo online >$mem/memory14/state) 2>/dev/null || :; done"
trial 0 --fault 'isolate memory14 2 EBUSY' -- sh -c "$twice"
[ "$out" = "1
3" ] || fail "the second passing: $out"
trial 0 --fault 'isolate memory14 2+ EBUSY' -- sh -c "$twice"
[ "$out" = 1 ] || fail "from the second passing on: $out"
trial 0 --fault 'isolate 14 1 EBUSY' --fault 'isolate 14 2 EIO' -- sh -c "$twice"
[ "$out" = 3 ] || fail "two passings: $out"
for spec in 'isolate memory14 0 EBUSY' 'isolate memory14 1 EWHAT' 'isolated memory14 1 EBUSY' \
	'isolate block14 1 EBUSY' 'isolate memory14 1' 'write x 1 EBUSY' 'read x 1 kill-after' \
	'isolate memory14 1 lost'; do
	trial 125 --fault "$spec" -- echo never
	says "--fault '$spec': "
done

# ---- time ----------------------------------------------------------------------------------------

start=$(date +%s%N)
trial 124 --timeout 60 --fault 'isolate any 1 hang' -- sh -c "echo offline >$mem/memory14/state"
trial 0 --fault 'isolate any 1 60000ms' --result "$tmp/result" -- \
	sh -c "echo offline >$mem/memory14/state"
result 'r["end"]["memory14"] == "offline node1" and r["fired"] == [1]'
took=$((($(date +%s%N) - start) / 1000000))
[ $took -lt 10000 ] || fail "waiting for ever takes $took ms"
# who has a time limit gets the time
trial 5 --timeout 60 --fault 'isolate any 1 hang' -- sh -c \
	"(echo offline >$mem/memory14/state) & sleep 0.5; exit 5"
trial 5 --timeout 60 --fault 'isolate any 1 hang' -- /usr/bin/python3 -c "
import os, select
if not os.fork():
    os.write(os.open('$mem/memory14/state', os.O_WRONLY), b'offline')
select.select([], [], [], 0.5)
os._exit(5)"
trial 124 --timeout 0.3 -- sleep 60

# who is killed while a step hangs leaves nothing
memhpfs-run --fault 'isolate any 1 hang' -- \
	sh -c "(echo offline >$mem/memory14/state) & sleep 0.3; echo ready; sleep 77.$$" >"$tmp/out" &
run=$!
until grep -q ready "$tmp/out"; do sleep 0.05; done
kill -KILL $run
{ wait $run || :; } 2>/dev/null
for i in $(seq 100); do
	left=$(pgrep -f "sleep 77.$$") || break
	sleep 0.05
done
[ -z "$left" ] || fail "left after SIGKILL: $left"

# ---- a command that is killed, and a device that vanishes -----------------------------------------

at="write sys/devices/system/memory/memory33/state 1"
two="echo online >$mem/memory32/state; echo online >$mem/memory33/state; touch \$TMPDIR/late"
trial 137 --setup "$plug" --fault "$at kill" --result "$tmp/result" \
	--recover 'ls "$TMPDIR"; echo offline >'$mem/memory32/state -- sh -c "$two"
result 'r["killed"] and r["end"]["memory32"].startswith("online") and r["fired"] == [1]'
result 'r["end"]["memory33"] == r["recovered"]["memory32"] == "offline node1"'
result 'r["recover"] == {"status": 0, "output": ""}'
trial 137 --setup "$plug" --fault "$at kill-after" --result "$tmp/result" \
	--check 'ls "$TMPDIR"' -- sh -c "$two"
result 'r["end"]["memory33"].startswith("online") and r["check"]["output"] == ""'
trial 0 --setup "$plug" --fault "$at vanish" --result "$tmp/result" -- sh -c "$two"
result '"memory33" not in r["end"] and r["end"]["machine/dimm/d0/plugged"] == "0"'
trial 0 --setup "$plug" --fault "write sys/devices/system/memory/memory39/state 1 kill" \
	--result "$tmp/result" -- true
result 'r["fired"] == [0] and not r["killed"]'

# ---- daemons -------------------------------------------------------------------------------------

agent="while :; do for s in $mem/memory3*/state; do [ -e \$s ] && echo online >\$s; done; sleep 0.05; done"
trial 0 --daemon --poke "$plug" --settle 0.3 --until 'sys/devices/system/memory/memory35/state online' \
	--result "$tmp/result" -- sh -c "$agent 2>/dev/null"
result 'r["settled"] and r["end"]["memory35"].startswith("online")'
trial 124 --timeout 0.5 --daemon --until 'sys/devices/system/memory/memory99/state online' -- sleep 60
trial 125 --until 'x y' -- true
trial 125 --daemon -- true

# ---- memhpfs-explore -----------------------------------------------------------------------------

status=0
out=$(memhpfs-explore --faults errno -- sh -c "echo offline >$mem/memory14/state" 2>&1) || status=$?
[ "$status" = 0 ] || fail "memhpfs-explore: $status: $out"
says "7 runs: 2 same, 5 reported"
