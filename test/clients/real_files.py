#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files about memory that a program in memhpfs-run sees: each is the machine's, or memhpfs-run(1) lists it.

Usage: real_files.py MANUAL. A file is about memory if its path says so; it is the real machine's if it is on another file
system than the machine's mount and has contents.
"""
import fnmatch
import os
import re
import sys

ABOUT = re.compile(r'mem|numa|node\d|page|swap|slab|dax|kmsg|zone|buddy|/vm/|vmstat|dimm|oom|hugetlb|thp|dmi|hypervisor|'
                   r'LNXSYSTM|iomem', re.IGNORECASE)
PROCESSES = re.compile(r'/proc/(\d+|self|thread-self)(/|$)')


def listed(manual):
    """The patterns of the section."""
    with open(manual, encoding='ascii') as file:
        section = file.read().split('.SH WHAT IS STILL THE REAL MACHINE')[1].split('.SH ')[0]
    return re.findall(r'^(/\S+)$', section, re.MULTILINE)


def is_real(path, machine):
    """Whether a file is neither the machine's nor hidden."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return found.st_dev not in (machine, os.stat('/dev').st_dev)


def main():
    """Print the files that are not listed, and the patterns that match none."""
    machine = os.stat(os.environ['MEMHPFS_ROOT']).st_dev
    patterns = listed(sys.argv[1])
    seen, bad = 0, []
    for top in '/sys', '/proc':
        for directory, below, names in os.walk(top):
            if PROCESSES.match(directory):
                below.clear()
                continue
            for name in names:
                path = os.path.join(directory, name)
                if not ABOUT.search(path) or not is_real(path, machine):
                    seen += ABOUT.search(path) is not None
                elif not any(fnmatch.fnmatch(path, pattern) for pattern in patterns):
                    bad.append(path)
    print('\n'.join(bad))
    return bool(bad) or seen < 100 or not patterns


sys.exit(main())
