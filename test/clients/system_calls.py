#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""System calls about nodes in memhpfs-run: a machine with memory on nodes 0 and 1, and without on 2."""
import ctypes
import errno
import os
import platform

NUMBERS = {'x86_64': {'mbind': 237, 'set_mempolicy': 238, 'get_mempolicy': 239, 'migrate_pages': 256, 'move_pages': 279,
                      'getcpu': 309, 'uname of x32': 0x4000003f},
           'aarch64': {'mbind': 235, 'get_mempolicy': 236, 'set_mempolicy': 237, 'migrate_pages': 238,
                       'move_pages': 239, 'getcpu': 168}}[platform.machine()]
DEFAULT, PREFERRED, BIND, INTERLEAVE, LOCAL = range(5)
NODE, ADDR, MEMS_ALLOWED = 1, 2, 4
BITS = 1025

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    """A system call's result, or the name of its errno."""
    converted = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *converted)
    return errno.errorcode[ctypes.get_errno()] if result < 0 else result


def mask(*nodes):
    """A mask of 1024 nodes."""
    words = (ctypes.c_ulong * 16)()
    for node in nodes:
        words[node // 64] |= 1 << node % 64
    return words


def get(flags=0, addr=0):
    """The mode, or node, and the nodes of get_mempolicy()."""
    mode, nodes = ctypes.c_int(-1), mask()
    result = call('get_mempolicy', ctypes.byref(mode), nodes, BITS, addr, flags)
    return result if result else (mode.value, [node for node in range(1024) if nodes[node // 64] >> node % 64 & 1])


def expect(what, wanted, got):
    """Fail unless both are equal."""
    if wanted != got:
        raise SystemExit(f'{what}: {got}, not {wanted}')


def set_policy(mode, *nodes):
    """set_mempolicy()."""
    return call('set_mempolicy', mode, mask(*nodes), BITS)


def processors():
    """getcpu(): processors 0 to 2 of the machine are on nodes of the same number; it has no others."""
    cpu, node = ctypes.c_uint(), ctypes.c_uint()
    for real in sorted(os.sched_getaffinity(0)):
        os.sched_setaffinity(0, {real})
        expect('getcpu', 0, call('getcpu', ctypes.byref(cpu), ctypes.byref(node), 0))
        expect('the processor and its node', (real, real if real < 3 else 0), (cpu.value, node.value))
    expect('getcpu, nothing wanted', 0, call('getcpu', 0, 0, 0))
    expect('getcpu to nowhere', 'EFAULT', call('getcpu', 1, 0, 0))


def main():
    """All checks."""
    processors()
    if 'uname of x32' in NUMBERS:
        expect('another ABI', 'ENOSYS', call('uname of x32', 0))
    page = ctypes.addressof(mask())
    expect('no policy', (DEFAULT, []), get())
    expect('allowed', (0, [0, 1]), get(MEMS_ALLOWED))
    expect('unknown flag', 'EINVAL', get(8))
    expect('short mask', 'EINVAL', call('get_mempolicy', 0, mask(), 1, 0, 0))
    expect('a node without memory', 'EINVAL', set_policy(BIND, 2))
    expect('a node that does not exist', 'EINVAL', set_policy(BIND, 900))
    expect('nodes without a policy', 'EINVAL', set_policy(DEFAULT, 1))
    expect('a policy without nodes', 'EINVAL', set_policy(INTERLEAVE))
    expect('unknown policy', 'EINVAL', set_policy(77, 1))
    expect('bind', 0, set_policy(BIND, 1, 2))
    expect('the policy', (BIND, [1]), get())
    expect('the node of a page', (1, [1]), get(NODE | ADDR, page))
    child = os.fork()
    if not child:
        os._exit(get() != (BIND, [1]))
    expect('a child', 0, os.waitpid(child, 0)[1])
    expect('local', 0, set_policy(PREFERRED))
    expect('local policy', (LOCAL, []), get())
    expect('default', 0, set_policy(DEFAULT))
    expect('no policy again', (DEFAULT, []), get())
    expect('mbind', 0, call('mbind', page & ~4095, 4096, BIND, mask(1), BITS, 0))
    expect('mbind to nothing', 'EINVAL', call('mbind', page & ~4095, 4096, BIND, mask(2), BITS, 0))
    expect('mbind unaligned', 'EINVAL', call('mbind', 1, 4096, BIND, mask(1), BITS, 0))
    expect('migrate', 0, call('migrate_pages', 0, BITS, mask(0), mask(1)))
    expect('migrate to nothing', 'EINVAL', call('migrate_pages', 0, BITS, mask(0), mask(2)))
    pages, nodes, status = (ctypes.c_void_p * 2)(page, page), (ctypes.c_int * 2)(1, 0), (ctypes.c_int * 2)()
    expect('move', 0, call('move_pages', 0, 2, pages, nodes, status, 2))
    expect('moved', [1, 0], list(status))
    expect('move to nothing', 'ENODEV', call('move_pages', 0, 2, pages, (ctypes.c_int * 2)(1, 2), status, 2))


if __name__ == '__main__':
    main()
