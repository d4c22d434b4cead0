#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# words.sh MEMHPSIM SOURCE-DIR - verify how memhpsim plan refuses words that make no sense
#
# In each option, such a word causes exit status 2, a line that names the word and what is
# allowed, and no other output. Growth that does not fit causes exit status 3.
set -u
sim=$(realpath "$1") top=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "FAILED: $*"
	failed=1
}

# plan STATUS TEXT OPTION... - check that the plan ends with STATUS and prints TEXT to standard
# error
plan() {
	local wanted=$1 text=$2 status

	shift 2
	"$sim" plan "$@" >"$work/out" 2>"$work/err"
	status=$?
	[ $status -eq "$wanted" ] || fail "plan $*: exit status $status, not $wanted"
	[ -z "$text" ] || grep -qF -- "$text" "$work/err" ||
		fail "plan $*: says \"$(cat "$work/err")\", not \"$text\""
	[ $status -ne 2 ] || [ ! -s "$work/out" ] || fail "plan $*: prints something"
}

# Each line is OPTION|VALUE|TEXT, where TEXT is part of the message.
while IFS='|' read -r option value text; do
	tried+=" $option"
	[ "$option" = --grow ] || set -- --grow +1G
	[ "$option" = --grow ] && set --
	plan 2 "$text" "$@" "$option=$value"
done <<'END_OF_TABLE'
--grow||"" is not a valid size (use 4G or 512M)
--grow|8G|"8G" is not a valid growth (+SIZE [x COUNT] [on node N], or virtio-mem to SIZE [on node N])
--grow|-1G|"-1G" is not a valid growth (+SIZE
--grow|x5|"x5" is not a valid growth (+SIZE
--grow|+|"" is not a valid size (use 4G or 512M)
--grow|+0|"0" is not a valid size
--grow|+8GB|"8GB" is not a valid size
--grow|+1G + 1G|"+" is not understood
--grow|+100M|100M is not a multiple of the block size, 128M
--grow|+99999999999E|"99999999999E" is not a valid size
--grow|+1G x|"" is not a number from 1 to 4096
--grow|+1G x0|"0" is not a number from 1 to 4096
--grow|+1G x 0|"0" is not a number from 1 to 4096
--grow|+1G x5000|"5000" is not a number from 1 to 4096
--grow|+1G x-1|"-1" is not a number from 1 to 4096
--grow|+1G xfive|"five" is not a number from 1 to 4096
--grow|+1G 5|"5" is not understood
--grow|+1G on|"node" must follow on, not ""
--grow|+1G on node|"" is not a number from 0 to 1023
--grow|+1G on node x|"x" is not a number from 0 to 1023
--grow|+1G on node 1024|"1024" is not a number from 0 to 1023
--grow|+1G on node 7|the machine has no node 7 (0-1)
--grow|+1G on node 1 now|"now" is not understood
--grow|virtio-mem|"to SIZE" must follow virtio-mem, not ""
--grow|virtio-mem to 0|"0" is not a valid size
--grow|virtio-mem to 1G x2|"x2" is not understood
--grow|virtio-mem to 3M|3M is not a multiple of 2M
--grow|virtio-men to 1G|"virtio-men" is not a valid growth (+SIZE
--policy||"" is not a valid policy word (online, online_kernel, online_movable, offline, contig-zones,
--policy|online,|"" is not a valid policy word (online,
--policy|onlin|"onlin" is not a valid policy word (online,
--policy|auto_movable|"auto_movable" is not a valid policy word (online,
--policy|online=1|"online=1" is not a valid policy word (online,
--policy|movable_node=1|"movable_node=1" is not a valid policy word (online,
--policy|ratio=5 quiet|"ratio=5 quiet" is not a valid policy word (online,
--policy|online,offline|"offline" contradicts "online" (use one of them)
--policy|online_movable,auto-movable,online|"online" contradicts "online_movable" (use one of them)
--policy|contig-zones,auto-movable|"auto-movable" contradicts "contig-zones" (use one of them)
--policy|ratio=1,ratio=2|"ratio=2" contradicts "ratio" (use one of them)
--policy|ratio=abc|"ratio=abc" is not understood (a number of percent, as 301)
--policy|ratio=-5|"ratio=-5" is not understood (a number of percent, as 301)
--policy|ratio=4294967296|"ratio=4294967296" is not understood (a number of percent
--policy|numa_aware=maybe|"numa_aware=maybe" is not understood (Y, N)
--policy|online,memmap_on_memory=sure|"memmap_on_memory=sure" is not understood (Y, N, force)
--policy|kernelcore=x|"kernelcore=x" is not understood (a size, as 512M; 25%; mirror)
--policy|kernelcore=1GB|"kernelcore=1GB" is not understood (a size
--policy|movablecore=10%x|"movablecore=10%x" is not understood (a size, as 512M; 25%)
--unmovable||"" is not a valid percentage (0 to 100)
--unmovable|-1|"-1" is not a valid percentage (0 to 100)
--unmovable|101|"101" is not a valid percentage (0 to 100)
--unmovable|many|"many" is not a valid percentage (0 to 100)
--machine|/nowhere/m.yaml|/nowhere/m.yaml
--machine||cannot be
--json|yes|doesn't allow an argument
--svg|/nowhere/plan.svg|/nowhere/plan.svg: No such file or directory
--html|/nowhere/plan.html|/nowhere/plan.html: No such file or directory
--fleet|/nowhere/fleet.csv|the machines and growths of a fleet are in its file
--shard|3/2|"3/2" is not a part (use 1/8 to 8/8
--shard|1/2|--shard needs --fleet
--merge|/nowhere/part|the machines and growths of a fleet are in its file
--jobs|many|"many" is not a number from 1 to 256
--search|size|"size" cannot be searched for (use ratio)
END_OF_TABLE
set --
plan 2 'nothing grows: --grow is missing' --policy online
plan 2 'invalid option' -g +1G -x

# The table has all options, and all words of a policy that take a value are tried.
for option in $("$sim" plan --help | grep -o -- '--[a-z]*'); do
	case "$tried --help --usage --version " in
	*" $option "*) ;;
	*) fail "$option is not tried" ;;
	esac
done
"$sim" plan -g +1G -p '?' 2>"$work/err"
words=$(grep -o '[a-z_]*=VALUE' "$work/err")
[ -n "$words" ] || fail "the message names no words with values"
for word in $words; do
	plan 2 "\"${word%VALUE}whatever\" is not understood (" -g +1G -p "${word%VALUE}whatever"
done

# Correct words are understood.
for growth in '+1G x5' '+1G x 5' ' +1G  x5 on node 0'; do
	plan 0 '' -g "$growth" -p online
	[ "$(grep -c '^ *[1-5] +1G' "$work/out")" = 5 ] || fail "$growth: $(cat "$work/out")"
done

# If the growth does not fit, the message says which step it is, and how much room there is.
no_room='the largest free range of the hotplug windows has'
plan 3 "step 1, +500G, does not fit: $no_room 78G" -g +500G -p online -p offline
[ "$(grep -c 'does not fit: room for 78G$' "$work/out")" = 2 ] || fail "$(cat "$work/out")"
[ "$(wc -l <"$work/err")" = 1 ] || fail "more than one message: $(cat "$work/err")"
grep -q 'nothing was added' "$work/out" || fail "$(cat "$work/out")"
plan 3 "step 4, +20G node 1, does not fit: $no_room 18G" -g '+20G x4 on node 1' -p online
plan 3 "step 2, virtio-mem 60G, does not fit: $no_room 58G" -g +20G -g 'virtio-mem to 60G'
plan 3 "step 3, +8G, does not fit: $no_room 0" -g '+39G x 2' -g +8G -p online
plan 3 'step 257, +128M, does not fit: all slots have a DIMM' -g '+128M x 257' -p online_movable
plan 3 "" -g +500G -p online --json
python3 - "$work/out" <<-'END' || fail "JSON: $(cat "$work/out")"
	import json, sys
	steps = json.load(open(sys.argv[1]))["policies"][0]["steps"]
	assert [s["error"] for s in steps] == [None, "ENOSPC"]
	assert [s["room"] for s in steps] == [None, 78 << 30]
END

# A machine with a wrong command line boots, and the mistake is reported.
sed 's/^cmdline:.*/cmdline: movable_nod/' "$top/machines/default.yaml" >"$work/m.yaml"
plan 0 'kernel command line: "movable_nod" has no effect (did you mean movable_node?)' \
	-m "$work/m.yaml" -g +1G -p online
exit $failed
