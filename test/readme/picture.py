#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw doc/explore.svg: the table at the beginning of a report of memhpfs-explore(1).

    picture.py REPORT.html > doc/explore.svg

The command that writes the report is in README.md, whose test compares the picture. The time that the
runs took is left out.
"""
import pathlib
import re
import sys

WIDTH, HEIGHT = 1250, 370
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}"><rect width="{0}" height="{1}" fill="#fff"/>\
<foreignObject width="{0}" height="{1}"><div xmlns="http://www.w3.org/1999/xhtml">{2}</div></foreignObject></svg>
"""


def picture(report):
    """Return the picture of a report."""
    style = re.search(r"<style>.*?</style>", report, re.DOTALL)[0].replace("body{", ".m th{white-space:nowrap}div{").replace(";max-width:75em", "")
    table = re.search(r"<h1>.*?</table>", report, re.DOTALL)[0]
    table = re.sub(r"</b>, [\d.]+ s\.", "</b>.", table)
    table = re.sub(r"<a href=[^>]*>(.*?)</a>", r"\1", table)
    return SVG.format(WIDTH, HEIGHT, style + table)


if __name__ == "__main__":
    sys.stdout.write(picture(pathlib.Path(sys.argv[1]).read_text()))
