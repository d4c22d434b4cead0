#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that free, vmstat -s, numastat -m and prometheus-node-exporter show the machine's
# memory correctly.
set -eu
. "$(dirname "$0")/lib-view.sh"
needs free vmstat numastat prometheus-node-exporter

plug d0 512M 1
echo online_movable >"$mem/memory$first/state"
mkdir "$root/machine/workload/a" "$root/machine/workload/c"
echo anon >"$root/machine/workload/a/kind"
echo 1 >"$root/machine/workload/a/node"
echo 100M >"$root/machine/workload/a/size"
echo pagecache >"$root/machine/workload/c/kind"
echo 50M >"$root/machine/workload/c/size"
echo 20 >"$node/node0/hugepages/hugepages-2048kB/nr_hugepages"

total=$(field /proc/meminfo MemTotal:)
free=$(field /proc/meminfo MemFree:)
cached=$(field /proc/meminfo Cached:)
expect "Cached" $((50 * 1024)) "$cached"
expect "free: total" "$total" "$(free -k | awk '/^Mem:/ { print $2 }')"
expect "free: free" "$free" "$(free -k | awk '/^Mem:/ { print $4 }')"
expect "free: buff/cache" "$cached" "$(free -k | awk '/^Mem:/ { print $6 }')"
expect "free: available" "$(field /proc/meminfo MemAvailable:)" \
	"$(free -k | awk '/^Mem:/ { print $7 }')"

expect "vmstat: total" "$total" "$(vmstat -s | awk '/K total memory/ { print $1 }')"
expect "vmstat: free" "$free" "$(vmstat -s | awk '/K free memory/ { print $1 }')"
expect "vmstat: swap cache" "$cached" "$(vmstat -s | awk '/K swap cache/ { print $1 }')"
expect "vmstat: pages paged in" "$(field /proc/vmstat pgpgin)" \
	"$(vmstat -s | awk '/K paged in/ { print $1 }')"

# numastat prints megabytes with two decimals: for each node, and then the sum.
numa() {
	COLUMNS=200 numastat -m 2>/dev/null | awk -v label="$1" '$1 == label { print $2, $3, $4 }'
}
megabytes() {
	awk -v label="$1" '$3 == label { sum += $4; printf "%.2f ", $4 / 1024 }
		END { printf "%.2f\n", sum / 1024 }' "$node"/node[01]/meminfo
}
expect "numastat: MemTotal" "$(megabytes MemTotal:)" "$(numa MemTotal)"
expect "numastat: MemFree" "$(megabytes MemFree:)" "$(numa MemFree)"
expect "numastat: AnonPages" "0.00 100.00 100.00" "$(numa AnonPages)"
expect "numastat: HugePages_Total" "40.00 0.00 40.00" "$(numa HugePages_Total)"

# Each value of node_exporter is compared with the files.
port=$((20000 + RANDOM % 10000))
prometheus-node-exporter --path.procfs=/proc --path.sysfs=/sys --collector.disable-defaults \
	--collector.meminfo --collector.meminfo_numa --collector.vmstat --collector.buddyinfo \
	--collector.zoneinfo --collector.vmstat.fields='.*' \
	--web.listen-address=127.0.0.1:$port 2>"$tmp/log" &
metrics() {
	"$python" -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' \
		"http://127.0.0.1:$port/metrics" >"$tmp/metrics"
}
soon metrics
"$python" - "$tmp/metrics" <<'END' || fail "node_exporter"
import re, sys
metric = {}
for line in open(sys.argv[1]):
    if not line.startswith("#"):
        name, value = line.rsplit(" ", 1)
        metric[name] = float(value)
bad, seen = [], 0

def check(name, value):
    global seen
    seen += 1
    if metric.get(name) != value:
        bad.append(f"{name}: {metric.get(name)}, not {value}")

for line in open("/proc/meminfo"):
    label, value, *unit = line.split()
    label = re.sub(r"\((.*)\)", r"_\1", label.rstrip(":"))
    check(f"node_memory_{label}{'_bytes' if unit else ''}", int(value) * (1024 if unit else 1))
for line in open("/proc/vmstat"):
    label, value = line.split()
    check(f"node_vmstat_{label}", int(value))
for nid in 0, 1:
    for line in open(f"/sys/devices/system/node/node{nid}/meminfo"):
        _, _, label, value, *unit = line.split()
        label = re.sub(r"\((.*)\)", r"_\1", label.rstrip(":"))
        check(f'node_memory_numa_{label}{{node="{nid}"}}', int(value) * (1024 if unit else 1))
for line in open("/proc/buddyinfo"):
    _, nid, _, zone, *counts = line.split()
    for order, count in enumerate(counts):
        check(f'node_buddyinfo_blocks{{node="{nid.rstrip(",")}",size="{order}",zone="{zone}"}}',
              int(count))
zones = re.findall(r"Node (\d+), zone +(\w+)\n.*?pages free +(\d+).*?present +(\d+)"
                   r".*?managed +(\d+)", open("/proc/zoneinfo").read(), re.S)
for nid, zone, free, present, managed in zones:
    # Empty zones have no line for free pages, so these are not compared.
    check(f'node_zoneinfo_present_pages{{node="{nid}",zone="{zone}"}}', int(present))
    check(f'node_zoneinfo_managed_pages{{node="{nid}",zone="{zone}"}}', int(managed))
print("\n".join(bad), end="\n" if bad else "")
sys.exit(bool(bad) or seen < 300)
END
