// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The layout of boot memory in nodes and zones (the kernel's mm/mm_init.c: free_area_init(),
 * calculate_node_totalpages(), memmap_init()).
 */
#include <errno.h>
#include <stdlib.h>

#include "mm_private.h"

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

void mm_boot_mark(struct mm *mm, bool hotpluggable, bool mirrored)
{
	if (!mm->nr_boot)
		return;
	mm->boot[mm->nr_boot - 1].hotpluggable = hotpluggable;
	mm->boot[mm->nr_boot - 1].mirrored = mirrored;
}

void mm_boot_set_movable(struct mm *mm, const struct mm_movable *movable)
{
	mm->movable = *movable;
	/* The kernel then still counts mirrored memory, twice. */
	if (movable->movable_node)
		mm->movable.mirror = false;
}

bool mm_boot_range(const struct mm *mm, uint64_t pfn, uint64_t *ret_start, uint64_t *ret_end,
		   int *ret_nid)
{
	size_t low = 0, high = mm->nr_boot;

	/* The first range that ends above @pfn is in [low, high], or there is none. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (mm->boot[mid].end <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == mm->nr_boot)
		return false;
	*ret_start = mm->boot[low].start;
	*ret_end = mm->boot[low].end;
	*ret_nid = mm->boot[low].nid;
	return true;
}

bool mm_early_section(const struct mm *mm, uint64_t pfn)
{
	uint64_t first = BASE_ROUND_DOWN(pfn, mm->config.section_pages), start, end;
	int nid;

	return mm_boot_range(mm, first, &start, &end, &nid) &&
	       start < first + mm->config.section_pages;
}

/*
 * Clips [*low, *high) of a boot range to the part that belongs to a zone: where the spans of
 * Movable and another zone overlap, Movable has the memory that is not mirrored. (The kernel counts
 * the pages between the start of the first such range and its rounded start nowhere.)
 */
static void clip_mirrored(const struct mm *mm, const struct mm_range *range, enum mm_zone_type type,
			  uint64_t *low, uint64_t *high)
{
	uint64_t movable = mm->node[range->nid]->movable_start;

	if (!mm->movable.mirror || !movable)
		return;
	if (type == MM_ZONE_MOVABLE)
		*high = range->mirrored ? *low : *high;
	else if (!range->mirrored)
		*high = BASE_MIN(*high, movable);
}

/*
 * First page that a zone of a node spans, and the one behind the last; false: none
 * (zone_spanned_pages_in_node()).
 */
static bool boot_zone_span(const struct mm *mm, const struct mm_node *node, enum mm_zone_type type,
			   uint64_t *ret_low, uint64_t *ret_high)
{
	uint64_t node_end = node->start_pfn + node->spanned, movable = node->movable_start;
	uint64_t low, high;

	if (type == MM_ZONE_MOVABLE) {
		low = movable;
		high = movable ? node_end : 0;
	} else {
		mm_boot_zone_limits(mm, type, &low, &high);
		low = BASE_MAX(low, node->start_pfn);
		high = BASE_MIN(high, node_end);
		/* (Mirrored memory above unmirrored stays; the kernel forgets it.) */
		if (movable && !mm->movable.mirror)
			high = BASE_MIN(high, BASE_MAX(low, movable));
	}
	*ret_low = low;
	*ret_high = high;
	return low < high;
}

/* Visits each range only once for all nodes, because there may be many ranges. */
static void boot_node_spans(struct mm *mm)
{
	for (size_t i = 0; i < mm->nr_boot; i++) {
		const struct mm_range *range = &mm->boot[i];
		struct mm_node *node = mm->node[range->nid];

		if (!node->spanned)
			node->start_pfn = range->start;
		node->spanned = range->end - node->start_pfn;
	}
}

/* Adds the pages of a range to the zones of its node. */
static void boot_present(struct mm *mm, const struct mm_range *range)
{
	struct mm_node *node = mm->node[range->nid];

	for (int type = 0; type <= MM_ZONE_MOVABLE; type++) {
		struct mm_zone *zone = &node->zone[type];
		uint64_t start = BASE_MAX(range->start, zone->start_pfn);
		uint64_t end = BASE_MIN(range->end, mm_zone_end(zone));

		clip_mirrored(mm, range, type, &start, &end);
		if (start < end)
			zone->present += end - start;
	}
}

static void boot_node_zones(struct mm *mm, struct mm_node *node)
{
	for (int type = 0; type <= MM_ZONE_MOVABLE; type++) {
		struct mm_zone *zone = &node->zone[type];
		uint64_t low, high;

		if (!boot_zone_span(mm, node, type, &low, &high))
			continue;
		zone->start_pfn = low;
		zone->spanned = high - low;
		zone->free_low = low;
	}
}

static void boot_node_pages(struct mm *mm, struct mm_node *node)
{
	for (int type = 0; type <= MM_ZONE_MOVABLE; type++) {
		struct mm_zone *zone = &node->zone[type];

		zone->present_early = zone->present;
		zone->managed = zone->present;
		zone->free = zone->present;
		if (zone->present && type <= MM_ZONE_NORMAL)
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
 * The struct pages of a hole inside a present subsection get the node and zone of the memory that
 * follows it; those after the last range get those of that range (init_unavailable_range()).
 */
static int boot_extents(struct mm *mm)
{
	uint64_t covered = 0, low, high;
	enum mm_zone_type type = MM_ZONE_NORMAL;
	int nid = MM_NODE_NONE, ret;

	for (size_t i = 0; i < mm->nr_boot; i++) {
		nid = mm->boot[i].nid;
		for (int t = 0; t <= MM_ZONE_MOVABLE; t++) {
			uint64_t start = mm->boot[i].start, end = mm->boot[i].end;

			if (!boot_zone_span(mm, mm->node[nid], t, &low, &high))
				continue;
			start = BASE_MAX(start, low);
			end = BASE_MIN(end, high);
			clip_mirrored(mm, &mm->boot[i], t, &start, &end);
			if (start >= end)
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

/* Struct pages without memory must never be allocated. */
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
	boot_node_spans(mm);
	mm_movable_place(mm);
	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1))
		boot_node_zones(mm, mm->node[nid]);
	for (size_t i = 0; i < mm->nr_boot; i++)
		boot_present(mm, &mm->boot[i]);
	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1))
		boot_node_pages(mm, mm->node[nid]);
	ret = boot_extents(mm);
	if (!ret)
		ret = boot_holes(mm);
	if (ret)
		return ret;
	/* Before there are watermarks. */
	(void)mm_zonelists_update(mm);
	mm_wmark_update(mm);
	return 0;
}
