#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check whether all views of a machine agree while nobody changes it, or bring it to rest.

    tree_check.py check MOUNT     check that the files of blocks, nodes, zones and of proc/ agree
    tree_check.py settle MOUNT    remove workloads, faults and devices, and bring all blocks online;
                                  each write has to be answered, and each block has to be online
                                  afterwards unless it has lost pages

Prints what is wrong; then the exit status is 1.
"""
import errno
import glob
import os
import re
import signal
import stat
import subprocess
import sys

ROOT = sys.argv[2]
MEMORY = ROOT + "/sys/devices/system/memory"
NODES = ROOT + "/sys/devices/system/node"
BUS = ROOT + "/sys/bus/memory/devices"
CONTAINERS = ROOT + "/sys/devices/system/container"
MACHINE = ROOT + "/machine"
PAGE = os.sysconf("SC_PAGE_SIZE")
ZONES = {"DMA", "DMA32", "Normal", "Movable"}
PATIENCE_S = 60
EHWPOISON = 133  # Python has no name for it

bad = 0


def wrong(text):
    global bad
    bad = 1
    print(text)


def expect(what, wanted, got):
    if wanted != got:
        wrong(f"{what}: {got!r}, not {wanted!r}")


def read(path):
    with open(path) as file:
        return file.read()


def numbered(path, prefix):
    """Return the numbers of the entries of a directory whose names are PREFIX and a number."""
    found = (re.fullmatch(prefix + r"(\d+)", name) for name in os.listdir(path))
    return {int(match[1]) for match in found if match}


def fields(text):
    """Return the values of lines as in meminfo by name, in KiB or as a number."""
    lines = re.findall(r"^(?:Node \d+ )?([\w()]+): +(\d+)(?: kB)?$", text, re.MULTILINE)
    expect("lines with a number", len(text.splitlines()), len(lines))
    return {name: int(value) for name, value in lines}


def ranges(text):
    found = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


# ---- views -------------------------------------------------------------------------------------


def zones():
    """Return what zoneinfo shows for each (node, zone); a number below 0 is shown modulo 2 ** 64."""
    def signed(number):
        return (number + 2 ** 63) % 2 ** 64 - 2 ** 63

    found = {}
    for text in re.split(r"^(?=Node )", read(ROOT + "/proc/zoneinfo"), flags=re.MULTILINE)[1:]:
        node, zone = re.match(r"Node (\d+), zone +(\w+)", text).groups()
        found[int(node), zone] = {
            name: signed(int(re.search(rf"^ +(?:pages )?{name} +(\d+)$", text, re.MULTILINE)[1]))
            for name in ("free", "spanned", "present", "managed")}
    return found


def check_block(number):
    path = f"{MEMORY}/memory{number}"
    state = read(path + "/state")
    online = read(path + "/online")
    zone = read(path + "/valid_zones").rstrip("\n")
    if (state, online) not in (("online\n", "1\n"), ("offline\n", "0\n")):
        wrong(f"memory{number}: state {state!r} and online {online!r}")
    if not (set(zone.split()) <= ZONES or zone == "none"):
        wrong(f"memory{number}: valid_zones {zone!r}")
    if online == "1\n" and len(zone.split()) != 1:
        wrong(f"memory{number}: online in {zone!r}")
    expect(f"memory{number}: phys_index", f"{number:08x}\n", read(path + "/phys_index"))
    expect(f"memory{number}: phys_device", "0\n", read(path + "/phys_device"))
    expect(f"memory{number}: removable", "1\n", read(path + "/removable"))
    expect(f"memory{number}: subsystem", os.path.realpath(BUS + "/.."),
           os.path.realpath(path + "/subsystem"))
    expect(f"memory{number} on the bus", os.path.realpath(path),
           os.path.realpath(f"{BUS}/memory{number}"))
    return online == "1\n", zone, numbered(path, "node")


def check_links(blocks):
    expect("blocks on the bus", set(blocks), numbered(BUS, "memory"))
    nodes = numbered(NODES, "node")
    expect("nodes", ranges(read(NODES + "/online")), nodes)
    for node in nodes:
        expect(f"blocks of node{node}", {number for number, block in blocks.items()
                                         if node in block[2]},
               numbered(f"{NODES}/node{node}", "memory"))
    return nodes


def check_totals(nodes, info):
    meminfo = fields(read(ROOT + "/proc/meminfo"))
    of_nodes = [fields(read(f"{NODES}/node{node}/meminfo")) for node in nodes]
    for name in ("MemTotal", "MemFree", "AnonPages", "Slab", "HugePages_Total", "Mlocked"):
        expect(f"{name} of all nodes", meminfo[name], sum(node[name] for node in of_nodes))
    expect("managed pages", meminfo["MemTotal"],
           sum(zone["managed"] for zone in info.values()) * PAGE // 1024)
    expect("free pages", meminfo["MemFree"],
           sum(zone["free"] for zone in info.values()) * PAGE // 1024)
    if meminfo["MemFree"] > meminfo["MemTotal"]:
        wrong(f"{meminfo['MemFree']} KiB of {meminfo['MemTotal']} are free")


def check_swap():
    meminfo = fields(read(ROOT + "/proc/meminfo"))
    areas = [line.split() for line in read(ROOT + "/proc/swaps").splitlines()[1:]]
    expect("SwapTotal", meminfo["SwapTotal"], sum(int(area[2]) for area in areas))
    used = meminfo["SwapTotal"] - meminfo["SwapFree"]
    expect("used swap", used, sum(int(area[3]) for area in areas))
    expect("workloads' swap", used, sum(int(read(path + "/swapped")) for path in
                                        objects("workload")) // 1024)


def check_zones(blocks, info):
    pages = int(read(MEMORY + "/block_size_bytes"), 16) // PAGE
    for (node, name), zone in info.items():
        where = f"node {node}, zone {name}"
        # A page that was poisoned while virtio-mem held it may count twice against managed.
        managed = zone["managed"] + sum(
            int(read(path)) for path in glob.glob(NODES + "/node*/memory_failure/ignored"))
        if not zone["free"] <= managed or not zone["managed"] <= zone["present"] <= zone["spanned"]:
            wrong(f"{where}: {zone}")
        if name == "Movable":
            mine = sum(on and words == name and nodes == {node}
                       for on, words, nodes in blocks.values())
            expect(f"{where}: present", mine * pages, zone["present"])
    # Blocks of boot memory have holes.
    present = sum(zone["present"] for zone in info.values())
    online = sum(block[0] for block in blocks.values()) * pages
    if not online - pages < present <= online:
        wrong(f"{present} pages are present, {online} online")
    free = {}
    for line in read(ROOT + "/proc/buddyinfo").splitlines():
        node, zone, counts = re.match(r"Node (\d+), zone +(\w+) +(.*)", line).groups()
        free[int(node), zone] = sum(int(count) << order
                                    for order, count in enumerate(counts.split()))
    expect("chunks in buddyinfo", {key: zone["free"] for key, zone in info.items()
                                   if zone["present"]}, free)


def check_lsmem(blocks):
    text = subprocess.run(["lsmem", "-b", "-n", "--summary=only", "--sysroot", ROOT],
                          check=True, capture_output=True, text=True).stdout
    block_bytes = int(read(MEMORY + "/block_size_bytes"), 16)
    wanted = [block_bytes] + [sum(block[0] == on for block in blocks.values()) * block_bytes
                              for on in (True, False)]
    expect("lsmem", wanted, [int(number) for number in re.findall(r": +(\d+)$", text,
                                                                  re.MULTILINE)])


def check():
    blocks = {number: check_block(number) for number in numbered(MEMORY, "memory")}
    nodes = check_links(blocks)
    info = zones()
    check_totals(nodes, info)
    check_swap()
    check_zones(blocks, info)
    check_lsmem(blocks)


# ---- bringing it to rest -----------------------------------------------------------------------


def write(path, text):
    """Write to a file, and return the name of the error, or None."""
    signal.alarm(PATIENCE_S)
    try:
        fd = os.open(path, os.O_WRONLY)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)
    except OSError as error:
        return "EHWPOISON" if error.errno == EHWPOISON else errno.errorcode[error.errno]
    finally:
        signal.alarm(0)
    return None


def remove(path):
    try:
        os.rmdir(path)
    except OSError as error:
        return errno.errorcode[error.errno]
    return None


def objects(kind):
    path = f"{MACHINE}/{kind}"
    return [f"{path}/{name}" for name in os.listdir(path)] if os.path.isdir(path) else []


def open_up():
    """Restore the access of the user who mounted the tree; a client may have changed modes."""
    os.chmod(ROOT, 0o755)
    for path, dirs, files in os.walk(ROOT):
        for name in dirs + files:
            mode = os.lstat(f"{path}/{name}").st_mode
            if not stat.S_ISLNK(mode):
                os.chmod(f"{path}/{name}", stat.S_IMODE(mode) | (0o700 if stat.S_ISDIR(mode)
                                                                  else 0o600))


def unplug():
    """Unplug all devices, and return those that cannot be removed.

    Containers come before the DIMMs that they hold.
    """
    for path in objects("dimm"):
        write(path + "/plugged", "0")
    # A container can be ejected once nothing in it is online and user space has taken it offline.
    for name in os.listdir(CONTAINERS):
        write(f"{CONTAINERS}/{name}/online", "0")
    for path in objects("container"):
        write(path + "/plugged", "0")
    for path in objects("virtio-mem"):
        write(path + "/requested_size", "0")
        write(path + "/plugged", "0")
    for path in objects("dax"):
        write(path + "/bound", "0")
        write(path + "/plugged", "0")
    return [path for kind in ("container", "dimm", "virtio-mem", "dax") for path in objects(kind)
            if remove(path)]


def remove_objects():
    for path in objects("fault") + objects("workload") + objects("swap"):
        write(path + "/on", "0")
        expect(f"rmdir {os.path.relpath(path, MACHINE)}", None, remove(path))
    # One device may hold the memmap of another.
    nr_before, left = None, unplug()
    while left and len(left) != nr_before:
        nr_before, left = len(left), unplug()
    if left:
        print("still in use:", *(os.path.relpath(path, MACHINE) for path in left))


def settle():
    def late(*_):
        wrong(f"a write has no answer after {PATIENCE_S} s")
        os._exit(1)

    signal.signal(signal.SIGALRM, late)
    open_up()
    inject = ROOT + "/sys/kernel/debug/notifier-error-inject/memory/actions"
    for action in os.listdir(inject):
        expect(action, None, write(f"{inject}/{action}/error", "0"))
    expect("acpi/hotplug", None, write(ROOT + "/sys/firmware/acpi/hotplug/memory/enabled", "1"))
    expect("migrate_pages_per_ms", None, write(MACHINE + "/clock/migrate_pages_per_ms", "0"))
    remove_objects()
    lost = 0
    for number in sorted(numbered(MEMORY, "memory")):
        if read(f"{MEMORY}/memory{number}/state") == "online\n":
            continue
        answer = write(f"{MEMORY}/memory{number}/state", "online")
        if answer == "EHWPOISON":
            lost += 1
        elif answer == "EPERM":
            # The block is in the region of a plugged virtio-mem device whose driver did not add
            # it.
            print(f"memory{number} may not go online")
        else:
            expect(f"memory{number}: online", None, answer)
    if lost:
        print(f"{lost} blocks with lost pages stay offline")


{"check": check, "settle": settle}[sys.argv[1]]()
sys.exit(bad)
