#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that the examples in doc/kits.md are those that are run, and that it names all functions for shell and C.

    doc.py DOCUMENT

A block that begins with ```LANGUAGE FILE must consist of the lines of FILE after its licence line, if it has one.
"""
import pathlib
import re
import sys

document = pathlib.Path(sys.argv[1])
top = document.resolve().parent.parent
text = document.read_text()
blocks = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
functions = re.findall(r"^(memhp_\w+)\(\) \{", (top / "kits/bash/memhp.bash").read_text(), re.MULTILINE)
macros = re.findall(r"^#define ([a-z]\w+)\(", (top / "kits/c/memhp-test.h").read_text(), re.MULTILINE)
usage = (top / "kits/bash/memhp.bash").read_text().partition("# BLOCKS is")[0]
if not blocks or not functions or not macros:
    sys.exit(f"{document}: examples or functions are not found")

wrong = [f"{document} does not show {name} as it is" for name, shown in blocks
         if shown != re.sub(r"^.*SPDX-License-Identifier.*\n", "", (top / name).read_text(), count=1, flags=re.M)]
wrong += [f"{document} does not name {name}" for name in functions + macros if not re.search(rf"`{name}\b", text)]
wrong += [f"memhp.bash --help does not name {name}" for name in functions if f"#   {name} " not in usage]
sys.exit("".join(f"{line}\n" for line in wrong) or 0)
