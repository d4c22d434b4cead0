/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The auto-movable policy for memory of one device: DIMMs, and devices that plug in units. */
#include <errno.h>

#include "auto_movable.h"

#include "../../src/hotplug/hp_private.h"

/* ---- DIMMs ---------------------------------------------------------------------------------- */

/* All of a DIMM or nothing: its full size has to fit, however little of it is online. */
static void dimm_as_a_whole(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 200, true);
	auto_dimm(&e, 64, 16, 0);
	assert_int_equal(auto_fill(&e, 64, 16), 16);
	engine_fini(&e);

	auto_init(&e, &engine_plain, 199, true);
	auto_dimm(&e, 64, 16, 0);
	for (uint64_t id = 64; id < 80; id++)
		assert_int_equal(auto_default_zone(&e, id), MM_ZONE_NORMAL);
	assert_int_equal(auto_fill(&e, 64, 16), 0);
	engine_fini(&e);
}

/* The size still to come decreases with each block, whatever other memory does. */
static void dimm_partly_online(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 100, true);
	auto_dimm(&e, 64, 8, 0);
	auto_add(&e, 80, 1, 0, NULL);
	assert_int_equal(auto_fill(&e, 64, 4), 4);
	auto_online(&e, 80, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(auto_default_zone(&e, 68),
			 MM_ZONE_NORMAL); /* 5 online, 4 to come, 8 allowed */
	assert_int_equal(engine_state(&e, 80, HP_OFFLINE), 0);
	assert_int_equal(auto_fill(&e, 68, 4), 4);
	engine_fini(&e);
}

/* One block in a kernel zone draws the others after it. */
static void dimm_with_kernel_block(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 301, true);
	auto_dimm(&e, 64, 4, 0);
	auto_dimm(&e, 68, 4, 0);
	auto_online(&e, 64, 1, HP_ONLINE);
	assert_int_equal(auto_default_zone(&e, 65), MM_ZONE_MOVABLE);
	auto_online(&e, 66, 1, HP_ONLINE_KERNEL);
	assert_int_equal(auto_default_zone(&e, 65), MM_ZONE_NORMAL);
	assert_int_equal(auto_default_zone(&e, 68), MM_ZONE_MOVABLE); /* another DIMM */
	assert_int_equal(engine_state(&e, 66, HP_OFFLINE), 0);
	assert_int_equal(auto_default_zone(&e, 65), MM_ZONE_MOVABLE);
	/* a failed onlining leaves no trace in the group */
	*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE) = -ENOMEM;
	assert_int_equal(engine_state(&e, 66, HP_ONLINE_KERNEL), -ENOMEM);
	assert_int_equal(auto_default_zone(&e, 65), MM_ZONE_MOVABLE);
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
	auto_init(&e, &(struct engine_config){ .memory = memory }, 1, true);
	auto_dimm(&e, 4, 4, 0);
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
	auto_init(&e, &engine_plain, 100, true);
	group = auto_device(&e, 0, 1);
	auto_add(&e, 64, 12, 0, group);
	/* its own kernel memory allows it more */
	auto_online(&e, 74, 2, HP_ONLINE_KERNEL);
	assert_int_equal(group->present_kernel, 2 * BLOCK);
	assert_int_equal(auto_fill(&e, 64, 10), 10);
	auto_add(&e, 80, 2, 0, group);
	assert_int_equal(auto_fill(&e, 80, 1), 0);
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
	auto_init(&e, &engine_plain, 100, true);
	group = auto_device(&e, 0, 1);
	auto_add(&e, 64, 2, 0, group);
	auto_online(&e, 64, 1, HP_ONLINE_KERNEL);
	auto_online(&e, 65, 1, HP_ONLINE_MOVABLE);
	auto_add(&e, 80, 12, 0, NULL);
	assert_int_equal(auto_fill(&e, 80, 12), 8);
	engine_fini(&e);

	/* without kernel memory of its own it needs some: 3 blocks at ratio 200 need 1.5 of 8 */
	auto_init(&e, &engine_plain, 200, true);
	group = auto_device(&e, 0, 1);
	auto_add(&e, 64, 3, 0, group);
	auto_online(&e, 64, 3, HP_ONLINE_MOVABLE);
	auto_add(&e, 80, 20, 0, NULL);
	assert_int_equal(auto_fill(&e, 80, 20), 13);
	engine_fini(&e);

	/* a device that has more than it needs does not share it */
	auto_init(&e, &engine_plain, 100, true);
	auto_add(&e, 64, 4, 0, auto_device(&e, 0, 1));
	auto_online(&e, 64, 4, HP_ONLINE_KERNEL);
	auto_add(&e, 68, 1, 0, auto_device(&e, 0, 1));
	auto_online(&e, 68, 1, HP_ONLINE_MOVABLE);
	auto_add(&e, 80, 12, 0, NULL);
	assert_int_equal(auto_fill(&e, 80, 12), 7);
	engine_fini(&e);
}

/* Devices of another node count only in the sum over all nodes. */
static void devices_of_other_nodes(void **state)
{
	struct engine e;

	(void)state;
	auto_init(&e, &engine_plain, 100, true);
	auto_add(&e, 64, 12, 1, auto_device(&e, 1, 1));
	auto_online(&e, 64, 12, HP_ONLINE_MOVABLE);
	auto_add(&e, 80, 12, 0, NULL);
	/* node 0 could have 8; of 16 in all the device needs 12 */
	assert_int_equal(auto_fill(&e, 80, 12), 4);
	engine_fini(&e);

	/* needs more than exists */
	auto_init(&e, &engine_plain, 100, false);
	auto_add(&e, 64, 16, 1, auto_device(&e, 1, 1));
	auto_online(&e, 64, 16, HP_ONLINE_MOVABLE);
	auto_add(&e, 80, 1, 0, NULL);
	assert_int_equal(auto_default_zone(&e, 80), MM_ZONE_NORMAL);
	/* exactly as much as exists: the device's own kernel memory does not help then */
	auto_add(&e, 84, 2, 0, auto_device(&e, 0, 1));
	auto_online(&e, 84, 1, HP_ONLINE_KERNEL);
	assert_int_equal(auto_default_zone(&e, 85), MM_ZONE_NORMAL);
	assert_int_equal(engine_state(&e, 64, HP_OFFLINE), 0);
	assert_int_equal(auto_default_zone(&e, 85), MM_ZONE_MOVABLE);
	engine_fini(&e);
}

/* Units of several blocks: one zone for each, decided by the first block of it. */
static void device_of_units(void **state)
{
	struct engine e;
	struct hp_group *group;

	(void)state;
	auto_init(&e, &engine_plain, 100, true);
	group = auto_device(&e, 0, 4);
	auto_add(&e, 64, 12, 0, group);
	assert_int_equal(auto_fill(&e, 65, 1), 1);
	assert_int_equal(auto_fill(&e, 66, 2), 2);
	assert_int_equal(auto_fill(&e, 64, 1), 1);
	/* a kernel block in a unit: the rest of this unit follows, others do not */
	auto_online(&e, 71, 1, HP_ONLINE_KERNEL);
	assert_int_equal(auto_default_zone(&e, 68), MM_ZONE_NORMAL);
	assert_int_equal(auto_default_zone(&e, 72), MM_ZONE_MOVABLE);
	auto_online(&e, 72, 1, HP_ONLINE);
	/* 9 kernel blocks allow 9: 5 are used, 3 more of the unit fit */
	auto_add(&e, 80, 4, 0, NULL);
	auto_online(&e, 80, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(auto_default_zone(&e, 73), MM_ZONE_MOVABLE);
	auto_online(&e, 81, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(auto_default_zone(&e, 73), MM_ZONE_NORMAL);
	engine_fini(&e);
}

/* QUIRK: as above, and the walk through the unit moves the start of the range. */
static void kernel_zone_of_the_unit(void **state)
{
	static const struct engine_range memory[] = { { GIB(1), GIB(2), 0 }, { 0 } };
	struct engine e;
	struct hp_group *group;

	(void)state;
	auto_init(&e, &(struct engine_config){ .memory = memory }, 1, true);
	group = auto_device(&e, 0, 4);
	auto_add(&e, 4, 4, 0, group);
	/* the walk ends after the unit, at block 8 */
	assert_string_equal(engine_valid_zones(&e, 4), "DMA32 Normal Movable");
	/* or at the block that is in a kernel zone */
	assert_int_equal(engine_state(&e, 5, HP_ONLINE_KERNEL), 0);
	assert_string_equal(engine_valid_zones(&e, 4), "Normal Movable");
	assert_string_equal(engine_valid_zones(&e, 7), "Normal Movable");
	engine_fini(&e);

	/* whose zone differs from that of the block itself */
	auto_init(&e, &(struct engine_config){ .memory = memory }, 1, true);
	auto_add(&e, 4, 4, 0, auto_device(&e, 0, 4));
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
	auto_init(&e, &engine_plain, UINT32_MAX, true);
	auto_add(&e, 64, 16, 0, auto_device(&e, 0, 1));
	auto_online(&e, 64, 16, HP_ONLINE_MOVABLE);
	auto_add(&e, 80, 16, 0, NULL);
	assert_int_equal(auto_fill(&e, 80, 16), 16);
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
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
