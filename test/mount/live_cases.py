#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Record cases with `memhpsim --live` on mounts of their machines, and compare.

    live_cases.py MEMHPFS MEMHPSIM DIR CASE...

CASE is the name of a recording in test/conformance. The recording made on the mount must have its answers,
except for those that mount-differs explains, and memhpsim must give the same answers to it. Prints the number
of cases and answers; exit status 1 if an answer differs.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CONFORMANCE = os.path.join(HERE, "..", "conformance")


def operations(text):
    """[(line number, operation, answer)]; `given` lines have no answer."""
    lines = text.split("\n")
    found = []
    for i, line in enumerate(lines):
        if line.startswith("given "):
            found.append((i + 1, line, ""))
        elif line.startswith("> "):
            found.append((i + 1, line[2:], lines[i + 1][2:]))
    return found


def head(text):
    return text.split("---\n")[1]


def read(path):
    with open(path, newline="\n", errors="replace") as file:
        return file.read()


def run(*args):
    return subprocess.run(args, capture_output=True, text=True, errors="replace", timeout=100)


def unmount(mnt):
    for _ in range(50):
        if not run("fusermount3", "-u", mnt).returncode:
            return
    run("fusermount3", "-uz", mnt)


def record(memhpfs, memhpsim, dir, case):
    """-> what `memhpsim --live` prints on a mount of the case's machine"""
    mnt, spec = os.path.join(dir, "mnt"), os.path.join(dir, "machine.yaml")
    with open(spec, "w") as file:
        file.write(head(read(case)) + "kernel_pages: boot\n")
    mounted = run(memhpfs, "--machine", spec, mnt)
    if mounted.returncode:
        sys.exit(f"{case}: {mounted.stderr}")
    try:
        done = run(memhpsim, "--live", mnt, case)
    finally:
        unmount(mnt)
    if done.returncode or done.stderr:
        sys.exit(f"{case}: exit status {done.returncode}: {done.stderr}")
    return done.stdout


def explained():
    words = [line.split()[0] for line in read(os.path.join(CONFORMANCE, "mount-differs")).splitlines()]
    return {word for word in words if ":" in word}


def main():
    memhpfs, memhpsim, dir = sys.argv[1:4]
    known, answers, bad = explained(), 0, 0
    for name in sys.argv[4:]:
        case = os.path.join(CONFORMANCE, name + ".case")
        text = record(memhpfs, memhpsim, dir, case)
        want, got = operations(read(case)), operations(text)
        wrong = [(w, g) for w, g in zip(want, got) if w[1:] != g[1:] and f"{name}:{w[0]}" not in known]
        if len(want) != len(got):
            wrong.append(((0, "lines", str(len(want))), (0, "lines", str(len(got)))))
        new = os.path.join(dir, "new.case")
        with open(new, "w", newline="\n") as file:
            file.write(text)
        again = operations(run(memhpsim, new).stdout)
        # What a mount cannot answer, memhpsim answers like the kernel.
        wrong += [(w, g) for w, g, a in zip(again, got, want)
                  if w[1:] != g[1:] and f"{name}:{a[0]}" not in known]
        for w, g in wrong[:3]:
            print(f"{name}:{w[0]}: {w[1][:100]}: {g[2][:150]}, not {w[2][:150]}")
        answers += len(got)
        bad += len(wrong)
    print(f"{len(sys.argv) - 4} cases, {answers} answers, {bad} differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
