#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify the recipes of doc/recipes, as far as this is possible on one machine.

    recipes.py MEMHPFS SOURCE-DIR

Each recipe gets a copy of the project of doc/recipes/README.md, in a directory of its own, and its own
files. The files must be valid YAML, INI or TOML. All commands run in that directory: those of the recipe and
those in its files, with the directory of MEMHPFS first in PATH; of "docker run ... memhpfs COMMAND", only
COMMAND runs, outside of a container. A command that has been run before is not repeated.
documents.py says which are not run. The version of memhpfs that they ask for must be this one.
"""
import configparser
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import ci_files
import documents

INDEX = "doc/recipes/README.md"
CONTAINER = r"(?:docker|podman|sudo systemd-nspawn) .*? (?:memhpfs|--chdir=/src) (?=memhpfs-run|memhpsim|sh )"
PYTHON = "/usr/bin/python3"  # which has pytest
INDICES = ("0", "457", "999")  # of the Job that sweeps plans


def command_of(text):
    """Return what runs inside the container that @text starts, or @text."""
    return re.sub(CONTAINER, "", text.replace("\\\n", " "), count=1)


def check_file(path, text):
    """Return the commands in a file of a project, after checking its syntax."""
    if path.suffix in (".yml", ".yaml"):
        return ci_files.commands(text)
    if path.suffix in (".ini", ".nspawn", ".conf"):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.read_string(text)
        return [section["commands"].replace("{envpython}", PYTHON)
                for section in parser.values() if "commands" in section]
    if path.suffix == ".toml":
        import tomllib
        tomllib.loads(text)
    return []


def write_files(project, blocks):
    """Write the files of a recipe into its project; return the commands in them as (block, text)."""
    found = []
    for block in blocks:
        if block.kind() == "project":
            name, text = block.language.split()[1], "\n".join(block.lines) + "\n"
            try:
                found += [(block, command) for command in check_file(pathlib.Path(name), text)]
            except Exception as error:  # pylint: disable=broad-except
                sys.exit("%s: %s: %s" % (block, name, error))
            if not name.startswith("/"):
                path = project / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                path.chmod(0o755)
    return found


def run(where, text, output, project, environ):
    """Run a command; stop if it does not do what it should."""
    for index in INDICES if "JOB_COMPLETION_INDEX" in text else INDICES[:1]:
        done = subprocess.run(["bash", "-c", command_of(text)], cwd=project, text=True, timeout=60,
                              env=dict(environ, JOB_COMPLETION_INDEX=index), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode in (126, 127) or (done.returncode != 0) != text.endswith(documents.FAILS):
            sys.exit("%s\n%s\nexit status %d; it prints:\n%s" % (
                where, command_of(text), done.returncode, done.stdout))
        if "plan --json" in text:
            json.loads(done.stdout[done.stdout.index("{"):])
        if output is not None and done.stdout.splitlines() != output:
            sys.exit("%s\nprints instead:\n%s" % (where, done.stdout))


def check_recipe(source, document, work, environ, done):
    project = work / pathlib.Path(document).stem
    project.mkdir()
    blocks = documents.blocks_of(source, document)
    write_files(project, documents.blocks_of(source, INDEX))
    todo = [(block, text, None) for block, text in write_files(project, blocks)]
    for block in blocks:
        if block.kind() == "session" and not documents.not_run(document, block.lines[0]):
            todo += [(command, command.text, command.output) for command in block.commands()]
    for where, text, output in todo:
        if text not in done and not documents.not_run(document, text):
            run(where, text, output, project, environ)
        done.add(text)


def check_versions(source):
    version = re.search(r"version: '([\d.]+)'", (source / "meson.build").read_text())[1]
    for document in documents.DOCUMENTS:
        for found in re.findall(r"(?:memhpfs@|ref: |--branch )v([\d.]+\d)", (source / document).read_text()):
            if found != version:
                sys.exit("%s asks for version %s; this is %s" % (document, found, version))


def check_action(source):
    """Check that each step of the composite action is one of the scripts, whose own tests run it."""
    action = ci_files.yaml.safe_load((source / "action.yml").read_text())
    for step in action["runs"]["steps"]:
        script = re.fullmatch(r'sudo "\$GITHUB_ACTION_PATH/(scripts/[\w-]+)"', step["run"])
        if step["shell"] != "bash" or not script or not os.access(source / script[1], os.X_OK):
            sys.exit("action.yml: %s: not a script of this tree" % step)


def main():
    build, source = pathlib.Path(sys.argv[1]).resolve().parent, pathlib.Path(sys.argv[2]).resolve()
    environ = dict(os.environ, PATH="%s:%s" % (build, os.environ["PATH"]),
                   MEMHP_MACHINES=str(source / "machines"))
    check_versions(source)
    check_action(source)
    recipes = [name for name, test in documents.DOCUMENTS.items() if test == "recipes"]
    with tempfile.TemporaryDirectory(prefix="recipes.") as work:
        done = set()
        for document in recipes:
            check_recipe(source, document, pathlib.Path(work), environ, done)


main()
