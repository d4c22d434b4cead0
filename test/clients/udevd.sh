#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that systemd-udevd applies the rules in policies/ to memory that is plugged.
set -eu
. "$(dirname "$0")/lib-view.sh"
needs udevadm /lib/systemd/systemd-udevd
policies=$top/policies

# Only the rule under test is installed, with the programs that it runs.
mount -t tmpfs rules /etc/udev/rules.d
mount -t tmpfs sbin /usr/local/sbin
[ ! -d /usr/lib/udev/rules.d ] || mount -t tmpfs rules /usr/lib/udev/rules.d
cp "$policies/online-by-ratio" /usr/local/sbin
printf '#!/bin/sh\necho "$ACTION $DEVPATH" >>%s/kdump\n' "$tmp" >/usr/local/sbin/kdump-reload
chmod +x /usr/local/sbin/kdump-reload

# udevd RULE - start it with this rule only, and wait until it is ready
udevd() {
	[ -z "${daemon:-}" ] || {
		udevadm control --exit
		wait "$daemon" || :
	}
	rm -f /etc/udev/rules.d/*
	cp "$policies/$1" /etc/udev/rules.d
	/lib/systemd/systemd-udevd >"$tmp/log" 2>&1 &
	daemon=$!
	soon udevadm control --ping
}

udevd 60-memory-online-movable.rules
start=$(date +%s%N)
plug d0 1G 1
"$build/memhp" wait online 10 $(seq -f 'memory%g' "$first" "$last") || fail "online-movable"
echo "udevd, as $who: 8 blocks plugged and online after $((($(date +%s%N) - start) / 1000000)) ms"
expect "online-movable" "$(yes Movable | head -n 8 | tr '\n' ' ')" "$(zones "$first" "$last")"
"$build/memhp" unplug d0 || fail "Movable memory does not leave"

udevd 60-memory-online.rules
plug d0 512M 1
"$build/memhp" wait online 10 $(seq -f 'memory%g' "$first" "$last") || fail "online"
expect "online" "Normal Normal Normal Normal " "$(zones "$first" "$last")"
"$build/memhp" unplug d0

udevd 60-memory-leave-standby.rules
plug d0 256M 1
"$build/memhp" wait online 10 $(seq -f 'memory%g' "$first" "$last") || fail "leave-standby"
"$build/memhp" unplug d0

udevd 60-memory-by-node.rules
plug d0 256M 0
"$build/memhp" wait online 10 $(seq -f 'memory%g' "$first" "$last") || fail "by-node"
expect "by-node: node 0" "Normal Normal " "$(zones "$first" "$last")"
plug d1 256M 1
"$build/memhp" wait online 10 $(seq -f 'memory%g' "$first" "$last") || fail "by-node"
expect "by-node: node 1" "Movable Movable " "$(zones "$first" "$last")"
"$build/memhp" unplug d1
"$build/memhp" unplug d0

# With 2 GiB at boot, 6 GiB of the 8 GiB may be Movable, and so may three blocks in four of the
# rest.
udevd 60-memory-keep-ratio.rules
plug d0 8G 1
"$build/memhp" wait online 40 $(seq -f 'memory%g' "$first" "$last") || fail "keep-ratio"
expect "keep-ratio" "60 4" "$(zones "$first" "$last" | tr ' ' '\n' |
	awk '/Movable/ { m++ } /Normal/ { n++ } END { print m, n }')"

udevd 90-memory-kdump.rules
rm -f "$tmp/kdump"
echo offline >"$mem/memory$last/state"
echo online_movable >"$mem/memory$last/state"
both() {
	[ "$(wc -l <"$tmp/kdump")" = 2 ]
}
soon both
expect "kdump" "offline /devices/system/memory/memory$last online /devices/system/memory/memory$last " \
	"$(tr '\n' ' ' <"$tmp/kdump")"
udevadm control --exit
