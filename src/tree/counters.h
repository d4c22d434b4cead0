/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts shared by all files that show memory (counters.c). */
#ifndef TREE_COUNTERS_H
#define TREE_COUNTERS_H

#include "memhp/machine.h"
#include "memhp/mm.h"

/* In pages, except TREE_THPS. */
enum tree_item {
	TREE_ZERO,
	TREE_TOTAL,
	TREE_FREE,
	TREE_USED,
	TREE_CMA,
	TREE_FREE_CMA,
	TREE_ANON,
	TREE_ANON_HUGE,
	TREE_THPS,
	TREE_INACTIVE,
	TREE_INACTIVE_ANON,
	TREE_INACTIVE_FILE,
	TREE_UNEVICTABLE,
	TREE_FILE,
	TREE_SHMEM,
	TREE_SLAB,
	TREE_PAGETABLE,
	TREE_HUGETLB,
	TREE_BALLOON,
	TREE_FREE_BLOCKS, /* for tree_zone_counters_show() only */
	TREE_NR_ITEMS,
};
/* @type: of one zone; MM_NR_ZONES: of all zones of @nid */
struct tree_usage {
	const struct mm *mm;
	int nid;
	int type;
	uint64_t amount[TREE_NR_ITEMS];
};
void tree_usage_zone(const struct mm *mm, int nid, enum mm_zone_type type,
		     struct tree_usage *ret_usage);
/* Of one node, or of all nodes (MM_NODE_NONE). */
void tree_usage_node(const struct mm *mm, int nid, struct tree_usage *ret_usage);
/* Counters, one per line: as in zoneinfo (@aligned, a newline before each) or vmstat. */
void tree_zone_counters_show(const struct machine_spec *spec, const struct tree_usage *usage,
			     bool aligned, struct base_buf *buf);
void tree_numa_counters_show(const struct machine_spec *spec, bool aligned, struct base_buf *buf);
void tree_node_counters_show(const struct machine_spec *spec, const struct tree_usage *usage,
			     bool aligned, struct base_buf *buf);
/* Whether the architecture has the zone at all: an empty one is shown, a missing one is not. */
bool tree_zone_exists(const struct mm *mm, enum mm_zone_type type);

#endif
