#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Functions for tests in bats, shunit2 or plain bash (5 or later) that need a machine with memory hotplug.
#
#   memhp_start [OPTION...]          mount a machine in a temporary directory, which MEMHPFS_ROOT names
#                                    from then on; options as for memhpfs: --machine, --cmdline, ...
#   memhp_stop                       unmount it and remove the directory
#   memhp_run COMMAND [ARG...]       run a program that sees the machine in /sys and /proc
#
#   memhp_plug OBJECT [KEY=VALUE...] create and plug a device, such as dimm/d0 size=1G node=1;
#                                    memhp_blocks is then the array of the blocks that it has added
#   memhp_unplug OBJECT              unplug and remove it
#   memhp_resize OBJECT SIZE         change what a virtio-mem device should provide
#   memhp_set OBJECT KEY=VALUE...    create any object of machine/, if it does not exist, and write its files
#   memhp_remove OBJECT              remove one that is not in use
#   memhp_fault NAME KEY=VALUE...    enable the fault plan fault/NAME
#
#   memhp_write FILE TEXT            write to a file of the machine, such as proc/sys/vm/drop_caches
#   memhp_online BLOCKS [ZONE]       bring blocks online, in the zone kernel or movable, if it is given
#   memhp_offline BLOCKS             take blocks offline
#   memhp_wait_state STATE SECONDS BLOCKS...   wait until all of these blocks are in this state
#   memhp_advance MS                 let this many milliseconds pass at once on the machine
#   memhp_uevents                    print the uevents since the last call (ACTION NAME, one in a line)
#
#   memhp_assert_state STATE BLOCKS...   each of these blocks is in this state
#   memhp_assert_zones ZONES BLOCKS...   the file valid_zones of each reads like this
#   memhp_assert_uevents [EVENT...]      exactly these uevents have happened since the last call
#
# BLOCKS is 32, memory32 or 32-39. OBJECT is a directory below machine/; memhpfs(7) describes its files. A function
# that fails says what is wrong and what the machine's log says about it, and returns 1, which ends a test of bats or
# a script with "set -e"; in shunit2, it also counts as a failed assertion.
#
# The machine is bound to the shell that has called memhp_start: when that ends, even by SIGKILL, nothing is left
# behind. Therefore call memhp_start itself, not "$(memhp_start)". In setup_file of bats, it serves all tests of a file.

# When it is run instead, it prints these lines.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	sed -n '3,/^$/s/^# \{0,1\}//p' "$0"
	exit
fi

# _memhp_fail TEXT - report a failed assertion or call
_memhp_fail() {
	if [ -n "${SHUNIT_VERSION-}" ] && declare -F fail >/dev/null; then
		fail "$1"
	else
		printf '%s\n' "$1" >&2
	fi
	return 1
}

_memhp_need_machine() {
	[ -n "${MEMHPFS_ROOT-}" ] || _memhp_fail "${FUNCNAME[1]}: no machine is mounted; call memhp_start first"
}

# _memhp_serve OWNER ARG... - become the memhpfs that writes a line to standard output when it is ready
_memhp_serve() {
	local fd owner=$1

	shift
	# Bats waits until its descriptor 3 is closed, and others may have pipes that must end.
	for fd in "/proc/$BASHPID/fd"/*; do
		fd=${fd##*/}
		[ "$fd" -le 2 ] || exec {fd}>&-
	done
	exec "${MEMHPFS:-memhpfs}" --foreground --ready-fd=1 --rmdir --exit-with="$owner" "$@"
}

memhp_start() {
	local dir ready owner=$BASHPID

	[ -z "${_memhp_pid-}" ] ||
		_memhp_fail "memhp_start: a machine is mounted on $MEMHPFS_ROOT already; call memhp_stop first" || return
	dir=$(mktemp -d "${TMPDIR:-/tmp}/memhp.XXXXXX") || return
	exec {ready}< <(_memhp_serve "$owner" "$@" "$dir")
	_memhp_pid=$!
	if ! read -r -u "$ready"; then
		exec {ready}<&-
		wait "$_memhp_pid" || :
		unset _memhp_pid
		[ ! -d "$dir" ] || rmdir -- "$dir"
		_memhp_fail "memhp_start${*:+ $*}: no machine could be mounted; memhpfs has printed the reason"
		return
	fi
	exec {ready}<&-
	export MEMHPFS_ROOT=$dir
	exec {_memhp_events}<"$dir/machine/uevents"
	export _memhp_events
}

memhp_stop() {
	local status=0

	[ -n "${_memhp_pid-}" ] || return 0
	exec {_memhp_events}<&-
	kill "$_memhp_pid" 2>/dev/null || :
	wait "$_memhp_pid" || status=$?
	if [ $status -ne 0 ]; then
		# It was killed, and could not unmount.
		umount -l "$MEMHPFS_ROOT" 2>/dev/null || fusermount3 -u -z "$MEMHPFS_ROOT" || :
		rmdir "$MEMHPFS_ROOT" || :
	fi
	unset _memhp_pid _memhp_events MEMHPFS_ROOT
	[ $status -eq 0 ] || _memhp_fail "memhp_stop: memhpfs had ended before, with status $status"
}

memhp_run() {
	_memhp_need_machine || return
	"${MEMHPFS_RUN:-memhpfs-run}" --mount="$MEMHPFS_ROOT" -- "$@"
}

# _memhp_expand BLOCKS... - set the caller's array $blocks to the names of these memory blocks
_memhp_expand() {
	local word number

	blocks=()
	for word; do
		if ! [[ $word =~ ^(memory)?([0-9]+)(-([0-9]+))?$ ]]; then
			_memhp_fail "'$word' is neither a memory block nor a range (use 32, memory32 or 32-39)"
			return
		fi
		for ((number = BASH_REMATCH[2]; number <= ${BASH_REMATCH[4]:-${BASH_REMATCH[2]}}; number++)); do
			blocks+=("memory$number")
		done
	done
}

# _memhp_try TEXT COMMAND [ARG...] - run a command that changes the machine; if it fails, report it as TEXT, with what
# the machine's log has got to say
_memhp_try() {
	local what=$1 message log

	_memhp_need_machine || return
	mapfile -t log <"$MEMHPFS_ROOT/machine/log"
	shift
	message=$("$@" 2>&1) && return
	mapfile -t -s ${#log[@]} log <"$MEMHPFS_ROOT/machine/log"
	log=("${log[@]/#/$'\n'  machine/log: }")
	_memhp_fail "$what: ${message##*: }$(printf %s "${log[@]}")"
}

_memhp_put() {
	if [ ! -e "$1" ]; then
		echo "there is no such file; ${1%/*} has $(cd "${1%/*}" && echo *)"
		return 1
	fi
	printf '%s\n' "$2" >"$1"
}

memhp_write() {
	_memhp_try "memhp_write $1 $2" _memhp_put "$MEMHPFS_ROOT/$1" "$2"
}

memhp_set() {
	local object=$1 pair

	_memhp_need_machine || return
	shift
	[ -d "$MEMHPFS_ROOT/machine/$object" ] ||
		_memhp_try "memhp_set $object" mkdir "$MEMHPFS_ROOT/machine/$object" || return
	for pair; do
		[[ $pair == *=* ]] || _memhp_fail "memhp_set $object: '$pair' is not KEY=VALUE" || return
		memhp_write "machine/$object/${pair%%=*}" "${pair#*=}" || return
	done
}

memhp_remove() {
	_memhp_try "memhp_remove $1" rmdir "$MEMHPFS_ROOT/machine/$1"
}

memhp_fault() {
	memhp_set "fault/$1" "${@:2}" enabled=1
}

memhp_plug() {
	local before block

	_memhp_need_machine || return
	before=" $(cd "$MEMHPFS_ROOT/sys/devices/system/memory" && echo memory*) "
	memhp_set "$@" plugged=1 || return
	memhp_blocks=()
	for block in $(cd "$MEMHPFS_ROOT/sys/devices/system/memory" && printf '%s\n' memory* | sort -V); do
		[[ $before == *" $block "* ]] || memhp_blocks+=("$block")
	done
}

memhp_unplug() {
	memhp_set "$1" plugged=0 && memhp_remove "$1"
}

memhp_resize() {
	memhp_set "$1" requested_size="$2"
}

# _memhp_change STATE BLOCKS - write a state to blocks
_memhp_change() {
	local block blocks

	_memhp_expand "$2" || return
	for block in "${blocks[@]}"; do
		memhp_write "sys/devices/system/memory/$block/state" "$1" || return
	done
}

memhp_online() {
	_memhp_change "online${2:+_$2}" "$1"
}

memhp_offline() {
	_memhp_change offline "$1"
}

# _memhp_differences FILE TEXT BLOCK... - print a line for each of the blocks whose FILE does not read TEXT
_memhp_differences() {
	local block text

	for block in "${@:3}"; do
		text=
		read -r text 2>/dev/null <"$MEMHPFS_ROOT/sys/devices/system/memory/$block/$1" || :
		[ "$text" = "$2" ] || printf '\n  %s: %s' "$block" "${text:-there is no such block}"
	done
}

# _memhp_assert_file FILE TEXT BLOCKS...
_memhp_assert_file() {
	local blocks wrong

	_memhp_need_machine && _memhp_expand "${@:3}" || return
	wrong=$(_memhp_differences "$1" "$2" "${blocks[@]}" 2>/dev/null)
	[ -z "$wrong" ] || _memhp_fail "${FUNCNAME[1]}: not $2:$wrong"
}

memhp_assert_state() {
	_memhp_assert_file state "$@"
}

memhp_assert_zones() {
	_memhp_assert_file valid_zones "$@"
}

memhp_wait_state() {
	local blocks wrong end=$((${EPOCHREALTIME/[.,]/} + $2 * 1000000))

	_memhp_need_machine && _memhp_expand "${@:3}" || return
	while wrong=$(_memhp_differences state "$1" "${blocks[@]}" 2>/dev/null) && [ -n "$wrong" ]; do
		[ "${EPOCHREALTIME/[.,]/}" -lt $end ] || _memhp_fail "memhp_wait_state: not $1 after $2 seconds:$wrong" || return
		sleep 0.02
	done
}

memhp_advance() {
	memhp_write machine/clock/advance_ns "${1}000000"
}

memhp_uevents() {
	local line

	_memhp_need_machine || return
	# dd fails when there is nothing more to read at present.
	{ dd bs=64k iflag=nonblock status=none <&"$_memhp_events" 2>/dev/null || :; } | while read -r line; do
		[[ $line != *@/* ]] || echo "${line%%@*} ${line##*/}"
	done
}

memhp_assert_uevents() {
	local seen wanted

	_memhp_need_machine || return
	seen=$(memhp_uevents)
	wanted=$([ $# -eq 0 ] || printf '%s\n' "$@")
	[ "$seen" = "$wanted" ] || _memhp_fail "memhp_assert_uevents: the events differ (< expected, > seen):
$(diff <(printf '%s' "${wanted:+$wanted$'\n'}") <(printf '%s' "${seen:+$seen$'\n'}"))"
}
