#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies system calls that carry the machine: sysinfo(2) and uname(2) of 64- and 32-bit programs, getcpu(2), memory
# policies, and that programs with filters of their own and setuid programs go on working.
set -eu
options=$(cd "$(dirname "$0")/../.." && pwd)/test/clients/two-nodes.yaml
view_options=(--machine "$options")
. "$(dirname "$0")/lib-view.sh"
total=$(field /proc/meminfo MemTotal:)
[ "$total" -lt 3000000 ] || fail "MemTotal: $total"
expect "sysconf" "$((total / 4))" "$(getconf _PHYS_PAGES)"
free=$(field /proc/meminfo MemFree:)
expect "sysconf, free" "$((free / 4))" "$(getconf _AVPHYS_PAGES)"
if [ "$(uname -m)" = x86_64 ] && [ -x "$MEMHP_CLIENTS/raw_32" ]; then
	release=$(cat /proc/sys/kernel/osrelease)
	expect "a 32-bit program" "$total $release x86_64 $release x86_64 $(cut -c -8 <<<"$release") x86_64" \
		"$("$MEMHP_CLIENTS/raw_32" | xargs)"
	expect "setarch" i686 "$(setarch linux32 uname -m)"
fi
plug d0 512M 1
for block in $(seq "$first" "$last"); do
	echo online >"$mem/memory$block/state"
done
expect "sysconf after a DIMM" "$((total + 524288))" "$(($(getconf _PHYS_PAGES) * 4))"
needs numactl
"$python" "$here/system_calls.py" || fail "memory policies"
# numactl reads Mems_allowed, which is covered only until it sets the policy.
expect "numactl" "membind: 1" "$(numactl -m 1 numactl --show | sed -n 's/^\(membind: [0-9 ]*[0-9]\) *$/\1/p')"
expect "numactl, a node without memory" 1 "$(numactl -m 2 true 2>&1 | grep -c '<2> is invalid')"
expect "a status of its own" "grep" "$(numactl -m 1 grep Name: /proc/self/status | awk '{ print $2 }')"
expect "no covers are left" 0 "$(grep -c /status /proc/self/mounts)"
# A program with a filter of its own, which may not ask for notifications itself.
expect "a filter" "$((total + 524288))" "$("$python" - <<'END'
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
# a BPF program that allows everything, after PR_SET_NO_NEW_PRIVS
instruction = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))
program = ctypes.create_string_buffer(struct.pack('HxxxxxxQ', 1, ctypes.addressof(instruction)))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
print(os.sysconf('SC_PHYS_PAGES') * 4)
END
)"
expect "no_new_privs" 0 "$(awk '/^NoNewPrivs/ { print $2 }' /proc/self/status)"
# Many threads and signals at a time.
timeout 60 "$python" - <<'END' || fail "threads and signals"
import os, signal, threading
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
wanted = os.sysconf('SC_PHYS_PAGES')
bad = []
def check():
    for _ in range(200):
        if os.sysconf('SC_PHYS_PAGES') != wanted:
            bad.append(1)
threads = [threading.Thread(target=check) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
signal.setitimer(signal.ITIMER_REAL, 0)
assert not bad
END
