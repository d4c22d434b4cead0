// SPDX-License-Identifier: GPL-2.0-or-later
/* The lifetime of struct mm and its nodes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm_private.h"

/* Transparent huge pages are enabled, as in distributions. */
static const struct mm_tuning boot_tuning = {
	.user_min_free_kbytes = MM_NEVER_SET,
	.watermark_scale_factor = 10,
	.lowmem_reserve_ratio = { 256, 256, 32, 0, 0 },
	.huge_pages = true,
};

struct mm *mm_new(const struct mm_config *config)
{
	struct mm *mm = calloc(1, sizeof(*mm));

	if (!mm)
		return NULL;
	mm->config = *config;
	mm->tuning = boot_tuning;
	RB_INIT(&mm->extents);
	RB_INIT(&mm->runs);
	TAILQ_INIT(&mm->reserved);
	mm_holder_init(&mm->holes, "nobody", MM_KIND_HOLE);
	mm_holder_init(&mm->poisoned, "nobody", MM_KIND_POISON);
	mm_holder_init(&mm->poisoned_in_use, "nobody", MM_KIND_POISON);
	mm_holder_init(&mm->poisoned_offline, "nobody", MM_KIND_POISON);
	mm_holder_init(&mm->poisoned_reserved, "nobody", MM_KIND_POISON_RESERVED);
	mm_holder_init(&mm->poisoned_holes, "nobody", MM_KIND_POISON_HOLE);
	for (int kind = 0; kind < MM_NR_KINDS; kind++)
		if (mm_kind_info(kind)->is_pool)
			mm_holder_init(&mm->huge_free[mm_kind_info(kind)->huge], "pool", kind);
	mm_holder_init(&mm->altmaps, "nobody", MM_KIND_ALTMAP);
	mm_holder_init(&mm->memmap_again, MM_BOOT_MEMMAP, MM_KIND_MEMMAP);
	LIST_INIT(&mm->memmaps);
	TAILQ_INIT(&mm->lru);
	mm_swap_init(mm);
	return mm;
}

void mm_clear(struct mm *mm)
{
	struct mm_extent *e, *tmp;
	struct mm_holder *hold;
	unsigned int nid;

	while ((hold = TAILQ_FIRST(&mm->reserved))) {
		TAILQ_REMOVE(&mm->reserved, hold, link);
		mm_holder_fini(mm, hold);
		free((void *)hold->owner);
		free(hold);
	}
	mm_holder_fini(mm, &mm->holes);
	mm_holder_fini(mm, &mm->altmaps);
	mm_holder_fini(mm, &mm->memmap_again);
	mm_holder_fini(mm, &mm->poisoned);
	mm_holder_fini(mm, &mm->poisoned_in_use);
	mm_holder_fini(mm, &mm->poisoned_offline);
	mm_holder_fini(mm, &mm->poisoned_reserved);
	mm_holder_fini(mm, &mm->poisoned_holes);
	for (int size = 0; size < MM_NR_HUGE; size++)
		mm_holder_fini(mm, &mm->huge_free[size]);
	RB_FOREACH_SAFE(e, mm_extents, &mm->extents, tmp) {
		RB_REMOVE(mm_extents, &mm->extents, e);
		free(e);
	}
	BASE_MASK_FOREACH(nid, &mm->up)
		mm_node_take_down(mm, (int)nid);
}

void mm_free(struct mm *mm)
{
	if (!mm)
		return;
	mm_clear(mm);
	free(mm->boot);
	free(mm->cma);
	free(mm);
}

const struct mm_config *mm_config(const struct mm *mm)
{
	return &mm->config;
}

const char *mm_zone_name(enum mm_zone_type type)
{
	static const char *const name[MM_NR_ZONES] = { "DMA", "DMA32", "Normal", "Movable",
						       "Device" };

	return name[type];
}

int mm_node_bring_up(struct mm *mm, int nid)
{
	if (mm->node[nid])
		return 0;
	mm->node[nid] = calloc(1, sizeof(*mm->node[nid]));
	if (!mm->node[nid])
		return -ENOMEM;
	mm->node[nid]->nid = nid;
	for (int type = 0; type < MM_NR_ZONES; type++)
		TAILQ_INIT(&mm->node[nid]->zone[type].avail);
	base_mask_set(&mm->up, (unsigned int)nid);
	return 0;
}

void mm_node_take_down(struct mm *mm, int nid)
{
	free(mm->node[nid]);
	mm->node[nid] = NULL;
	base_mask_clear(&mm->up, (unsigned int)nid);
}

bool mm_node_is_up(const struct mm *mm, int nid)
{
	return nid >= 0 && nid < BASE_MASK_BITS && mm->node[nid];
}

int mm_node_next(const struct mm *mm, int from)
{
	unsigned int nid = base_mask_next(&mm->up, (unsigned int)from);

	return nid < BASE_MASK_BITS ? (int)nid : MM_NODE_NONE;
}

uint64_t mm_node_spanned(const struct mm *mm, int nid)
{
	return mm->node[nid] ? mm->node[nid]->spanned : 0;
}

const struct base_mask *mm_nodes_with_memory(const struct mm *mm)
{
	return &mm->has_memory;
}

const struct base_mask *mm_nodes_with_normal_memory(const struct mm *mm)
{
	return &mm->has_normal_memory;
}
