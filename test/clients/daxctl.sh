#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies daxctl: it lists DAX devices, makes them System RAM and back, puts their memory online and
# offline, and divides a region. It looks at device nodes, which only root can make.
set -eu
if [ -z "${VIEW_WHO:-}" ] && [ "$(id -u)" != 0 ]; then
	echo "only root can run daxctl"
	exit 77
fi
top=$(cd "$(dirname "$0")/../.." && pwd)
view_once=1
view_options=(--machine "$top/test/clients/dax.yaml")
. "$(dirname "$0")/lib-view.sh"
needs daxctl
block=/sys/devices/system/memory/memory32

# listed DEVICE KEY - a value that daxctl list prints
listed() {
	daxctl list -D -d "$1" | sed -n "s/^ *\"$2\":\"\{0,1\}\([^\",]*\).*/\1/p"
}
# dax ARGUMENT... - daxctl, silent but for errors
dax() {
	daxctl "$@" >/dev/null 2>"$tmp/err" || fail "daxctl $*: $(cat "$tmp/err")"
}
memmap() {
	field /proc/vmstat nr_memmap_pages
}

expect "mode" devdax "$(listed dax0.0 mode)"
expect "size" $((1 << 30)) "$(listed dax0.0 size)"
expect "node" 1 "$(listed dax0.0 target_node)"
expect "its memmap" 1024 "$(memmap)"
expect "it is not memory" "" "$(ls -d $block 2>/dev/null || :)"

dax reconfigure-device --mode=system-ram --no-online dax0.0
expect "mode" system-ram "$(listed dax0.0 mode)"
expect "blocks" "0 8" "$(listed dax0.0 online_memblocks) $(listed dax0.0 total_memblocks)"
expect "state" offline "$(cat $block/state)"
expect "memmap of System RAM" 4096 "$(memmap)"
dax online-memory dax0.0
expect "online-memory" "online Movable" "$(cat $block/state $block/valid_zones | xargs)"
status=0
daxctl reconfigure-device --mode=devdax dax0.0 >/dev/null 2>"$tmp/err" || status=$?
expect "online memory cannot be taken away" "240 1" \
	"$status $(grep -c 'Device or resource busy' "$tmp/err")"
dax offline-memory dax0.0
expect "offline-memory" 0 "$(listed dax0.0 online_memblocks)"
dax reconfigure-device --mode=devdax dax0.0
expect "back again" "devdax 1024" "$(listed dax0.0 mode) $(memmap)"

dax reconfigure-device --mode=system-ram --no-movable dax0.0
expect "--no-movable" "online Normal false" \
	"$(cat $block/state $block/valid_zones | xargs) $(listed dax0.0 movable)"
dax reconfigure-device --force --mode=devdax dax0.0
expect "--force" devdax "$(listed dax0.0 mode)"

# A region with two devices
dax disable-device dax0.0
expect "no memmap" 0 "$(memmap)"
dax reconfigure-device -s 256M dax0.0
dax create-device -r 0 -s 512M
expect "create-device" $((512 << 20)) "$(listed dax0.1 size)"
expect "the node in /dev" "character special file" "$(stat -c %F /dev/dax0.1)"
expect "what is left" $((256 << 20)) \
	"$(daxctl list -R | sed -n 's/.*"available_size":\([0-9]*\).*/\1/p')"
dax destroy-device -f dax0.1
[ ! -e /dev/dax0.1 ] || fail "/dev/dax0.1 is still there"
dax enable-device dax0.0
expect "enable-device" 256 "$(memmap)"
