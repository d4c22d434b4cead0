#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that memhpfs-explore works with what people test with: it sees that a test case fails, by the
exit status or by a JUnit report, and names it.

    programs.py MEMHPFS-EXPLORE
"""
import json
import os
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
explore = os.path.realpath(sys.argv[1])
os.environ["PATH"] = f"{os.path.dirname(explore)}:" + os.environ["PATH"]
bad = []


def verdict(tmp, fault, *args):
    """Return the verdict about one fault, and its sentence."""
    done = subprocess.run([explore, "--report", f"{tmp}/r.json", "--fault", fault, *args],
                          capture_output=True, text=True)
    if done.returncode not in (0, 1):
        return done.stderr, ""
    with open(f"{tmp}/r.json") as f:
        run, = json.load(f)["runs"]
        return run["verdict"], run["why"]


OFFLINE = "isolate memory14 1 EBUSY"
ONLINE = "going_online memory14 1 EPERM"  # about which the tests say nothing
with tempfile.TemporaryDirectory() as tmp:
    programs = f"{here}/programs"
    build = f"{tmp}/build"
    subprocess.run(["meson", "setup", build, programs], check=True, stdout=subprocess.DEVNULL)
    bats = ["--junit", "report.xml", "--", "sh", "-c",
            f"bats --report-formatter junit --output $TMPDIR {programs}/t.bats; true"]
    pytest = ["--junit", "j.xml", "--", "sh", "-c",
              f"pytest-3 -q -p no:cacheprovider --junitxml $TMPDIR/j.xml {programs}; true"]
    meson = ["--junit", f"{build}/meson-logs/testlog.junit.xml", "--", "sh", "-c",
             f"meson test -C {build} --no-rebuild; true"]
    for fault, command, wanted, words in (
            (OFFLINE, ["--", "bats", f"{programs}/t.bats"], "reported", "(status 1)"),
            (OFFLINE, bats, "reported", "; failed: t.bats: goes offline"),
            (ONLINE, bats, "silent", "(status 0)"),
            (OFFLINE, pytest, "reported", "test_block: test_goes_offline"),
            (OFFLINE, meson, "reported", "; failed: programs: goes offline")):
        word, why = verdict(tmp, fault, *command)
        if word != wanted or not why.endswith(words):
            bad.append(f"{command}: {word}, {why}")
    done = subprocess.run([explore, "--junit", "none.xml", "--", "true"], capture_output=True, text=True)
    if done.returncode != 125 or "writes no report" not in done.stderr:
        bad.append(f"no report: {done}")

print("\n".join(bad))
sys.exit(1 if bad else 0)
