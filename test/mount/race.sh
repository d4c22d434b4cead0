#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies machine/race: two processes can be forced into either order of a race; held processes
# can be killed and released, and unmounting ends them; and others continue meanwhile, even on the
# same file.
set -eu
. "$(dirname "$0")/lib.sh"

race=$mnt/machine/race
cp /bin/sh "$tmp/agent"
cp /bin/sh "$tmp/udev"

# gate NAME [KEY=VALUE...] - create an enabled gate
gate() {
	local dir=$race/$1 pair

	mkdir "$dir"
	shift
	for pair in "$@"; do
		echo "${pair#*=}" >"$dir/${pair%%=*}"
	done
	echo 1 >"$dir/enabled"
}

# act ACTOR TEXT FILE - write in the background, as a program of that name; sets $pid, and leaves
# the output in $tmp/ACTOR.out
act() {
	"$tmp/$1" -c 'echo "$1" >"$2" && echo done' "$1" "$2" "$3" >"$tmp/$1.out" 2>&1 &
	pid=$!
}

# held GATE [N] - wait until N processes (default: 1) are held
held() {
	wait_for text "$race/$1/waiting" "${2:-1}"
}

# done_by ACTOR PID - wait for the process, and check that its write succeeded
done_by() {
	wait "$2" || fail "$1: $(cat "$tmp/$1.out")"
	expect "$1" "done" "$(cat "$tmp/$1.out")"
}

state_of() {
	echo "$mem/memory$1/state"
}

mount_foreground --trace "$tmp/trace" --state "$tmp/state"
plug_dimm d0 512M 1
a=$first b=$((first + 1)) c=$((first + 2))

# A block between two movable blocks becomes movable: block $b does, if it goes online last.
echo online_movable >"$(state_of $a)"
gate g actor=udev "path=*/memory$b/state" "until=sys/devices/system/memory/memory$c/state online"
act udev online "$(state_of $b)"
udev=$pid
held g
expect "the block whose writer is held" offline "$(cat "$(state_of $b)")"
act agent online_movable "$(state_of $c)"
done_by agent "$pid"
done_by udev "$udev"
expect "agent first" Movable "$(cat "$mem/memory$b/valid_zones")"
rmdir "$race/g"
for block in $b $c; do
	echo offline >"$(state_of $block)"
done

gate g actor=agent op=open "until=sys/devices/system/memory/memory$b/state online"
act agent online_movable "$(state_of $c)"
agent=$pid
held g
act udev online "$(state_of $b)"
done_by udev "$pid"
done_by agent "$agent"
expect "udev first" Normal "$(cat "$mem/memory$b/valid_zones")"
expect "passed" 1 "$(cat "$race/g/passed")"
rmdir "$race/g"

# The block has been removed when its writer continues.
gate g actor=agent until="machine/dimm/d0/plugged 0"
for block in $a $b $c; do
	echo offline >"$(state_of $block)"
done
act agent online "$(state_of $a)"
held g
echo 0 >"$mnt/machine/dimm/d0/plugged"
wait "$pid" && fail "a write to a block that is gone succeeds"
grep -q '"op":"write".*"command":"agent".*"errno":"ENODEV"' "$tmp/trace" ||
	fail "a lost race: $(tail -n 5 "$tmp/trace")"
rmdir "$race/g"

# A gate can hold a process until an operation that takes time has ended.
echo 1 >"$mnt/machine/dimm/d0/plugged"
echo online_movable >"$(state_of $a)"
mkdir "$mnt/machine/workload/db"
echo anon >"$mnt/machine/workload/db/kind"
echo $a >"$mnt/machine/workload/db/block"
echo 64M >"$mnt/machine/workload/db/size"
echo 200 >"$mnt/machine/clock/migrate_pages_per_ms"
gate g actor=agent "until=sys/devices/system/memory/memory$a/state offline"
act agent online_movable "$(state_of $c)"
agent=$pid
held g
act udev offline "$(state_of $a)"
done_by udev "$pid"
done_by agent "$agent"
rmdir "$race/g" "$mnt/machine/workload/db"

# At a barrier, the trace shows who waits there.
exec 3<"$mnt/machine/trace"
gate g "actor=[au]*" parties=2 "path=*/state"
act agent offline "$(state_of 9)"
agent=$pid
grep -m 1 '"op":"held".*"command":"agent".*/memory9/state","value":"g"}$' <&3 >/dev/null
exec 3<&-
act udev offline "$(state_of 10)"
done_by udev "$pid"
done_by agent "$agent"
rmdir "$race/g"

# Other processes can use the same file, which otherwise never waits.
file=$mem/auto_online_blocks
gate g actor=agent
act agent online_movable "$file"
agent=$pid
held g
expect "a reader of the same file" offline "$(cat "$file")"
act udev online_kernel "$file"
done_by udev "$pid"
expect "another writer of it" online_kernel "$(cat "$file")"
echo 1 >"$race/g/release"
done_by agent "$agent"
expect "the file after the release" online_movable "$(cat "$file")"

# A signal does not release the process, but a fatal one ends it anyway.
python3 - "$tmp/result" "$file" <<'END' &
import ctypes, errno, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: None)
with open("/proc/self/comm", "w") as comm:
    comm.write("agent")
write = ctypes.CDLL(None, use_errno=True).write
result = write(os.open(sys.argv[2], os.O_WRONLY), b"offline", 7)
with open(sys.argv[1], "w") as file:
    file.write(str(result) if result >= 0 else errno.errorcode[ctypes.get_errno()])
END
pid=$!
held g
kill -TERM "$pid"
writer=$pid
act agent online "$file"
agent=$pid
held g 2
echo 1 >"$race/g/release"
wait_for gone "$writer"
expect "a signal with a handler" 7 "$(cat "$tmp/result")"
kill -TERM "$agent"
wait_for text "$race/g/waiting" 0
expect "the file of the killed writer" offline "$(cat "$file")"

# Processes are released when the gate is disabled, and when it is removed.
act agent online "$file"
held g
echo 0 >"$race/g/enabled"
done_by agent "$pid"
echo 1 >"$race/g/enabled"
act agent offline "$file"
held g
rmdir "$race/g"
done_by agent "$pid"

# mkdir that is held does not block other directories.
gate g actor=mkdir op=mkdir "path=machine/workload/*"
mkdir "$mnt/machine/workload/w" &
pid=$!
held g
mkdir "$mnt/machine/fault/f"
grep -q '"op":"mkdir".*"path":"machine/workload/w"' "$tmp/trace" &&
	fail "the directory was created too early"
echo 1 >"$race/g/release"
wait "$pid" || fail "mkdir: exit status $?"
[ -e "$mnt/machine/workload/w/kind" ] || fail "the directory was not created"
rmdir "$race/g"

# Unmounting ends held requests.
gate g actor=agent
gate h actor=agent op=open
act agent online "$file"
held h
python3 - "$tmp/result" "$file" <<'END' &
import ctypes, errno, os, sys
fd = os.open(sys.argv[2], os.O_WRONLY)
with open("/proc/self/comm", "w") as comm:
    comm.write("agent")
write = ctypes.CDLL(None, use_errno=True).write
result = write(fd, b"offline", 7)
with open(sys.argv[1], "w") as file:
    file.write(str(result) if result >= 0 else errno.errorcode[ctypes.get_errno()])
END
writer=$!
held g
before=$(cat "$file" "$mem"/memory*/state)
kill -TERM "$daemon"
expect_exit 0 "$daemon" "SIGTERM while two are held"
expect_unmounted "SIGTERM while two are held"
wait "$pid" && fail "an open when the mount ended: exit status 0"
wait_for gone "$writer"
expect "a write when the mount ended" EINTR "$(cat "$tmp/result")"

# A resumed machine has its gates, with no one waiting, and everything happened in the same order.
mount_foreground --state "$tmp/state"
expect "the machine, once more" "$before" "$(cat "$file" "$mem"/memory*/state)"
expect "the gates, once more" "1 1 0 0" \
	"$(cat "$race"/[gh]/enabled "$race"/[gh]/waiting | tr '\n' ' ' | sed 's/ $//')"
