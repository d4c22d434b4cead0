# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

POLICY = "memory_hotplug.online_policy=auto-movable memhp_default_state=online"


@pytest.mark.memhp(machine="vm-8g", cmdline=POLICY)
def test_a_quarter_of_the_memory_stays_usable_by_the_kernel(machine):
    dimms = [machine.plug("8G") for _ in range(5)]
    assert [dimm.blocks[0].zones for dimm in dimms] == ["Movable"] * 3 + ["Normal"] * 2
