#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that doc/kits.md names all functions for shell and C.

    doc.py DOCUMENT
"""
import pathlib
import re
import sys

document = pathlib.Path(sys.argv[1])
top = document.resolve().parent.parent
text = document.read_text()
functions = re.findall(r"^(memhp_\w+)\(\) \{", (top / "kits/bash/memhp.bash").read_text(), re.MULTILINE)
macros = re.findall(r"^#define ([a-z]\w+)\(", (top / "kits/c/memhp-test.h").read_text(), re.MULTILINE)
usage = (top / "kits/bash/memhp.bash").read_text().partition("# BLOCKS is")[0]
if not functions or not macros:
    sys.exit(f"{document}: the functions are not found")

wrong = [f"{document} does not name {name}" for name in functions + macros if not re.search(rf"`{name}\b", text)]
wrong += [f"memhp.bash --help does not name {name}" for name in functions if f"#   {name} " not in usage]
sys.exit("".join(f"{line}\n" for line in wrong) or 0)
