# SPDX-License-Identifier: GPL-2.0-or-later
# Functions shared by the benchmarks on a mount, which source this file.

# best_ns TIMES COMMAND... - print the time of the fastest of TIMES runs
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

# figure LABEL VALUE UNIT BASE - print a line with the ratio to BASE; both may be awk expressions
figure() {
	awk -v label="$1" -v unit="$3" \
		"BEGIN { printf \"%-44s %10.2f %s %8.2f\\n\", label, $2, unit, ($2) / ($4) }"
}

# rss_kib PATTERN - print the resident memory of the process whose command line matches
rss_kib() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$(pgrep -f -- "$1")/status"
}

# unmount DIR... - unmount everything that is mounted there
unmount() {
	local dir

	for dir; do
		while grep -q " $dir fuse" /proc/mounts; do
			fusermount3 -uz "$dir" || break
		done
	done
}

# wished LABEL EXPRESSION UNIT BOUND - print a line with the target, which is at most BOUND
wished() {
	printf '%-44s %10.2f %s   (target: %s)\n' "$1" "$(awk "BEGIN { print $2 }")" "$3" "$4"
}
