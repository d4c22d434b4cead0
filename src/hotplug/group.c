// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory groups (drivers/base/memory.c). */
#include <stdlib.h>

#include "hp_private.h"

struct hp_group *hp_group_new_static(struct hp *hp, int nid, uint64_t max_pages)
{
	struct hp_group *group = calloc(1, sizeof(*group));

	if (!group)
		return NULL;
	group->nid = nid;
	group->max_pages = max_pages;
	TAILQ_INSERT_TAIL(&hp->groups, group, link);
	return group;
}

struct hp_group *hp_group_new_dynamic(struct hp *hp, int nid, uint64_t unit_pages)
{
	struct hp_group *group = hp_group_new_static(hp, nid, 0);

	if (group) {
		group->is_dynamic = true;
		group->unit_pages = unit_pages;
	}
	return group;
}

void hp_group_unregister(struct hp *hp, struct hp_group *group)
{
	struct hp_block *block;

	/* Only memory that cannot be removed is left behind. */
	for (block = hp_block_next(hp, 0); hp->config.no_hotremove && block;
	     block = hp_block_next(hp, block->id + 1)) {
		if (block->group == group)
			return;
	}
	hp_group_free(hp, group);
}

void hp_group_free(struct hp *hp, struct hp_group *group)
{
	TAILQ_REMOVE(&hp->groups, group, link);
	free(group);
}

void hp_group_account(struct hp_group *group, enum mm_zone_type zone, uint64_t nr_pages, bool add)
{
	uint64_t *present;

	if (!group)
		return;
	present = zone == MM_ZONE_MOVABLE ? &group->present_movable : &group->present_kernel;
	*present = add ? *present + nr_pages : *present - nr_pages;
}
