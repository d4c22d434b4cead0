// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nodes, and how boot memory is laid out over nodes and zones (the kernel's mm/mm_init.c:
 * free_area_init(), calculate_node_totalpages(), memmap_init()).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm_private.h"

struct mm *mm_new(const struct mm_config *config)
{
	struct mm *mm = calloc(1, sizeof(*mm));

	if (!mm)
		return NULL;
	mm->config = *config;
	RB_INIT(&mm->extents);
	RB_INIT(&mm->runs);
	TAILQ_INIT(&mm->reserved);
	mm_hold_init(&mm->holes, "nobody", MM_KIND_HOLE);
	mm_hold_init(&mm->poisoned, "nobody", MM_KIND_POISON);
	mm_hold_init(&mm->poisoned_in_use, "nobody", MM_KIND_POISON);
	mm_hold_init(&mm->huge_free[MM_HUGE_PMD], "pool", MM_KIND_HUGETLB_FREE);
	mm_hold_init(&mm->huge_free[MM_HUGE_PUD], "pool", MM_KIND_GIGANTIC_FREE);
	TAILQ_INIT(&mm->pagecache);
	return mm;
}

void mm_free(struct mm *mm)
{
	struct mm_extent *e, *tmp;
	struct mm_hold *hold;

	if (!mm)
		return;
	while ((hold = TAILQ_FIRST(&mm->reserved))) {
		TAILQ_REMOVE(&mm->reserved, hold, link);
		mm_hold_fini(mm, hold);
		free((void *)hold->owner);
		free(hold);
	}
	mm_hold_fini(mm, &mm->holes);
	mm_hold_fini(mm, &mm->poisoned);
	mm_hold_fini(mm, &mm->poisoned_in_use);
	for (int size = 0; size < MM_NR_HUGE; size++)
		mm_hold_fini(mm, &mm->huge_free[size]);
	RB_FOREACH_SAFE(e, mm_extents, &mm->extents, tmp) {
		RB_REMOVE(mm_extents, &mm->extents, e);
		free(e);
	}
	for (int nid = 0; nid < BASE_MASK_BITS; nid++)
		free(mm->node[nid]);
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

int mm_boot_add(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, int nid)
{
	struct mm_range *boot;

	if (start_pfn >= end_pfn)
		return 0;
	boot = reallocarray(mm->boot, mm->nr_boot + 1, sizeof(*boot));
	if (!boot)
		return -ENOMEM;
	mm->boot = boot;
	boot[mm->nr_boot++] = (struct mm_range){ .start = start_pfn, .end = end_pfn, .nid = nid };
	return 0;
}

bool mm_boot_range(const struct mm *mm, uint64_t pfn, uint64_t *ret_start, uint64_t *ret_end,
		   int *ret_nid)
{
	for (size_t i = 0; i < mm->nr_boot; i++) {
		if (mm->boot[i].end <= pfn)
			continue;
		*ret_start = mm->boot[i].start;
		*ret_end = mm->boot[i].end;
		*ret_nid = mm->boot[i].nid;
		return true;
	}
	return false;
}

bool mm_early_section(const struct mm *mm, uint64_t pfn)
{
	uint64_t first = BASE_ROUND_DOWN(pfn, mm->config.section_pages), start, end;
	int nid;

	return mm_boot_range(mm, first, &start, &end, &nid) &&
	       start < first + mm->config.section_pages;
}

/* First and last possible pfn of a boot zone on any node (arch_zone_*_possible_pfn). */
static void boot_zone_limits(const struct mm *mm, enum mm_zone_type type, uint64_t *ret_low,
			     uint64_t *ret_high)
{
	uint64_t low = 0, high = 0;

	for (int i = 0; i <= (int)type; i++) {
		low = high;
		if (i == MM_ZONE_NORMAL)
			high = UINT64_MAX;
		else
			high = BASE_MAX(low, mm->config.zone_end_pfn[i]);
	}
	*ret_low = low;
	*ret_high = high;
}

static uint64_t boot_present(const struct mm *mm, int nid, uint64_t low, uint64_t high)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < mm->nr_boot; i++) {
		uint64_t start = BASE_MAX(mm->boot[i].start, low);
		uint64_t end = BASE_MIN(mm->boot[i].end, high);

		if (mm->boot[i].nid == nid && start < end)
			pages += end - start;
	}
	return pages;
}

static void boot_node_zones(struct mm *mm, struct mm_node *node)
{
	uint64_t node_start = UINT64_MAX, node_end = 0;

	for (size_t i = 0; i < mm->nr_boot; i++) {
		if (mm->boot[i].nid != node->nid)
			continue;
		node_start = BASE_MIN(node_start, mm->boot[i].start);
		node_end = BASE_MAX(node_end, mm->boot[i].end);
	}
	node->start_pfn = node_start;
	node->spanned = node_end - node_start;

	for (int type = 0; type <= MM_ZONE_NORMAL; type++) {
		struct mm_zone *zone = &node->zone[type];
		uint64_t low, high;

		boot_zone_limits(mm, type, &low, &high);
		low = BASE_MAX(low, node_start);
		high = BASE_MIN(high, node_end);
		if (low >= high)
			continue;
		zone->start_pfn = low;
		zone->spanned = high - low;
		zone->present = boot_present(mm, node->nid, low, high);
		zone->present_early = zone->present;
		zone->managed = zone->present;
		zone->free = zone->present;
		zone->free_low = low;
		zone->free_high = high;
		if (zone->present)
			base_mask_set(&mm->has_normal_memory, node->nid);
	}
	base_mask_set(&mm->has_memory, node->nid);
}

/* Inserts the parts of [start, end) that lie in subsections with boot memory, block by block. */
static int boot_extent(struct mm *mm, uint64_t start, uint64_t end, int nid, enum mm_zone_type type)
{
	uint64_t unit = mm->config.subsection_pages, block = mm->config.block_pages, from, to;
	int boot_nid;

	while (start < end &&
	       mm_boot_range(mm, BASE_ROUND_DOWN(start, unit), &from, &to, &boot_nid)) {
		uint64_t next;
		int ret;

		start = BASE_MAX(start, BASE_ROUND_DOWN(from, unit));
		if (start >= end)
			break;
		next = BASE_MIN(BASE_ROUND_UP(to, unit), BASE_ROUND_DOWN(start, block) + block);
		next = BASE_MIN(next, end);
		ret = mm_extent_insert(mm, start, next, nid, type);
		if (ret)
			return ret;
		start = next;
	}
	return 0;
}

/*
 * The struct pages of a hole inside a present subsection are given the node and zone of the memory
 * that follows it, those behind the last range its own (init_unavailable_range()).
 */
static int boot_extents(struct mm *mm)
{
	uint64_t covered = 0, low, high;
	enum mm_zone_type type = MM_ZONE_NORMAL;
	int nid = MM_NODE_NONE, ret;

	for (size_t i = 0; i < mm->nr_boot; i++) {
		nid = mm->boot[i].nid;
		for (int t = 0; t <= MM_ZONE_NORMAL; t++) {
			uint64_t end;

			boot_zone_limits(mm, t, &low, &high);
			end = BASE_MIN(mm->boot[i].end, high);
			if (BASE_MAX(mm->boot[i].start, low) >= end)
				continue;
			type = t;
			ret = boot_extent(mm, covered, end, nid, type);
			if (ret)
				return ret;
			covered = end;
		}
	}
	if (nid == MM_NODE_NONE)
		return 0;
	return boot_extent(mm, covered, BASE_ROUND_UP(covered, mm->config.subsection_pages), nid,
			   type);
}

/* Struct pages without memory are in nobody's reach. */
static int boot_holes(struct mm *mm)
{
	struct mm_extent *e;

	RB_FOREACH(e, mm_extents, &mm->extents) {
		uint64_t pfn = e->start;

		while (pfn < e->end) {
			uint64_t from = e->end, to = e->end;
			int nid, ret;

			if (!mm_boot_range(mm, pfn, &from, &to, &nid))
				from = to = e->end;
			from = BASE_MIN(from, e->end);
			if (pfn < from) {
				/* Not memory: neither present nor free before. */
				mm_extent_zone(mm, e)->free += from - pfn;
				ret = mm_run_take(mm, e, &mm->holes, pfn, from);
				if (ret)
					return ret;
			}
			pfn = BASE_MAX(to, from);
		}
	}
	return 0;
}

int mm_boot_finish(struct mm *mm)
{
	uint64_t section = mm->config.section_pages, seen = UINT64_MAX;
	int ret;

	for (size_t i = 0; i < mm->nr_boot; i++) {
		ret = mm_node_bring_up(mm, mm->boot[i].nid);
		if (ret)
			return ret;
		for (uint64_t s = BASE_ROUND_DOWN(mm->boot[i].start, section); s < mm->boot[i].end;
		     s += section) {
			/* One struct page is 64 bytes; each section has whole pages of them. */
			if (s != seen)
				mm->memmap_boot_pages +=
					((section * 64 - 1) >> mm->config.page_shift) + 1;
			seen = s;
		}
	}
	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1)) {
		if (boot_present(mm, nid, 0, UINT64_MAX))
			boot_node_zones(mm, mm->node[nid]);
	}
	ret = boot_extents(mm);
	if (!ret)
		ret = boot_holes(mm);
	if (ret)
		return ret;
	mm_wmark_update(mm);
	return 0;
}
