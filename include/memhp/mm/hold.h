/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holders: page allocation (hold.c), and migration (migrate.c, contig.c). */
#ifndef MEMHP_MM_HOLD_H
#define MEMHP_MM_HOLD_H

#include "memhp/mm/types.h"

/**
 * struct mm_alloc_request - constraints of an allocation
 * @nid: the preferred node; MM_NODE_NONE: none
 * @bind: use no node but @nid
 * @not_nid: the excluded node; MM_NODE_NONE: none
 * @start_pfn, @end_pfn: allocate within this range, regardless of watermarks; 0, 0: anywhere
 * @boot_only: allocate within boot memory
 * @as_many: fewer pages than @nr_pages, even none, will do; nothing is reclaimed for them
 * @keeps_owner: swap out no pages of the holder itself
 */
struct mm_alloc_request {
	uint64_t nr_pages;
	int nid;
	int not_nid;
	bool bind;
	bool boot_only;
	bool as_many;
	bool keeps_owner;
	uint64_t start_pfn;
	uint64_t end_pfn;
};

/**
 * mm_reserve_boot() - pages that memblock keeps: never managed or free again
 *
 * Parts that are not boot memory or are already reserved are skipped.
 *
 * Return: 0 or -ENOMEM.
 */
int mm_reserve_boot(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, const char *owner);
/** mm_free_reserved() - give such pages to the allocator (free_reserved_area()); 0 or -ENOMEM. */
int mm_free_reserved(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/** mm_holder_new() - create a holder of no pages; @owner is copied. NULL: out of memory. */
struct mm_holder *mm_holder_new(struct mm *mm, const char *owner, enum mm_kind kind);
/** MM_BOOT_MEMMAP - the owner of the memmap of boot memory, for mm_reserve_boot(). */
#define MM_BOOT_MEMMAP "memmap"
/** mm_memmap_describe() - make @memmap, until it is freed, the memmap of this added memory. */
void mm_memmap_describe(struct mm *mm, struct mm_holder *memmap, uint64_t start_pfn,
			uint64_t nr_pages);
/** mm_holder_free() - free a holder and all its pages; NULL is a no-op. */
void mm_holder_free(struct mm *mm, struct mm_holder *hold);
/**
 * mm_holder_grow() - allocate pages for a holder
 *
 * Takes pages from zones in the order of the node's zonelist, down to the low watermark, then to
 * the min watermark, then by reclaiming page cache and by swapping pages out. Kernel pages fill
 * zones from below, movable pages from above, which has the effect of grouping pages by mobility.
 *
 * Return: 0; -ENOMEM with the holder's size unchanged.
 */
int mm_holder_grow(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *want);
/**
 * mm_reclaim_node() - drop page cache of a node, and then swap out pages, but none in Movable
 * @cache, @swap: whether to do so
 *
 * The kernel reclaims on behalf of GFP_KERNEL, which cannot use pages of Movable
 * (user_proactive_reclaim()).
 *
 * Return: how many pages that were; more than @nr_pages only to swap out a whole huge page.
 */
uint64_t mm_reclaim_node(struct mm *mm, int nid, uint64_t nr_pages, bool cache, bool swap);
/** mm_holder_shrink() - free @nr_pages of a holder, the latest first, those in swap last. */
void mm_holder_shrink(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages);
/**
 * mm_holder_pin() - long-term pin all of an anon holder (pin_user_pages() with FOLL_LONGTERM)
 *
 * Pages in Movable and CMA migrate to kernel zones first; the holder becomes MM_KIND_PINNED.
 *
 * Return: 0; -ENOMEM with nothing pinned or moved.
 */
int mm_holder_pin(struct mm *mm, struct mm_holder *hold);
/**
 * mm_pin_step() - move up to @most pages of an anon holder, which has none in swap, out of Movable
 * and CMA
 * @place: nodes that they may move to
 * @ret_moved: how many; 0: all of them can be pinned where they are, with mm_holder_set_kind()
 *
 * Return: 0; -ENOMEM with nothing moved, because there is no room or the pages are busy.
 */
int mm_pin_step(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *place,
		uint64_t most, uint64_t *ret_moved);
/**
 * struct mm_busy - when the pages of a holder are busy, so that they can be neither moved nor
 * reclaimed: for @busy_ns from @since_ns on, then not for @idle_ns, and so on
 * @busy_ns: 0: never; @idle_ns: 0: always
 */
struct mm_busy {
	uint64_t since_ns;
	uint64_t busy_ns;
	uint64_t idle_ns;
};
/** mm_holder_set_busy() - set that, by the clock of the configuration; it is not saved. */
void mm_holder_set_busy(struct mm_holder *hold, const struct mm_busy *busy);
/** mm_busy_until() - when its pages cease to be busy, as in struct mm_use. */
uint64_t mm_busy_until(const struct mm *mm, const struct mm_holder *hold);
/** mm_holder_set_kind() - change the use of its pages, which stay where they are. */
void mm_holder_set_kind(struct mm *mm, struct mm_holder *hold, enum mm_kind kind);
/** mm_holder_take_over() - move all pages of @from to @to, of the same kind; a pool's: in front. */
void mm_holder_take_over(struct mm *mm, struct mm_holder *to, struct mm_holder *from);
/** mm_drop_pagecache() - free all page cache (drop_pagecache_sb()). */
void mm_drop_pagecache(struct mm *mm);
/** mm_holder_pages() - how many pages it has in memory. */
uint64_t mm_holder_pages(const struct mm_holder *hold);
enum mm_kind mm_holder_kind(const struct mm_holder *hold);
/** mm_holder_pages_on() - how many of them are in one zone of a node. */
uint64_t mm_holder_pages_on(const struct mm *mm, const struct mm_holder *hold, int nid,
			    enum mm_zone_type type);
/** mm_use_find() - find the first pages in use in [start, end); false when all are free. */
bool mm_use_find(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, struct mm_use *ret_use);

/**
 * mm_isolate() - isolate the free pages of a range (start_isolate_page_range())
 * @ret_use: the page that prevents it
 *
 * Return: 0; -EBUSY with nothing changed.
 */
int mm_isolate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, struct mm_use *ret_use);
/** mm_unisolate() - undo mm_isolate(); or the end of onlining, which sets up the pageblocks. */
void mm_unisolate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/**
 * mm_migrate() - move up to @most pages in use out of an isolated range
 * @ret_moved: how many were moved
 * @ret_left: how many pages are still in use; poisoned ones do not count
 * @ret_use: the first page that did not move, when none of the rest could
 *
 * Return: 0; -EBUSY when a page can never move.
 */
int mm_migrate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, uint64_t most,
	       uint64_t *ret_moved, uint64_t *ret_left, struct mm_use *ret_use);

/**
 * mm_contig_alloc() - allocate pages of one block for a holder of MM_KIND_FAKE_OFFLINE, migrating
 * their contents first (alloc_contig_range()); whole pageblocks
 *
 * Return: 0, with the pages no longer managed; -EBUSY when something does not move, -ENOMEM when
 * there is no room for it elsewhere. On failure, pages that have moved are not moved back.
 */
int mm_contig_alloc(struct mm *mm, struct mm_holder *hold, uint64_t start_pfn, uint64_t nr_pages);
/** mm_fake_offline() - the same for free pages that are just being onlined; 0 or -ENOMEM. */
int mm_fake_offline(struct mm *mm, struct mm_holder *hold, uint64_t start_pfn, uint64_t nr_pages);
/** mm_make_backed() - make pages of a holder of MM_KIND_UNBACKED usable; 0 or -ENOMEM. */
int mm_make_backed(struct mm *mm, struct mm_holder *hold, uint64_t start_pfn, uint64_t nr_pages);
/**
 * mm_fake_online() - make fake-offline pages managed and free
 * @fresh: holds those that have not been free since their block came online: they go to the end of
 *	   the free lists (generic_online_page()), others to the beginning (free_contig_range());
 *	   NULL: there are none
 *
 * Return: 0, or -ENOMEM without changes.
 */
int mm_fake_online(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages,
		   const struct mm_holder *fresh);

#endif
