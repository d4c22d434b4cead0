# SPDX-License-Identifier: GPL-2.0-or-later
. memhp.bash

setup() { memhp_start; }
teardown() { memhp_stop; }

@test "chmem brings the blocks of a new DIMM online in Movable" {
    memhp_plug dimm/d0 size=512M node=1
    memhp_run chmem --enable 512M
    memhp_assert_zones Movable 32-35
}
