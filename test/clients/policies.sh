#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that the example policies work as described. The script runs on a mount; of the udev
# rule, only the word that it writes is tested.
set -eu
. "$(dirname "$0")/../mount/lib.sh"
policies=$(dirname "$0")/../../policies

mount_tree
plug_dimm d0 512M 1
zones() {
	for block in $(seq "$first" "$last"); do
		echo -n "$(cat "$mem/memory$block/valid_zones") "
	done
}

status=0
"$policies/online" "$mnt" movable 2>"$tmp/err" || status=$?
expect "a wrong type" 2 "$status"
expect "states after it" "$(seq "$first" "$last" | sed 's/.*/offline/')" \
	"$(for b in $(seq "$first" "$last"); do cat "$mem/memory$b/state"; done)"

echo online_kernel >"$mem/memory$first/state"
"$policies/online" "$mnt" online_movable || fail "online_movable: exit status $?"
expect "zones: what was online stays" "Normal Movable Movable Movable " "$(zones)"
"$policies/online" "$mnt" || fail "nothing to do: exit status $?"

plug_dimm d1 256M 1
error=$mnt/sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error
echo -12 >"$error"
status=0
"$policies/online" "$mnt" 2>"$tmp/err" || status=$?
expect "blocks that refuse" 1 "$status"
expect "and their names" "online: memory$first does not go online
online: memory$last does not go online" "$(cat "$tmp/err")"
echo 0 >"$error"
MEMHPFS_ROOT=$mnt "$policies/online" || fail "MEMHPFS_ROOT: exit status $?"
expect "zones by default" "Normal Normal " "$(zones)"

# The rule assigns a word that the kernel accepts to a file that exists and is writable.
rule=$(grep -v '^#' "$policies/60-memory-online-movable.rules")
word=$(sed -n 's/.*ATTR{state}="\([a-z_]*\)".*/\1/p' <<<"$rule")
plug_dimm d2 128M 1
echo "$word" >"$mem/memory$first/state" || fail "the rule's word '$word' is refused"
expect "the rule's zone" "Movable " "$(zones)"
unmount_tree
