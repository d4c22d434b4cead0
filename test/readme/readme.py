#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify that the commands of README.md, memhpfs-tutorial(7) and other manual pages work as printed.

    readme.py SOURCE-DIR

They run on a clean clone, in the order in which they are printed, in one shell for each document:
README.md at the top of the clone, the others, which use what it has installed, in directories of their
own. README.md and the tutorial run as root and then as an ordinary user (only as that user if the test
does not run as root), the manual pages as the last of them. documents.py says which documents these
are, what a command is, and which are not run.

Nothing in the commands is replaced. "meson install" finds DESTDIR in its environment, because the
test must not change the system, and "meson setup" finds CFLAGS that make compiling quick.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import documents
import picture

BOTH_USERS = ("README.md", "man/memhpfs-tutorial.7")
TIMEOUT = 400  # for all commands of one user, on a busy machine

# Runs the command files that it is given as one interactive session would, and stops at the first
# one that does not end as it should. Unmounting is tried again, because another program of this
# computer may be looking at the mount at that moment.
DRIVER = r"""
work=$1
fusermount3() {
    for _ in {1..20}; do
        command fusermount3 "$@" && return
        sleep 0.1
    done
    return 1
}
for ((i = 0; i < $2; i++)); do
    . "$work/cmd.$i" >"$work/out.$i" 2>&1 </dev/null
    echo $? >"$work/status.$i"
    case "$(tail -n 1 "$work/cmd.$i")" in
    *'# fails') [ "$(cat "$work/status.$i")" != 0 ] || exit 1 ;;
    *) [ "$(cat "$work/status.$i")" = 0 ] || exit 1 ;;
    esac
done
"""


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


def environment(user, document, top, home):
    """Return the environment: README.md has the source tree, the others what has been installed from it."""
    environ = {"HOME": str(home), "USER": user, "LOGNAME": user, "LANG": "C.UTF-8",
               "PATH": os.environ["PATH"], "DESTDIR": str(home / "destdir"), "CFLAGS": "-O0 -g0"}
    if document != "README.md":
        installed = home / "destdir/usr/local"
        libraries = next(installed.glob("lib/**/libmemhp.so"), installed).parent
        environ.update({
            "PATH": "%s:%s" % (installed / "bin", os.environ["PATH"]), "LD_LIBRARY_PATH": str(libraries),
            "PKG_CONFIG_PATH": str(libraries / "pkgconfig"), "PKG_CONFIG_SYSROOT_DIR": str(home / "destdir"),
            "PYTHONPATH": str(top / "kits/python"), "PYTEST_PLUGINS": "memhp.pytest_plugin",
        })
    return environ


def run_as(user, commands, top, work, cwd):
    """Run the commands in one shell in @cwd; return a description of what is wrong, or None."""
    home = work / "home"
    session = work / ("session-" + pathlib.Path(commands[0].document).name)
    for directory in (home, cwd):
        directory.mkdir(parents=True, exist_ok=True)
    session.mkdir()
    environ = environment(user, commands[0].document, top, home)
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
        for mount in (home / "m", cwd / "m", cwd / "mnt"):
            subprocess.run(["fusermount3", "-uzq", str(mount)], stderr=subprocess.DEVNULL)
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
        ["bash", "-c", ". scripts/lib.sh; echo ${build_packages[@]}"],
        cwd=top, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    for command in commands:
        words = command.text.replace("\\\n", " ").split()
        if words[:2] == ["apt-get", "install"] and sorted(words[2:]) != sorted(packages):
            return "%s\nthe packages differ from those of scripts/lib.sh" % command
        if words[0].startswith("scripts/") and not os.access(top / words[0], os.X_OK):
            return "%s\nthere is no such program" % command
    return None


def check_picture(top, home):
    """Compare doc/explore.svg with the report that README.md has written; return what is wrong, or None."""
    drawn = picture.picture((home / "explore.html").read_text())
    if drawn != (top / "doc/explore.svg").read_text():
        return "doc/explore.svg is not what test/readme/picture.py draws now:\n%s" % drawn
    return None


def run_documents(user, all_commands, top, work):
    """Run the commands {document: [command]}; return what is wrong, or None."""
    for document, commands in all_commands.items():
        to_run = [command for command in commands if not command.not_run()]
        cwd = top if document == "README.md" else work / "home" / pathlib.Path(document).name
        wrong = run_as(user, to_run, top, work, cwd) if to_run else None
        wrong = wrong or check_not_run([command for command in commands if command.not_run()], top)
        if document == "README.md":
            wrong = wrong or check_picture(top, work / "home")
        if wrong:
            return "as %s: %s" % (user, wrong)
    return None


def main():
    source = pathlib.Path(sys.argv[1])
    commands = {name: documents.commands_of(source, name) for name, test in documents.DOCUMENTS.items()
                if test == "readme"}
    work = pathlib.Path(tempfile.mkdtemp(prefix="readme."))
    try:
        work.chmod(0o755)
        top = work / "memhpfs"
        clone(source, top)
        users = ["root", "nobody"] if os.getuid() == 0 else [os.environ.get("USER", "user")]
        for user in users:
            chosen = {name: commands[name] for name in commands if user == users[-1] or name in BOTH_USERS}
            wrong = run_documents(user, chosen, top, work / user)
            if wrong:
                sys.exit(wrong)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(work)])


main()
