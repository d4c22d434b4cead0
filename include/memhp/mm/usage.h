/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The use of pages (usage.c), and free lists (freelist.c). */
#ifndef MEMHP_MM_USAGE_H
#define MEMHP_MM_USAGE_H

#include "memhp/mm/types.h"

/**
 * struct mm_usage - the online pages of a zone or a range
 * @free: without a holder; memory going offline no longer counts as free pages of the zone
 * @free_cma: of these, in CMA areas
 * @zones: a bit for each type of zone in which they lie
 */
struct mm_usage {
	uint64_t free;
	uint64_t free_cma;
	uint64_t kind[MM_NR_KINDS];
	unsigned int zones;
};
void mm_zone_usage(const struct mm *mm, int nid, enum mm_zone_type type,
		   struct mm_usage *ret_usage);
void mm_range_usage(const struct mm *mm, uint64_t start_pfn, uint64_t nr_pages,
		    struct mm_usage *ret_usage);
/** enum mm_page_state - what a page number stands for */
enum mm_page_state {
	MM_PAGE_ABSENT, /* nothing that is online (pfn_to_online_page()) */
	MM_PAGE_HOLE,	/* a struct page that never had memory */
	MM_PAGE_FREE,
	MM_PAGE_USED,
};
/**
 * mm_page_span() - what the pages from @pfn on are
 * @ret_end: they are alike up to this one, which is at most @end
 * @ret_use: set for MM_PAGE_USED
 */
enum mm_page_state mm_page_span(const struct mm *mm, uint64_t pfn, uint64_t end, uint64_t *ret_end,
				struct mm_use *ret_use);
/** mm_available() - MemAvailable, in pages (si_mem_available()). */
uint64_t mm_available(const struct mm *mm);
/** mm_dirtyable() - pages of which the dirty thresholds are fractions; never 0. */
uint64_t mm_dirtyable(const struct mm *mm);

#define MM_NR_ORDERS 17 /* the most of any architecture */

/** enum mm_migrate_type - migrate types of pageblocks, in the kernel's order. */
enum mm_migrate_type {
	MM_MIGRATE_UNMOVABLE,
	MM_MIGRATE_MOVABLE,
	MM_MIGRATE_RECLAIMABLE,
	MM_MIGRATE_HIGHATOMIC,
	MM_MIGRATE_CMA,
	MM_MIGRATE_ISOLATE,
	MM_NR_MIGRATE_TYPES,
};

/**
 * struct mm_free_lists - the free lists of a zone
 * @chunks: free chunks of 2^order pages
 * @blocks: pageblocks
 */
struct mm_free_lists {
	uint64_t chunks[MM_NR_MIGRATE_TYPES][MM_NR_ORDERS];
	uint64_t blocks[MM_NR_MIGRATE_TYPES];
};
void mm_zone_free_lists(const struct mm *mm, int nid, enum mm_zone_type type,
			struct mm_free_lists *ret_lists);

#endif
