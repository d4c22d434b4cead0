#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sim-cases.sh MEMHPSIM - verify what memhpsim accepts as a case, and how it reports what is wrong
# with one
set -eu
sim=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

fail() {
	echo "$*"
	exit 1
}

# answers WHAT WANTED LINE... - check the answers to a case with these lines on standard input
answers() {
	local what=$1 wanted=$2 got

	shift 2
	got=$(printf '%s\n' "$@" | "$sim" -) || fail "$what: exit status $?"
	[ "$got" = "$wanted" ] || fail "$what: '$got', not '$wanted'"
}

# refused WHAT MESSAGE LINE... - check for exit status 2 and this message
refused() {
	local what=$1 wanted=$2 status=0

	shift 2
	printf '%s\n' "$@" >"$tmp/case"
	"$sim" "$tmp/case" >"$tmp/out" 2>"$tmp/err" || status=$?
	[ $status = 2 ] || fail "$what: exit status $status"
	grep -qF "$tmp/case:$wanted" "$tmp/err" || fail "$what: $(cat "$tmp/err")"
}

memory=sys/devices/system/memory
machine=('---' 'memory:' '  - {start: 1M, end: 0x3fffffff, node: 0}' '---')

answers "no machine, no answers" $'> stat sys\n< dir 0555 0' '> stat sys'
answers "answers are replaced" $'> stat sys\n< dir 0555 0' '> stat sys' '< file'
answers "an empty answer" $'> uevents\n<' '> uevents' '< nonsense'
answers "comments, empty lines" $'# one\n\n> sleep 1\n< 0\n\n#two' '# one' '' '> sleep 1' '' '#two'
answers "a machine" "$(printf '%s\n' "${machine[@]}" '> list machine' '< clock cmdline container dax dimm fault kexec log map qmp race reboot spec state swap trace uevents virtio-mem workload')" \
	"${machine[@]}" '> list machine'
answers "a comment only" '# nothing' '# nothing'

answers "paths" $'> link sys/bus/memory/devices/memory1/../memory1/subsystem
< ../../../../bus/memory
> read ./sys/bus/memory/devices/memory1//state
< online\\n
> stat sys/bus/memory/devices/memory1/
< dir 0755 0
> stat sys/bus/memory/devices/memory1
< link 0777 0
> read '$memory$'/memory1/state/
< err ENOTDIR
> read '$memory$'/memory1/state/..
< err ENOTDIR
> read sys/absent/state
< err ENOENT
> read sys
< err EISDIR
> link sys
< err EINVAL
> list '$memory$'/uevent
< err ENOTDIR' \
	'> link sys/bus/memory/devices/memory1/../memory1/subsystem' \
	'> read ./sys/bus/memory/devices/memory1//state' \
	'> stat sys/bus/memory/devices/memory1/' '> stat sys/bus/memory/devices/memory1' \
	"> read $memory/memory1/state/" "> read $memory/memory1/state/.." '> read sys/absent/state' \
	'> read sys' '> link sys' "> list $memory/uevent"

answers "writes in the background" $'> start-write w '$memory$'/memory1/state online
< started
> start-write v '$memory$'/auto_online_blocks online
< started
> start-write u '$memory$'/probe/x 0
< started
> join w 0
< err EINVAL
> join w 0
< err ENOENT
> join u 0
< err ENOTDIR
> timed-write 0 '$memory$'/auto_online_blocks offline\\n
< 8' \
	"> start-write w $memory/memory1/state online" \
	"> start-write v $memory/auto_online_blocks online" "> start-write u $memory/probe/x 0" \
	'> join w 0' '> join w 0' '> join u 0' \
	"> timed-write 0 $memory/auto_online_blocks offline\\n"
answers "a read that does not end" $'> read machine/uevents\n< err ETIMEDOUT' \
	'> read machine/uevents'

refused "operation" '2: no such operation' '# c' '> frob'
refused "too few words" '1: delta PATH FIELD' '> delta proc/meminfo'
refused "too many words" '1: stat PATH' '> stat a b'
refused "a number" '1: MS must be' '> sleep soon'
refused "a device" '1: plug: the device' '> plug disk d0'
refused "a fact" '1: expected' 'given sunny weather'
refused "a line" '1: a line must begin' 'read sys'
refused "an answer alone" '1: an answer without' '< 0'
refused "two answers" '3: an answer without' '> sleep 0' '< 0' '< 0'
refused "a fact that cannot be" '1: not possible here' 'given movable memory1'
refused "a machine without end" '3: the machine description' '---' 'memory:' '  - {}'
refused "a machine after operations" '2: a line must begin' '> sleep 0' "${machine[@]}"
refused "a machine with an error" '3: memory[0].end' '---' 'memory:' \
	'  - {start: 1M, end: x, node: 0}' '---'
grep -q '^< ' "$tmp/out" && fail "an answer after an error"

status=0
"$sim" "$tmp/absent" 2>"$tmp/err" || status=$?
[ $status = 2 ] || fail "a file that does not exist: exit status $status"
"$sim" 2>/dev/null && fail "memhpsim succeeds without a file"
got=$(echo "> read proc/cmdline" | "$sim" --cmdline 'movable_node mem=1G' -)
[ "${got#*< }" = 'movable_node mem=1G\n' ] || fail "--cmdline: $got"

# Offlining swaps out what finds no room elsewhere; without swap, it tries until it is interrupted.
full=('---' 'memory:' '  - {start: 0, end: 0x3fffffff, node: 0}' '---' '> mkdir machine/workload/a'
	'> write machine/workload/a/kind anon' '> write machine/workload/a/size 900M')
block=sys/devices/system/memory/memory3
got=$(printf '%s\n' "${full[@]}" "> timed-write 1000 $block/state offline" "> read $block/state" | "$sim" - | tail -n 3)
[ "$got" = $'< killed\n> read '"$block"$'/state\n< online\\n' ] || fail "offlining without swap: $got"
got=$(printf '%s\n' '---' 'swap: 1G' "${full[@]:1}" "> timed-write 1000 $block/state offline" "> read $block/state" \
	'> read machine/workload/a/size' | "$sim" - | tail -n 5)
[ "$got" = $'< 7\n> read '"$block"$'/state\n< offline\\n\n> read machine/workload/a/size\n< 943718400\\n' ] ||
	fail "offlining with swap: $got"
