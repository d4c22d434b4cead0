#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that --trace and machine/trace report who did what, when, and with which result.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree --trace "$tmp/trace.json"
exec 3<"$mnt/machine/trace"
state=$mem/memory9/state
cat "$mem/memory1/valid_zones" >/dev/null
echo offline >"$state"
(echo offline >"$state") 2>/dev/null || :
printf '\377\n' 2>/dev/null >"$state" || :
mkdir "$mnt/machine/workload/w"
rmdir "$mnt/machine/workload/w"
mkdir "$mnt/machine/workload/"$'caf\351 \303\251'
exec 3<&-
sh -c 'echo online >"$1"' traced "$state"
unmount_tree

python3 - "$tmp/trace.json" <<'END' || fail "the trace differs from what happened"
import json, sys
trace = [json.loads(line) for line in open(sys.argv[1])]
assert all(t["start_ns"] <= t["ns"] for t in trace if "start_ns" in t)
assert [t["ns"] for t in trace] == sorted(t["ns"] for t in trace)
state = "sys/devices/system/memory/memory9/state"
reads = [t for t in trace if t["op"] == "read" and t["value"]]
assert [(t["path"], t["value"], t["result"], t["command"]) for t in reads] == [
    ("sys/devices/system/memory/memory1/valid_zones", "DMA32\n", 6, "cat")], reads
writes = [(t["value"], t["result"], t.get("errno")) for t in trace
          if t["op"] == "write" and t["path"] == state]
assert writes == [("offline\n", 8, None), ("offline\n", -22, "EINVAL"), ("\\xff\n", -22, "EINVAL"),
                  ("online\n", 7, None)], writes
changes = [t.get("changes") for t in trace if t["op"] == "write" and t["path"] == state]
block = "sys/devices/system/memory/memory9"
assert changes == [[block + " going-offline", block + " offline"], None, None,
                   [block + " online DMA32"]], changes
ids = {t["id"]: t for t in trace if "id" in t}
told = [(t["value"], ids[t["by"]]["value"], t["command"]) for t in trace if t["op"] == "change"]
assert told == [("going-offline", "offline\n", "bash"), ("offline", "offline\n", "bash"),
                ("online DMA32", "online\n", "sh")], told
events = [(t["path"], t["value"]) for t in trace if t["op"] == "uevent"]
assert events == [("/devices/system/memory/memory9", "offline"),
                  ("/devices/system/memory/memory9", "online")], events
makes = [(t["op"], t["path"], t["result"]) for t in trace if t["op"].endswith("dir")]
assert makes == [("mkdir", "machine/workload/w", 0), ("rmdir", "machine/workload/w", 0),
                 ("mkdir", "machine/workload/caf\\xe9 \u00e9", 0)], makes
assert {t["command"] for t in trace if t["op"] == "write"} == {"bash", "sh"}, trace
assert all(t["pid"] > 0 for t in trace if t["op"] not in ("uevent", "step")), trace
END
expect "grep" 2 "$(grep -c '"op":"write".*"errno":"EINVAL"' "$tmp/trace.json")"

# A reader of the file gets the same, except for its own calls to it.
mount_tree
python3 - "$mnt" <<'END' || fail "machine/trace"
import json, os, sys
root = sys.argv[1]
trace = os.open(root + "/machine/trace", os.O_RDONLY | os.O_NONBLOCK)
with open(root + "/sys/devices/system/memory/memory1/state") as f:
    f.read()
lines = [json.loads(line) for line in os.read(trace, 65536).decode().splitlines()]
assert [t["op"] for t in lines][:2] == ["open", "read"] and all(
    t["pid"] == os.getpid() for t in lines), lines
try:
    os.read(trace, 1)
    raise AssertionError("the trace has more than happened")
except BlockingIOError:
    pass
# A slow reader gets the number of lines that it missed.
fd = os.open(root + "/sys/devices/system/memory/memory1/state", os.O_WRONLY)
for _ in range(6000):
    try:
        os.write(fd, b"x" * 4000)
    except OSError:
        pass
text = os.read(trace, 1 << 20)
lost = json.loads(text.splitlines()[0])
assert lost["op"] == "lost", lost
rest = 0
while True:
    try:
        rest += os.read(trace, 1 << 20).count(b"\n")
    except BlockingIOError:
        break
assert lost["lines"] + rest == 6001, (lost, rest)
END
unmount_tree

status=0
"$memhpfs" --trace /nowhere/trace "$mnt" 2>"$tmp/err" || status=$?
expect "a file that cannot be written: exit status" 1 "$status"
grep -q "/nowhere/trace: cannot be written: No such file or directory" "$tmp/err" ||
	fail "$(cat "$tmp/err")"
