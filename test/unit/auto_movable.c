/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines with the auto-movable policy; see auto_movable.h. */
#include "auto_movable.h"

#include "../../src/hotplug/hp_private.h"

void auto_init(struct engine *e, const struct engine_config *config, uint32_t ratio,
	       bool numa_aware)
{
	engine_init(e, config);
	hp_params(e->hp)->policy = HP_POLICY_AUTO_MOVABLE;
	hp_params(e->hp)->auto_movable_ratio = ratio;
	hp_params(e->hp)->auto_movable_numa_aware = numa_aware;
}

void auto_add(struct engine *e, uint64_t first, uint64_t nr, int nid, struct hp_group *group)
{
	assert_int_equal(engine_add(e, first * MIB(128), nr * MIB(128), nid, group), 0);
}

void auto_online(struct engine *e, uint64_t first, uint64_t nr, enum hp_type type)
{
	for (uint64_t id = first; id < first + nr; id++)
		assert_int_equal(engine_state(e, id, type), 0);
}

enum mm_zone_type auto_default_zone(const struct engine *e, uint64_t id)
{
	enum mm_zone_type zones[3];

	assert_true(hp_block_valid_zones(e->hp, engine_block(e, id), zones) >= 2);
	return zones[0];
}

uint64_t auto_fill(struct engine *e, uint64_t first, uint64_t nr)
{
	for (uint64_t i = 0; i < nr; i++) {
		enum mm_zone_type promised = auto_default_zone(e, first + i);

		assert_int_equal(engine_state(e, first + i, HP_ONLINE), 0);
		assert_int_equal(engine_block(e, first + i)->zone, promised);
		if (promised != MM_ZONE_MOVABLE)
			return i;
	}
	return nr;
}

struct hp_group *auto_dimm(struct engine *e, uint64_t first, uint64_t nr, int nid)
{
	struct hp_group *group = hp_group_new_static(e->hp, nid, nr * BLOCK);

	assert_non_null(group);
	auto_add(e, first, nr, nid, group);
	return group;
}

struct hp_group *auto_device(struct engine *e, int nid, uint64_t unit_blocks)
{
	struct hp_group *group = hp_group_new_static(e->hp, nid, 0);

	assert_non_null(group);
	group->is_dynamic = true;
	group->unit_pages = unit_blocks * BLOCK;
	return group;
}
