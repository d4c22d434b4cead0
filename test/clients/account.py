#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory on nodes that a program has chosen, in memhpfs-run --account: a machine with 1 GiB on each of nodes 0 and 1."""
import ctypes
import mmap
import os
import subprocess
import sys
import time

from system_calls import BIND, BITS, DEFAULT, INTERLEAVE, call, expect, mask, set_policy

MIB = 1 << 20
WORKLOADS = os.environ['MEMHPFS_ROOT'] + '/machine/workload'
SLACK = 8


def free_mib(node):
    """MemFree of a node."""
    with open(f'/sys/devices/system/node/node{node}/meminfo', encoding='ascii') as meminfo:
        return next(int(line.split()[3]) >> 10 for line in meminfo if 'MemFree' in line)


def no_workload():
    """Wait until the memory of all programs that have ended is given back."""
    for _ in range(250):
        if not os.listdir(WORKLOADS):
            return
        time.sleep(0.02)
    raise SystemExit(f'{os.listdir(WORKLOADS)} are left')


# That a program has ended is noticed only when the processes are looked at again.
no_workload()
BEFORE = [free_mib(0), free_mib(1)]


def counts(what, *wanted):
    """Wait until so many MiB of each node count."""
    for _ in range(250):
        got = [before - free_mib(node) for node, before in enumerate(BEFORE)]
        if all(abs(used - mib) <= SLACK for used, mib in zip(got, wanted)):
            return
        time.sleep(0.02)
    raise SystemExit(f'{what}: {got} MiB of the nodes count, not {wanted}')


def nothing(what):
    """Wait until all memory is free again and no workload is left."""
    counts(what, 0, 0)
    no_workload()


def numactl():
    """Programs that inherit a policy: they end, or are killed."""
    script = 'import sys; kept = b"x" * (60 << 20); print(flush=True); sys.stdin.read()'
    for kill, shell in (False, []), (True, ['sh', '-c', '"$@"; true', 'sh']):
        command = ['numactl', '-m', '1', *shell, sys.executable, '-c', script]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            program.stdout.readline()
            counts('numactl -m 1', 0, 60)
            if kill:
                program.kill()
            program.stdin.close()
        nothing('numactl -m 1 has ended')


def policies():
    """Policies of this process, one after the other."""
    kept = [b'x' * (40 * MIB)]
    set_policy(BIND, 1)
    counts('memory from before', 0, 0)
    kept.append(b'x' * (40 * MIB))
    counts('bind', 0, 40)
    set_policy(INTERLEAVE, 0, 1)
    kept.append(b'x' * (40 * MIB))
    counts('interleave', 20, 60)
    set_policy(DEFAULT)
    kept.append(b'x' * (40 * MIB))
    counts('default', 20, 60)
    expect('migrate_pages', 0, call('migrate_pages', 0, BITS, mask(1), mask(0)))
    counts('migrate_pages', 80, 0)
    kept.clear()
    counts('all is given back', 0, 0)


def ranges():
    """Memory that mbind() and move_pages() put on nodes."""
    area = mmap.mmap(-1, 96 * MIB, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    expect('mbind', 0, call('mbind', start, 64 * MIB, BIND, mask(1), BITS, 0))
    expect('mbind', 0, call('mbind', start + 32 * MIB, 16 * MIB, BIND, mask(0), BITS, 0))
    counts('an empty range', 0, 0)
    for at in range(0, 96 * MIB, 4096):
        area[at] = 1
    counts('mbind', 16, 48)
    expect('mbind', 0, call('mbind', start, 96 * MIB, DEFAULT, mask(), BITS, 0))
    counts('mbind to nothing', 0, 0)
    count = 32 * MIB // 4096
    pages = (ctypes.c_void_p * count)(*(start + 4096 * page for page in range(count)))
    nodes, status = (ctypes.c_int * count)(*[1] * count), (ctypes.c_int * count)()
    expect('move_pages', 0, call('move_pages', 0, count, pages, nodes, status, 2))
    counts('move_pages', 0, 32)


def full():
    """What does not fit counts as soon as it does."""
    other = WORKLOADS + '/other'
    os.mkdir(other)
    for name, value in ('kind', 'anon'), ('node', '1'), ('size', f'{free_mib(1) - 50}M'):
        with open(f'{other}/{name}', 'w', encoding='ascii') as setting:
            setting.write(value)
    set_policy(BIND, 1)
    kept = b'x' * (100 * MIB)
    time.sleep(0.3)
    expect('memory on the other node', True, BEFORE[0] - free_mib(0) <= SLACK)
    os.rmdir(other)
    counts('a node with room', 0, len(kept) // MIB)


globals()[sys.argv[1]]()
