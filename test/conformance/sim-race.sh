#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sim-race.sh MEMHPSIM - verify actors, gates and barriers in a case, the messages about wrong
# ones, and the trace
set -eu
sim=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

fail() {
	echo "$*"
	exit 1
}

# refused WHAT MESSAGE LINE... - check for exit status 2 and this message
refused() {
	local what=$1 wanted=$2 status=0

	shift 2
	printf '%s\n' "$@" >"$tmp/wrong"
	"$sim" "$tmp/wrong" >/dev/null 2>"$tmp/err" || status=$?
	[ $status = 2 ] || fail "$what: exit status $status"
	grep -qF "$tmp/wrong:$wanted" "$tmp/err" || fail "$what: $(cat "$tmp/err")"
}

cat >"$tmp/case" <<'END'
> plug dimm d0 size=0x20000000 node=1
< addr=0x100000000 ost=0
> write sys/devices/system/memory/memory32/state online_movable
< 14
# Hold udev's write to memory33 until agent has onlined memory34: what is between becomes movable.
> race g actor=udev path=*/memory33/state until=sys/devices/system/memory/memory34/state online
<
> as udev write sys/devices/system/memory/memory33/state online
< held
> read machine/race/g/waiting
< 1\n
> read sys/devices/system/memory/memory33/state
< offline\n
> join udev 1000
< pending
> as agent write sys/devices/system/memory/memory34/state online_movable
< 14
> join udev 0
< 6
> read sys/devices/system/memory/memory33/valid_zones
< Movable\n
> read machine/race/g/passed
< 1\n
> rmdir machine/race/g
<
# Force the other order.
> as udev write sys/devices/system/memory/memory33/state offline
< 7
> as agent write sys/devices/system/memory/memory34/state offline
< 7
> race g actor=agent path=*/memory34/state until=sys/devices/system/memory/memory33/state online
<
> as agent write sys/devices/system/memory/memory34/state online_movable
< held
> as udev write sys/devices/system/memory/memory33/state online
< 6
> join agent 0
< 14
> read sys/devices/system/memory/memory33/valid_zones
< Normal\n
> rmdir machine/race/g
<
# At a barrier of two, both actors take the same block offline.
> race both op=write path=*/memory33/state parties=2
<
> as agent write sys/devices/system/memory/memory33/state offline
< held
> start-write udev sys/devices/system/memory/memory33/state offline
< started
> join agent 0
< 7
> join udev 0
< err EINVAL
> rmdir machine/race/both
<
# A race can be lost because the block is gone.
> race lost actor=agent until=machine/dimm/d0/plugged 0
<
> as agent write sys/devices/system/memory/memory33/state online
< held
> write sys/devices/system/memory/memory34/state offline
< 7
> write sys/devices/system/memory/memory32/state offline
< 7
> unplug d0
< removed ost=0
> join agent 0
< err ENODEV
> rmdir machine/race/lost
<
# A race can be lost because the change is refused by then.
> plug dimm d1 size=0x8000000 node=1
< addr=0x100000000 ost=0
> write sys/devices/system/memory/memory32/state online
< 6
> race busy actor=agent until=machine/fault/f/enabled 1
<
> as agent write sys/devices/system/memory/memory32/state offline
< held
> mkdir machine/fault/f
<
> write machine/fault/f/phase going_offline
< 13
> write machine/fault/f/enabled 1
< 1
> join agent 0
< err EBUSY
> rmdir machine/race/busy
<
> mkdir machine/workload/w
<
# Requests can be released by hand, in order of arrival; open, read, mkdir and rmdir can be held,
# too.
> race any op=any actor=a? path=[!m]* count=3
<
> as a1 read sys/devices/system/memory/memory1/state
< held
> as a2 read sys/devices/system/memory/memory2/state
< held
> as b1 read sys/devices/system/memory/memory2/state
< online\n
> release any
<
> read machine/race/any/waiting
< 2\n
> release any 3
< err EAGAIN
> write machine/race/any/enabled 0
< 1
> join a1 0
< online\n
> join a2 0
< online\n
> race make op=mkdir actor=agent
<
> as agent mkdir machine/workload/v
< held
> list machine/workload
< w
> write machine/race/make/enabled 0
< 1
> join agent 0
<
> list machine/workload
< v w
> race bad color=blue
< err ENOENT
> race bad parties=many
< err EINVAL
> list machine/race
< any make
# Operations without an actor are not held.
> race all op=any
<
> rmdir machine/workload/v
<
> as agent stat sys
< dir 0555 0
> as agent timed-write 5 sys/devices/system/memory/memory1/state offline
< killed
# An actor that is held at the end is killed.
> as agent rmdir machine/workload/w
< held
END
"$sim" --trace "$tmp/trace" "$tmp/case" | diff "$tmp/case" - || fail "the answers differ"
grep -q '"op":"held","pid":1,"command":"udev",.*/memory33/state","value":"g"}$' "$tmp/trace" ||
	fail "the trace does not report which actor is held"
grep -q '"start_ns":0,"op":"write","id":[0-9]*,"pid":1,"command":"udev",.*"value":"online","result":6' \
	"$tmp/trace" || fail "the trace does not report when the actor's write began"

race=('> race g' '> as agent write machine/clock/migrate_pages_per_ms 1')
refused "who waits does nothing else" '3: this actor still waits' "${race[@]}" '> as agent stat sys'
refused "no operation" '1: as ACTOR OPERATION' '> as agent'
refused "a long name" '1: an actor' '> as an-actor-with-a-long-name stat sys'
refused "many requests" '1: as ACTOR requires' '> as agent plug dimm d0 size=1'
refused "twice" '1: no such operation' '> as agent as udev stat sys'
refused "a key" '1: race NAME' '> race g actor'
status=0
"$sim" --trace /nowhere/trace "$tmp/case" >/dev/null 2>"$tmp/err" || status=$?
[ $status = 2 ] || fail "a trace that cannot be written: exit status $status"
