#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that the examples in doc/kits.md are those that are run.

    doc.py DOCUMENT

A block that begins with ```LANGUAGE FILE must consist of the lines of FILE after its licence line, if it has one.
"""
import pathlib
import re
import sys

document = pathlib.Path(sys.argv[1])
top = document.resolve().parent.parent
blocks = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)
if not blocks:
    sys.exit(f"{document}: no examples")
wrong = [name for name, shown in blocks
         if shown != re.sub(r"^.*SPDX-License-Identifier.*\n", "", (top / name).read_text(), count=1, flags=re.M)]
sys.exit("".join(f"{document} does not show {name} as it is\n" for name in wrong) or 0)
