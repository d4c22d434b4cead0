// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The auto-movable policy: what counts as kernel and as movable memory, per node and in total, for
 * blocks without a device, for DIMMs and for devices that plug in units.
 */
#include <errno.h>

#include "../../src/hotplug/hp_private.h"
#include "../../src/mm/mm_private.h"
#include "engine.h"

#define BLOCK 32768

static void start(struct engine *e, const struct engine_config *config, uint32_t ratio,
		  bool numa_aware)
{
	engine_init(e, config);
	hp_params(e->hp)->policy = HP_POLICY_AUTO_MOVABLE;
	hp_params(e->hp)->auto_movable_ratio = ratio;
	hp_params(e->hp)->auto_movable_numa_aware = numa_aware;
}

static void add(struct engine *e, uint64_t first, uint64_t nr, int nid, struct hp_group *group)
{
	assert_int_equal(engine_add(e, first * MIB(128), nr * MIB(128), nid, group), 0);
}

static void online(struct engine *e, uint64_t first, uint64_t nr, enum hp_type type)
{
	for (uint64_t id = first; id < first + nr; id++)
		assert_int_equal(engine_state(e, id, type), 0);
}

static enum mm_zone_type default_zone(const struct engine *e, uint64_t id)
{
	enum mm_zone_type zones[3];

	assert_true(hp_block_valid_zones(e->hp, engine_block(e, id), zones) >= 2);
	return zones[0];
}

/* Onlines blocks by default from @first on; returns how many went to Movable before one did not. */
static uint64_t fill(struct engine *e, uint64_t first, uint64_t nr)
{
	for (uint64_t i = 0; i < nr; i++) {
		enum mm_zone_type promised = default_zone(e, first + i);

		assert_int_equal(engine_state(e, first + i, HP_ONLINE), 0);
		assert_int_equal(engine_block(e, first + i)->zone, promised);
		if (promised != MM_ZONE_MOVABLE)
			return i;
	}
	return nr;
}

static struct hp_group *dimm(struct engine *e, uint64_t first, uint64_t nr, int nid)
{
	struct hp_group *group = hp_group_new_static(e->hp, nid, nr * BLOCK);

	assert_non_null(group);
	add(e, first, nr, nid, group);
	return group;
}

static struct hp_group *device(struct engine *e, int nid, uint64_t unit_blocks)
{
	struct hp_group *group = hp_group_new_static(e->hp, nid, 0);

	assert_non_null(group);
	group->is_dynamic = true;
	group->unit_pages = unit_blocks * BLOCK;
	return group;
}

/* Two DIMMs of 2 GiB and one more block, ratio 301: all Movable. */
static void verified_example(void **state)
{
	struct engine e;
	struct mm_zone_info zone;

	(void)state;
	start(&e, &engine_pc, 301, true);
	dimm(&e, 32, 16, 1);
	assert_int_equal(fill(&e, 32, 16), 16);
	dimm(&e, 48, 16, 0);
	assert_int_equal(fill(&e, 48, 16), 16);
	add(&e, 64, 8, 0, NULL);
	assert_int_equal(fill(&e, 64, 1), 1);
	mm_zone_info(e.mm, 0, MM_ZONE_MOVABLE, &zone);
	assert_int_equal(zone.present, 557056);
	/* 788758 pages are allowed on node 0: 24 blocks and a bit */
	assert_int_equal(fill(&e, 65, 7), 7);
	add(&e, 72, 1, 0, NULL);
	assert_int_equal(fill(&e, 72, 1), 0);
	engine_fini(&e);
}

/* A node with as much movable as kernel memory is full at ratio 100. */
static void exact_limit(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 100, true);
	add(&e, 64, 20, 0, NULL);
	assert_int_equal(fill(&e, 64, 20), 8);
	/* memory that went to Normal meanwhile is no kernel memory for the ratio */
	assert_int_equal(fill(&e, 73, 11), 0);
	assert_int_equal(engine_state(&e, 70, HP_OFFLINE), 0);
	assert_int_equal(default_zone(&e, 70), MM_ZONE_MOVABLE);
	engine_fini(&e);

	/* one page less is not enough */
	start(&e, &engine_plain, 99, true);
	add(&e, 64, 20, 0, NULL);
	assert_int_equal(fill(&e, 64, 20), 7);
	engine_fini(&e);
}

static void all_nodes_count_too(void **state)
{
	struct engine e;

	(void)state;
	/* node 1 may have 8, both together 16 */
	start(&e, &engine_plain, 100, true);
	add(&e, 64, 10, 0, NULL);
	add(&e, 80, 10, 1, NULL);
	online(&e, 64, 10, HP_ONLINE_MOVABLE);
	assert_int_equal(fill(&e, 80, 10), 6);
	engine_fini(&e);

	/* not aware of nodes: 16 wherever they are */
	start(&e, &engine_plain, 100, false);
	add(&e, 64, 20, 0, NULL);
	assert_int_equal(fill(&e, 64, 20), 16);
	engine_fini(&e);
}

/* A node added without kernel memory of its own has no basis for a ratio. */
static void new_node(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 1000, true);
	add(&e, 64, 2, 2, NULL);
	assert_int_equal(default_zone(&e, 64), MM_ZONE_NORMAL);
	online(&e, 64, 1, HP_ONLINE);
	assert_int_equal(default_zone(&e, 65), MM_ZONE_NORMAL);
	hp_params(e.hp)->auto_movable_numa_aware = false;
	assert_int_equal(default_zone(&e, 65), MM_ZONE_MOVABLE);
	engine_fini(&e);
}

/* Boot memory counts while it is online in a kernel zone. */
static void boot_memory(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 100, true);
	add(&e, 64, 10, 0, NULL);
	online(&e, 64, 7, HP_ONLINE);
	assert_int_equal(default_zone(&e, 71), MM_ZONE_MOVABLE);
	assert_int_equal(engine_state(&e, 35, HP_OFFLINE), 0);
	assert_int_equal(default_zone(&e, 71), MM_ZONE_NORMAL);
	online(&e, 35, 1, HP_ONLINE_KERNEL);
	assert_int_equal(default_zone(&e, 71), MM_ZONE_MOVABLE);
	/* in Movable it counts as movable */
	assert_int_equal(engine_state(&e, 35, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 70, HP_OFFLINE), 0);
	assert_int_equal(default_zone(&e, 70), MM_ZONE_MOVABLE); /* 7 of 7 */
	online(&e, 35, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(default_zone(&e, 70), MM_ZONE_NORMAL);
	engine_fini(&e);
}

static void cma(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 100, true);
	e.mm->node[0]->zone[MM_ZONE_NORMAL].cma = 2 * BLOCK;
	add(&e, 64, 10, 0, NULL);
	assert_int_equal(fill(&e, 64, 10), 4); /* of 6 kernel blocks, 2 movable ones are there */
	engine_fini(&e);
}

static void ratio_zero(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 0, false);
	dimm(&e, 64, 2, 0);
	assert_int_equal(default_zone(&e, 64), MM_ZONE_NORMAL);
	add(&e, 66, 1, 0, device(&e, 0, 1));
	assert_int_equal(default_zone(&e, 66), MM_ZONE_NORMAL);
	engine_fini(&e);
}

/* ---- DIMMs ---------------------------------------------------------------------------------- */

/* All of a DIMM or nothing: its full size has to fit, however little of it is online. */
static void dimm_as_a_whole(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 200, true);
	dimm(&e, 64, 16, 0);
	assert_int_equal(fill(&e, 64, 16), 16);
	engine_fini(&e);

	start(&e, &engine_plain, 199, true);
	dimm(&e, 64, 16, 0);
	for (uint64_t id = 64; id < 80; id++)
		assert_int_equal(default_zone(&e, id), MM_ZONE_NORMAL);
	assert_int_equal(fill(&e, 64, 16), 0);
	engine_fini(&e);
}

/* The size still to come decreases with each block, whatever other memory does. */
static void dimm_partly_online(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 100, true);
	dimm(&e, 64, 8, 0);
	add(&e, 80, 1, 0, NULL);
	assert_int_equal(fill(&e, 64, 4), 4);
	online(&e, 80, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(default_zone(&e, 68), MM_ZONE_NORMAL); /* 5 online, 4 to come, 8 allowed */
	assert_int_equal(engine_state(&e, 80, HP_OFFLINE), 0);
	assert_int_equal(fill(&e, 68, 4), 4);
	engine_fini(&e);
}

/* One block in a kernel zone draws the others after it. */
static void dimm_with_kernel_block(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 301, true);
	dimm(&e, 64, 4, 0);
	dimm(&e, 68, 4, 0);
	online(&e, 64, 1, HP_ONLINE);
	assert_int_equal(default_zone(&e, 65), MM_ZONE_MOVABLE);
	online(&e, 66, 1, HP_ONLINE_KERNEL);
	assert_int_equal(default_zone(&e, 65), MM_ZONE_NORMAL);
	assert_int_equal(default_zone(&e, 68), MM_ZONE_MOVABLE); /* another DIMM */
	assert_int_equal(engine_state(&e, 66, HP_OFFLINE), 0);
	assert_int_equal(default_zone(&e, 65), MM_ZONE_MOVABLE);
	/* a failed onlining leaves no trace in the group */
	*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE) = -ENOMEM;
	assert_int_equal(engine_state(&e, 66, HP_ONLINE_KERNEL), -ENOMEM);
	assert_int_equal(default_zone(&e, 65), MM_ZONE_MOVABLE);
	engine_fini(&e);
}

/*
 * QUIRK: for a refused DIMM, the kernel zone is chosen for the entire rest of the DIMM from the
 * block on, which may reach into a zone above it.
 */
static void kernel_zone_of_the_rest(void **state)
{
	static const struct engine_range memory[] = { { GIB(1), GIB(2), 0 }, { 0 } };
	struct engine e;

	(void)state;
	start(&e, &(struct engine_config){ .memory = memory }, 1, true);
	dimm(&e, 4, 4, 0);
	assert_string_equal(engine_valid_zones(&e, 4), "Normal Movable");
	assert_string_equal(engine_valid_zones(&e, 5), "DMA32 Normal Movable");
	assert_string_equal(engine_valid_zones(&e, 7), "DMA32 Normal Movable");
	assert_int_equal(engine_state(&e, 7, HP_ONLINE), 0);
	assert_string_equal(engine_valid_zones(&e, 7), "DMA32");
	/* with a kernel block in the group it is decided earlier, for the block alone */
	assert_string_equal(engine_valid_zones(&e, 5), "Normal Movable");
	hp_params(e.hp)->auto_movable_ratio = 0;
	assert_string_equal(engine_valid_zones(&e, 6), "Normal Movable");
	engine_fini(&e);
}

/* ---- devices that plug in units ------------------------------------------------------------- */

static void device_of_blocks(void **state)
{
	struct engine e;
	struct hp_group *group;

	(void)state;
	start(&e, &engine_plain, 100, true);
	group = device(&e, 0, 1);
	add(&e, 64, 12, 0, group);
	/* its own kernel memory allows it more */
	online(&e, 74, 2, HP_ONLINE_KERNEL);
	assert_int_equal(group->present_kernel, 2 * BLOCK);
	assert_int_equal(fill(&e, 64, 10), 10);
	add(&e, 80, 2, 0, group);
	assert_int_equal(fill(&e, 80, 1), 0);
	assert_int_equal(group->present_kernel, 3 * BLOCK);
	assert_int_equal(group->present_movable, 10 * BLOCK);
	assert_int_equal(engine_state(&e, 70, HP_OFFLINE), 0);
	assert_int_equal(group->present_movable, 9 * BLOCK);
	engine_fini(&e);
}

/* Kernel memory of a device is for that device; its movable memory does not burden others then. */
static void other_devices(void **state)
{
	struct engine e;
	struct hp_group *group;

	(void)state;
	start(&e, &engine_plain, 100, true);
	group = device(&e, 0, 1);
	add(&e, 64, 2, 0, group);
	online(&e, 64, 1, HP_ONLINE_KERNEL);
	online(&e, 65, 1, HP_ONLINE_MOVABLE);
	add(&e, 80, 12, 0, NULL);
	assert_int_equal(fill(&e, 80, 12), 8);
	engine_fini(&e);

	/* without kernel memory of its own it needs some: 3 blocks at ratio 200 need 1.5 of 8 */
	start(&e, &engine_plain, 200, true);
	group = device(&e, 0, 1);
	add(&e, 64, 3, 0, group);
	online(&e, 64, 3, HP_ONLINE_MOVABLE);
	add(&e, 80, 20, 0, NULL);
	assert_int_equal(fill(&e, 80, 20), 13);
	engine_fini(&e);

	/* a device that has more than it needs does not share it */
	start(&e, &engine_plain, 100, true);
	add(&e, 64, 4, 0, device(&e, 0, 1));
	online(&e, 64, 4, HP_ONLINE_KERNEL);
	add(&e, 68, 1, 0, device(&e, 0, 1));
	online(&e, 68, 1, HP_ONLINE_MOVABLE);
	add(&e, 80, 12, 0, NULL);
	assert_int_equal(fill(&e, 80, 12), 7);
	engine_fini(&e);
}

/* Devices of another node count only in the sum over all nodes. */
static void devices_of_other_nodes(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, 100, true);
	add(&e, 64, 12, 1, device(&e, 1, 1));
	online(&e, 64, 12, HP_ONLINE_MOVABLE);
	add(&e, 80, 12, 0, NULL);
	/* node 0 could have 8; of 16 in all the device needs 12 */
	assert_int_equal(fill(&e, 80, 12), 4);
	engine_fini(&e);

	/* needs more than exists */
	start(&e, &engine_plain, 100, false);
	add(&e, 64, 16, 1, device(&e, 1, 1));
	online(&e, 64, 16, HP_ONLINE_MOVABLE);
	add(&e, 80, 1, 0, NULL);
	assert_int_equal(default_zone(&e, 80), MM_ZONE_NORMAL);
	/* exactly as much as exists: the device's own kernel memory does not help then */
	add(&e, 84, 2, 0, device(&e, 0, 1));
	online(&e, 84, 1, HP_ONLINE_KERNEL);
	assert_int_equal(default_zone(&e, 85), MM_ZONE_NORMAL);
	assert_int_equal(engine_state(&e, 64, HP_OFFLINE), 0);
	assert_int_equal(default_zone(&e, 85), MM_ZONE_MOVABLE);
	engine_fini(&e);
}

/* Units of several blocks: one zone for each, decided by the first block of it. */
static void device_of_units(void **state)
{
	struct engine e;
	struct hp_group *group;

	(void)state;
	start(&e, &engine_plain, 100, true);
	group = device(&e, 0, 4);
	add(&e, 64, 12, 0, group);
	assert_int_equal(fill(&e, 65, 1), 1);
	assert_int_equal(fill(&e, 66, 2), 2);
	assert_int_equal(fill(&e, 64, 1), 1);
	/* a kernel block in a unit: the rest of this unit follows, others do not */
	online(&e, 71, 1, HP_ONLINE_KERNEL);
	assert_int_equal(default_zone(&e, 68), MM_ZONE_NORMAL);
	assert_int_equal(default_zone(&e, 72), MM_ZONE_MOVABLE);
	online(&e, 72, 1, HP_ONLINE);
	/* 9 kernel blocks allow 9: 5 are used, 3 more of the unit fit */
	add(&e, 80, 4, 0, NULL);
	online(&e, 80, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(default_zone(&e, 73), MM_ZONE_MOVABLE);
	online(&e, 81, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(default_zone(&e, 73), MM_ZONE_NORMAL);
	engine_fini(&e);
}

/* QUIRK: as above, and the walk through the unit moves the start of the range. */
static void kernel_zone_of_the_unit(void **state)
{
	static const struct engine_range memory[] = { { GIB(1), GIB(2), 0 }, { 0 } };
	struct engine e;
	struct hp_group *group;

	(void)state;
	start(&e, &(struct engine_config){ .memory = memory }, 1, true);
	group = device(&e, 0, 4);
	add(&e, 4, 4, 0, group);
	/* the walk ends after the unit, at block 8 */
	assert_string_equal(engine_valid_zones(&e, 4), "DMA32 Normal Movable");
	/* or at the block that is in a kernel zone */
	assert_int_equal(engine_state(&e, 5, HP_ONLINE_KERNEL), 0);
	assert_string_equal(engine_valid_zones(&e, 4), "Normal Movable");
	assert_string_equal(engine_valid_zones(&e, 7), "Normal Movable");
	engine_fini(&e);

	/* whose zone differs from that of the block itself */
	start(&e, &(struct engine_config){ .memory = memory }, 1, true);
	add(&e, 4, 4, 0, device(&e, 0, 4));
	assert_int_equal(engine_state(&e, 7, HP_ONLINE), 0);
	assert_string_equal(engine_valid_zones(&e, 7), "DMA32");
	assert_string_equal(engine_valid_zones(&e, 4), "DMA32 Normal Movable");
	engine_fini(&e);
}

/* Ratios above 2^31 - 1 are negative where the needs of devices are computed. */
static void huge_ratio(void **state)
{
	struct engine e;

	(void)state;
	start(&e, &engine_plain, UINT32_MAX, true);
	add(&e, 64, 16, 0, device(&e, 0, 1));
	online(&e, 64, 16, HP_ONLINE_MOVABLE);
	add(&e, 80, 16, 0, NULL);
	assert_int_equal(fill(&e, 80, 16), 16);
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(verified_example),
		cmocka_unit_test(exact_limit),
		cmocka_unit_test(all_nodes_count_too),
		cmocka_unit_test(new_node),
		cmocka_unit_test(boot_memory),
		cmocka_unit_test(cma),
		cmocka_unit_test(ratio_zero),
		cmocka_unit_test(dimm_as_a_whole),
		cmocka_unit_test(dimm_partly_online),
		cmocka_unit_test(dimm_with_kernel_block),
		cmocka_unit_test(kernel_zone_of_the_rest),
		cmocka_unit_test(device_of_blocks),
		cmocka_unit_test(other_devices),
		cmocka_unit_test(devices_of_other_nodes),
		cmocka_unit_test(device_of_units),
		cmocka_unit_test(kernel_zone_of_the_unit),
		cmocka_unit_test(huge_ratio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
