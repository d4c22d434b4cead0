#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways out of the view of memhpfs-run.

Each attempt returns what it sees. It fails the test if that is the real machine. Files of the real
machine are opened for writing, but never written to.

The caller's environment says what the real machine looks like: REAL_BLOCK (block_size_bytes),
REAL_TOTAL (MemTotal), REAL_PID (a process outside), REAL_SYS and REAL_PROC (descriptors of
directories), REAL_CHROOT (a directory with other mounts of sysfs and proc). MACHINE is the machine file of the view.
"""
import ctypes
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time

MNT_DETACH = 2
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 1, 32, 4096, 8192, 16384, 1 << 18
NEWNS, NEWUSER, NEWPID, NEWNET = 0x20000, 0x10000000, 0x20000000, 0x40000000
AT_FDCWD, AT_RECURSIVE, OPEN_TREE_CLONE = -100, 0x8000, 1
CALLS = {'pivot_root': (155, 41), 'open_tree': (428, 428), 'move_mount': (429, 429), 'fsopen': (430, 430),
         'fsconfig': (431, 431), 'fsmount': (432, 432), 'mount_setattr': (442, 442), 'process_vm_readv': (310, 270)}
BLOCK = 'sys/devices/system/memory/block_size_bytes'
TOTAL = 'proc/meminfo'

libc = ctypes.CDLL(None, use_errno=True)
attempts = []


def attempt(function):
    """Register an attempt; its docstring is its name."""
    attempts.append(function)
    return function


def check(result):
    """Raise OSError if a call of libc has failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def mount(source, target, kind=None, flags=0, data=None):
    """mount(2)."""
    def text(value):
        return value.encode() if value is not None else None
    check(libc.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(data)))


def umount(target):
    """umount2(2) with MNT_DETACH."""
    check(libc.umount2(target.encode(), MNT_DETACH))


def unshare(flags):
    """unshare(2)."""
    check(libc.unshare(flags))


def call(name, *args):
    """A system call that libc may not have."""
    number = CALLS[name][platform.machine() == 'aarch64']
    return check(libc.syscall(ctypes.c_long(number), *args))


def read(path):
    """The first line of a file."""
    with open(path, encoding='ascii', errors='replace') as file:
        return file.readline().strip()


def opened(path):
    """Open for writing what must not be writable."""
    os.close(os.open(path, os.O_WRONLY))
    return f'REAL: {path} can be written'


def directory():
    """A new empty directory."""
    return tempfile.mkdtemp()


def look(root):
    """What a root directory shows."""
    for name in (BLOCK, TOTAL):
        if os.path.exists(os.path.join(root, name)):
            return read(os.path.join(root, name))
    return 'nothing'


def run(*command):
    """The output of a command; a failure becomes an OSError."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise OSError(0, (done.stderr or done.stdout).strip().split('\n')[0][:100])
    return done.stdout.strip()


# ---- mounts --------------------------------------------------------------------------------------

@attempt
def umount_cover():
    """umount a cover in /sys"""
    umount('/sys/devices/system/memory')
    return look('/')


@attempt
def umount_meminfo():
    """umount a cover in /proc"""
    umount('/proc/meminfo')
    return read('/proc/meminfo')


@attempt
def umount_sys():
    """umount /sys"""
    umount('/sys')
    return look('/')


@attempt
def umount_proc():
    """umount /proc"""
    umount('/proc')
    return read('/proc/meminfo')


@attempt
def umount_in_namespace():
    """unshare -m, umount a cover"""
    unshare(NEWNS)
    umount('/sys/devices/system/memory')
    return look('/')


@attempt
def umount_in_user_namespace():
    """unshare -U -m, umount a cover"""
    unshare(NEWUSER | NEWNS)
    umount('/sys/devices/system/memory')
    return look('/')


@attempt
def remount_sys():
    """remount /sys read-write"""
    mount(None, '/sys', None, MS_REMOUNT | MS_BIND)
    return opened('/sys/power/state')


@attempt
def remount_proc_sys():
    """remount /proc/sys read-write"""
    mount(None, '/proc/sys', None, MS_REMOUNT | MS_BIND)
    return opened('/proc/sys/fs/file-max')


@attempt
def setattr_sys():
    """mount_setattr() of /sys to read-write"""
    attr = (ctypes.c_uint64 * 4)(0, MS_RDONLY, 0, 0)
    call('mount_setattr', AT_FDCWD, b'/sys', AT_RECURSIVE, ctypes.byref(attr), ctypes.sizeof(attr))
    return opened('/sys/power/state')


@attempt
def move_cover():
    """mount --move a cover away"""
    mount('/sys/devices/system/memory', directory(), None, MS_MOVE)
    return look('/')


@attempt
def move_mount_cover():
    """move_mount() a cover away"""
    call('move_mount', AT_FDCWD, b'/sys/devices/system/memory', AT_FDCWD, directory().encode(), 0)
    return look('/')


def fresh(kind, name, flags=0):
    """Mount a new file system, in new namespaces."""
    where = directory()
    if flags:
        unshare(flags)
    if flags & NEWPID:
        pid = os.fork()
        if pid:
            os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    mount('none', where, kind)
    return read(os.path.join(where, name))


SYSFS_NAME = BLOCK[4:]


@attempt
def fresh_sysfs():
    """mount -t sysfs"""
    return fresh('sysfs', SYSFS_NAME)


@attempt
def fresh_proc():
    """mount -t proc"""
    return fresh('proc', 'meminfo')


@attempt
def fresh_sysfs_net():
    """unshare -n -m, mount -t sysfs"""
    return fresh('sysfs', SYSFS_NAME, NEWNET | NEWNS)


@attempt
def fresh_sysfs_user():
    """unshare -U -m -n, mount -t sysfs"""
    return fresh('sysfs', SYSFS_NAME, NEWUSER | NEWNS | NEWNET)


@attempt
def fresh_proc_pid():
    """unshare --mount-proc"""
    return run('unshare', '--pid', '--fork', '--mount-proc', 'cat', '/proc/meminfo')


@attempt
def fresh_proc_user():
    """unshare -U -m -p, mount -t proc"""
    return run('unshare', '-U', '-r', '-m', '-p', '-f', 'sh', '-c', 'mount -t proc p /proc && cat /proc/meminfo')


@attempt
def fresh_debugfs():
    """mount -t debugfs"""
    return 'REAL: ' + ' '.join(os.listdir((mount('none', '/mnt', 'debugfs'), '/mnt')[1]))


@attempt
def fresh_devtmpfs():
    """mount -t devtmpfs"""
    mount('none', '/mnt', 'devtmpfs')
    return 'REAL: devtmpfs'


@attempt
def fsopen_sysfs():
    """fsopen(), fsmount() of sysfs"""
    fd = call('fsopen', b'sysfs', 0)
    call('fsconfig', fd, 6, None, None, 0)
    tree = call('fsmount', fd, 0, 0)
    return read(f'/proc/self/fd/{tree}/{SYSFS_NAME}')


@attempt
def netns_exec():
    """ip netns exec"""
    return run('unshare', '-m', 'sh', '-c',
               'mount -t tmpfs t /run && ip netns add x && ip netns exec x cat /' + BLOCK)


@attempt
def bind_root():
    """bind / without what is mounted in it"""
    where = directory()
    mount('/', where, None, MS_BIND)
    return look(where)


@attempt
def bind_sys():
    """bind /sys without its covers"""
    where = directory()
    mount('/sys', where, None, MS_BIND)
    return read(os.path.join(where, SYSFS_NAME))


@attempt
def bind_sys_recursive():
    """bind /sys with its covers, umount one of them"""
    where = directory()
    mount('/sys', where, None, MS_BIND | MS_REC)
    umount(os.path.join(where, 'devices/system/memory'))
    return read(os.path.join(where, SYSFS_NAME))


@attempt
def open_tree_sys():
    """open_tree() of /sys without its covers"""
    tree = call('open_tree', AT_FDCWD, b'/sys', OPEN_TREE_CLONE)
    return read(f'/proc/self/fd/{tree}/{SYSFS_NAME}')


@attempt
def overlay_sys():
    """overlayfs over /sys"""
    where = directory()
    mount('overlay', where, 'overlay', 0, f'lowerdir=/sys:{directory()}')
    return read(os.path.join(where, SYSFS_NAME))


@attempt
def overlay_devices():
    """overlayfs over the directory of a cover"""
    where = directory()
    mount('overlay', where, 'overlay', 0, f'lowerdir=/sys/devices/system:{directory()}')
    return read(os.path.join(where, 'memory/block_size_bytes'))


@attempt
def pivot():
    """pivot_root, umount the old root's covers"""
    unshare(NEWNS)
    where = directory()
    mount('none', where, 'tmpfs')
    os.mkdir(f'{where}/old')
    call('pivot_root', where.encode(), f'{where}/old'.encode())
    os.chdir('/')
    umount('/old/sys/devices/system/memory')
    return look('/old')


@attempt
def chroot_out():
    """chroot(2) out of a directory of an open descriptor"""
    fd = os.open('/', os.O_RDONLY)
    os.chroot(directory())
    os.fchdir(fd)
    for _ in range(20):
        os.chdir('..')
    os.chroot('.')
    return look('/')


@attempt
def other_mounts():
    """a chroot with mounts of its own"""
    return look(os.environ['REAL_CHROOT']) if 'REAL_CHROOT' in os.environ else 'nothing'


# ---- descriptors ---------------------------------------------------------------------------------

@attempt
def kept_sys():
    """a descriptor of /sys that the caller had open"""
    fd = os.open(SYSFS_NAME, os.O_RDONLY, dir_fd=int(os.environ['REAL_SYS']))
    return os.read(fd, 100).decode().strip()


@attempt
def kept_proc():
    """a descriptor of /proc that the caller had open"""
    fd = os.open('meminfo', os.O_RDONLY, dir_fd=int(os.environ['REAL_PROC']))
    return os.read(fd, 100).decode().split('\n', 1)[0]


@attempt
def bind_kept():
    """bind mount of such a descriptor"""
    where = directory()
    mount(f'/proc/self/fd/{os.environ["REAL_SYS"]}', where, None, MS_BIND | MS_REC)
    return read(os.path.join(where, SYSFS_NAME))


@attempt
def cwd():
    """the working directory, /sys/devices/system/memory"""
    return read('block_size_bytes')


@attempt
def cwd_above():
    """a path above the working directory"""
    return read('../../../devices/system/memory/block_size_bytes')


@attempt
def by_handle():
    """open_by_handle_at() in /sys"""
    class Handle(ctypes.Structure):
        """struct file_handle."""
        _fields_ = [('bytes', ctypes.c_uint), ('type', ctypes.c_int), ('handle', ctypes.c_char * 128)]
    handle, mount_id = Handle(bytes=128), ctypes.c_int()
    check(libc.name_to_handle_at(AT_FDCWD, b'/sys/devices/system', ctypes.byref(handle), ctypes.byref(mount_id), 0))
    base = os.open('/sys', os.O_RDONLY)
    fd = check(libc.open_by_handle_at(base, ctypes.byref(handle), os.O_RDONLY))
    return os.read(os.open('memory/block_size_bytes', os.O_RDONLY, dir_fd=fd), 100).decode()


# ---- processes -----------------------------------------------------------------------------------

@attempt
def root_of_init():
    """/proc/1/root"""
    return look('/proc/1/root')


@attempt
def root_of_outside():
    """/proc/PID/root of a process outside"""
    return look(f'/proc/{os.environ["REAL_PID"]}/root')


@attempt
def setns_init():
    """setns() to the mounts of process 1"""
    fd = os.open('/proc/1/ns/mnt', os.O_RDONLY)
    check(libc.setns(fd, NEWNS))
    return look('/')


@attempt
def setns_outside():
    """setns() to the mounts of a process outside"""
    fd = os.open(f'/proc/{os.environ["REAL_PID"]}/ns/mnt', os.O_RDONLY)
    check(libc.setns(fd, NEWNS))
    return look('/')


@attempt
def parent_namespace():
    """the user namespace above, NS_GET_USERNS and NS_GET_PARENT"""
    fd = os.open('/proc/self/ns/user', os.O_RDONLY)
    parent = check(libc.ioctl(fd, 0xb702))
    check(libc.setns(parent, NEWUSER))
    return 'REAL: the user namespace above'


@attempt
def kill_outside():
    """a signal to a process outside"""
    pid = int(os.environ['REAL_PID'])
    os.kill(pid, 0)
    return 'REAL: a process' if 'REAL_MARK' in read(f'/proc/{pid}/cmdline') else 'another process'


@attempt
def processes():
    """processes in /proc, as a memory killer sees them"""
    names = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            names.append(read(f'/proc/{pid}/cmdline'))
        except OSError:  # it has ended
            pass
    return 'REAL: processes' if any('REAL_MARK' in name for name in names) else 'nothing'


@attempt
def end_init():
    """SIGKILL to process 1"""
    os.kill(1, signal.SIGKILL)
    return look('/')


@attempt
def message_queues():
    """System V shared memory"""
    lines = run('ipcs', '-m').split('\n')
    return 'REAL: a segment' if any('999' in line.split() for line in lines) else 'nothing'


@attempt
def nvdimms():
    """NVDIMMs and CXL devices, for ndctl and cxl"""
    places = ('/sys/bus/nd/devices', '/sys/class/nd', '/sys/bus/cxl/devices')
    found = [name for place in places if os.path.exists(place) for name in os.listdir(place)]
    return 'REAL: ' + ' '.join(found) if found else 'nothing'


@attempt
def cpuset():
    """the nodes of the control group"""
    with open('/proc/self/cgroup', encoding='ascii') as groups:
        group = next((line[3:].strip() for line in groups if line.startswith('0::')), '')
    return read(f'/sys/fs/cgroup{group}/cpuset.mems.effective')


@attempt
def systemd():
    """a service of the real systemd"""
    return run('systemd-run', '--wait', '--pipe', 'cat', '/' + BLOCK)


@attempt
def nested():
    """memhpfs-run in memhpfs-run"""
    return run(os.environ['RUN'], '--machine', os.environ['MACHINE'], 'head', '-q', '-n', '1', '/' + BLOCK, '/' + TOTAL)


@attempt
def nested_privileged():
    """memhpfs-run --privileged in memhpfs-run, umount of its cover"""
    return run(os.environ['RUN'], '--privileged', '--machine', os.environ['MACHINE'], 'sh', '-c',
               'umount -l /sys/devices/system/memory; umount -l /sys/devices/system/memory; head -n 1 /' + BLOCK)


# ---- files ---------------------------------------------------------------------------------------

def refused_writing(path):
    """An attempt to open a file of the real machine for writing."""
    def function():
        return opened(path)
    function.__doc__ = f'open {path} for writing'
    attempts.append(function)


for NAME in ('/proc/sys/fs/file-max', '/proc/sys/kernel/core_pattern', '/proc/sys/kernel/printk',
             '/sys/power/state', '/sys/kernel/mm/ksm/run', '/sys/block', '/dev/mem', '/proc/kcore'):
    refused_writing(NAME)


@attempt
def sysrq():
    """/proc/sysrq-trigger"""
    before = os.stat('/proc/sysrq-trigger')
    return 'nothing' if before.st_rdev == os.stat('/dev/null').st_rdev else opened('/proc/sysrq-trigger')


@attempt
def kcore():
    """read /proc/kcore"""
    with open('/proc/kcore', 'rb') as file:
        return 'REAL: kcore' if file.read(4) else 'nothing'


@attempt
def devmem():
    """mknod of /dev/mem"""
    path = os.path.join(directory(), 'mem')
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 1))
    with open(path, 'rb') as file:
        return 'REAL: mem' + str(file.read(1))


@attempt
def module():
    """load a module"""
    check(libc.syscall(ctypes.c_long(175 if platform.machine() == 'x86_64' else 105), b'', 0, b''))
    return 'REAL: init_module'


@attempt
def set_clock():
    """set the clock"""
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    return 'REAL: clock_settime'


# ---- main ----------------------------------------------------------------------------------------

def result_of(function):
    """What an attempt gives, in a process of its own."""
    parent, child = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(parent)
        try:
            text = function() or 'nothing'
        except (OSError, ValueError) as error:
            text = f'refused: {getattr(error, "strerror", None) or error}'
        os.write(child, text.encode())
        os._exit(0)
    os.close(child)
    with os.fdopen(parent) as file:
        text = file.read()
    os.waitpid(pid, 0)
    return text.strip() or 'refused'


def main():
    """Print a line for each attempt, or for those that the arguments name."""
    real = [os.environ['REAL_BLOCK'], os.environ['REAL_TOTAL']]
    bad = 0
    chosen = [function for function in attempts if function.__doc__ in sys.argv[1:] or not sys.argv[1:]]
    for function in chosen:
        text = result_of(function)
        is_bad = text.startswith('REAL') or any(value in text for value in real)
        bad += is_bad
        print(f'{function.__doc__:62}{"THE REAL MACHINE: " if is_bad else ""}{" ".join(text.split())}')
    print(f'{len(chosen)} attempts, {bad} reach the real machine')
    return bad > 0


sys.exit(main())
