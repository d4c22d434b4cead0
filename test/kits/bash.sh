#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies memhp.bash: the examples, what each function says when it fails, and that nothing is left
# behind when a test is killed.
#
# usage: bash.sh MEMHPFS
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$(dirname "$(realpath "$1")"):$top/kits/bash:$PATH
tmp=$(mktemp -d)
trap 'rm -rf --one-file-system "$tmp"' EXIT
export TMPDIR=$tmp/mounts SHUNIT_COLOR=none
mkdir "$TMPDIR"

fail() {
	echo "kits/bash: $*"
	exit 1
}

expect_nothing_left() {
	[ -z "$(ls -A "$TMPDIR")" ] || fail "$1: $(ls "$TMPDIR") is left"
	! grep -q " $TMPDIR/" /proc/mounts || fail "$1: a mount is left"
}

# ---- the examples, and that their assertions can fail --------------------------------------------

cd "$top/kits/bash"
bats example.bats >"$tmp/out" || fail "example.bats: $(cat "$tmp/out")"
./example-shunit2.sh >"$tmp/out" 2>&1 || fail "example-shunit2.sh: $(cat "$tmp/out")"
expect_nothing_left "examples"

sed 's/Movable 32-35/Normal 32-35/' example.bats >"$tmp/wrong.bats"
bats "$tmp/wrong.bats" >"$tmp/out" && fail "wrong.bats passes"
grep -q '#   memory35: Movable$' "$tmp/out" || fail "wrong.bats: $(cat "$tmp/out")"
sed 's/offline 34/online 34/' example-shunit2.sh >"$tmp/wrong.sh"
bash "$tmp/wrong.sh" >"$tmp/out" 2>&1 && fail "wrong.sh passes"
grep -q '^ASSERT:memhp_assert_state: not online:' "$tmp/out" || fail "wrong.sh: $(cat "$tmp/out")"
expect_nothing_left "failed tests"

# ---- what functions say --------------------------------------------------------------------------

# Each command of the script is printed, and then what it prints and a status that is not 0.
cat >"$tmp/said" <<'END'
$ memhp_set dimm/d0 size=1G
memhp_set: no machine is mounted; call memhp_start first
status 1
$ memhp_start --machine ./none.yaml
./none.yaml: cannot be read: No such file or directory
memhp_start --machine ./none.yaml: no machine could be mounted; memhpfs has printed the reason
status 1
$ memhp_stop
$ memhp_start --cmdline memhp_default_state=online
$ memhp_set dimm/d0 size=8GB
memhp_write machine/dimm/d0/size 8GB: Invalid argument
  machine/log: machine: dimm/d0/size: '8GB' is not a valid size (use 4G or 512M)
status 1
$ memhp_set dimm/d0 colour=red
memhp_write machine/dimm/d0/colour red: there is no such file; it has addr backed node ost plugged size slot
status 1
$ memhp_set dimm/d0 size
memhp_set dimm/d0: 'size' is not KEY=VALUE
status 1
$ memhp_set dime/d0
memhp_set dime/d0: No such file or directory
status 1
$ memhp_write proc/version 7
memhp_write proc/version 7: Permission denied
status 1
$ memhp_remove dimm/d0
$ memhp_uevents
$ memhp_plug dimm/d1 size=256M node=1
$ echo ${memhp_blocks[@]}
memory32 memory33
$ memhp_uevents
add memory32
add memory33
online memory32
online memory33
$ memhp_assert_zones Movable 31-32 memory33
memhp_assert_zones: not Movable:
  memory31: there is no such block
  memory32: Normal
  memory33: Normal
status 1
$ memhp_assert_state offline all
'all' is neither a memory block nor a range (use 32, memory32 or 32-39)
status 1
$ memhp_set workload/w kind=kernel block=33 size=64K
$ memhp_offline 32-33 2>&1 | head -n 1
memhp_write sys/devices/system/memory/memory33/state offline: Device or resource busy
$ memhp_assert_uevents 'offline memory32' 'offline memory33'
memhp_assert_uevents: the events differ (< expected, > seen):
2d1
< offline memory33
status 1
$ memhp_assert_uevents
$ memhp_fault f phase=going_online block=32 errno=ENOMEM
$ memhp_online 32 movable
memhp_write sys/devices/system/memory/memory32/state online_movable: Cannot allocate memory
  machine/log: fault f: going_online of memory32 fails with ENOMEM
status 1
$ memhp_wait_state online 0 32
memhp_wait_state: not online after 0 seconds:
  memory32: offline
status 1
$ memhp_set fault/f enabled=0
$ memhp_set fault/f errno=none delay_ms=3600000 enabled=1
$ memhp_online 32 & until [ $(cat $MEMHPFS_ROOT/machine/fault/f/hits) = 1 ]; do sleep 0.01; done; memhp_advance 3600000; wait $!
$ memhp_assert_state online 32
$ memhp_offline 32
$ memhp_set fault/f enabled=0
$ memhp_remove fault/f
$ (sleep 0.1; memhp_online 32 kernel) & memhp_wait_state online 10 32
$ memhp_assert_zones Normal 32
$ memhp_set workload/w size=0
$ memhp_unplug dimm/d1
$ memhp_plug virtio-mem/v size=1G node=1
$ memhp_resize virtio-mem/v 256M
$ memhp_assert_state online 32-33
$ memhp_run cat /sys/devices/system/memory/memory32/state
online
$ memhp_start
memhp_start: a machine is mounted on ROOT already; call memhp_stop first
status 1
$ kill -KILL $_memhp_pid
$ memhp_stop
memhp_stop: memhpfs had ended before, with status 137
status 1
END
# A command that should fail is run by a shell that ends then, except for the last one, which is that shell's own.
{
	echo '. memhp.bash'
	tac "$tmp/said" | while read -r line; do
		case $line in
		status*) fails=yes ;;
		\$*)
			command=${line#\$ }
			if [ -z "${fails-}" ]; then
				echo "$command"
			elif [ "$command" = memhp_stop ]; then
				echo "$command || echo \"status \$?\""
			else
				echo "(set -e; $command); echo \"status \$?\""
			fi
			printf 'echo %q\n' "$line"
			fails=
			;;
		esac
	done | tac
} >"$tmp/say.sh"
bash -u -o pipefail "$tmp/say.sh" >"$tmp/out" 2>&1 || fail "say.sh: $(tail -n 3 "$tmp/out")"
sed -i -e "s|$TMPDIR/memhp\.[^/ ]* has|it has|; s|$TMPDIR/[^ ]*/machine/[^ ]* has|it has|" \
	-e "s|$TMPDIR/memhp[^ ]*|ROOT|" "$tmp/out"
diff "$tmp/said" "$tmp/out" || fail "these messages differ"
expect_nothing_left "say.sh"

# ---- a test that dies ----------------------------------------------------------------------------

# The machine is open for the test and for a process that outlives it.
cat >"$tmp/dies.sh" <<'END'
. memhp.bash
memhp_start
exec 9<"$MEMHPFS_ROOT/machine/log"
setsid bash -c 'echo $$; exec sleep 60 >/dev/null 2>&1' &
sleep 60
END
for whom in process group; do
	setsid bash "$tmp/dies.sh" >"$tmp/pid" &
	test=$!
	until [ -s "$tmp/pid" ]; do sleep 0.01; done
	kill -KILL -- "$([ $whom = process ] || echo -)$test"
	wait $test 2>/dev/null || :
	for _ in $(seq 500); do
		[ -n "$(ls -A "$TMPDIR" 2>&1)" ] || break
		sleep 0.01
	done
	expect_nothing_left "SIGKILL of the $whom"
	# what the test has started
	kill -KILL "$(cat "$tmp/pid")"
	kill -KILL -- "-$test" 2>/dev/null || :
	: >"$tmp/pid"
done
