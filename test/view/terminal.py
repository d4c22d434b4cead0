#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""memhpfs-view in a terminal of fixed size: keys in, screens out, compared with test/view/screens.

    terminal.py [--write] MEMHPFS MEMHPFS-VIEW

--write stores the screens instead.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from screen import Terminal

write = sys.argv[1] == "--write"
memhpfs, view = (os.path.abspath(name) for name in sys.argv[1 + write:])
screens = os.path.join(os.path.dirname(os.path.abspath(__file__)), "screens")
RIGHT, LEFT, END = ("\x1bO" + c for c in "CDF")
MACHINE = """
cmdline: movablecore=512M
memory: [{start: 0, end: 0x7fffffff, node: 0}, {start: 0x100000000, end: 0x17fffffff, node: 1}]
hotplug: [{start: 16G, end: 0x7ffffffff, node: 1}]
"""
seen = []


def expect(good, text):
    if not good:
        raise AssertionError(text)


def put(path, text):
    with open(path, "w") as file:
        file.write(text)


def compare(name, text):
    """Times differ: the machine's clock was stopped somewhere."""
    text = re.sub(r"(?m)^ *\d+\.\d{3} ", "   #.### ", text) + "\n"
    path = os.path.join(screens, name + ".txt")
    seen.append(name)
    if write:
        put(path, text)
    elif text != open(path).read():
        raise AssertionError(f"{name}: the screen is\n{text}")


def start(root, *options, **more):
    terminal = Terminal([view, *options, root], **more)
    terminal.wait("? help")
    return terminal


def quit_view(terminal):
    terminal.keys("q")
    expect(terminal.end() == 0, "the exit status after q")


def on_mount(root, daemon):
    memory = f"{root}/sys/devices/system/memory"
    put(f"{root}/machine/clock/rate", "0")
    terminal = start(root)
    compare("start", terminal.wait("memory since boot"))
    colors = {cell.bg for line in terminal.screen.buffer.values() for cell in line.values()}
    expect({"green", "blue", "cyan"} <= colors, f"colours of zones: {colors}")

    # A DIMM that somebody else plugs appears by itself.
    os.mkdir(f"{root}/machine/dimm/other")
    put(f"{root}/machine/dimm/other/size", "256M")
    put(f"{root}/machine/dimm/other/node", "1")
    put(f"{root}/machine/dimm/other/plugged", "1")
    terminal.wait("memory128-129 add")
    terminal.keys("p")
    terminal.wait("d0 1G 0")
    terminal.keys("\x15d1 512M 1\n")
    terminal.wait("done: plug d1")
    terminal.keys(END + "m")
    terminal.wait("done: memory133: online_movable")
    terminal.keys(LEFT + "k")
    terminal.wait("memory132 online Normal")
    terminal.wait("MOVABLE:KERNEL 0.38")
    terminal.wait("pages: 32768 free")
    compare("plugged", terminal.wait("memory132: online, Normal, node 1, dimm d1 of 512M"))
    terminal.keys("/add\n")
    compare("filter", terminal.wait(lambda text: "132 online " not in text))
    terminal.keys("/\x15\n")

    # A refusal has its errno in words, and the reason.
    os.mkdir(f"{root}/machine/workload/w")
    put(f"{root}/machine/workload/w/kind", "slab")
    put(f"{root}/machine/workload/w/block", "132")
    put(f"{root}/machine/workload/w/size", "4M")
    terminal.wait("1024 unmovable")
    terminal.keys("f")
    compare("refused", terminal.wait("memory132: offline: Device or resource busy (EBUSY): memory132: 1024 pages"))

    # While an offlining takes its time, everything else goes on.
    put(f"{root}/machine/clock/migrate_pages_per_ms", "1")
    os.mkdir(f"{root}/machine/workload/v")
    put(f"{root}/machine/workload/v/kind", "anon")
    put(f"{root}/machine/workload/v/block", "133")
    put(f"{root}/machine/workload/v/size", "4M")
    terminal.keys(RIGHT + "f")
    terminal.wait("now: memory133 is going offline")
    compare("going", terminal.wait("31754 free, 1014 movable"))
    terminal.keys(LEFT)
    terminal.wait("memory132: online")
    row = next(i for i, line in enumerate(terminal.screen.display) if line.startswith("memory128"))
    bold = [column for column, cell in terminal.screen.buffer[row].items() if cell.bold and not cell.reverse]
    expect(bold == [18], f"what blinks, and is bold: {bold}")
    terminal.keys(RIGHT)
    terminal.keys(">")
    terminal.wait("time x 0.001")
    terminal.keys("> > > > > >".replace(" ", ""))
    terminal.wait("done: memory133: offline")
    expect(open(f"{memory}/memory133/state").read() == "offline\n", "memory133")
    terminal.keys("s")
    terminal.wait("skip to the next event: No such file or directory (ENOENT)")
    terminal.keys(" ")
    terminal.wait("time x 0\n")
    terminal.keys("u")
    terminal.wait("Unplug the device: d1")
    terminal.keys("\x7f9\n")
    terminal.wait("d9: there is no device of this name")

    os.mkdir(f"{root}/machine/virtio-mem/v0")
    put(f"{root}/machine/virtio-mem/v0/size", "1G")
    put(f"{root}/machine/virtio-mem/v0/plugged", "1")
    terminal.keys("+")
    terminal.wait("done: resize v0 134217728")
    expect(open(f"{root}/machine/virtio-mem/v0/requested_size").read() == "134217728\n", "after +")
    terminal.keys("-")
    terminal.wait("done: resize v0 0")

    terminal.keys("?")
    compare("help", terminal.wait("any key goes back"))
    terminal.keys("x")
    terminal.wait("DMA32")
    terminal.resize(60, 20)
    terminal.keys("ZZ")
    terminal.wait(lambda text: "memory16 " not in text and "MOVABLE" in text)
    quit_view(terminal)

    plain = start(root, columns=200, lines=60, NO_COLOR="1")
    colors = {cell.bg for line in plain.screen.buffer.values() for cell in line.values()}
    expect(colors == {"default"}, f"colours in spite of NO_COLOR: {colors}")
    quit_view(plain)

    gone = start(root)
    daemon.kill()
    gone.wait("the machine is gone")
    expect(gone.end() == 1, "the exit status when the machine is gone")


def copied(tmp):
    """A machine without machine/ is treated as a real one."""
    root = f"{tmp}/copy"
    memory = f"{root}/sys/devices/system/memory"
    for number, (state, zones) in enumerate([("online", "none"), ("online", "DMA32"), ("offline", "Movable")]):
        os.makedirs(f"{memory}/memory{number}/node0")
        put(f"{memory}/memory{number}/state", state + "\n")
        put(f"{memory}/memory{number}/valid_zones", zones + "\n")
    put(f"{memory}/block_size_bytes", "8000000\n")
    terminal = start(root)
    terminal.keys(END + "o")
    compare("real", terminal.wait("Only with --allow-changes"))
    terminal.keys("p")
    terminal.wait("Only an emulated machine")
    expect(open(f"{memory}/memory2/state").read() == "offline\n", "memory2 was changed")
    quit_view(terminal)
    terminal = start(root, "--allow-changes")
    terminal.keys(END + "o")
    terminal.wait("done: memory2: online")
    expect(open(f"{memory}/memory2/state").read().startswith("online"), "memory2 was not changed")
    quit_view(terminal)


def wrong():
    for args, message in [(["/"], "this is not a terminal"), (["a", "b"], "b: there is one ROOT only")]:
        done = subprocess.run([view, *args], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        expect(done.returncode and message in done.stderr, f"{args}: {done.stderr}")
    terminal = Terminal([view, "/nonexistent"])
    terminal.wait("/nonexistent: No such file or directory")
    expect(terminal.end() == 1, "the exit status without a machine")


tmp = tempfile.mkdtemp()
mount = f"{tmp}/mnt"
try:
    wrong()
    copied(tmp)
    os.mkdir(mount)
    put(f"{tmp}/machine.yaml", MACHINE)
    ready, ready_to = os.pipe()
    daemon = subprocess.Popen([memhpfs, "-f", f"--ready-fd={ready_to}", f"{tmp}/machine.yaml", mount],
                              pass_fds=[ready_to])
    os.close(ready_to)
    expect(os.read(ready, 1) == b"\n", "memhpfs does not start")
    on_mount(mount, daemon)
    expect(sorted(seen) == sorted(name[:-4] for name in os.listdir(screens)), "screens that nobody compares")
except AssertionError as error:
    sys.exit(f"terminal.py: {error}")
finally:
    subprocess.run(["fusermount3", "-uz", mount], stderr=subprocess.DEVNULL)
    shutil.rmtree(tmp)
