/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The auto-movable policy: what counts as kernel and as movable memory, per node and in total, for
 * blocks without a device.
 */
#include "auto_movable.h"

#include "../../src/hotplug/hp_private.h"
#include "../../src/mm/mm_private.h"

/* Two DIMMs of 2 GiB and one more block, ratio 301: all Movable. */
static void verified_example(void **state)
{
	struct engine e;
	struct mm_zone_info zone;

	(void)state;
	auto_init(&e, &engine_pc, 301, true);
	auto_dimm(&e, 32, 16, 1);
	assert_int_equal(auto_fill(&e, 32, 16), 16);
	auto_dimm(&e, 48, 16, 0);
	assert_int_equal(auto_fill(&e, 48, 16), 16);
	auto_add(&e, 64, 8, 0, NULL);
	assert_int_equal(auto_fill(&e, 64, 1), 1);
	mm_zone_info(e.mm, 0, MM_ZONE_MOVABLE, &zone);
	assert_int_equal(zone.present, 557056);
	/* 788758 pages are allowed on node 0: 24 blocks and a bit */
	assert_int_equal(auto_fill(&e, 65, 7), 7);
	auto_add(&e, 72, 1, 0, NULL);
	assert_int_equal(auto_fill(&e, 72, 1), 0);
	engine_fini(&e);
}

/* A node with as much movable as kernel memory is full at ratio 100. */
static void exact_limit(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 100, true);
	auto_add(&e, 64, 20, 0, NULL);
	assert_int_equal(auto_fill(&e, 64, 20), 8);
	/* memory that went to Normal meanwhile is no kernel memory for the ratio */
	assert_int_equal(auto_fill(&e, 73, 11), 0);
	assert_int_equal(engine_state(&e, 70, HP_OFFLINE), 0);
	assert_int_equal(auto_default_zone(&e, 70), MM_ZONE_MOVABLE);
	engine_fini(&e);

	/* one page less is not enough */
	auto_init(&e, &engine_plain, 99, true);
	auto_add(&e, 64, 20, 0, NULL);
	assert_int_equal(auto_fill(&e, 64, 20), 7);
	engine_fini(&e);
}

static void all_nodes_count_too(void **state)
{
	struct engine e;

	(void)state;
	/* node 1 may have 8, both together 16 */
	auto_init(&e, &engine_plain, 100, true);
	auto_add(&e, 64, 10, 0, NULL);
	auto_add(&e, 80, 10, 1, NULL);
	auto_online(&e, 64, 10, HP_ONLINE_MOVABLE);
	assert_int_equal(auto_fill(&e, 80, 10), 6);
	engine_fini(&e);

	/* not aware of nodes: 16 wherever they are */
	auto_init(&e, &engine_plain, 100, false);
	auto_add(&e, 64, 20, 0, NULL);
	assert_int_equal(auto_fill(&e, 64, 20), 16);
	engine_fini(&e);
}

/* A node added without kernel memory of its own has no basis for a ratio. */
static void new_node(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 1000, true);
	auto_add(&e, 64, 2, 2, NULL);
	assert_int_equal(auto_default_zone(&e, 64), MM_ZONE_NORMAL);
	auto_online(&e, 64, 1, HP_ONLINE);
	assert_int_equal(auto_default_zone(&e, 65), MM_ZONE_NORMAL);
	hp_params(e.hp)->auto_movable_numa_aware = false;
	assert_int_equal(auto_default_zone(&e, 65), MM_ZONE_MOVABLE);
	engine_fini(&e);
}

/* Boot memory counts while it is online in a kernel zone. */
static void boot_memory(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 100, true);
	auto_add(&e, 64, 10, 0, NULL);
	auto_online(&e, 64, 7, HP_ONLINE);
	assert_int_equal(auto_default_zone(&e, 71), MM_ZONE_MOVABLE);
	assert_int_equal(engine_state(&e, 35, HP_OFFLINE), 0);
	assert_int_equal(auto_default_zone(&e, 71), MM_ZONE_NORMAL);
	auto_online(&e, 35, 1, HP_ONLINE_KERNEL);
	assert_int_equal(auto_default_zone(&e, 71), MM_ZONE_MOVABLE);
	/* in Movable it counts as movable */
	assert_int_equal(engine_state(&e, 35, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 70, HP_OFFLINE), 0);
	assert_int_equal(auto_default_zone(&e, 70), MM_ZONE_MOVABLE); /* 7 of 7 */
	auto_online(&e, 35, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(auto_default_zone(&e, 70), MM_ZONE_NORMAL);
	engine_fini(&e);
}

static void cma(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 100, true);
	e.mm->node[0]->zone[MM_ZONE_NORMAL].cma = 2 * BLOCK;
	auto_add(&e, 64, 10, 0, NULL);
	assert_int_equal(auto_fill(&e, 64, 10),
			 4); /* of 6 kernel blocks, 2 movable ones are there */
	engine_fini(&e);
}

static void ratio_zero(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 0, false);
	auto_dimm(&e, 64, 2, 0);
	assert_int_equal(auto_default_zone(&e, 64), MM_ZONE_NORMAL);
	auto_add(&e, 66, 1, 0, auto_device(&e, 0, 1));
	assert_int_equal(auto_default_zone(&e, 66), MM_ZONE_NORMAL);
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(verified_example),    cmocka_unit_test(exact_limit),
		cmocka_unit_test(all_nodes_count_too), cmocka_unit_test(new_node),
		cmocka_unit_test(boot_memory),	       cmocka_unit_test(cma),
		cmocka_unit_test(ratio_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
