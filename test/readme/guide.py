#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that doc/guide.md shows what memhpsim answers.

    guide.py [--write] MEMHPSIM DOCUMENT

Each block of the document between ``` lines is a case file of memhpsim(1) with its answers, and a machine
of its own; in a list of commands that begin with "$ ", which are run from the top of the source
tree, with the directory of MEMHPSIM first in PATH, the other lines are their output. --write
replaces what is shown by what is answered.
"""
import os
import pathlib
import subprocess
import sys

FENCE = "```"


def run(argv, env=None, text=None, cwd=None):
    done = subprocess.run(argv, input=text, capture_output=True, text=True, env=env, cwd=cwd, timeout=60)
    if done.returncode or done.stderr:
        sys.exit("%s: %s\n%s" % (" ".join(argv), done.stderr, text or ""))
    return done.stdout


def answers(sim, top, block):
    """Return the lines that a block should consist of."""
    if not block[0].startswith("$ "):
        return run([sim, "-"], text="\n".join(block) + "\n").splitlines()
    env = dict(os.environ, PATH="%s:%s" % (pathlib.Path(sim).resolve().parent, os.environ["PATH"]))
    lines = []
    for command in [line for line in block if line.startswith("$ ")]:
        lines += [command] + run(["sh", "-c", command[2:]], env, cwd=top).splitlines()
    return lines


def main():
    write = sys.argv[1] == "--write"
    sim, path = sys.argv[-2], pathlib.Path(sys.argv[-1])
    top = path.resolve().parent.parent
    result, block, start, differs = [], None, 0, False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.startswith(FENCE):
            (result if block is None else block).append(line)
        elif block is None:
            block, start = [], number
            result.append(line)
        else:
            right = answers(sim, top, block)
            if right != block:
                differs = True
                shown = [a for a in block if a not in right] or ["(something else)"]
                print("%s:%d: '%s'\nis now:\n%s" % (path, start, "\n".join(shown), "\n".join(right)))
            result += right + [line]
            block = None
    if write:
        path.write_text("\n".join(result) + "\n")
    return 1 if differs and not write else 0


if __name__ == "__main__":
    sys.exit(main())
