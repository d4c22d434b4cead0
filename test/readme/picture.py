#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw doc/explore.svg: the points of the first block in a report of memhpfs-explore(1), and their faults.

    picture.py REPORT.html > doc/explore.svg

The command that writes the report is in README.md, whose test compares the picture.
"""
import pathlib
import re
import sys

FAULTS = "always slow hang lost late vanish kill kill-after".split()  # after the errors
COLUMN, ROW, TOP = 112, 25, 64
HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" \
font-family="sans-serif" font-size="14">
<style>.b{{fill:#fff}}.t{{fill:#111}}.l{{stroke:#ccc}}@media(prefers-color-scheme:dark){{.b{{fill:#121212}}\
.t{{fill:#eee}}.l{{stroke:#555}}}}</style>
<rect class="b" width="{0}" height="{1}" rx="6"/>
<text class="t" x="10" y="24" font-family="monospace" font-size="16" font-weight="bold">{2}</text>
"""
NAME = '<text class="t" x="{0:.1f}" y="54" text-anchor="middle">{1}</text>\n'
LINE = '<path class="l" d="M10 {0}H{1}"/><text class="t" x="10" y="{2}">{3}</text>\n'
CELL = """<rect x="{0:.0f}" y="{1}" width="86" height="19" rx="3" fill="{2}"/>\
<text x="{3:.1f}" y="{4}" text-anchor="middle" fill="#000"{5}>{6}</text>
"""


def cells_of(report, block):
    """Return {(fault, point): (colour, verdict, whether it is a finding)} of the points of a block."""
    table = re.search(r'<table class="m">(.*?)</table>', report, re.DOTALL)[1]
    head, *rows = [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in table.split("</tr>")[:-1]]
    cells = {}
    for point, *row in rows:
        if block not in point:
            continue
        name = re.sub(r"^write \S*/(\w+) .*", r"write to \1", point).split(" memory")[0]
        for fault, cell in zip(head[1:], row):
            if cell:
                verdict = re.sub(r"<.*?>", "", cell)
                cells[fault, name] = re.search("background:(#\\w+)", cell)[1], verdict, "<a " in cell
    return cells


def picture(report):
    """Return the picture of a report."""
    block = re.search(r"<th>\S+ (memory\d+)", report)[1]
    cells = cells_of(report, block)
    names = list(dict.fromkeys(name for _, name in cells))
    faults = sorted({fault for fault, _ in cells},
                    key=lambda fault: (FAULTS.index(fault) + 1 if fault in FAULTS else 0, fault))
    width, bottom = 90 + COLUMN * len(names) + 10, TOP + ROW * len(faults)
    drawn = HEAD.format(width, bottom + 38, re.search(r"<h1>(.*?)</h1>", report)[1])
    middle = {name: 90 + COLUMN * (i + 0.5) for i, name in enumerate(names)}
    drawn += "".join(NAME.format(middle[name], name) for name in names)
    for row, fault in enumerate(faults):
        y = TOP + ROW * row
        drawn += LINE.format(y, width - 10, y + 17, fault)
        for name in names:
            if (fault, name) in cells:
                colour, verdict, finding = cells[fault, name]
                drawn += CELL.format(middle[name] - 43, y + 3, colour, middle[name], y + 17,
                                     ' font-weight="bold"' if finding else "", verdict)
    numbers = re.search(r"<p>(.*?), <b>(.*?)</b>", report)
    below = 'block %s; %s, <tspan font-weight="bold">%s</tspan>' % (block, numbers[1], numbers[2])
    return drawn + LINE.format(bottom, width - 10, bottom + 25, below).rstrip("\n") + "</svg>\n"


if __name__ == "__main__":
    sys.stdout.write(picture(pathlib.Path(sys.argv[1]).read_text()))
