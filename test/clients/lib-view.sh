# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the tests of programs that run with the emulated machine in place of the real one;
# they source it under set -eu. The rest of the test runs in memhpfs-run, once as root and once as
# an ordinary user (who is root only there). If the test itself is not run by root, it runs only
# as that user.
#
# The test may set these variables before: view_options=(OPTION...), the options of memhpfs-run,
# where files of the project must be below $top; view_once=1 if the result is the same for both
# users.

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

fail() {
	echo "$(basename "$0" .sh), as $who: $*"
	exit 1
}

. "$here/lib-user.sh"

if [ -z "${VIEW_WHO:-}" ]; then
	who=outside
	memhpfs=$(realpath "${MEMHPFS:-$top/build/memhpfs}")
	run=$(dirname "$memhpfs")/memhpfs-run
	tmp=$(mktemp -d)
	chmod 755 "$tmp"
	trap 'rm -rf --one-file-system "$tmp"' EXIT
	[ -c /dev/fuse ] || fail "there is no /dev/fuse"
	[ -x "$run" ] || fail "$run: no such program"
	case $run in
	"$top"/*) ;;
	*) fail "$run is not below $top" ;;
	esac
	[ -n "${view_options+set}" ] || view_options=()
	script=$here/$(basename "$0")
	export VIEW_BUILD=${run#"$top/"}
	if [ "$(id -u)" -ne 0 ]; then
		VIEW_WHO=user "$run" "${view_options[@]}" -- "$script"
		exit
	fi
	VIEW_WHO=root "$run" "${view_options[@]}" -- "$script"
	[ -n "${view_once:-}" ] && exit
	VIEW_WHO=user as_user "$tmp" "$tmp/top/${run#"$top/"}" "${view_options[@]//"$top"/"$tmp/top"}" -- \
		"$tmp/top/${script#"$top/"}"
	exit
fi

# ---- in the view ---------------------------------------------------------------------------------

who=$VIEW_WHO
root=$MEMHPFS_ROOT
build=$top/$(dirname "$VIEW_BUILD")
mem=/sys/devices/system/memory
node=/sys/devices/system/node
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# Use Debian's packages, whatever else is installed.
python=/usr/bin/python3

# A program that takes too long is terminated; the message names the last command.
trap 'fail "terminated at: $BASH_COMMAND"' TERM

# expect WHAT WANTED GOT - fail unless both values are equal
expect() {
	[ "$2" = "$3" ] || fail "$1: '$3', not '$2'"
}

# needs PROGRAM... - fail if a program is not installed
needs() {
	for program; do
		command -v "$program" >/dev/null || fail "$program is not installed"
	done
}

# plug NAME SIZE [NODE] - plug a DIMM, and set $first and $last to its first and last block
plug() {
	local blocks

	blocks=$("$build/memhp" plug "$@") || fail "memhp plug $*"
	first=$(head -n 1 <<<"$blocks" | tr -d a-z)
	last=$(tail -n 1 <<<"$blocks" | tr -d a-z)
}

# soon COMMAND... - fail unless the command succeeds within ten seconds
soon() {
	local tries=0

	until "$@" 2>/dev/null; do
		[ $((tries += 1)) -le 500 ] || fail "does not succeed in time: $*"
		sleep 0.02
	done
}

# field FILE LABEL - print the number after a label at the beginning of a line
field() {
	awk -v label="$2" '$1 == label { print $2 }' "$1"
}

# states FIRST LAST - print the states of the blocks in one line
states() {
	for n in $(seq "$1" "$2"); do
		cat "$mem/memory$n/state"
	done | tr '\n' ' '
}

# zones FIRST LAST - print the valid zones of the blocks in one line
zones() {
	for n in $(seq "$1" "$2"); do
		cat "$mem/memory$n/valid_zones"
	done | tr '\n' ' '
}
