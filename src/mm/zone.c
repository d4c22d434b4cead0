// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Zones: their spans, which grow over every range that is onlined and shrink only at their edges,
 * and the dependent counters (the kernel's mm/memory_hotplug.c: resize_zone_range(),
 * shrink_zone_span(), adjust_present_page_count(), node_states_*()).
 */
#include <string.h>

#include "mm_private.h"

void mm_zone_info(const struct mm *mm, int nid, enum mm_zone_type type,
		  struct mm_zone_info *ret_info)
{
	const struct mm_zone *zone;
	uint64_t batch, x;
	unsigned int cpu_log = 0, mem_log = 0;

	memset(ret_info, 0, sizeof(*ret_info));
	if (!mm_node_is_up(mm, nid))
		return;
	zone = &mm->node[nid]->zone[type];
	*ret_info = (struct mm_zone_info){
		.start_pfn = zone->start_pfn,
		.spanned = zone->spanned,
		.present = zone->present,
		.present_early = zone->present_early,
		.managed = zone->managed,
		.free = zone->free,
		.cma = zone->cma,
		.min = zone->min,
		.low = zone->low,
		.high = zone->high,
		.promo = zone->promo,
	};
	memcpy(ret_info->reserve, zone->reserve, sizeof(zone->reserve));

	/* zone_batchsize(): a power of two less one, from a quarter of a 1024th of the zone. */
	batch = BASE_MIN(zone->managed / 1024, (1ULL << 20) >> mm->config.page_shift) / 4;
	batch = BASE_MAX(batch, 1);
	for (x = 1; x * 2 <= batch + batch / 2; x *= 2)
		;
	ret_info->batch = BASE_MAX(x - 1, 1);

	/* calculate_normal_threshold(): fls() of CPUs and of 128 MiB units of memory. */
	for (uint64_t v = mm->config.nr_cpus; v; v >>= 1)
		cpu_log++;
	for (uint64_t v = zone->managed >> (27 - mm->config.page_shift); v; v >>= 1)
		mem_log++;
	ret_info->stat_threshold = BASE_MIN(125u, 2 * cpu_log * (1 + mem_log));
}

bool mm_pfn_online(const struct mm *mm, uint64_t pfn)
{
	return mm_extent_of(mm, pfn);
}

bool mm_zone_populated(const struct mm *mm, int nid, enum mm_zone_type type)
{
	return mm_node_is_up(mm, nid) && mm->node[nid]->zone[type].present;
}

static bool span_intersects(const struct mm_zone *zone, uint64_t start_pfn, uint64_t nr_pages)
{
	return zone->spanned && start_pfn < mm_zone_end(zone) &&
	       start_pfn + nr_pages > zone->start_pfn;
}

bool mm_zone_intersects(const struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages)
{
	return mm_node_is_up(mm, nid) &&
	       span_intersects(&mm->node[nid]->zone[type], start_pfn, nr_pages);
}

enum mm_zone_type mm_zone_early(const struct mm *mm, int nid, uint64_t start_pfn, uint64_t nr_pages)
{
	enum mm_zone_type found = MM_NR_ZONES;

	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (!mm_zone_populated(mm, nid, type) ||
		    !mm_zone_intersects(mm, nid, type, start_pfn, nr_pages))
			continue;
		if (found != MM_NR_ZONES)
			return MM_NR_ZONES;
		found = type;
	}
	return found;
}

/* The node spans the hull of its zones (update_pgdat_span()). */
static void node_update_span(struct mm_node *node)
{
	uint64_t start = 0, end = 0;

	for (int type = 0; type < MM_NR_ZONES; type++) {
		const struct mm_zone *zone = &node->zone[type];

		if (!zone->spanned)
			continue;
		if (!end || zone->start_pfn < start)
			start = zone->start_pfn;
		end = BASE_MAX(end, mm_zone_end(zone));
	}
	node->start_pfn = start;
	node->spanned = end - start;
}

void mm_zone_take_range(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages)
{
	struct mm_node *node = mm->node[nid];
	struct mm_zone *zone = &node->zone[type];
	uint64_t end = BASE_MAX(zone->spanned ? mm_zone_end(zone) : 0, start_pfn + nr_pages);
	uint64_t node_end = node->start_pfn + node->spanned;

	if (!zone->spanned || start_pfn < zone->start_pfn)
		zone->start_pfn = start_pfn;
	zone->spanned = end - zone->start_pfn;

	node_end = BASE_MAX(node->spanned ? node_end : 0, start_pfn + nr_pages);
	if (!node->spanned || start_pfn < node->start_pfn)
		node->start_pfn = start_pfn;
	node->spanned = node_end - node->start_pfn;
}

/*
 * The lowest page of [start, end) that is online in the zone, checking only the first page of each
 * subsection; UINT64_MAX when there is none (find_smallest_section_pfn()).
 */
static uint64_t lowest_online(const struct mm *mm, int nid, enum mm_zone_type type, uint64_t start,
			      uint64_t end)
{
	uint64_t step = mm->config.subsection_pages;

	mm_for_each_extent(mm, e, start, end) {
		uint64_t pfn = start;

		if (e->nid != nid || e->type != type)
			continue;
		if (e->start > start)
			pfn += (e->start - start + step - 1) / step * step;
		if (pfn < e->end && pfn < end)
			return pfn;
	}
	return UINT64_MAX;
}

/* The same downward, checking the last page of each subsection (find_biggest_section_pfn()). */
static uint64_t highest_online(const struct mm *mm, int nid, enum mm_zone_type type, uint64_t start,
			       uint64_t end)
{
	uint64_t step = mm->config.subsection_pages, top = end - 1;
	struct mm_extent *e = mm_extent_at(mm, top);

	if (!e)
		e = RB_MAX(mm_extents, (struct mm_extents *)&mm->extents);
	for (; e && e->end > start; e = RB_PREV(mm_extents, &mm->extents, e)) {
		uint64_t pfn = top;

		if (e->nid != nid || e->type != type)
			continue;
		if (e->end - 1 < top)
			pfn -= (top - (e->end - 1) + step - 1) / step * step;
		if (pfn >= e->start && pfn >= start && pfn <= top)
			return pfn;
	}
	return UINT64_MAX;
}

void mm_zone_drop_range(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages)
{
	struct mm_zone *zone = &mm->node[nid]->zone[type];
	uint64_t end_pfn = start_pfn + nr_pages, zone_end = mm_zone_end(zone), pfn;

	if (zone->start_pfn == start_pfn) {
		pfn = lowest_online(mm, nid, type, end_pfn, zone_end);
		zone->start_pfn = pfn == UINT64_MAX ? 0 : pfn;
		zone->spanned = pfn == UINT64_MAX ? 0 : zone_end - pfn;
	} else if (zone_end == end_pfn) {
		pfn = highest_online(mm, nid, type, zone->start_pfn, start_pfn);
		if (pfn == UINT64_MAX) {
			zone->start_pfn = 0;
			zone->spanned = 0;
		} else {
			zone->spanned = pfn - zone->start_pfn + 1;
		}
	}
	node_update_span(mm->node[nid]);
}

int mm_zone_add_pages(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
		      uint64_t nr_pages)
{
	struct mm_zone *zone = &mm->node[nid]->zone[type];
	int ret = mm_extent_insert(mm, start_pfn, start_pfn + nr_pages, nid, type);

	if (ret)
		return ret;
	mm_free_hint(mm, mm_extent_of(mm, start_pfn), start_pfn);
	zone->present += nr_pages;
	if (mm_early_section(mm, start_pfn))
		zone->present_early += nr_pages;
	zone->managed += nr_pages;
	zone->free += nr_pages;
	if (type <= MM_ZONE_NORMAL && !mm->config.normal_memory_fixed)
		base_mask_set(&mm->has_normal_memory, nid);
	base_mask_set(&mm->has_memory, nid);
	return 0;
}

void mm_zone_remove_pages(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			  uint64_t nr_pages)
{
	struct mm_zone *zone = &mm->node[nid]->zone[type];
	uint64_t present = 0;

	mm_fake_online_all(mm, start_pfn, nr_pages, !mm->config.offline_skips_fake);
	zone->present -= nr_pages;
	if (mm_early_section(mm, start_pfn))
		zone->present_early -= nr_pages;
	zone->managed -= nr_pages;
	/* Isolated pages no longer count as free. */
	mm_for_each_extent(mm, e, start_pfn, start_pfn + nr_pages) {
		if (!e->isolated)
			zone->free -= e->nr_free;
	}
	mm_extent_remove(mm, start_pfn, start_pfn + nr_pages);
	for (int t = 0; t <= MM_ZONE_NORMAL; t++)
		present += mm->node[nid]->zone[t].present;
	if (type <= MM_ZONE_NORMAL && !present && !mm->config.normal_memory_fixed)
		base_mask_clear(&mm->has_normal_memory, nid);
	if (!present && !mm->node[nid]->zone[MM_ZONE_MOVABLE].present)
		base_mask_clear(&mm->has_memory, nid);
}
