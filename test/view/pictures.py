#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The still pictures of memhpfs-view.

    pictures.py MEMHPFS-RUN MEMHPFS-VIEW SOURCE

doc/view.svg is the picture that README's command writes.
"""
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

run, view, source = (os.path.abspath(name) for name in sys.argv[1:])
SVG = "{http://www.w3.org/2000/svg}"


def expect(good, text):
    if not good:
        sys.exit(f"pictures.py: {text}")


def many_blocks(root, count, name):
    """Half of the blocks are in Movable; machine/map is all that is known of them."""
    os.makedirs(f"{root}/sys/devices/system/memory")
    os.makedirs(f"{root}/machine")
    with open(f"{root}/sys/devices/system/memory/block_size_bytes", "w") as file:
        file.write("8000000\n")
    with open(f"{root}/machine/map", "w") as file:
        for number in range(count):
            file.write(f"{number} 0 {['Normal', 'Movable'][number % 2]} online 1 0 0 0 0\n")
    subprocess.run([view, "--svg", name, root], check=True)
    return ElementTree.parse(name).getroot()


with tempfile.TemporaryDirectory() as tmp:
    os.chmod(tmp, 0o755)
    readme = open(f"{source}/README.md").read().replace("\\\n", "")
    command = re.search(r"(?m)^ +build/memhpfs-run .*memhpfs-view --svg .*$", readme)
    expect(command, "README.md shows no picture")
    command = command[0].replace("build/", os.path.dirname(view) + "/").replace("~/view.svg", f"{tmp}/view.svg")
    command = command.replace("--svg", f"--html {tmp}/view.html --svg")
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
    picture = open(f"{tmp}/view.svg").read()
    expect(picture == open(f"{source}/doc/view.svg").read(), "README's command writes another picture than doc/view.svg")
    root = ElementTree.fromstring(picture)
    tips = [tip.text for tip in root.iter(SVG + "title")]
    expect(len(tips) == 72, f"{len(tips)} blocks, and not 64 of 128M and 8 of the DIMM")
    expect(sum("dimm d0 of 1G" in tip for tip in tips) == 8, "blocks of d0")
    expect(sum("offline" in tip for tip in tips) == 4, "blocks that are offline")
    page = open(f"{tmp}/view.html").read()
    expect(picture in page and "<td>d0<" in page and page.endswith("</html>\n"), "the page")

    # Many blocks share cells, whose parts are as large as their shares.
    root = many_blocks(f"{tmp}/copy", 3000, f"{tmp}/many.svg")
    boxes = [box for box in root.iter(SVG + "rect") if box.find(SVG + "title") is not None]
    expect({box.get("height") for box in boxes} == {"6.0"}, "shares of cells")
    expect(len(boxes) == 3000, f"{len(boxes)} halves of cells")
    expect(boxes[0].find(SVG + "title").text == "2 blocks from memory0 on: 1 Normal 1 Movable", "a tip")

    for name, status, message in [("/nonexistent/a.svg", 1, "No such file or directory"),
                                  ("/dev/full", 1, "No space left on device")]:
        done = subprocess.run([view, "--svg", name, f"{tmp}/copy"], stderr=subprocess.PIPE, text=True)
        expect(done.returncode == status and message in done.stderr, f"{name}: {done.stderr}")
