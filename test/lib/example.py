#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Install into a temporary directory, and run what memhp(3) shows, with nothing but pkg-config.

    example.py SOURCE-DIR BUILD
"""
import glob
import os
import pathlib
import subprocess
import sys
import tempfile

source, build = map(os.path.abspath, sys.argv[1:])
sys.path.insert(0, os.path.join(source, "test", "readme"))
import documents  # noqa: E402 - only now it can be found


def main():
    bad, commands = [], []
    with tempfile.TemporaryDirectory(prefix="lib-example.") as work:
        root = os.path.join(work, "root")
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root],
                       check=True, stdout=subprocess.DEVNULL)
        config, = glob.glob(root + "/**/memhp.pc", recursive=True)
        environment = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=root, PKG_CONFIG_PATH=os.path.dirname(config),
                           LD_LIBRARY_PATH=os.path.dirname(os.path.dirname(config)))
        for block in documents.blocks_of(source, "man/memhp.3"):
            if block.kind() == "program":
                pathlib.Path(work, "dimm.c").write_text("\n".join(block.lines) + "\n")
            else:
                commands += block.commands()
        for command in commands:
            done = subprocess.run(["bash", "-c", command.text], cwd=work, env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode or done.stdout.splitlines() != command.output:
                bad.append(f"{command}: status {done.returncode}:\n{done.stdout}")
    print("\n".join(bad))
    return 1 if bad or len(commands) < 2 else 0


sys.exit(main())
