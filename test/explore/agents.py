#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that memhpfs-explore finds the bug of each agent, and nothing in the repaired one.

    agents.py MEMHPFS-EXPLORE [--slow] [AGENT...]

Prints a table. The command that is given for a finding must show the same verdict again, and the
table of runs must not depend on how many are made at a time: of three agents, or with --slow of all
of them, one after the other and on an idle machine, since some agents depend on time.
"""
import concurrent.futures
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
arguments = sys.argv[2:]
slow = "--slow" in arguments
chosen = [word for word in arguments if word != "--slow"]
PLUG = ["--setup", "memhp plug d0 256M 1 >/dev/null"]
MOVABLE = ('[ "$(cat /sys/devices/system/memory/memory3[23]/valid_zones | sort -u)" = Movable ]')
# These mostly wait, so that many can be run at a time.
WAITS = ["--jobs", "6"]

# agent, options, the verdicts of its bug
AGENTS = [
    ("1-ignores-result.sh", PLUG + ["--faults", "errno,always,lost"], {"silent"}),
    ("2-stops-at-first.sh", PLUG + ["--faults", "errno,always,lost"], {"silent"}),
    ("3-retries-for-ever.sh", WAITS + ["--faults", "errno,always", "--timeout", "3"],
     {"stuck"}),
    ("4-events-only.py", WAITS + ["--daemon", "--settle", "0.4", "--poke", "memhp plug d0 256M 1",
                                  "--faults", "lost,late"], {"silent"}),
    ("5-no-roll-back.sh", ["--faults", "errno,always"], {"partial"}),
    ("6-wrong-file.sh", PLUG + ["--faults", "errno", "--check", MOVABLE], {"check"}),
    ("7-remembers-before.sh", PLUG + ["--faults", "kill"], {"silent"}),
    ("8-does-not-look-again.py", WAITS + ["--setup", f"{here}/8-setup.sh", "--faults", "late"],
     {"silent"}),
]
# These do not depend on time.
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


def table_differs(options, agent, version, report):
    """Whether another number of runs at a time gives another table."""
    jobs = ("1", "8") if slow else ("8",)
    return any(table(run(options + ["--jobs", n], agent, version)[1]) != table(report) for n in jobs)


def try_agent(row):
    """Return a line of the table, and what is wrong."""
    agent, options, wanted = row
    bad = []
    start = time.monotonic()
    status, report = run(options, agent, "buggy")
    seconds = time.monotonic() - start
    found = [r for r in [report["baseline"]] + report["runs"] if r["finding"]]
    first = found[0] if found else {"point": "-", "fault": "-", "verdict": "-", "command": "true"}
    if status != 1 or {r["verdict"] for r in found} != wanted:
        bad.append(f"{agent}: status {status}, verdicts {[r['verdict'] for r in found]}")
    elif f"\n{first['verdict']} " not in again(first["command"]):
        bad.append(f"{agent}: {first['command']} does not show it: {again(first['command'])}")
    status, repaired = run(options, agent, "repaired")
    if status or repaired["findings"] or not repaired["runs"]:
        bad.append(f"{agent}, repaired: {[r for r in repaired['runs'] if r['finding']]}")
    if (slow or agent in REPEATED) and table_differs(options, agent, "buggy", report):
        bad.append(f"{agent}: another table with another --jobs")
    if slow and table_differs(options, agent, "repaired", repaired):
        bad.append(f"{agent}, repaired: another table with another --jobs")
    return (f"{agent:25} {first['verdict']:8} {first['point'] + ' ' + first['fault']:50} "
            f"{len(report['runs']):5} {len(found):8} {seconds:7.1f}"), bad


def main():
    bad = []
    rows = [row for row in AGENTS if not chosen or row[0] in chosen]
    print(f"{'agent':25} {'verdict':8} {'point and fault':50} {'runs':>5} {'findings':>8} "
          f"{'seconds':>7}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(1 if slow else os.cpu_count()) as pool:
        for line, wrong in pool.map(try_agent, rows):
            print(line, flush=True)
            bad += wrong
    print("\n".join(bad))
    return 1 if bad else 0


sys.exit(main())
