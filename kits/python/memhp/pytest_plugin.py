# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of pytest: a machine for each test.

    @pytest.mark.memhp(machine="vm-8g", cmdline="memhp_default_state=online")
    def test_agent(view):
        ...

The marker, of a test, a class or a module, chooses the machine, the words to add to the kernel's command line, and the
version of the kernel. A relative path of a machine file is relative to the file of the test.
"""
from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional

import pytest

from .machine import Machine
from .mount import Mount, View
from .objects import BlockText


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "memhp(machine=..., cmdline=..., kernel=...): the machine of the fixtures "
                                       "machine, mount and view")


def pytest_assertrepr_compare(op: str, left: object, right: object) -> Optional[List[str]]:
    """Say what the log has about the block whose state or zones are not as expected."""
    if not isinstance(left, BlockText) or op != "==":
        return None
    return [f"memory{left.block.number}: {str(left)!r}, not {right!r}", f"now {left.block}",
            *(f"machine/log: {line}" for line in left.block.log[-5:])]


def _settings(request: pytest.FixtureRequest) -> Dict[str, Any]:
    settings: Dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("memhp"))):
        settings.update(mark.kwargs)
    machine = settings.get("machine")
    if machine is not None and (request.path.parent / machine).is_file():
        settings["machine"] = request.path.parent / machine
    return settings


@pytest.fixture
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A machine in memory, in virtual time."""
    with Machine(**_settings(request)) as machine:
        yield machine


@pytest.fixture
def mount(request: pytest.FixtureRequest) -> Iterator[Mount]:
    """A machine that is mounted on ``mount.path``."""
    with Mount(**_settings(request)) as machine:
        yield machine


@pytest.fixture
def view(request: pytest.FixtureRequest) -> Iterator[View]:
    """A mounted machine, and ``view.run(["lsmem"])``: a program that sees it in /sys and /proc."""
    with View(**_settings(request)) as machine:
        yield machine
