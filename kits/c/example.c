/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <memhp-test.h>

static void a_block_that_refuses_keeps_its_dimm(void **state)
{
	struct memhp *m = *state;

	assert_memhp(m, memhp_plug(m, "dimm", "d0", 512 << 20, 1));
	assert_online(m, 33, "movable");
	assert_fault(m, "f", "phase=going_offline", "block=33", "errno=EBUSY");
	assert_memhp_fails(m, memhp_unplug(m, "dimm", "d0"), EBUSY);
	assert_block_state(m, 33, "online");
	assert_zones(m, 33, "Movable");
}

int main(void)
{
	const struct CMUnitTest tests[] = { memhp_unit_test(a_block_that_refuses_keeps_its_dimm) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
