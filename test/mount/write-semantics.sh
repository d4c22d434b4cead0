#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that each write(2) is one store: at any offset, with or without O_TRUNC, up to a page,
# and up to a NUL.
set -eu
. "$(dirname "$0")/lib.sh"

mount_tree
policy=$mnt/sys/module/memory_hotplug/parameters/online_policy
auto=$mem/auto_online_blocks

echo online >"$auto"
expect "with O_TRUNC" online "$(cat "$auto")"
printf online_kernel >>"$auto"
expect "with O_APPEND, without newline" online_kernel "$(cat "$auto")"
truncate -s 0 "$auto"
truncate -s 9999 "$auto"
expect "size after truncate" 4096 "$(stat -c %s "$auto")"
expect "text after truncate" online_kernel "$(cat "$auto")"
echo auto-movable >"$policy"
expect "module parameter" auto-movable "$(cat "$policy")"

# An errno that the kernel's FUSE does not accept arrives as the largest that it accepts.
echo offline >"$mem/memory9/state"
inject=$mnt/sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error
for error in 511 512 4095; do
	echo "-$error" >"$inject"
	expect "injected $error" 511 "$(python3 -c '
import os, sys
try:
    os.write(os.open(sys.argv[1], os.O_WRONLY), b"online")
except OSError as error:
    print(error.errno)' "$mem/memory9/state")"
done
echo 0 >"$inject"

python3 - "$mnt" <<'END' || fail "see above"
import errno, os, sys

mem = sys.argv[1] + "/sys/devices/system/memory"
auto = mem + "/auto_online_blocks"
bad = 0


def expect(what, wanted, fn, text=None):
    global bad
    try:
        got = fn()
    except OSError as error:
        got = errno.errorcode[error.errno]
    now = open(auto).read()
    if got != wanted or text is not None and now != text + "\n":
        print(f"{what}: {got!r} and {now!r}, not {wanted!r} and {text!r}")
        bad = 1


fd = os.open(auto, os.O_RDWR)
write = lambda data: lambda: os.write(fd, data)
expect("two writes", 7, write(b"online\n"), "online")
expect("the second", 8, write(b"offline\n"), "offline")
expect("far away", 6, lambda: os.pwrite(fd, b"online", 1 << 40), "online")
expect("in the middle", 7, lambda: os.pwrite(fd, b"offline", 3), "offline")
expect("in two segments", 7, lambda: os.writev(fd, [b"onl", b"ine\n"]), "online")
expect("in two writes", "EINVAL", write(b"off"), "online")
expect("NUL", 12, write(b"offline\0junk"), "offline")
expect("NUL in another page", 4096, write(b"online\0" + b"x" * 5000), "online")
expect("5000 bytes", "EINVAL", write(b"offline" + b"x" * 4993), "online")
expect("64 KiB", 4096, write(b"offline\0" + b"x" * 65528), "offline")
expect("1 MiB", 4096, write(b"online\0" + b"x" * (1 << 20)), "online")
expect("nothing", 0, write(b""), "online")
expect("two newlines", "EINVAL", write(b"offline\n\n"), "online")
expect("a blank", "EINVAL", write(b" offline"), "online")
os.close(fd)
fd = os.open(auto, os.O_WRONLY | os.O_NONBLOCK | os.O_SYNC | os.O_TRUNC)
expect("O_NONBLOCK", 7, write(b"offline"), "offline")
os.close(fd)

# Each write is one store, even with many descriptors.
for _ in range(50):
    fds = [os.open(auto, os.O_WRONLY) for _ in range(4)]
    for word in (b"online", b"offline", b"online_movable"):
        for fd in fds:
            expect("many descriptors", len(word), write(word), word.decode())
    for fd in fds:
        os.close(fd)
sys.exit(bad)
END
