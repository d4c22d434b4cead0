# SPDX-License-Identifier: GPL-2.0-or-later
import pytest


@pytest.mark.memhp(cmdline="memhp_default_state=offline")
def test_chmem_goes_on_after_a_failure(view):
    dimm = view.plug("512M", node=1)
    view.fault("going_online", block=34, errno="ENOMEM")
    result = view.run(["chmem", "--enable", "512M"])
    assert result.stderr == "chmem: Could only enable 384M of memory\n"
    assert [block.state for block in dimm.blocks] == ["online", "online", "offline", "online"]
    assert view.block(32).zones == "Movable"
