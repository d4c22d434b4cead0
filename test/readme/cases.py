#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify the examples of all documents that need neither a mount nor a build.

    cases.py [--write DOCUMENT] MEMHPSIM SOURCE-DIR

documents.py says what these are. The operations and commands of doc/guide.md and the manual pages must
print what is shown there; each of these blocks has a machine of its own. Commands are run in an empty
directory, which the commands of one document share, with the directory of MEMHPSIM first in PATH; blanks
at the end of a line do not count. A
machine file must boot. A text whose ``` line names a file must be that file without its licence line.
--write replaces what one document in Markdown shows by what is answered.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import documents


def run(argv, env=None, text=None, cwd=None):
    done = subprocess.run(argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=env, cwd=cwd, timeout=60)
    return done.returncode, done.stdout


def run_case(sim, text):
    """Return what memhpsim prints, and stop if it cannot."""
    status, said = run([sim, "-"], text=text)
    if status:
        sys.exit("memhpsim: %s\n%s" % (said, text))
    return said


def session(sim, block, cwd):
    """Return the lines of a session as they should be."""
    env = dict(os.environ, PATH="%s:%s" % (sim.parent, os.environ["PATH"]))
    lines = []
    for command in block.commands():
        if command.not_run():
            lines += (documents.PROMPT + command.text).split("\n") + command.output
            continue
        status, said = run(["bash", "-c", command.text], env, cwd=cwd)
        if status in (126, 127) or (status != 0) != command.fails():
            sys.exit("%s\nexit status %d; it prints:\n%s" % (command, status, said))
        lines += (documents.PROMPT + command.text).split("\n") + [line.rstrip() for line in said.splitlines()]
    return lines


def boots(sim, block):
    """Return the lines of a machine file, or the errors in it."""
    question = "> read sys/devices/system/memory/block_size_bytes\n"
    said = run_case(sim, "---\n%s\n---\n%s" % ("\n".join(block.lines), question))
    return block.lines if "< err" not in said else said.splitlines()


def quoted(source, block):
    """Return the lines of the file that a block shows, without the licence line, or what is wrong."""
    words = (block.language or "").split()
    if len(words) != 2 or not (source / words[1]).is_file():
        return ["(a text that no test runs: the line ``` must name the file that it is in)"]
    lines = (source / words[1]).read_text().splitlines()
    return [line for line in lines if "SPDX-License-Identifier" not in line]


def right_lines(sim, source, block, cwd):
    kind = block.kind()
    if kind == "case":
        return run_case(sim, "\n".join(block.lines) + "\n").splitlines()
    if kind == "machine":
        return boots(sim, block)
    return session(sim, block, cwd) if kind == "session" else quoted(source, block)


def check(sim, source, document):
    """Return [(block, right lines)] of the blocks of a document that are not right."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="cases.") as cwd:
        for block in documents.blocks_of(source, document):
            if documents.runner(block) == "cases" and not documents.not_run(document, block.lines[0]):
                right = right_lines(sim, source, block, cwd)
                if right != block.lines:
                    wrong.append((block, right))
    return wrong


def write(path, wrong):
    lines = path.read_text().splitlines()
    for block, right in reversed(wrong):
        lines[block.line - 1:block.line - 1 + len(block.lines)] = right
    path.write_text("\n".join(lines) + "\n")


def main():
    sim, source = pathlib.Path(sys.argv[-2]).resolve(), pathlib.Path(sys.argv[-1])
    if sys.argv[1] == "--write":
        write(source / sys.argv[2], check(sim, source, sys.argv[2]))
        return 0
    failed = 0
    for document in documents.DOCUMENTS:
        for block, right in check(sim, source, document):
            shown = [line for line in block.lines if line not in right] or ["(something else)"]
            print("%s:%d: '%s'\nis now:\n%s" % (document, block.line, "\n".join(shown), "\n".join(right)))
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
