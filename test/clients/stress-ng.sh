#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that stress-ng --memhotplug can take blocks offline and bring them online, with two
# writes to one descriptor, even if some blocks refuse and others are slow.
set -eu
. "$(dirname "$0")/lib-view.sh"
needs stress-ng

total=$(field /proc/meminfo MemTotal:)
seqnum=$(cat /sys/kernel/uevent_seqnum)
plug d0 512M 1
mkdir "$root/machine/workload/k" "$root/machine/workload/a"
echo kernel >"$root/machine/workload/k/kind"
echo 3 >"$root/machine/workload/k/block"
echo 4K >"$root/machine/workload/k/size"
echo anon >"$root/machine/workload/a/kind"
echo 5 >"$root/machine/workload/a/block"
echo 4M >"$root/machine/workload/a/size"
echo 1000 >"$root/machine/clock/migrate_pages_per_ms"
stress-ng --temp-path "$tmp" --memhotplug 2 --timeout 3 --metrics-brief >"$tmp/out" 2>&1 || fail "$(tail -n 5 "$tmp/out")"
grep -q "successful run" "$tmp/out" || fail "$(tail -n 5 "$tmp/out")"
# It brings all blocks online that it took offline, and also those that it finds offline.
"$build/memhp" wait online 10 $(ls "$mem" | grep 'memory[0-9]') ||
	fail "blocks are not online afterwards"
expect "MemTotal" $((total + (512 << 10))) "$(field /proc/meminfo MemTotal:)"
expect "its workloads" "4096 4194304" \
	"$(cat "$root/machine/workload/k/size" "$root/machine/workload/a/size" | xargs)"
[ $(($(cat /sys/kernel/uevent_seqnum) - seqnum)) -ge 50 ] || fail "it caused hardly any events"
