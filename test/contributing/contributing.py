#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that the diffs in CONTRIBUTING.md apply, build, and do what the text says.

    contributing.py SOURCE-DIR

Each "### " section of CONTRIBUTING.md that contains a ```diff block also contains a ```console
block: commands after "$ ", each followed by exactly the lines that it prints. The test applies
all diffs in their order to one copy of the tree, builds memhpsim there once, runs the commands,
and checks that the manual page and the style of the copy are still correct. It prints the size of
each diff.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CHECKS = (["scripts/check-man", "build"], ["scripts/check-layers", "build"], ["scripts/check-style"])


def sections(text):
    """Return [(heading, diff, console)] for the sections that have a diff."""
    found = []
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        blocks = dict(re.findall(r"^```(diff|console)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
        heading = section.split("\n", 1)[0]
        if "diff" in blocks and "console" not in blocks:
            sys.exit(f"CONTRIBUTING.md: \"{heading}\" has a diff but no ```console block")
        if "diff" in blocks:
            found.append((heading, blocks["diff"], blocks["console"]))
    return found


def copy_tree(source, target):
    """Copy the source without builds, as a repository of its own.

    git-ls-files sees all files in it.
    """
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("build*", ".git"))
    run(target, ["git", "init", "-q"])
    run(target, ["git", "add", "-A"])


def run(top, command, text=None):
    done = subprocess.run(command, cwd=top, input=text, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def is_complete(command):
    return not command.endswith("\\") and not subprocess.run(["bash", "-n", "-c", command],
                                                             stderr=subprocess.DEVNULL).returncode


def check_console(top, heading, console):
    """Check that each command of a ```console block prints the lines that follow it."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, expected = part.split("\n", 1)
        while not is_complete(command):
            line, expected = expected.split("\n", 1)
            command = f"{command}\n{line}"
        printed = run(top, ["bash", "-c", command])
        if printed != expected:
            sys.exit(f"{heading}: \"{command}\" prints\n{printed}instead of\n{expected}")


def main():
    source = pathlib.Path(sys.argv[1])
    found = sections((source / "CONTRIBUTING.md").read_text())
    if not found:
        sys.exit("CONTRIBUTING.md contains no diffs")
    with tempfile.TemporaryDirectory(prefix="contributing.") as work:
        top = pathlib.Path(work) / "memhpfs"
        copy_tree(source, top)
        for heading, diff, _ in found:
            lines = [len(re.findall(rf"^\{sign}(?!\{sign}\{sign})", diff, re.MULTILINE)) for sign in "+-"]
            print(f"{heading}: +{lines[0]} -{lines[1]}")
            run(top, ["git", "apply", "--index", "-"], diff)
        run(top, ["meson", "setup", "build", "-Dtests=disabled", "--buildtype=plain", "-Dwerror_ci=true"])
        run(top, ["ninja", "-C", "build", "memhpsim", "man/man3"])
        for heading, _, console in found:
            check_console(top, heading, console)
        for check in CHECKS:
            run(top, check)


main()
