#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that the commands of README.md and memhpfs-tutorial(7) work as printed.

    readme.py SOURCE-DIR

They run on a clean clone, in the order in which they are printed: first as root, then as an
ordinary user with a separate home directory (only as that user if the test does not run as root).
Each document gets one shell per user; the tutorial runs in the user's home directory after
README.md, whose build it uses. The commands of README.md are its blocks that are indented by four
spaces; those of the tutorial are the blocks between .EX and .EE. In a block whose first line
begins with "$ ", lines that do not begin so are the exact output of the command before them. A
command must succeed unless it ends with "# fails".

Nothing in the commands is replaced. NOT_RUN lists those that are not run, and why. "meson
install" finds DESTDIR in its environment, because the test must not change the system, and "meson
setup" finds CFLAGS that make compiling quick.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

NOT_RUN = {
    r"apt-get install ": "needs the network; its packages are compared with those of scripts/lib.sh",
    r"scripts/test$": "runs this test",
    r"meson test ": "takes minutes, and runs this test; the tests that it names must be there",
}
PROMPT = "$ "
FAILS = "# fails"
TROFF = {"\\fB": "", "\\fR": "", "\\&": "", "\\-": "-", "\\(aq": "'", "\\(dq": '"', "\\e": "\\"}
TIMEOUT = 400  # for all commands of one user, on a busy machine

# Runs the command files that it is given as one interactive session would, and stops at the first
# one that does not end as it should.
DRIVER = r"""
work=$1
for ((i = 0; i < $2; i++)); do
    . "$work/cmd.$i" >"$work/out.$i" 2>&1 </dev/null
    echo $? >"$work/status.$i"
    case "$(tail -n 1 "$work/cmd.$i")" in
    *'# fails') [ "$(cat "$work/status.$i")" != 0 ] || exit 1 ;;
    *) [ "$(cat "$work/status.$i")" = 0 ] || exit 1 ;;
    esac
done
"""


class Command:
    def __init__(self, document, line, text):
        self.document = document
        self.line = line
        self.text = text
        self.output = None  # the lines that README shows

    def __str__(self):
        return "%s:%d: %s" % (self.document, self.line, self.text)

    def not_run(self):
        return any(re.match(pattern, self.text) for pattern in NOT_RUN)

    def fails(self):
        return self.text.endswith(FAILS)


def is_complete(text):
    if text.endswith("\\"):
        return False
    checked = subprocess.run(["bash", "-n", "-c", text], stderr=subprocess.PIPE)
    return not checked.returncode and b"here-document" not in checked.stderr


def block_commands(document, first, lines):
    """Return the commands of a block; @first is the number of its first line."""
    session = lines[0].startswith(PROMPT)
    commands = []
    i = 0
    while i < len(lines):
        start = i
        text = lines[i]
        i += 1
        if session and not text.startswith(PROMPT):
            commands[-1].output.append(text)
            continue
        text = text[len(PROMPT):] if session else text
        while not is_complete(text) and i < len(lines):
            text += "\n" + lines[i]
            i += 1
        commands.append(Command(document, first + start, text))
        if session:
            commands[-1].output = []
    return commands


def commands_of(document, lines):
    commands, block, first = [], [], 0
    for number, line in enumerate(lines + ["end"], 1):
        if line.startswith("    ") or (block and not line):
            if not block:
                first = number
            block.append(line[4:])
        elif block:
            while not block[-1]:
                block.pop()
            commands += block_commands(document, first, block)
            block = []
    return commands


def manual_lines(path):
    """Return a manual page in README's form, with examples (.EX to .EE) indented by four spaces."""
    lines, example = [], False
    for line in path.read_text().splitlines():
        if line in (".EX", ".EE"):
            example = line == ".EX"
            lines.append("")
            continue
        for escape, text in TROFF.items():
            line = line.replace(escape, text)
        lines.append("    " + line if example else line)
    return lines


def clone(source, target):
    """Copy the files that git knows, as they are now; without git, copy all but builds."""
    git = ["git", "-c", "safe.directory=*", "-C", str(source), "ls-files", "-z"]
    try:
        names = subprocess.run(git, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    except (OSError, subprocess.CalledProcessError):
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("build*", ".git"))
        return
    for name in names.decode().split("\0"):
        if name and (source / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name, follow_symlinks=False)


def run_as(user, commands, top, work, cwd):
    """Run the commands in one shell in @cwd; return a description of what is wrong, or None."""
    home = work / "home"
    session = work / ("session-" + cwd.name)
    home.mkdir(parents=True, exist_ok=True)
    session.mkdir()
    environ = {
        "HOME": str(home), "PATH": "%s:%s" % (top / "build", os.environ["PATH"]), "USER": user, "LOGNAME": user,
        "LANG": "C.UTF-8", "DESTDIR": str(home / "destdir"),
        "CFLAGS": "-O0 -g0",
    }
    argv = ["bash", "-c", DRIVER, "bash", str(session), str(len(commands))]
    for i, command in enumerate(commands):
        (session / ("cmd.%d" % i)).write_text(command.text + "\n")
    if user == "nobody":
        for path in (work, top):
            subprocess.run(["chown", "-R", "nobody:", str(path)], check=True)
        argv = ["setpriv", "--reuid=nobody", "--regid=" + subprocess.run(
            ["id", "-g", "nobody"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip(),
            "--clear-groups"] + argv
    process = subprocess.Popen(argv, cwd=cwd, env=environ, start_new_session=True)
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # The commands' processes and mounts must not outlive them.
        for mount in ("m", "mnt"):
            subprocess.run(["fusermount3", "-uzq", str(home / mount)], stderr=subprocess.DEVNULL)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return verdict(commands, session)


def verdict(commands, session):
    for i, command in enumerate(commands):
        out = session / ("out.%d" % i)
        said = out.read_text(errors="replace") if out.exists() else ""
        try:
            status = int((session / ("status.%d" % i)).read_text())
        except (OSError, ValueError):
            return "%s\ndoes not end; it prints:\n%s" % (command, said)
        if status in (126, 127) or (status != 0) != command.fails():
            return "%s\nexit status %d; it prints:\n%s" % (command, status, said)
        if command.output is not None and said.splitlines() != command.output:
            return "%s\nprints instead:\n%s" % (command, said)
    return None


def check_not_run(commands, top):
    """Check what can be known of commands without running them; return what is wrong, or None."""
    packages = subprocess.run(
        ["bash", "-c", ". scripts/lib.sh; echo ${build_packages[@]} libcmocka-dev"],
        cwd=top, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    for command in commands:
        words = command.text.replace("\\\n", " ").split()
        if words[:2] == ["apt-get", "install"] and sorted(words[2:]) != sorted(packages):
            return "%s\nthe packages differ from those of scripts/lib.sh and libcmocka-dev" % command
        if words[:2] == ["meson", "test"]:
            listed = subprocess.run(words + ["--list"], cwd=top, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True)
            names = [line.split(" / ")[-1].strip() for line in listed.stdout.splitlines()]
            wanted = [word for word in words[4:] if not word.startswith("-")] or ["cmdline"]
            if listed.returncode or not set(wanted) <= set(names):
                return "%s\nnot all of these tests exist:\n%s" % (command, listed.stdout)
        if words == ["scripts/test"] and not os.access(top / "scripts/test", os.X_OK):
            return "%s\nthere is no such program" % command
    return None


def main():
    source = pathlib.Path(sys.argv[1])
    commands = commands_of("README.md", (source / "README.md").read_text().splitlines())
    page = source / "man" / "memhpfs-tutorial.7"
    tutorial = commands_of(page.name, manual_lines(page))
    to_run = [command for command in commands if not command.not_run()]
    for pattern in NOT_RUN:
        if not any(re.match(pattern, command.text) for command in commands):
            sys.exit("README.md has nothing like \"%s\" any more" % pattern)
    for name, listed in (("README.md", to_run), (page.name, tutorial)):
        if not any(command.output for command in listed):
            sys.exit("%s shows no output any more" % name)
    work = pathlib.Path(tempfile.mkdtemp(prefix="readme."))
    try:
        work.chmod(0o755)
        top = work / "memhpfs"
        clone(source, top)
        users = ["root", "nobody"] if os.getuid() == 0 else [os.environ.get("USER", "user")]
        for user in users:
            wrong = run_as(user, to_run, top, work / user, top)
            if not wrong and user == users[0]:
                wrong = check_not_run([c for c in commands if c.not_run()], top)
            if not wrong:
                wrong = run_as(user, tutorial, top, work / user, work / user / "home")
            if wrong:
                sys.exit("as %s: %s" % (user, wrong))
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(work)])


main()
