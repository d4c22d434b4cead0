#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
. memhp.bash

setUp() { memhp_start; }
tearDown() { memhp_stop; }

test_chmem_goes_on_after_a_failure() {
	memhp_plug dimm/d0 size=512M node=1
	memhp_fault f phase=going_online block=34 errno=ENOMEM
	memhp_run chmem --enable 512M 2>/dev/null
	memhp_assert_state online 32 33 35
	memhp_assert_state offline 34
}

. shunit2
