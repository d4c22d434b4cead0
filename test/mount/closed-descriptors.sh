#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that a program that is started with any of the descriptors 0 to 2 closed does its work,
# or reports the failure with its exit status, and that no message is written to a file that was
# opened later.
set -eu
. "$(dirname "$0")/lib.sh"
build=$(dirname "$memhpfs")
dump=$(cd "$here/../lsmem-dumps" && pwd)/lsmem-x86_64-16g.tar.bz2

# without_closed COMMAND... - run the command with the descriptors in $closed closed
without_closed() (
	for fd in $closed; do
		eval "exec $fd<&-"
	done
	exec "$@"
)

# is_closed FD... - succeed if one of the descriptors is in $closed
is_closed() {
	local fd

	for fd; do
		case " $closed " in *" $fd "*) return 0 ;; esac
	done
	return 1
}

# attempt STATUS-IF-OPEN STATUS-IF-CLOSED "FD..." COMMAND... - run the command, check its exit
# status, and leave its output in $tmp/out; the second status is that if one of these descriptors
# is closed
attempt() {
	local wanted=$1 status=0

	is_closed $3 && wanted=$2
	what="with $closed closed: ${*:4}"
	without_closed "${@:4}" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" || status=$?
	expect "$what" "$wanted" "$status"
}

# expect_output FILE - check what the command of attempt has printed, if it could print anything
expect_output() {
	is_closed 1 || cmp -s "$1" "$tmp/out" || fail "$what: the output differs"
}

# answers WHAT - check that the mount answers, and that the files written beside it have the right
# contents
answers() {
	expect "$1: answer" 8000000 "$(cat "$mem/block_size_bytes")"
	expect "$1: trace" 0 "$(grep -cv '^{"ns":.*}$' "$tmp/trace")"
	expect "$1: state" "SQLite format 3" "$(head -c 15 "$tmp/state")"
}

background() {
	attempt 0 0 "" "$memhpfs" "$mnt"
	mounted || fail "$what: exit status 0, but no mount"
	expect "$what: answer" 8000000 "$(cat "$mem/block_size_bytes")"
	unmount_tree
	rm -f "$tmp/state"
	attempt 0 0 "" "$memhpfs" --trace "$tmp/trace" --state "$tmp/state" "$mnt"
	mounted || fail "$what: no mount"
	answers "$what"
	unmount_tree
}

foreground() {
	rm -f "$tmp/state"
	without_closed "$memhpfs" -f --trace "$tmp/trace" --state "$tmp/state" --ready-fd 9 "$mnt" \
		9>"$tmp/ready" <"$tmp/in" >"$tmp/out" 2>"$tmp/log" &
	daemon=$!
	wait_for mounted "$mnt" "$daemon"
	answers "with $closed closed: -f"
	unmount_tree
	expect_exit 0 "$daemon" "with $closed closed: -f"
	expect "with $closed closed: --ready-fd" 0a "$(od -An -tx1 "$tmp/ready" | tr -d ' ')"
}

kept() {
	local root

	attempt 0 0 "" env TMPDIR="$tmp/kept" "$build/memhpfs-run" --keep true
	for root in "$tmp"/kept/*.root; do
		[ -s "$root/sys/devices/system/memory/block_size_bytes" ] ||
			fail "$what: no machine is left"
		unmount_tree "$root"
		# memhpfs removes it when it ends.
		while [ -e "$root" ]; do
			sleep 0.02
		done
	done
}

mkdir "$tmp/kept"
printf '> read sys/devices/system/memory/block_size_bytes\n' >"$tmp/in"
"$build/memhpsim" "$tmp/in" >"$tmp/sim"
"$build/memhpsim" plan --grow +8G >"$tmp/plan"
"$memhpfs" record "$dump" >"$tmp/recorded"
# The command has the descriptors that memhpfs-run had.
printf 'fds=; for fd in 0 1 2; do [ ! -e /proc/$$/fd/$fd ] || fds=$fds$fd; done; echo $fds >%s\n' \
	"$tmp/fds" >"$tmp/which"

for closed in "" 0 1 2 "0 1" "0 2" "1 2" "0 1 2"; do
	background
	foreground
	attempt 2 2 "" "$memhpfs" --machine "$tmp/none" "$mnt"
	attempt 1 1 "" "$memhpfs" "$tmp/none"
	for fd in $closed; do
		attempt 2 2 "" "$memhpfs" -f --ready-fd "$fd" "$mnt"
	done
	attempt 0 1 1 "$memhpfs" record "$dump"
	expect_output "$tmp/recorded"
	attempt 0 2 1 "$build/memhpsim" "$tmp/in"
	expect_output "$tmp/sim"
	attempt 0 2 "0 1" "$build/memhpsim" -
	is_closed 0 || expect_output "$tmp/sim"
	attempt 0 2 1 "$build/memhpsim" plan --grow +8G
	expect_output "$tmp/plan"
	attempt 0 0 "" "$build/memhpfs-run" true
	attempt 3 3 "" "$build/memhpfs-run" sh -c 'exit 3'
	attempt 127 127 "" "$build/memhpfs-run" "$tmp/none"
	attempt 0 0 "" env sh "$tmp/which"
	mv "$tmp/fds" "$tmp/wanted"
	attempt 0 0 "" "$build/memhpfs-run" sh "$tmp/which"
	expect "$what: those of the command" "$(cat "$tmp/wanted")" "$(cat "$tmp/fds")"
	kept
done
expect_unmounted "at the end"
