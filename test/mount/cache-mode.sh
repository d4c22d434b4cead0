#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that with -o cache the kernel's cache is never stale: while four programs read all the
# time, each write is checked by another process. The sizes are those of the texts, and removed
# files are gone.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree -o cache
plug_dimm d0 16G 1

expect "sizes" "2 9 2 4096 4096" \
	"$(cd "$mem/memory1" && stat -c %s removable phys_index phys_device state valid_zones | xargs)"
expect "size of block_size_bytes" 8 "$(stat -c %s "$mem/block_size_bytes")"
expect "length of a text" 2 "$(wc -c <"$mem/memory1/removable")"
expect "a piece of a text" 00001 "$(dd if="$mem/memory1/phys_index" bs=1 skip=3 count=5 2>/dev/null)"

timeout -s KILL 100 python3 - "$mnt" "$first" "${CACHE_MODE_ROUNDS:-300}" <<'END' || fail "see above"
import errno, os, sys, time
from multiprocessing import Pipe, Process, Value

mnt, first, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
mem = mnt + "/sys/devices/system/memory"
dimm = mnt + "/machine/dimm/d0"
texts = {
    "removable": {"1\n"},
    "phys_device": {"0\n"},
    "state": {"online\n", "offline\n", "going-offline\n"},
    "online": {"0\n", "1\n"},
    "valid_zones": {"none\n", "Normal\n", "Movable\n", "Normal Movable\n", "Movable Normal\n"},
}
blocks = range(first, first + 4)


def read(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 4096).decode()
    finally:
        os.close(fd)


def write(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)


def answer(fn, *args):
    try:
        return fn(*args)
    except OSError as error:
        return errno.errorcode[error.errno]


# Reads all the time, and gets either a complete text, or an error because the block is gone.
def reader(stop, nr):
    while not stop.value:
        for block in blocks:
            dir = f"{mem}/memory{block}"
            for name, right in texts.items():
                got = answer(read, f"{dir}/{name}")
                if got not in right | {"ENOENT", "ENODEV"}:
                    sys.exit(f"{dir}/{name}: {got!r}")
            got = answer(read, f"{dir}/phys_index")
            if got not in {f"{block:08x}\n", "ENOENT", "ENODEV"}:
                sys.exit(f"{dir}/phys_index: {got!r}")
            answer(os.stat, dir)
        if nr == 0:
            os.listdir(mem)


# Runs in a process other than the writer's.
def looker(pipe):
    held = {}
    while True:
        what, path = pipe.recv()
        if what == "read":
            pipe.send(answer(read, path))
        elif what == "exists":
            pipe.send(os.path.exists(path))
        elif what == "list":
            pipe.send(os.listdir(path))
        elif what == "hold":
            held[path] = os.open(path, os.O_RDONLY)
            pipe.send(os.pread(held[path], 99, 0).decode())
        elif what == "held":
            pipe.send(answer(os.pread, held[path], 99, 0))
            os.close(held.pop(path))


def look(what, path):
    pipe.send((what, path))
    return pipe.recv()


def expect(what, wanted, got):
    if got != wanted:
        raise SystemExit(f"{what}: {got!r}, not {wanted!r}")


# Also checks the zones of the block in between after each change.
def states():
    changes = [
        (0, b"online_movable", "online\n", "Movable\n", "Normal Movable\n"),
        (2, b"online_movable", "online\n", "Movable\n", "Movable Normal\n"),
        (2, b"offline", "offline\n", "Normal Movable\n", "Normal Movable\n"),
        (0, b"offline", "offline\n", "Normal Movable\n", "Normal Movable\n"),
    ]
    for round in range(rounds):
        for at, word, state, zones, others in changes:
            dir = f"{mem}/memory{first + at}"
            write(dir + "/state", word)
            expect(f"round {round}: state", state, look("read", dir + "/state"))
            expect(f"round {round}: zones", zones, look("read", dir + "/valid_zones"))
            expect(f"round {round}: another block's zones", others,
                   look("read", f"{mem}/memory{first + 1}/valid_zones"))


def plugs():
    for round in range(rounds // 5):
        there = [f"{mem}/memory{block}" for block in blocks]
        last = f"{mem}/memory{first + 127}"
        for block in range(first, first + 128):
            os.stat(f"{mem}/memory{block}/removable")
        for path in there:
            expect(f"round {round}: {path}", "1\n", look("hold", path + "/removable"))
        write(dimm + "/plugged", b"0")
        # This is the last block that the kernel was notified of.
        expect(f"round {round}: {last} still exists", False, os.path.exists(last))
        for path in there:
            expect(f"round {round}: {path} still exists", False, look("exists", path))
            expect(f"round {round}: {path}", "ENOENT", look("read", path + "/phys_index"))
            expect(f"round {round}: {path}, held", "ENODEV", look("held", path + "/removable"))
        listed = look("list", mem)
        expect(f"round {round}: listed", [], [p for p in there if os.path.basename(p) in listed])
        write(dimm + "/plugged", b"1")
        for path in there:
            expect(f"round {round}: {path} is back", "offline\n", look("read", path + "/state"))


stop = Value("b", 0, lock=False)
pipe, other = Pipe()
eye = Process(target=looker, args=(other,), daemon=True)
eye.start()
readers = [Process(target=reader, args=(stop, nr)) for nr in range(4)]
for process in readers:
    process.start()
try:
    states()
    plugs()
finally:
    stop.value = 1
    for process in readers:
        process.join()
sys.exit(any(process.exitcode for process in readers))
END

# A pending change is visible at once, and other requests do not wait for it.
plug_dimm d1 256M 1
echo online_movable >"$mem/memory$first/state"
mkdir "$mnt/machine/workload/stuck"
echo pinned >"$mnt/machine/workload/stuck/kind"
echo "$first" >"$mnt/machine/workload/stuck/block"
echo 4096 >"$mnt/machine/workload/stuck/size"
cat "$mem/memory$first/state" "$mem/memory$first/removable" >/dev/null
sh -c 'echo offline >"$0"' "$mem/memory$first/state" 2>/dev/null &
writer=$!
wait_for text "$mem/memory$first/state" going-offline
expect "removable meanwhile" 1 "$(cat "$mem/memory$first/removable")"
kill "$writer"
wait_for gone "$writer"
wait_for text "$mem/memory$first/state" online

# Unmount while the cache drops names and texts.
sh -c 'while ls -l "$0"; do :; done' "$mem" >/dev/null 2>&1 &
for round in 0 1 2 3; do
	echo $((round % 2)) >"$mnt/machine/dimm/d0/plugged"
done
echo 0 >"$mnt/machine/dimm/d0/plugged"
fusermount3 -uz "$mnt"
wait
