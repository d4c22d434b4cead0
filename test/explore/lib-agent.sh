# SPDX-License-Identifier: GPL-2.0-or-later
# What the agents have in common; they source it. Each agent has one bug that real ones had, and
# works without it when its first argument is "repaired".
mem=/sys/devices/system/memory
repaired=$([ "${1:-}" = repaired ] && echo 1)

# in_state STATE - print the blocks that are in it, by number
in_state() {
	for n in $(cd $mem && ls -d memory*[0-9] | cut -c7- | sort -n); do
		read -r state <"$mem/memory$n/state"
		[ "$state" != "$1" ] || echo "$n"
	done
}

# set_state STATE BLOCK - 0 if it could be set
set_state() {
	echo "$1" 2>/dev/null >"$mem/memory$2/state"
}
