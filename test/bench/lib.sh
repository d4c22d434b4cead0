# SPDX-License-Identifier: GPL-2.0-or-later
# What benchmarks on a mount share; to be sourced.

# best_ns TIMES COMMAND... - the fastest of some runs
best_ns() {
	local times=$1 best= begin ns

	shift
	for _ in $(seq "$times"); do
		begin=$(date +%s%N)
		"$@" >/dev/null
		ns=$(($(date +%s%N) - begin))
		[ -n "$best" ] && [ "$best" -le "$ns" ] || best=$ns
	done
	echo "$best"
}

# figure LABEL VALUE UNIT BASE - a line with the ratio to BASE
figure() {
	awk -v label="$1" -v value="$2" -v unit="$3" -v base="$4" \
		'BEGIN { printf "%-44s %10.2f %s %8.2f\n", label, value, unit, value / base }'
}

# rss_kib PATTERN - resident memory of the process whose command line matches
rss_kib() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$(pgrep -f -- "$1")/status"
}

# unmount DIR... - whatever is mounted there
unmount() {
	local dir

	for dir; do
		while grep -q " $dir fuse" /proc/mounts; do
			fusermount3 -uz "$dir" || break
		done
	done
}
