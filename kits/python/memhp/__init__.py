# SPDX-License-Identifier: GPL-2.0-or-later
"""Emulated machines whose memory can be plugged and unplugged, for tests.

    with memhp.Mount(cmdline="memhp_default_state=online_movable") as m:
        dimm = m.plug("1G", node=1)
        assert all(block.zones == "Movable" for block in dimm.blocks)

View is a Mount whose run() starts programs that see the machine in /sys and /proc. Each of them has the same methods
(BaseMachine). The fixtures ``mount`` and ``view`` of pytest make them.
"""
from .errors import KernelError, MemhpError
from .base import BaseMachine, Uevent
from .mount import Mount, View
from .objects import Block, BlockText, Dax, Dimm, Fault, Race, VirtioMem, Workload

__all__ = ["BaseMachine", "Block", "BlockText", "Dax", "Dimm", "Fault", "KernelError", "MemhpError", "Mount", "Race",
           "Uevent", "View", "VirtioMem", "Workload"]
