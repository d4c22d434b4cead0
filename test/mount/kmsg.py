#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kmsg.py FILE - check dev/kmsg with system calls, as dmesg(1) and systemd-journald(8) use it."""
import errno
import os
import re
import select
import sys
import threading

path = sys.argv[1]
RECORD = re.compile(rb'(\d+),(\d+),(\d+),-;([^\n]*)\n((?: [^\n]*\n)*)')


def error(call, *args):
    """Return the name of the error that a call ends with."""
    try:
        call(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
    return 'none'


def same(what, is_, should):
    if is_ != should:
        sys.exit(f'kmsg.py: {what}: {is_!r} instead of {should!r}')


def read_all(fd):
    records = []
    while True:
        try:
            records.append(RECORD.fullmatch(os.read(fd, 8192)))
        except BlockingIOError:
            return records


fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
records = read_all(fd)
same('every read is a record', all(records), True)
same('numbers', [int(r[2]) for r in records], list(range(len(records))))
same('the end', error(os.read, fd, 8192), 'EAGAIN')
for whence in os.SEEK_SET, os.SEEK_DATA:
    same('the position', os.lseek(fd, 0, whence), 0)
    same('from the beginning', len(read_all(fd)), len(records))
same('SEEK_DATA', error(os.lseek, fd, 1, os.SEEK_DATA), 'ESPIPE')
same('SEEK_HOLE', error(os.lseek, fd, 0, os.SEEK_HOLE), 'EINVAL')
os.lseek(fd, 0, os.SEEK_SET)
same('a small buffer', error(os.read, fd, 10), 'EINVAL')
same('skips the record', RECORD.fullmatch(os.read(fd, 8192))[2], b'1')

os.lseek(fd, 0, os.SEEK_END)
same('SEEK_END', error(os.read, fd, 8192), 'EAGAIN')
poll = select.poll()
poll.register(fd, select.POLLIN)
same('nothing to read', poll.poll(0), [])
same('a write', os.write(fd, b'<30>tick \\ \t\xff\n'), 14)
same('something to read', poll.poll(10000), [(fd, select.POLLIN)])
record = RECORD.fullmatch(os.read(fd, 8192))
same('its priority', record[1], b'30')
same('its text', record[4], rb'tick \x5c \x09\xff')
same('too long', error(os.write, fd, b'x' * 1025), 'EINVAL')

# a reader that waits
os.set_blocking(fd, True)
thread = threading.Thread(target=lambda: open(path, 'wb', buffering=0).write(b'later'))
thread.start()
same('waits', RECORD.fullmatch(os.read(fd, 8192))[4], b'later')
thread.join()

# SEEK_END is where the next record begins, even if nobody has read the ones before
other = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
os.lseek(other, 0, os.SEEK_END)
os.write(fd, b'after the end')
same('after SEEK_END', RECORD.fullmatch(os.read(other, 8192))[4], b'after the end')

# what is overwritten is missed
os.lseek(other, 0, os.SEEK_SET)
os.read(other, 8192)
for _ in range(300):
    os.write(fd, b'y' * 1000)
poll = select.poll()
poll.register(other, select.POLLIN | select.POLLPRI)
same('lost', poll.poll(0), [(other, select.POLLIN | select.POLLPRI | select.POLLERR)])
same('tells', error(os.read, other, 8192), 'EPIPE')
rest = read_all(other)
same('goes on', [r[4] for r in rest], [b'y' * 1000] * len(rest))
