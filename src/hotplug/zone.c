// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The choice of the zone of a block (zone_for_pfn_range()), and the contig-zones policy.
 */
#include "hp_private.h"

/*
 * The lowest kernel zone whose span overlaps the range, else Normal. A span includes holes and
 * offline memory in its middle.
 */
static enum mm_zone_type zone_default_kernel(const struct hp *hp, int nid, uint64_t start_pfn,
					     uint64_t nr_pages)
{
	for (int type = 0; type < MM_ZONE_NORMAL; type++) {
		if (mm_zone_intersects(hp->mm, nid, type, start_pfn, nr_pages))
			return type;
	}
	return MM_ZONE_NORMAL;
}

/* contig-zones: use the one zone that is already there (default_zone_for_pfn()). */
static enum mm_zone_type zone_contig(const struct hp *hp, int nid, uint64_t start_pfn,
				     uint64_t nr_pages)
{
	enum mm_zone_type kernel = zone_default_kernel(hp, nid, start_pfn, nr_pages);
	bool in_kernel = mm_zone_intersects(hp->mm, nid, kernel, start_pfn, nr_pages);
	bool in_movable = mm_zone_intersects(hp->mm, nid, MM_ZONE_MOVABLE, start_pfn, nr_pages);

	if (in_kernel != in_movable)
		return in_kernel ? kernel : MM_ZONE_MOVABLE;
	return hp->params.movable_node ? MM_ZONE_MOVABLE : kernel;
}

enum mm_zone_type hp_zone_for_range(const struct hp *hp, enum hp_type type, int nid,
				    const struct hp_group *group, uint64_t start_pfn,
				    uint64_t nr_pages)
{
	if (type == HP_ONLINE_KERNEL)
		return zone_default_kernel(hp, nid, start_pfn, nr_pages);
	if (type == HP_ONLINE_MOVABLE)
		return MM_ZONE_MOVABLE;
	if (hp->params.policy == HP_POLICY_AUTO_MOVABLE)
		return hp_zone_auto_movable(hp, nid, group, &start_pfn, &nr_pages) ?
			       MM_ZONE_MOVABLE :
			       zone_default_kernel(hp, nid, start_pfn, nr_pages);
	return zone_contig(hp, nid, start_pfn, nr_pages);
}
