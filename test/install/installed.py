#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify what "meson install" installs, below a directory that is not the prefix.

    installed.py BUILD

Machines are found by their names from there; every option that a program has is in its manual page
and in the completions of all shells, and bash completes as a user would see it; the systemd unit is
valid; no udev rule becomes active; nothing refers to the source or the build directory; and packages
have the version of the project.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGES = {"memhp": "man1/memhp.1", "memhpfs": "man8/memhpfs.8", "memhpfs-explore": "man1/memhpfs-explore.1",
         "memhpfs-run": "man1/memhpfs-run.1", "memhpfs-view": "man1/memhpfs-view.1",
         "memhpsim": "man1/memhpsim.1"}
COMMANDS = {"memhp": ["plug", "unplug", "resize", "wait", "dump", "log", "machines"],
            "memhpfs": ["record"], "memhpsim": ["plan", "random"]}
ALSO = ["share/memhpfs/machines/vm-8g.yaml", "share/memhpfs/policies/online",
        "share/memhpfs/policies/README.md", "share/memhpfs/policies/60-memory-online.rules",
        "share/man/man7/memhpfs.7", "share/man/man5/memhpfs-machine.5",
        "lib/systemd/user/memhpfs@.service", "include/memhp.h"]
ALWAYS = ["usage", "help", "version", "?", "V"]
# what bash offers for the last of these words; "" stands for the end of the line
OFFERS = [
    (["memhpfs", "--mach"], ["--machine="]),
    (["memhpfs", "--machine", "=", "vm-8"], ["vm-8g"]),
    (["memhpfs", "rec"], ["record"]),
    (["memhpfs", "record", "--arch"], ["--arch="]),
    (["memhp", "unpl"], ["unplug"]),
    (["memhp", "plug", "--kind", ""], ["dimm", "virtio-mem", "dax"]),
    (["memhp", "unplug", "d"], ["d0", "d1"]),
    (["memhp", "machines", "small"], ["small-vm"]),
    (["memhpfs-run", "--pid", "=", ""], ["host"]),
    (["memhpfs-run", "--machine", "vm-8g", "lsme"], ["lsmem"]),
    (["memhpfs-run", "--no-sec"], ["--no-seccomp"]),
    (["memhpfs-explore", "--shr"], ["--shrink"]),
    (["memhpfs-explore", "--shrink", "=", "ro"], ["root"]),
    (["memhpfs-view", "--allow"], ["--allow-changes"]),
    (["memhpsim", "plan", "--uns"], []),
    (["memhpsim", "plan", "--unm"], ["--unmovable="]),
]
COMPLETE = """
compopt() { :; }
. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
"$(complete -p "$1" | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"
printf '%s\\n' "${COMPREPLY[@]}" | sort -u
"""
bad = []


def check(good, text):
    if not good:
        bad.append(text)


def output(*command, **more):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **more).stdout


def options(program, command):
    """Return the long and the short options that a program lists in its short usage."""
    text = output(program, *command, "--usage")
    short = [s for m in re.findall(r"\[-([^- \]]+)\]", text) for s in m] + re.findall(r"\[-([^- ]) ", text)
    return re.findall(r"--([a-z-]+)", text), short


def check_options(prefix, name):
    path = f"{prefix}/bin/{name}"
    page = open(f"{prefix}/share/man/{PAGES[name]}").read().replace("\\-", "-")
    bash = f"{prefix}/share/bash-completion/completions/{name}.bash"
    zsh = open(f"{prefix}/share/zsh/site-functions/_{name}").read()
    fish = open(f"{prefix}/share/fish/vendor_completions.d/{name}.fish").read()
    env = dict(os.environ, PATH=f"{prefix}/bin:" + os.environ["PATH"])
    for command in [[]] + [[c] for c in COMMANDS.get(name, [])]:
        called = " ".join([name] + command)
        long, short = options(path, command)
        check(len(long) >= 3 and "?" in short, f"{called}: --usage is not understood")
        offered = output("bash", "-c", COMPLETE, "bash", bash, name, *command, "-", env=env).split()
        offered = [o.rstrip("=") for o in offered]
        case = re.search(rf"^{command[0] if command else chr(39) * 2}\)\n(.*?);;$", zsh, re.M | re.S)[1]
        if command:
            own = f"'__fish_seen_subcommand_from {command[0]}'"
            lines = [line for line in fish.split("\n") if own in line]
        else:
            lines = [line for line in fish.split("\n") if "'__fish_seen" not in line]
        for option, flag in [(o, "--" + o) for o in long] + [(s, "-" + s) for s in short]:
            check(flag in page or option in ALWAYS, f"{PAGES[name]}: no {flag}")
            check(flag in offered, f"{called}: bash does not offer {flag}")
            spec = rf"'\*{re.escape(flag)}(\+|=-?)?\["
            check(re.search(spec, case), f"{called}: zsh does not offer {flag}")
            words = f" -l {option} " if len(option) > 1 else f" -s '{option}' "
            check(any(words in line for line in lines), f"{called}: fish does not offer {flag}")


def check_offers(prefix, tmp):
    for name in "d0", "d1", "x":
        os.makedirs(f"{tmp}/root/machine/dimm/{name}")
    env = dict(os.environ, PATH=f"{prefix}/bin:" + os.environ["PATH"], MEMHPFS_ROOT=f"{tmp}/root")
    for words, wanted in OFFERS:
        file = f"{prefix}/share/bash-completion/completions/{words[0]}.bash"
        got = output("bash", "-c", COMPLETE, "bash", file, *words, env=env, cwd=tmp).split()
        check(got == sorted(wanted), f"{' '.join(words)}: bash offers {got}, not {wanted}")


def check_machines(prefix):
    with open(f"{prefix}/share/memhpfs/machines/only-here.yaml", "w") as file:
        file.write("# A machine that is\n# only here. No other.\n")
    env = {k: v for k, v in os.environ.items() if k != "MEMHP_MACHINES"}
    listed = output(f"{prefix}/bin/memhp", "machines", env=env)
    check(re.search(r"^only-here +A machine that is only here$", listed, re.M), f"memhp machines: {listed}")
    run = subprocess.run([f"{prefix}/bin/memhpfs", "--machine", "only-her", "/"], text=True,
                         capture_output=True, env=env)
    check("(" in run.stderr and " only-here, " in run.stderr, f"memhpfs does not find them: {run.stderr}")


def check_texts(top, build):
    for directory, _, names in os.walk(top):
        for name in names:
            path = os.path.join(directory, name)
            data = open(path, "rb").read()
            if b"\0" in data or os.path.islink(path):
                continue
            for place in (build, SOURCE):
                check(place.encode() not in data, f"{path[len(top):]}: names {place}")
        check("udev" not in directory.split("/"), f"{directory[len(top):]}: a place of udev rules")


def check_unit(prefix, real, tmp):
    unit = f"{tmp}/memhpfs@.service"
    text = open(f"{prefix}/lib/systemd/user/memhpfs@.service").read()
    check(f"ExecStart={real}/bin/memhpfs " in text, "the unit does not start the memhpfs of its prefix")
    with open(unit, "w") as file:
        file.write(text.replace(f"{real}/bin", f"{prefix}/bin"))
    done = subprocess.run(["systemd-analyze", "--user", "--man=no", "verify", unit], text=True,
                          capture_output=True, env=dict(os.environ, XDG_RUNTIME_DIR=tmp))
    check(not done.returncode and "memhpfs" not in done.stderr, f"the unit: {done.stderr}")


def check_versions(version):
    """Check that everything that has a version has that of the project."""
    for file, pattern in (("debian/changelog", r"memhpfs \((.*)\)"),
                          ("src/lib/meson.build", r"\n.*? version: '(.*?)'"),
                          ("kits/python/pyproject.toml", r'\nversion = "(.*)"')):
        found = re.search(pattern, open(os.path.join(SOURCE, file)).read())
        check(found and found[1] == version, f"{file}: the version is {found and found[1]}, not {version}")


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir",
                        f"{tmp}/dest"], check=True, stdout=subprocess.DEVNULL)
        real = next(o["value"] for o in json.loads(
            output("meson", "introspect", "--buildoptions", build)) if o["name"] == "prefix")
        prefix = f"{tmp}/dest{real}"
        for name in ALSO + [f"share/man/{page}" for page in PAGES.values()]:
            check(os.path.isfile(f"{prefix}/{name}"), f"{name} is not installed")
        check_texts(f"{tmp}/dest", build)
        check_machines(prefix)
        for name in PAGES:
            check_options(prefix, name)
        check_offers(prefix, tmp)
        check_unit(prefix, real, tmp)
    check_versions(json.loads(output("meson", "introspect", "--projectinfo", build))["version"])
    print("\n".join(bad))
    return 1 if bad else 0


sys.exit(main())
