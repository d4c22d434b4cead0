# SPDX-License-Identifier: GPL-2.0-or-later
"""Emulated machines whose memory can be plugged and unplugged, for tests.

    with memhp.Machine(cmdline="memhp_default_state=online_movable") as m:
        dimm = m.plug("1G", node=1)
        assert all(block.zones == "Movable" for block in dimm.blocks)

A Machine is in memory and in virtual time; a Mount has its files in a directory, in real time; View is a Mount whose
run() starts programs that see the machine in /sys and /proc. All have the methods of BaseMachine. The fixtures
``machine``, ``mount`` and ``view`` of pytest make them.
"""
from .errors import KernelError, MemhpError
from .base import BaseMachine, Uevent
from .machine import Machine, Request
from .mount import Mount, View
from .objects import Block, BlockText, Dax, Dimm, Fault, Race, VirtioMem, Workload

__all__ = ["BaseMachine", "Block", "BlockText", "Dax", "Dimm", "Fault", "KernelError", "Machine", "MemhpError", "Mount", "Race",
           "Request", "Uevent", "View", "VirtioMem", "Workload"]
