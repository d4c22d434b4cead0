#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify what memhpfs-explore says about bad input, its reports, and how it is interrupted.

    cli.py MEMHPFS-EXPLORE
"""
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

here = os.path.dirname(os.path.abspath(__file__))
explore = os.path.realpath(sys.argv[1])
os.environ["PATH"] = f"{os.path.dirname(explore)}:" + os.environ["PATH"]
bad = []


def check(what, good, more=""):
    if not good:
        bad.append(f"{what}: {more}")


def refused(words, *args):
    """It ends with 125, soon, and says why."""
    start = time.monotonic()
    done = subprocess.run([explore, *args], capture_output=True, text=True)
    check(args, done.returncode == 125 and words in done.stderr and
          time.monotonic() - start < 5 and not done.stdout,
          f"{done.returncode} {done.stderr}{done.stdout}")


refused("no command")
refused("cannot be run", "--", "/nowhere/at/all")
refused("ends with status 3", "--", "sh", "-c", "exit 3")
refused("'false' has failed with status 1", "--setup", "false", "--", "true")
refused("no-such.yaml", "--machine", "no-such.yaml", "--", "true")
refused("none of errno", "--faults", "errno,nonsense", "--", "true")
refused("names no fault", "--faults", ",", "--", "true")
refused("must end in", "--report", "x.pdf", "--", "true")
refused("No such file", "--report", "/nowhere/x.json", "--", "true")
refused("a number from 1", "--jobs", "0", "--", "true")
refused("--daemon needs", "--daemon", "--", "true")
refused("a passing", "--fault", "isolate memory3 zero EBUSY", "--", "true")
refused("does not end within", "--timeout", "0.5", "--", "sleep", "60")
with tempfile.TemporaryDirectory() as tmp:
    flag = f"{tmp}/flag"
    refused("different states", "--", "sh", "-c",
            f"[ -e {flag} ] || echo offline >/sys/devices/system/memory/memory14/state; >{flag}")

# ---- reports: one case for each run, in each format ----------------------------------------------

OFFLINE = ["--", "sh", "-c", "echo offline >/sys/devices/system/memory/memory14/state; true"]
with tempfile.TemporaryDirectory() as tmp:
    names = [f"{tmp}/r.{suffix}" for suffix in ("json", "xml", "html", "txt")]
    done = subprocess.run([explore, "--faults", "errno"] +
                          [word for name in names for word in ("--report", name)] + OFFLINE,
                          capture_output=True, text=True)
    check("reports", done.returncode == 1, done.stderr)
    report = json.load(open(names[0]))
    suite = xml.etree.ElementTree.parse(names[1]).getroot()
    page, text = open(names[2]).read(), open(names[3]).read()
    cases = suite.findall("testcase")
    check("JUnit", len(cases) == len(report["runs"]) + 1 and
          len(suite.findall("testcase/failure")) == report["findings"] > 0 and
          suite.get("failures") == str(report["findings"]), suite.attrib)
    check("HTML", page.count("<h2 ") == report["findings"] and "offline DMA32" not in page and
          "going_offline memory14 1" in page and page.endswith("</html>\n"), page[-200:])
    check("text", text.count(" silent *\n") == report["findings"], text)
    phases = {r["point"].split()[0] for r in report["runs"]}
    check("phases", phases == {"isolate", "going_offline", "migrate", "dissolve"}, phases)
    # each step with each of its errors, from the engine's table
    table = subprocess.run([explore, "--phases"], capture_output=True, text=True).stdout
    for line in table.splitlines():
        phase = line.split()[0]
        errnos = [r["fault"] for r in report["runs"] if r["point"].startswith(phase + " ")]
        check(phase, not errnos or " ".join(errnos) in line, errnos)

# ---- --depth, --max and --seed -------------------------------------------------------------------


def verdicts(*args):
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([explore, "--report", f"{tmp}/r.json", *args], stdout=subprocess.DEVNULL)
        report = json.load(open(f"{tmp}/r.json"))
        return [(r["point"], r["fault"], r.get("second"), r["verdict"]) for r in report["runs"]]


TWICE = ["--", "sh", "-c", "for i in 1 2; do echo offline >/sys/devices/system/memory/memory14/"
         "state && exit; done; exit 1"]
once = verdicts("--faults", "errno", *TWICE)
check("tries again", {v for *_, v in once} == {"same"}, once)
pairs = [r for r in verdicts("--faults", "errno", "--depth", "2", *TWICE) if r[2]]
check("pairs", {v for *_, v in pairs} == {"same", "reported"} and
      ("isolate memory14 1", "EBUSY", "isolate memory14 2 EBUSY", "reported") in pairs, pairs)
some = verdicts("--max", "3", "--seed", "7", *TWICE)
check("--max", len(some) == 3 and some == verdicts("--max", "3", "--seed", "7", *TWICE), some)

# ---- smaller findings ----------------------------------------------------------------------------

with tempfile.TemporaryDirectory() as tmp:
    os.mkdir(f"{tmp}/out")
    with open(f"{tmp}/big.yaml", "w") as f:
        f.write("possible_nodes: 0-1\nmemory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"
                "  - {start: 1G, end: 0x5fffffff, node: 1}\ncpus:\n  - {list: 0, node: 0}\n"
                "hotplug:\n  - {start: 4G, end: 0x13fffffff, node: 0}\n"
                "devices:\n  - {kind: dimm, name: d0, size: 256M, plugged: 1}\n")
    shrink = [explore, f"--shrink={tmp}/out", "--machine", f"{tmp}/big.yaml"]
    for again in range(2):
        done = subprocess.run(
            [*shrink, "--fault", "isolate memory1 1 EBUSY", "--fault", "isolate memory99 1 EBUSY", "--",
             "sh", "-c", "echo offline >/sys/devices/system/memory/memory1/state; true"],
            capture_output=True, text=True)
        small = open(f"{tmp}/out/memhpfs-explore-1.yaml").read()
        check("--shrink", done.returncode == 1 and os.listdir(f"{tmp}/out") == ["memhpfs-explore-1.yaml"]
              and small.endswith('possible_nodes: "0"\nmemory:\n'
                                 '  - {start: 0x0, end: 0x1fffffff, node: 0}\ncpus:\n'
                                 '  - {list: "0", node: 0}\n'), small + done.stdout + done.stderr)
        command = done.stdout.split("\n         ")[1].split("\n")[0]
        check("--shrink: command", f"--machine {tmp}/out/" in command and command.count("--fault") == 1,
              command)
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    check("--shrink: shown again", done.returncode == 1 and "\nsilent " in done.stdout, done.stdout)
    refused("machine files cannot be written", f"--shrink={tmp}/nowhere", "--", "true")

done = subprocess.run([explore, "--fault", "write nowhere 1 kill", "--", "true"], capture_output=True,
                      text=True)
check("missed", "same  (the fault did not take place)\n" in done.stdout and not done.returncode,
      done.stdout)

# programs such as daxctl write the zero at the end of a string
zero = verdicts("--faults", "kill", "--", "sh", "-c", "cd /sys/devices/system/memory/memory14 && read "
                "-r state <state && [ $state = offline ] || printf 'offline\\0' >state")
check("a text with a zero", [r[1] for r in zero] == ["kill", "kill-after"] and
      {r[3] for r in zero} == {"same"}, zero)

# ---- interrupted, and killed ---------------------------------------------------------------------


def children_of(pid):
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = open(path).read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.split("/")[2]))
    return found


def family(pid):
    return [pid] + [p for child in children_of(pid) for p in family(child)]


def alive(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


with tempfile.TemporaryDirectory() as tmp:
    os.environ["TMPDIR"] = tmp
    slow = [explore, "--report", f"{tmp}/r.json", "--faults", "errno,hang", "--setup",
            "memhp plug d0 8G >/dev/null", "--", "sh", "-c", "chmem --enable 8G; sleep 0.2"]
    for signo in signal.SIGINT, signal.SIGKILL:
        process = subprocess.Popen(slow, stdout=subprocess.PIPE, text=True)
        while not glob.glob(f"{tmp}/memhpfs-explore.*/4.trace"):
            time.sleep(0.02)
        members = family(process.pid)
        start = time.monotonic()
        process.send_signal(signo)
        out = process.communicate()[0]
        took = time.monotonic() - start
        if signo == signal.SIGINT:
            report = json.load(open(f"{tmp}/r.json"))
            done = [r for r in report["runs"] if r["verdict"] != "-"]
            check("SIGINT", process.returncode == 130 and took < 1 and report["interrupted"] and
                  0 < len(done) < len(report["runs"]), f"{process.returncode} {took} {out}")
            os.unlink(f"{tmp}/r.json")
        while any(map(alive, members)) and time.monotonic() - start < 5:
            time.sleep(0.02)
        check("processes are left", not any(map(alive, members)), members)
        while len(os.listdir(tmp)) > (signo == signal.SIGKILL) and time.monotonic() - start < 5:
            time.sleep(0.02)
        check("files are left", set(os.listdir(tmp)) <= {"r.json"}, os.listdir(tmp))

print("\n".join(map(str, bad)))
sys.exit(1 if bad else 0)
