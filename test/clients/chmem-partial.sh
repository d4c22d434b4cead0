#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that chmem enables and disables memory by size, range and block if some blocks refuse:
# it continues with the others, and exits with 64 on partial success.
set -eu
. "$(dirname "$0")/lib-view.sh"
needs chmem lsmem

# chmem_is STATUS TEXT ARGUMENT... - check that chmem exits with STATUS and prints TEXT
chmem_is() {
	local wanted=$1 text=$2 status=0

	shift 2
	LC_ALL=C chmem "$@" >"$tmp/out" 2>&1 || status=$?
	expect "chmem $*: exit status" "$wanted" "$status"
	grep -qF -- "$text" "$tmp/out" || [ -z "$text" ] || fail "chmem $*: $(cat "$tmp/out")"
}
hold() {
	mkdir "$root/machine/workload/k$1"
	echo kernel >"$root/machine/workload/k$1/kind"
	echo "$1" >"$root/machine/workload/k$1/block"
	echo 4K >"$root/machine/workload/k$1/size"
}
release() {
	rmdir "$root/machine/workload/k$1"
}

plug d0 1G 1
address=$(cat "$root/machine/dimm/d0/addr")
chmem_is 0 "" --enable -b "$first-$last" --zone Normal
expect "all in Normal" "$(yes Normal | head -n 8 | tr '\n' ' ')" "$(zones "$first" "$last")"
hold $((first + 2))
hold $((first + 5))

# By size, chmem disables blocks from the top and skips those that refuse.
chmem_is 0 "" --disable 512M
expect "four of the others" "online online online offline offline online offline offline " \
	"$(states "$first" "$last")"
# By range, it disables those that do not refuse.
printf -v range '%#x-%#x' $((address)) $((address + (1 << 30) - 1))
chmem_is 64 "Memory Block $((first + 5)) " --disable "$range"
expect "all but two" "offline offline online offline offline online offline offline " \
	"$(states "$first" "$last")"
chmem_is 1 "disable failed" --disable -b $((first + 2))
# An injected error refuses all remaining blocks until it is cleared.
echo -16 >/sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error
chmem_is 1 "Device or resource busy" --verbose --enable -b "$first"
(
	soon grep -q "MEM_GOING_ONLINE" "$root/machine/log"
	echo 0 >/sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error
)
chmem_is 0 "" --enable 256M
expect "the lowest first" "online online online offline offline online offline offline " \
	"$(states "$first" "$last")"
chmem_is 64 "Could only enable 512M" --enable 4G
expect "all again" "$(yes online | head -n 8 | tr '\n' ' ')" "$(states "$first" "$last")"
release $((first + 2))
release $((first + 5))
chmem_is 0 "" --disable "$range"
expect "lsmem" $((1 << 30)) "$(lsmem --bytes --summary=only | sed -n 's/^Total offline memory: *//p')"
