#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that udevadm and pyudev find the devices with their attributes, and receive kernel
# events.
set -eu
. "$(dirname "$0")/lib-view.sh"
needs udevadm

plug d0 256M 1
udevadm info --attribute-walk "$mem/memory$first" >"$tmp/info" || fail "udevadm info"
expect "info: the device" "looking at device '/devices/system/memory/memory$first':" \
	"$(sed -n 's/^  \(looking at device .*\)/\1/p' "$tmp/info")"
for attr in state online removable phys_index valid_zones phys_device; do
	expect "info: $attr" "$(cat "$mem/memory$first/$attr")" \
		"$(sed -n "s/^    ATTR{$attr}==\"\(.*\)\"/\1/p" "$tmp/info" | head -n 1)"
done
expect "info: properties" "DEVPATH=/devices/system/memory/memory$first SUBSYSTEM=memory " \
	"$(udevadm info --query=property "$mem/memory$first" | tr '\n' ' ')"
expect "info: a removed one" 1 \
	"$(udevadm info /sys/devices/system/memory/memory999 >/dev/null 2>&1 || echo 1)"

expect "trigger finds all blocks" "$(ls "$mem" | grep -c 'memory[0-9]')" \
	"$(udevadm trigger --verbose --dry-run --subsystem-match=memory | wc -l)"

# Listen with monitor --kernel, and cause events for it.
udevadm monitor --kernel --subsystem-match=memory >"$tmp/events" 2>&1 &
soon grep -q "kernel uevent" "$tmp/events"
# monitor prints its header before it listens; it certainly listens once it has received an event.
heard() {
	echo change >"$mem/memory0/uevent"
	grep -q "change.*/memory0 " "$tmp/events"
}
soon heard
echo online_movable >"$mem/memory$first/state"
echo offline >"$mem/memory$first/state"
udevadm trigger --action=add --sysname-match="memory$last"
plug d1 128M 0
"$build/memhp" unplug d1
soon grep -q "remove.*/memory$first " "$tmp/events"
expect "events" "online offline add add remove " "$(sed -n 's/^KERNEL\[[0-9.]*\] \([a-z]*\) .*/\1/p' \
	"$tmp/events" | grep -v change | tr '\n' ' ')"

# pyudev finds attributes and children, and its monitor receives events in the order of their
# numbers.
cat >"$tmp/listen.py" <<'END'
import os, pyudev, subprocess, sys
context = pyudev.Context()
blocks = {d.sys_name: d for d in context.list_devices(subsystem="memory")}
there = {n for n in os.listdir("/sys/devices/system/memory") if n.startswith("memory")}
assert set(blocks) == there, (set(blocks) ^ there)
assert blocks["memory1"].attributes.asstring("state") == "online"
monitor = pyudev.Monitor.from_netlink(context, source="kernel")
monitor.filter_by("memory")
monitor.start()
subprocess.run([sys.argv[1] + "/memhp", "plug", "d2", "1G", "0"], check=True, stdout=subprocess.DEVNULL)
events = [monitor.poll(timeout=10) for _ in range(8)]
assert all(events), events
assert [e.action for e in events] == ["add"] * 8, events
names = [e.sys_name for e in events]
assert names == sorted(names, key=lambda n: int(n[6:])) and len(set(names)) == 8, names
assert all(e.attributes.asstring("state") == "offline" for e in events)
numbers = [int(e["SEQNUM"]) for e in events]
assert numbers == sorted(set(numbers)), numbers
END
"$python" "$tmp/listen.py" "$build" 2>"$tmp/err" || fail "pyudev: $(tail -n 2 "$tmp/err")"
