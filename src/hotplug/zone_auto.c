// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The auto-movable policy (auto_movable_zone_for_pfn()): Movable while the ratio of movable memory
 * to kernel memory present at boot permits it, including all memory still to come from a device.
 */
#include "hp_private.h"

struct auto_stats {
	uint64_t kernel_early;
	uint64_t movable;
};

static void stats_add_node(const struct hp *hp, int nid, struct auto_stats *stats)
{
	for (int type = 0; type < MM_NR_ZONES; type++) {
		struct mm_zone_info zone;

		mm_zone_info(hp->mm, nid, type, &zone);
		if (type == MM_ZONE_MOVABLE) {
			stats->movable += zone.present;
		} else if (zone.present) {
			/* CMA pages can move. */
			stats->movable += zone.cma;
			stats->kernel_early += zone.present_early - zone.cma;
		}
	}
}

/*
 * Excludes what other dynamic groups need and have from the sums: the kernel memory of a group
 * is only for that group.
 */
static void stats_other_groups(const struct hp *hp, int nid, const struct hp_group *group,
			       uint64_t *ret_required, uint64_t *ret_movable)
{
	/* QUIRK: the kernel treats the ratio as an int here, but as unsigned elsewhere. */
	int ratio = (int)hp->params.auto_movable_ratio;
	const struct hp_group *g;

	*ret_required = 0;
	*ret_movable = 0;
	TAILQ_FOREACH(g, &hp->groups, link) {
		int64_t pages;

		if (!g->is_dynamic || g == group || (nid != MM_NODE_NONE && g->nid != nid))
			continue;
		/* QUIRK: an unsigned division, so that a "negative" ratio requires nothing. */
		pages = (int64_t)(g->present_movable * 100 / (uint64_t)(int64_t)ratio);
		pages -= (int64_t)g->present_kernel;
		if (pages > 0)
			*ret_required += (uint64_t)pages;
		*ret_movable += g->present_movable;
	}
}

/* Whether the ratio permits @nr_pages more in Movable, on one node or on all (MM_NODE_NONE). */
static bool ratio_allows(const struct hp *hp, int nid, const struct hp_group *group,
			 uint64_t nr_pages)
{
	struct auto_stats stats = { 0 };
	uint64_t required, movable;

	if (nid != MM_NODE_NONE)
		stats_add_node(hp, nid, &stats);
	else
		for (int n = mm_node_next(hp->mm, 0); n >= 0; n = mm_node_next(hp->mm, n + 1))
			stats_add_node(hp, n, &stats);

	stats_other_groups(hp, nid, group, &required, &movable);
	if (stats.kernel_early <= required)
		return false;
	stats.kernel_early -= required;
	stats.movable -= movable;
	if (group && group->is_dynamic)
		stats.kernel_early += group->present_kernel;
	return stats.movable + nr_pages <= hp->params.auto_movable_ratio * stats.kernel_early / 100;
}

/*
 * Counts online pages of the aligned unit around @start_pfn; false when some of them are in a
 * kernel zone. @ret_pfn: where the walk stopped.
 */
static bool unit_is_movable(const struct hp *hp, const struct hp_group *group, uint64_t start_pfn,
			    uint64_t *ret_pfn, uint64_t *ret_online)
{
	uint64_t pages = hp_block_pages(hp), unit = group->unit_pages;
	uint64_t pfn = start_pfn / unit * unit, end = pfn + unit;

	*ret_online = 0;
	for (; pfn < end; pfn += pages) {
		const struct hp_block *block = hp_block_find(hp, pfn / pages);

		if (!block || block->zone == MM_NR_ZONES)
			continue;
		if (block->zone != MM_ZONE_MOVABLE) {
			*ret_pfn = pfn;
			return false;
		}
		*ret_online += pages;
	}
	*ret_pfn = pfn;
	return true;
}

bool hp_zone_auto_movable(const struct hp *hp, int nid, const struct hp_group *group, uint64_t *pfn,
			  uint64_t *nr_pages)
{
	uint64_t online = 0, most = *nr_pages, start_pfn = *pfn;

	if (!hp->params.auto_movable_ratio)
		return false;
	if (group && !group->is_dynamic) {
		most = group->max_pages;
		online = group->present_movable;
		if (group->present_kernel)
			return false;
	} else if (group && group->unit_pages != *nr_pages) {
		most = group->unit_pages;
		if (!unit_is_movable(hp, group, start_pfn, pfn, &online))
			return false;
	}
	/* QUIRK: from here on, a kernel zone is chosen for the rest of the unit or group. */
	*nr_pages = most - online;
	return ratio_allows(hp, MM_NODE_NONE, group, *nr_pages) &&
	       (!hp->params.auto_movable_numa_aware || ratio_allows(hp, nid, group, *nr_pages));
}
