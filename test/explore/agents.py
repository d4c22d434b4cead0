#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that memhpfs-explore finds the bug of each agent, and nothing in the repaired one.

    agents.py MEMHPFS-EXPLORE [AGENT...]

Prints a table. The command that is given for a finding must show the same verdict again, and the
table of runs must not depend on how many are made at a time.
"""
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
explore = os.path.realpath(sys.argv[1])
os.environ["PATH"] = f"{os.path.dirname(explore)}:" + os.environ["PATH"]
PLUG = ["--setup", "memhp plug d0 512M 1 >/dev/null"]
MOVABLE = ('[ "$(cat /sys/devices/system/memory/memory3[2-5]/valid_zones | sort -u)" = Movable ]')

# agent, options, the verdicts of its bug
AGENTS = [
    ("1-ignores-result.sh", PLUG + ["--faults", "errno,always,lost"], {"silent"}),
    ("2-stops-at-first.sh", PLUG + ["--faults", "errno,always,lost"], {"silent"}),
    ("3-retries-for-ever.sh", ["--faults", "errno,always", "--timeout", "3"], {"stuck"}),
    ("4-events-only.py", ["--daemon", "--settle", "0.4", "--poke", "memhp plug d0 512M 1",
                          "--faults", "lost,late"], {"silent"}),
    ("5-no-roll-back.sh", ["--faults", "errno,always"], {"partial"}),
    ("6-wrong-file.sh", PLUG + ["--faults", "errno", "--check", MOVABLE], {"check"}),
    ("7-remembers-before.sh", PLUG + ["--faults", "kill"], {"silent"}),
    ("8-does-not-look-again.py", ["--setup", f"{here}/8-setup.sh", "--faults", "late"],
     {"silent"}),
]
# These do not depend on time, so that they can be repeated with many runs at a time.
REPEATED = {"1-ignores-result.sh", "5-no-roll-back.sh", "7-remembers-before.sh"}


def run(options, agent, version):
    """Return the exit status and the report."""
    with tempfile.TemporaryDirectory() as tmp:
        report = os.path.join(tmp, "report.json")
        done = subprocess.run([explore, "--report", report] + options +
                              ["--", os.path.join(here, agent), version],
                              capture_output=True, text=True)
        if done.returncode not in (0, 1):
            sys.exit(f"{agent} {version}: {done.stderr}{done.stdout}")
        with open(report) as f:
            return done.returncode, json.load(f)


def table(report):
    return [(r["point"], r["fault"], r["verdict"]) for r in report["runs"]]


def again(command):
    """Return what the command of a finding prints."""
    return subprocess.run(shlex.split(command), capture_output=True, text=True).stdout


def try_agent(agent, options, wanted):
    """Return what is wrong."""
    bad = []
    start = time.monotonic()
    status, report = run(options, agent, "buggy")
    seconds = time.monotonic() - start
    found = [r for r in [report["baseline"]] + report["runs"] if r["finding"]]
    first = found[0] if found else {"point": "-", "fault": "-", "verdict": "-", "command": "true"}
    print(f"{agent:25} {first['verdict']:8} {first['point'] + ' ' + first['fault']:40} "
          f"{len(report['runs']):5} {len(found):8} {seconds:7.1f}", flush=True)
    if status != 1 or {r["verdict"] for r in found} != wanted:
        bad.append(f"{agent}: status {status}, verdicts {[r['verdict'] for r in found]}")
    elif f"\n{first['verdict']} " not in again(first["command"]):
        bad.append(f"{agent}: {first['command']} does not show it: {again(first['command'])}")
    status, repaired = run(options, agent, "repaired")
    if status or repaired["findings"] or not repaired["runs"]:
        bad.append(f"{agent}, repaired: {[r for r in repaired['runs'] if r['finding']]}")
    if agent in REPEATED:
        for jobs in "1", "8":
            if table(run(options + ["--jobs", jobs], agent, "buggy")[1]) != table(report):
                bad.append(f"{agent}: another table with --jobs {jobs}")
    return bad


def main():
    bad = []
    print(f"{'agent':25} {'verdict':8} {'point and fault':40} {'runs':>5} {'findings':>8} "
          f"{'seconds':>7}")
    for agent, options, wanted in AGENTS:
        if not sys.argv[2:] or agent in sys.argv[2:]:
            bad += try_agent(agent, options, wanted)
    print("\n".join(bad))
    return 1 if bad else 0


sys.exit(main())
