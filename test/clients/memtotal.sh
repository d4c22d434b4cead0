#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that programs agree about the size of the memory, however they learn it: from /proc, /sys or sysinfo(2).
set -eu
. "$(dirname "$0")/lib-view.sh"
needs free busybox vmstat top getconf lsmem lshw sar earlyoom perl
total=$(field /proc/meminfo MemTotal:)
[ "$total" -lt 3000000 ] || fail "MemTotal: $total"

# says WHAT WANTED COMMAND... - check the only number that a command prints
says() {
	local what=$1 wanted=$2

	shift 2
	expect "$what" "$wanted" "$("$@" 2>/dev/null)"
}
says "free" "$total" sh -c "free -k | awk '/^Mem:/ { print \$2 }'"
says "busybox free" "$total" sh -c "busybox free | awk '/^Mem:/ { print \$2 }'"
says "busybox free, available" "$(field /proc/meminfo MemAvailable:)" \
	sh -c "busybox free | awk '/^Mem:/ { print \$7 }'"
says "busybox top" "$total" sh -c "busybox top -bn1 | sed -n '1s/^Mem: \\([0-9]*\\)K used, \\([0-9]*\\)K free.*/\\1 \\2/p' |
	awk '{ print \$1 + \$2 }'"
says "vmstat" "$total" sh -c "vmstat -s | awk '/K total memory/ { print \$1 }'"
says "top" "$total" sh -c "top -E k -bn1 | awk '/^KiB Mem/ { print \$4 }'"
says "getconf" "$total" sh -c 'echo $(($(getconf _PHYS_PAGES) * 4))'
says "perl" "$total" perl -MPOSIX -e 'print POSIX::sysconf(85) * 4'
says "Python" "$total" "$python" -c 'import os; print(os.sysconf("SC_PHYS_PAGES") * 4)'
says "psutil" "$total" "$python" -c 'import psutil; print(psutil.virtual_memory().total // 1024)'
says "sar" "$(field /proc/meminfo MemFree:)" sh -c "LC_ALL=C sar -r 1 1 | awk '/^Average/ && \$2 ~ /[0-9]/ { print \$2 }'"
says "earlyoom" "$((total / 1024))" sh -c "timeout 1 earlyoom --dryrun 2>&1 | sed -n 's/^mem total: *\\([0-9]*\\) MiB.*/\\1/p'"
says "lsmem" 2G sh -c "lsmem | awk '/^Total online/ { print \$4 }'"
says "lshw" 2GiB sh -c "lshw -C memory | awk '/size:/ { print \$2; exit }'"
# swap that the real machine may have is not in the view
expect "/proc/swaps" Filename "$(awk '{ print $1 }' /proc/swaps)"
