#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Record the shared cases anew with `memhpsim --live` inside a real kernel, and compare.

    live.py --oracle ORACLE --kernel DIR --memhpsim STATIC --sim MEMHPSIM [--out OUT] FILE.case ...

ORACLE is the folder with rig.py, record.py and cases.py (which say how the machine of a case is booted under
QEMU), DIR has the bzImage that its build-kernel.sh made. STATIC is a statically linked memhpsim, which runs in
the guest, in an initramfs made for this; MEMHPSIM is one of this host. The operations of each case go to
`memhpsim --live / --really -` in the guest, except for those of the hypervisor (plug, unplug, resize), which
QEMU does. Counted are

  - the recorded answers that the kernel gives again; where its own pages are is chance, and may be different
    (`given` lines), which is said, and tried again on each CPU,
  - the answers that memhpsim on the host gives to the new recording, whose machine memhpsim described.

Exit status 1 if a recorded answer differs for another reason, or memhpsim gives another one.
"""
import argparse
import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HYPERVISOR = ("plug", "unplug", "resize")
BLOCK_NAMES = {2 << 20: "2M", 128 << 20: "128M", 256 << 20: "256M"}


class Booted(Exception):
    """How a case boots its machine."""


def cpio(entries):
    """An archive in the newc format: [(name, mode, data, device)]."""
    out = b""
    for number, (name, mode, data, device) in enumerate(entries + [("TRAILER!!!", 0, b"", (0, 0))]):
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, device[0], device[1], len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08x" % f for f in fields) + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return out


def make_kernel_dir(kernel, memhpsim):
    """A folder for rig.py: the kernel, and an initramfs with init and memhpsim."""
    work = tempfile.mkdtemp(prefix="live-oracle")
    init = os.path.join(work, "init")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "init.c")
    subprocess.run([os.environ.get("CC", "cc").split()[-1], "-D_GNU_SOURCE", "-O2", "-static", "-o", init, source],
                   check=True)
    os.symlink(os.path.join(os.path.abspath(kernel), "bzImage"), os.path.join(work, "bzImage"))
    # Where memory of boot is free depends on the size of the initramfs.
    small = os.path.join(work, "memhpsim")
    subprocess.run(["strip", "-o", small, memhpsim], check=True)
    read = lambda path: open(path, "rb").read()
    archive = cpio([("dev", 0o040755, b"", (0, 0)), ("dev/console", 0o020600, b"", (5, 1)),
                    ("proc", 0o040755, b"", (0, 0)), ("sys", 0o040755, b"", (0, 0)),
                    ("init", 0o100755, read(init), (0, 0)), ("memhpsim", 0o100755, read(small), (0, 0))])
    with gzip.open(os.path.join(work, "initrd.gz"), "wb", 9) as file:
        file.write(archive)
    return work


def boot_arguments(cases, name):
    """The arguments of Case() in the function that recorded the case."""
    def case(*args, **kwargs):
        raise Booted(args, kwargs)

    function = dict(cases.ALL)[name]
    real, cases.Case = cases.Case, case
    try:
        function()
    except Booted as booted:
        return booted.args
    finally:
        cases.Case = real
    raise ValueError(f"{name}: boots no machine")


def items(path):
    """[(operation, answer)]; comments and `given` lines are left out."""
    lines = open(path, newline="\n").read().split("\n")
    return [(lines[i][2:], lines[i + 1][2:]) for i in range(len(lines)) if lines[i].startswith("> ")]


def givens(path):
    """The `given` lines, each with the number of operations before it."""
    lines = open(path, newline="\n").read().split("\n")
    return [(sum(x.startswith("> ") for x in lines[:i]), x) for i, x in enumerate(lines) if x.startswith("given ")]


class Recording:
    """One boot, in which memhpsim records."""

    def __init__(self, record, arguments, cpu):
        args, kwargs = arguments
        # The head that record.py would write is not needed, so its questions are not asked.
        case = type("LiveCase", (record.Case,), {"_machine": lambda self, cmdline: None})
        self.case = case(*args, **kwargs)
        self.case.block = 128 << 20
        self.guest = self.case.g
        self.lines = []
        self.send(f"run {cpu} --live / --really -")
        # It hears events from here on.
        self.operation("sleep 0")
        del self.lines[-2:]

    def send(self, line):
        self.guest.ops.sendall(line.encode("latin-1") + b"\n")

    def receive(self):
        return next(self.guest._ol)

    def operation(self, op):
        words = op.split()
        if words[0] in HYPERVISOR:
            seen = len(self.case.out)
            answer = self.hypervisor(words)
            self.lines += [line for line in self.case.out[seen:] if line.startswith("given ")]
            self.lines += [f"> {op}", f"< {answer}".rstrip()]
            return answer
        self.send("> " + op)
        while True:
            line = self.receive()
            if line.startswith("given ") and not self.is_new(line):
                continue
            self.lines.append(line)
            if line.startswith("<") and self.lines[-2].startswith("> "):
                return line[2:]

    def is_new(self, given):
        """An unplug has said it already, if memhpsim finds it in the log later."""
        block = int(given.split("memory")[1])
        if given.startswith("given movable"):
            known = block in self.case.stuck
            self.case.stuck.discard(block)
            return known
        known = block in self.case.stuck
        self.case.stuck.add(block)
        return not known

    def hypervisor(self, words):
        keys = {k: int(v, 0) for k, v in (w.split("=") for w in words if "=" in w)}
        if words[0] == "unplug":
            return self.case.unplug(words[1])
        if words[0] == "resize":
            return self.case.resize(words[1], keys["requested"])
        if words[1] == "dimm":
            return self.case.plug(words[2], keys["size"], keys["node"], addr=keys.get("addr"))
        return self.case.virtio_mem(words[2], keys["size"], keys["node"], keys["requested"],
                                    BLOCK_NAMES[keys["block"]])

    def end(self):
        """-> memhpsim's exit status: 3 if something could not be put back"""
        self.guest.ops.shutdown(socket.SHUT_RDWR)
        self.guest.ops.close()
        end = time.time() + 120
        while not (found := re.search(r"^memhpsim: exit (\d+)", self.guest.dmesg(), re.M)):
            if time.time() > end:
                raise RuntimeError("memhpsim does not end")
            time.sleep(0.1)
        return int(found[1])

    def close(self):
        self.guest.close()


def replayed(sim, path):
    done = subprocess.run([sim, path], capture_output=True, text=True, errors="replace", timeout=120)
    lines = done.stdout.split("\n")
    return [lines[i + 1][2:] for i in range(len(lines) - 1) if lines[i].startswith("> ")]


def record_once(record, cases, path, out, cpu):
    """-> [(operation, recorded answer, new answer)], memhpsim's exit status, the new file"""
    name = os.path.basename(path).removesuffix(".case")
    run = Recording(record, boot_arguments(cases, name), cpu)
    try:
        result = [(op, want, run.operation(op)) for op, want in items(path)]
        status = run.end()
        left = [line for line in run.guest.dmesg().split("\n") if line.startswith("not put back")]
    finally:
        run.close()
    new = os.path.join(out, name + ".case")
    with open(new, "w", newline="\n", encoding="latin-1") as file:
        file.write("\n".join(run.lines) + "\n")
    with open(os.path.join(out, name + ".left"), "w") as file:
        file.writelines(line.strip() + "\n" for line in left)
    return result, status, new


def record_case(record, cases, path, out):
    """Like record_once(). Where the kernel's pages are is chance; with another CPU, it is another."""
    cpus = range(boot_arguments(cases, os.path.basename(path).removesuffix(".case"))[1].get("smp", 2))
    for cpu in cpus:
        result, status, new = record_once(record, cases, path, out, cpu)
        if all(want == got for _, want, got in result) or givens(new) == givens(path):
            break
    return result, status, new


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--memhpsim", required=True)
    parser.add_argument("--sim", required=True)
    parser.add_argument("--out", default="live-recorded")
    parser.add_argument("-v", action="store_true", help="every difference")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    work = make_kernel_dir(args.kernel, args.memhpsim)
    os.environ["ORACLE_DIR"] = work
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.abspath(args.oracle))
    import record
    import cases

    good = bad = whole = same = answers = skipped = chance = 0
    known = dict(cases.ALL)
    try:
        for path in args.files:
            name = os.path.basename(path).removesuffix(".case")
            if name not in known:
                skipped += 1
                continue
            try:
                result, status, new = record_case(record, cases, path, args.out)
            except Exception as error:
                print(f"{name}: {type(error).__name__} {error}", flush=True)
                bad += 1
                continue
            wrong = [x for x in result if x[1] != x[2]]
            here = replayed(args.sim, new)
            agree = sum(a == b[2] for a, b in zip(here, result))
            good, bad, whole = good + len(result) - len(wrong), bad + len(wrong), whole + (not wrong)
            same, answers = same + agree, answers + len(result)
            elsewhere = bool(wrong) and givens(new) != givens(path)
            chance += len(wrong) if elsewhere else 0
            print(f"{name}: {len(result) - len(wrong)} of {len(result)} as recorded, {agree} as memhpsim replays them, "
                  f"exit status {status}{', kernel pages are elsewhere' if elsewhere else ''}", flush=True)
            for op, want, got in wrong if args.v else wrong[:2]:
                print(f"  {op[:100]}\n    recorded: {want[:150]}\n    now:      {got[:150]}", flush=True)
    finally:
        shutil.rmtree(work)
    print(f"{whole} of {len(args.files) - skipped} cases whole ({skipped} of other machines left out)")
    print(f"{good} answers as recorded, {bad} differ, {chance} of them where kernel pages are elsewhere; "
          f"memhpsim replays {same} of {answers}")
    return 1 if bad > chance or same < answers else 0


if __name__ == "__main__":
    sys.exit(main())
