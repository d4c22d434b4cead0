#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies memhpfs-run: the view, the exit status, signals, error messages, and that nothing is
# left behind, whichever process is killed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/lib-user.sh"
memhpfs=$(realpath "${MEMHPFS:-$top/build/memhpfs}")
run=$(dirname "$memhpfs")/memhpfs-run
who=$(id -u)

fail() {
	echo "memhpfs-run, as $who: $*"
	exit 1
}

# The test runs first as an ordinary user with access to /dev/fuse, and then as root.
if [ "$who" = 0 ] && [ -z "${AS_USER:-}" ]; then
	outer=$(mktemp -d)
	chmod 755 "$outer"
	AS_USER=1 MEMHPFS="$outer/top/${memhpfs#"$top"/}" as_user "$outer" \
		"$outer/top/test/clients/memhpfs-run.sh" || fail "the ordinary user"
	rm -rf --one-file-system "$outer"
fi
tmp=$(mktemp -d)
trap 'rm -rf --one-file-system "$tmp"' EXIT
export TMPDIR=$tmp

expect() {
	[ "$2" = "$3" ] || fail "$1: '$3', not '$2'"
}

# left WHAT - check that no file, mount or process is left behind
left() {
	local tries=0

	while [ -n "$(ls -d "$tmp"/memhpfs-run.* 2>/dev/null)" ] || grep -q "$tmp" /proc/self/mounts ||
		pgrep -f "$tmp/memhpfs-run" >/dev/null || pgrep -f "sleep 98765" >/dev/null; do
		[ $((tries += 1)) -le 150 ] ||
			fail "$1: left behind: $(ls "$tmp") $(pgrep -af "$tmp/memhpfs-run|sleep 98765")"
		sleep 0.02
	done
}

# status WANTED TEXT ARGUMENT... - check memhpfs-run's exit status, and TEXT on standard error
status() {
	local wanted=$1 text=$2 got=0

	shift 2
	"$run" "$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	expect "$*: exit status" "$wanted" "$got"
	grep -qF -- "$text" "$tmp/err" || [ -z "$text" ] || fail "$*: $(cat "$tmp/err")"
	left "$*"
}

real=$(cat /sys/devices/system/memory/block_size_bytes /sys/devices/system/memory/memory1/state 2>/dev/null || :)

# ---- the command: its status, its output, its environment
status 0 "" true
status 7 "" sh -c 'exit 7'
status 127 "no-such-program: No such file or directory" no-such-program
status 126 "/etc/passwd: Permission denied" /etc/passwd
status 0 "" -- sh -c 'echo out; echo err >&2; [ "$(id -u)" = 0 ]'
expect "standard output" out "$(cat "$tmp/out")"
expect "standard error" err "$(cat "$tmp/err")"
expect "standard input" "through" "$(echo through | "$run" cat)"
# Nothing is mounted on a cover, but on what the caller has mounted, and on a debugfs.
points() {
	"$@" awk '{ print $2 }' /proc/self/mounts | sort
}
expect "mounted twice" "" "$(comm -23 <(points "$run" | uniq -d) <({ points env; echo /sys/kernel/debug; } | sort) | xargs)"
expect "MEMHPFS_ROOT" "dev machine proc sys" "$("$run" sh -c 'ls "$MEMHPFS_ROOT"' | xargs)"
expect "uname" "Linux 6.1.20 x86_64" "$("$run" --kernel=6.1.20 uname -srm)"
# Linux 6.12 has no defrag_mode, whatever the real kernel has.
status 0 "" sh -c '[ "$(ls /proc/sys/vm)" = "$(ls "$MEMHPFS_ROOT/proc/sys/vm")" ] && [ ! -e /proc/sys/vm/defrag_mode ]'
# If a signal terminates the command, it also terminates memhpfs-run.
got=0
("$run" sh -c 'kill -KILL $$' || exit $?) 2>/dev/null || got=$?
expect "killed" 137 "$got"

# ---- the view
cat >"$tmp/machine.yaml" <<'END'
arch: x86_64
block_size: 256M
memory:
  - {start: 0x1000, end: 0x9fbff, node: 0}
  - {start: 1M, end: 0x3fffffff, node: 0}
cpus:
  - {list: "0", node: 0}
END
status 0 "" --machine "$tmp/machine.yaml" --cmdline "memhp_default_state=online_kernel" sh -c '
	cat /sys/devices/system/memory/block_size_bytes /sys/devices/system/memory/auto_online_blocks
	ls /sys/bus/memory/devices | sort -V | xargs
	cat /sys/devices/system/node/possible /proc/cmdline
	ls /sys/firmware /run/udev
	cat /sys/module/memory_hotplug/parameters/online_policy
	ls /sys/kernel/debug | xargs
	readlink /sys/devices/system/memory/memory1/subsystem'
expect "the view" "10000000
online_kernel
memory0 memory1 memory2 memory3
0
memhp_default_state=online_kernel
/run/udev:

/sys/firmware:
acpi
memmap
contig-zones
fail_page_alloc hwpoison notifier-error-inject
../../../../bus/memory" "$(cat "$tmp/out")"
# Real files can be read, but not written.
status 0 "" sh -c 'for f in /sys/power/state /sys/kernel/profiling /sys/kernel/mm/ksm/run; do
	[ -e $f ] || continue
	! (echo 0 >$f) 2>/dev/null || exit 9
	cat $f >/dev/null || exit 8
done
! mkdir /sys/kernel/x /sys/firmware/x 2>/dev/null'
# The view has its own loopback device, and no other network.
expect "network" "lo" "$("$run" sh -c 'sed -n "s/^ *\(.*\):.*/\1/p" /proc/net/dev' | xargs)"
status 0 "" sh -c 'echo offline >/sys/devices/system/memory/memory1/state &&
	[ "$(cat /sys/devices/system/memory/memory1/state)" = offline ]'
expect "the real machine" "$real" \
	"$(cat /sys/devices/system/memory/block_size_bytes /sys/devices/system/memory/memory1/state 2>/dev/null || :)"

# ---- signals
wait_file() {
	local tries=0

	until [ -s "$1" ]; do
		[ $((tries += 1)) -le 500 ] || fail "no $1"
		sleep 0.02
	done
}
for signal in TERM INT HUP USR1 QUIT; do
	rm -f "$tmp/pid"
	# Background processes of a shell ignore some of these signals.
	env --default-signal "$run" sh -c "trap 'echo $signal; exit 5' $signal; echo \$\$ >$tmp/pid; while :; do sleep 0.05; done" \
		>"$tmp/out" &
	wait_file "$tmp/pid"
	kill -$signal $!
	got=0
	wait $! || got=$?
	expect "SIG$signal" "$signal 5" "$(cat "$tmp/out") $got"
	left "SIG$signal"
done

# ---- nothing left behind
"$run" sh -c '(sleep 98765 &); (trap "" TERM; sleep 98765) & setsid sleep 98765 & exit 0'
left "processes of the command"
for victim in outer inner memhpfs; do
	rm -f "$tmp/pid"
	"$run" sh -c "(sleep 98765 &); echo \$\$ >$tmp/pid; exec sleep 98765" 2>/dev/null &
	pid=$!
	wait_file "$tmp/pid"
	case $victim in
	outer) kill -KILL $pid ;;
	inner) kill -KILL "$(cut -d ' ' -f 1 "/proc/$pid/task/$pid/children")" ;;
	memhpfs)
		pkill -KILL -f "memhpfs .*$tmp/memhpfs-run"
		kill -TERM $pid
		;;
	esac
	wait $pid 2>/dev/null || :
	left "$victim was killed"
done

# ---- an ordinary user who has ranges of ids can become other users
if [ "$who" = 0 ]; then
	user=$(TMPDIR=/tmp mktemp -d)
	chmod 755 "$user"
	echo 65534:200000:65536 >"$user/ids"
	expect "su" "daemon" "$(unshare --mount --propagation private bash -euc '
		. "$1/lib-user.sh"
		top=$2
		mount --bind "$3/ids" /etc/subuid
		mount --bind "$3/ids" /etc/subgid
		TMPDIR=/tmp as_user "$3" "$3/top/$4" su -s /bin/sh daemon -c "id -un"' sh \
		"$here" "$top" "$user" "${run#"$top"/}")"
	rm -rf --one-file-system "$user"
fi

# ---- an existing mount, and one that is kept
mkdir "$tmp/mnt"
fusermount=$(command -v fusermount3)
if [ "$who" = 0 ] || [ -u "$fusermount" ]; then
	TMPDIR=$tmp "$run" --keep --machine "$tmp/machine.yaml" \
		sh -c 'echo offline >/sys/devices/system/memory/memory1/state' 2>"$tmp/err" || fail "--keep"
	kept=$(sed -n 's/.*the machine remains mounted at \([^ ]*\) .*/\1/p' "$tmp/err")
	expect "--keep: what was done" offline "$(cat "$kept/sys/devices/system/memory/memory1/state")"
	expect "--mount" "offline $kept" "$("$run" --mount "$kept" sh -c \
		'cat /sys/devices/system/memory/memory1/state; echo $MEMHPFS_ROOT' | xargs)"
	"$run" --account --mount "$kept" sh -c \
		'numactl -m 0 sleep 100 & until ls $MEMHPFS_ROOT/machine/workload | grep -q pid; do sleep 0.02; done'
	expect "--account: what is left" "" "$(ls "$kept/machine/workload")"
	fusermount3 -u "$kept"
	tries=0
	while [ -e "$kept" ]; do
		[ $((tries += 1)) -le 500 ] || fail "--keep: $kept is left"
		sleep 0.02
	done
	left "--keep"
fi

# ---- errors
status 125 "no command"
status 125 "unrecognized option" --nonsense true
status 125 "$tmp/mnt: memhpfs is not mounted there" --mount "$tmp/mnt" true
status 125 "/nowhere: No such file or directory" --mount /nowhere true
status 125 "--no-seccomp excludes --account" --no-seccomp --account true
status 125 "--mount excludes --machine, --cmdline, --kernel and --keep" --mount "$tmp/mnt" --machine x true
status 125 "/nowhere.yaml: cannot be read: No such file or directory" --machine /nowhere.yaml true
got=0
unshare --user --map-root-user --mount sh -c 'mount -t tmpfs dev /dev && exec "$1" true' sh "$run" \
	2>"$tmp/err" || got=$?
expect "no /dev/fuse" 125 "$got"
grep -q "/dev/fuse cannot be used: No such file or directory" "$tmp/err" && grep -q "in a container: .*--device" "$tmp/err" ||
	fail "no /dev/fuse: $(cat "$tmp/err")"
got=0
unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces
	exec setpriv --bounding-set=-all --inh-caps=-all "$1" true' sh "$run" 2>"$tmp/err" || got=$?
expect "no user namespaces" 125 "$got"
grep -q "namespaces cannot be created here: " "$tmp/err" && grep -q "in a container: .*--device" "$tmp/err" ||
	fail "no user namespaces: $(cat "$tmp/err")"
left "what cannot be"
