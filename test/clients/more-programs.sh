#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies programs that find memory in other ways: systool through links, kexec and psutil in
# /proc, numad by reading all keys of a node, and QEMU's guest agent with pread and pwrite.
set -eu
. "$(dirname "$0")/lib-view.sh"
needs systool kexec numad qemu-ga
plug d0 256M 1

# systool shows all attributes.
systool -b memory -v >"$tmp/out"
expect "systool: blocks" 18 "$(grep -c '^  Device = ' "$tmp/out")"
expect "systool: states" "16 online 2 offline" \
	"$(sed -n 's/^ *state *= "\(.*\)"/\1/p' "$tmp/out" | sort -r | uniq -c | xargs)"
expect "systool: zones" 2 "$(grep -c 'valid_zones *= "Normal Movable"' "$tmp/out")"

# kexec reads the memory map, and stops at a file that is not a kernel.
echo no kernel >"$tmp/kernel"
kexec -d -c -l "$tmp/kernel" >"$tmp/out" 2>&1 || :
expect "kexec: the DIMM" 1 "$(grep -c '^0000000100000000-000000010fffffff (0)' "$tmp/out")"
expect "kexec: boot memory" 1 "$(grep -c '^0000000000100000-000000007ffdffff (0)' "$tmp/out")"

expect "psutil" "$(($(field /proc/meminfo MemTotal:) * 1024))" \
	"$("$python" -c 'import psutil; print(psutil.virtual_memory().total)')"

# numad prints the nodes that have room, and fails if a key is missing. Its message queue requires
# root.
[ "$who" = user ] || expect "numad" 0-1 "$(numad -w 1:1500 2>&1)"

# ---- QEMU's guest agent
qemu-ga -m unix-listen -p "$tmp/socket" -t "$tmp" -f "$tmp/pid" >"$tmp/qga" 2>&1 &
soon test -S "$tmp/socket"
"$python" - "$tmp/socket" "$first" <<'END' 2>"$tmp/err" || fail "qemu-ga: $(tail -n 2 "$tmp/err")"
import json, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
stream = sock.makefile("rw")

def ask(command, **arguments):
    stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    stream.flush()
    return json.loads(stream.readline())["return"]

def blocks():
    return {b["phys-index"]: b for b in ask("guest-get-memory-blocks")}

dimm = int(sys.argv[2])
assert ask("guest-get-memory-block-info") == {"size": 128 << 20}
assert len(blocks()) == 18 and all(b["can-offline"] for b in blocks().values()), blocks()
assert not blocks()[dimm]["online"]
answer = ask("guest-set-memory-blocks", **{"mem-blks": [
    {"phys-index": dimm, "online": True}, {"phys-index": 9, "online": False},
    {"phys-index": 0, "online": False}]})
assert [(a["phys-index"], a["response"], a.get("error-code")) for a in answer] == [
    (dimm, "success", None), (9, "success", None), (0, "operation-failed", 22)], answer
after = blocks()
assert after[dimm]["online"] and not after[9]["online"] and after[0]["online"], after
END
kill $!
wait $! || :
expect "what it did" "online offline" "$(cat "$mem/memory$first/state" "$mem/memory9/state" | xargs)"
