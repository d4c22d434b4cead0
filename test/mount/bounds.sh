#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies the limits. A client that creates, opens and keeps as much as possible reaches a limit,
# with an error that the kernel also returns; meanwhile, others are answered, and the daemon stays
# small. Users other than root cannot create or write anything, and cannot hinder others.
set -eu
. "$(dirname "$0")/lib.sh"

# This allows for 65,536 open files, 64 MiB of text, 4096 objects, and 16 MiB for the daemon
# itself.
limit_kib=$(((16 + 64 + 32) * 1024))

mount_checked
python3 - "$mnt" <<'END' || fail "see above"
import errno, os, resource, sys

os.chdir(sys.argv[1])
memory = "sys/devices/system/memory"
bad = 0


def expect(what, wanted, got):
    global bad
    if got != wanted:
        print(f"{what}: {got!r}, not {wanted!r}")
        bad = 1


def until(call, most):
    """Return how many times the call succeeds, and the error after that."""
    for nr in range(most):
        try:
            call(nr)
        except OSError as error:
            return nr, errno.errorcode[error.errno]
    return most, None


expect("objects", (4096, "ENOSPC"), until(lambda nr: os.mkdir(f"machine/workload/w{nr}"), 5000))
expect("others", None, os.mkdir("machine/fault/f"))
for nr in range(4096):
    os.rmdir(f"machine/workload/w{nr}")
for length, wanted in (255, (1, None)), (256, (0, "ENAMETOOLONG")), (1500, (0, "ENAMETOOLONG")):
    expect(f"a name of {length}", wanted, until(lambda nr: os.mkdir("machine/dimm/" + "n" * length), 1))

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
fds = []
nr, error = until(lambda _: fds.append(os.open(memory + "/memory1/state", os.O_RDONLY)),
                  min(hard - 100, 70000))
if hard > 70000:
    expect("open files", (65536, "ENFILE"), (nr, error))
    expect("directories", (0, "ENFILE"), until(lambda _: os.listdir(memory), 1))
    os.close(fds.pop())
    expect("another file", "online\n", open(memory + "/memory2/state").read())
for fd in fds:
    os.close(fd)
fds = []


def read_some(_):
    fds.append(os.open("proc/zoneinfo", os.O_RDONLY))
    os.read(fds[-1], 1)


nr, error = until(read_some, min(hard - 100, 20000))
if hard > 20000:
    expect("texts", "ENOMEM", error)
    expect("a text that is read to its end", "online\n", open(memory + "/memory2/state").read())
sys.exit(bad)
END
echo "resident: $(rss_kib) KiB"
sanitized || [ "$(rss_kib)" -lt $limit_kib ] || fail "$(rss_kib) KiB, $limit_kib allowed"
expect "the daemon" online "$(cat "$mem/memory1/state")"

if [ "$(id -u)" = 0 ]; then
	chmod 755 "$tmp"
	# denied COMMAND... - check that the command fails for an ordinary user
	denied() {
		local status=0

		setpriv --reuid 65534 --regid 65534 --clear-groups "$@" 2>"$tmp/err" || status=$?
		[ "$status" != 0 ] || fail "any user may $*"
		grep -q "Permission denied\|not permitted" "$tmp/err" || fail "$*: $(cat "$tmp/err")"
	}
	for dir in "$mnt"/machine/{dimm,workload,fault,virtio-mem,dax,container}; do
		denied mkdir "$dir/x"
	done
	denied rmdir "$mnt/machine/fault/f"
	denied sh -c 'echo online >"$0"' "$mem/memory1/state"
	denied sh -c 'echo 0x88000000 >"$0"' "$mem/probe"
	denied sh -c 'echo 1 >"$0"' "$mnt/machine/clock/migrate_pages_per_ms"
	denied cat "$mnt/proc/pagetypeinfo"
	denied ls "$mnt/sys/kernel/debug"
	denied chmod 666 "$mem/memory1/state"
	denied touch -d @0 "$mem/memory1/state"
	denied truncate -s 0 "$mem/memory1/state"

	# take UID FILE LEAST - open FILE as often as that user can; report when the limit is
	# reached, and keep the files open until the end of the input
	take() {
		python3 -c '
import os, resource, sys

uid, path, least = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_NOFILE, (1100, 1100))
os.setgroups([])
os.setresgid(uid, uid, uid)
os.setresuid(uid, uid, uid)
fds = []
try:
    while True:
        fds.append(os.open(path, os.O_RDONLY))
except OSError as error:
    print(error.strerror, flush=True)
if len(fds) < least:
    sys.exit(f"user {uid} gets only {len(fds)} of {path}")
sys.stdin.read()' "$@"
	}
	for file in machine/uevents machine/trace; do
		coproc NOBODY { take 65534 "$mnt/$file" 384; }
		nobody=$NOBODY_PID
		read -r -u "${NOBODY[0]}" error || fail "nobody cannot open $file until the limit"
		expect "nobody takes $file until" "Too many open files in system" "$error"
		take 1 "$mnt/$file" 192 </dev/null >"$tmp/out" ||
			fail "nobody leaves too little of $file for another user"
		timeout 10 head -c 0 "$mnt/$file" || fail "root cannot open $file"
		eval "exec ${NOBODY[1]}>&-"
		wait "$nobody" || fail "nobody reaches the limit of $file too early"
	done
fi
unmount_tree
expect_exit 0 "$daemon" "after all that"
expect_no_report
