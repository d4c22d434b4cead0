#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sim-random.sh MEMHPSIM SOURCE-DIR - verify the files that memhpsim random writes
#
# The same seed writes the same file; every file runs; all kinds of operations, machines and
# answers occur; invalid options are refused with a message and nothing else.
set -u
sim=$(realpath "$1") top=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "FAILED: $*"
	failed=1
}

# refused TEXT OPTION... - check for exit status 2, this text on standard error, and no output
refused() {
	local text=$1 status=0

	shift
	"$sim" random "$@" >"$work/out" 2>"$work/err" || status=$?
	[ $status -eq 2 ] || fail "random $*: exit status $status, not 2"
	grep -qF -- "$text" "$work/err" ||
		fail "random $*: says \"$(cat "$work/err")\", not \"$text\""
	[ ! -s "$work/out" ] || fail "random $*: prints something"
}

# runs FILE - check that memhpsim can run this file, and add the answers to $work/answers
runs() {
	"$sim" "$1" >"$work/answered" 2>"$work/err" || fail "$1 does not run: $(cat "$work/err")"
	# of words of the command line that mean nothing, memhpsim says so
	grep -v "kernel command line" "$work/err" && fail "$1: see above"
	cat "$work/answered" >>"$work/answers"
}

length=400
for seed in $(seq 1 40); do
	file=$work/$seed.ops
	"$sim" random --seed="$seed" --length=$length >"$file" || fail "seed $seed: exit status $?"
	"$sim" random --seed="$seed" --length=$length | cmp - "$file" ||
		fail "seed $seed writes two different files"
	[ "$(grep -c '^> ' "$file")" = $length ] ||
		fail "seed $seed: $(grep -c '^> ' "$file") operations, not $length"
	runs "$file"
done
cmp -s "$work/1.ops" "$work/2.ops" && fail "two seeds write the same file"

# a longer file continues a shorter one, but for its first line
"$sim" random --seed=7 --length=100 | sed 1d >"$work/short"
sed 1d "$work/7.ops" | head -n "$(wc -l <"$work/short")" | cmp - "$work/short" ||
	fail "a shorter file is not the beginning of a longer one"

for machine in "$top"/machines/*.yaml; do
	# half a million blocks take their time
	[ "$(basename "$machine")" != power-64t.yaml ] || continue
	"$sim" random --seed=1 --length=150 --machine="$machine" >"$work/m" ||
		fail "$machine: exit status $?"
	runs "$work/m"
done

while read -r pattern; do
	grep -q -- "$pattern" "$work/answers" || fail "no $pattern in any file"
done <<'END_OF_PATTERNS'
^arch: x86_64
^arch: arm64
^arch: ppc64le
^arch: s390x
^cmdline: "[a-z]
^given unmovable
^> read
^> list
^> link
^> stat
^> zone
^> delta
^> uevents
^> sleep
^> start-write
^> join
^> timed-write .* offline
^> plug dimm
^> plug virtio-mem
^> unplug
^> resize
^> hold .* anon
^> hold .* mlock
^> hold .* shmem
^> hold .* hugetlb
^> free
^> write .*/state online_movable$
^> write .*/online [01yn]
^> write .*/probe
^> write .*/auto_online_blocks
^> write .*/soft_offline_page
^> write .*/hard_offline_page
^> write .*/nr_hugepages
^> write .*/demote
^> write .*/demote_size
^> write .*/uevent
^> write .*/MEM_GOING_ONLINE/error
^> write .*/online_policy
^> write .*/auto_movable_ratio
^> write .*/auto_movable_numa_aware
^> write .*/memmap_on_memory
^> write .*/eject
^> write sys/kernel/dlpar memory remove
^> write .*\\x00
^> write .*\\n\\n
^> write [^ ]* $
^> write .*aaaa\|^> write .*bbbb\|^> write .*zzzz\|^> write .*\([a-z]\)\1\1\1\1\1\1
^< err EINVAL
^< err EBUSY
^< err EEXIST
^< err ENOENT
^< err EACCES
^< removed
END_OF_PATTERNS

number="must be a decimal number from"
refused "--seed=: $number 0 to 18446744073709551615" --seed= --length=1
refused "--seed=x: $number 0" --seed=x --length=1
refused "--seed=-1: $number 0" --seed=-1 --length=1
refused "--seed=0x1: $number 0" --seed=0x1 --length=1
refused "--seed=18446744073709551616: $number 0" --seed=18446744073709551616 --length=1
refused "--length=0: $number 1 to 1000000" --seed=1 --length=0
refused "--length=1000001: $number 1 to 1000000" --seed=1 --length=1000001
refused "--length=1 : $number 1" --seed=1 --length='1 '
refused "--seed and --length are required" --length=1
refused "--seed and --length are required" --seed=1
refused "$work/none: cannot be read" --seed=1 --length=1 --machine="$work/none"
echo 'memory: x' >"$work/bad"
refused "$work/bad:1:" --seed=1 --length=1 --machine="$work/bad"
refused "Usage: memhpsim random" --seed=1 --length=1 more

"$sim" random --seed=1 --length=1 >/dev/full 2>"$work/err"
[ $? -eq 2 ] || fail "a full disk is no error"
grep -q "cannot be written" "$work/err" || fail "a full disk: $(cat "$work/err")"
exit $failed
