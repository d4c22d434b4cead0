#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that doc/kits.md names all functions for shell and C, and that memhp.bash prints all of its own.

    doc.py SOURCE-DIR
"""
import pathlib
import re
import subprocess
import sys

kits = pathlib.Path(sys.argv[1]) / "kits"
document = pathlib.Path(sys.argv[1]) / "doc/kits.md"
text = document.read_text()
functions = re.findall(r"^(memhp_\w+)\(\) \{", (kits / "bash/memhp.bash").read_text(), re.MULTILINE)
macros = re.findall(r"^#define ([a-z]\w+)\(", (kits / "c/memhp-test.h").read_text(), re.MULTILINE)
usage = subprocess.run([kits / "bash/memhp.bash"], check=True, stdout=subprocess.PIPE, text=True).stdout
if not functions or not macros:
    sys.exit(f"{kits}: no functions are found")

wrong = [f"{document} does not name {name}" for name in functions + macros if not re.search(rf"`{name}\b", text)]
wrong += [f"memhp.bash does not print {name}" for name in functions if not re.search(rf"^  {name} ", usage, re.M)]
sys.exit("\n".join(wrong) or 0)
