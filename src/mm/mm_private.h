/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internals shared by the files of mm. */
#ifndef MM_PRIVATE_H
#define MM_PRIVATE_H

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>

#include "memhp/mm.h"
#include "swap_private.h"

struct mm_extent;
TAILQ_HEAD(mm_extent_list, mm_extent);

/*
 * @avail: the extents with free pages, in the order in which movable allocations try them: a
 *	   stand-in for the free list of the largest chunks. Memory that comes online joins at the
 *	   end, freed pages at the front, as in the kernel (FPI_TO_TAIL or not).
 * @free_low: nothing is free below, but the edge may be in use: where to search upward
 */
struct mm_zone {
	uint64_t start_pfn;
	uint64_t spanned;
	uint64_t present;
	uint64_t present_early;
	uint64_t managed;
	uint64_t free; /* without isolated pages */
	uint64_t cma;
	uint64_t min, low, high, promo;
	uint64_t reserve[MM_NR_ZONES];
	uint64_t free_low;
	struct mm_extent_list avail;
};

struct mm_node {
	int nid;
	uint64_t start_pfn;
	uint64_t spanned;
	uint64_t movable_start; /* of Movable at boot; 0: it has none */
	struct mm_zone zone[MM_NR_ZONES];
	uint64_t kind_pages[MM_NR_KINDS];
	uint64_t surplus_huge[MM_NR_HUGE];
};

/*
 * Online pages [start, end) whose struct pages name one node and zone.
 * @ungrouped: its pageblocks are Unmovable, because there were too few pages to group them
 * @isolated: going offline: free pages, and pages freed from now on, cannot be allocated
 * @free_low: as in struct mm_zone
 * @place: position in the list of its zone, while extents are saved or loaded
 *
 * There may be half a million of them, so the struct is kept small.
 */
struct mm_extent {
	uint64_t start;
	uint64_t end;
	uint64_t free_low;
	RB_ENTRY(mm_extent) link;
	TAILQ_ENTRY(mm_extent) of_zone;
	uint32_t nr_free;
	uint32_t place;
	int16_t nid;
	uint8_t type;
	bool isolated;
	bool ungrouped;
};
RB_HEAD(mm_extents, mm_extent);

struct mm_range {
	uint64_t start;
	uint64_t end;
	int nid;
	bool hotpluggable;
	bool mirrored;
};

/*
 * A run of pages [start, end) of one holder; it lies in one extent. Pages without a run are free.
 */
struct mm_run {
	uint64_t start;
	uint64_t end;
	struct mm_holder *hold;
	RB_ENTRY(mm_run) link;
	TAILQ_ENTRY(mm_run) of_hold;
};
RB_HEAD(mm_runs, mm_run);

/* @place: position on the list of reclaim, while holders are saved or loaded */
struct mm_holder {
	const char *owner;
	enum mm_kind kind;
	uint32_t place;
	bool on_lru;
	uint64_t nr_pages;
	uint64_t nr_swapped; /* of its pages, those in swap areas, which @nr_pages excludes */
	struct mm_busy busy;
	TAILQ_HEAD(mm_run_list, mm_run) runs;
	TAILQ_ENTRY(mm_holder) link; /* among boot allocations, or those of reclaim */
	/* the added memory whose memmap this holder is; 0: it is not a memmap */
	uint64_t memmap_start;
	uint64_t memmap_end;
	LIST_ENTRY(mm_holder) of_memmaps;
};

struct mm {
	struct mm_config config;
	struct mm_movable movable;
	struct mm_node *node[BASE_MASK_BITS];
	struct base_mask up; /* entries of @node that are not NULL */
	struct base_mask has_memory;
	struct base_mask has_normal_memory;
	struct mm_range *boot; /* ascending, without empty ranges */
	size_t nr_boot;
	struct mm_extents extents;
	struct mm_runs runs;
	struct mm_holder holes; /* pages without memory in sections of boot memory */
	/* Poisoned pages, also in offline memory; then those that the kernel keeps using. */
	struct mm_holder poisoned;
	struct mm_holder poisoned_in_use;
	struct mm_holder
		poisoned_offline; /* in fake-offline memory, or used when that is plugged */
	struct mm_holder poisoned_reserved;
	struct mm_holder poisoned_holes;
	uint64_t poison_lost; /* pages that still count as poisoned */
	uint64_t failures[BASE_MASK_BITS * MM_FAILURE_TOTAL]; /* they outlive their node */
	struct mm_holder huge_free[MM_NR_HUGE];
	uint64_t huge_overcommit[MM_NR_HUGE]; /* how many surplus pages may be allocated */
	uint64_t huge_next_alloc[MM_NR_HUGE]; /* whose turn it is; see hugetlb_size.c */
	uint64_t huge_next_free[MM_NR_HUGE];
	/* what reclaim may find: the holder whose pages were used longest ago first */
	TAILQ_HEAD(mm_holds, mm_holder) lru;
	struct mm_swap_area swap[MM_MAX_SWAP_AREAS];
	uint64_t swap_events[MM_SWAP_NR_EVENTS];
	TAILQ_HEAD(, mm_holder) reserved;
	struct mm_range *cma;
	size_t nr_cma;
	uint64_t min_free_kbytes;
	bool ungrouped; /* page_group_by_mobility_disabled */
	struct mm_tuning tuning;
	uint64_t memmap_boot_pages;
	LIST_HEAD(, mm_holder) memmaps;
	/* memmap of boot memory that was freed and then allocated again */
	struct mm_holder memmap_again;
	struct mm_holder altmaps;
	uint64_t memmap_self_pages;
};

/* Frees all but the configuration and boot memory; only mm's own holders may be left. */
void mm_clear(struct mm *mm);

static inline uint64_t mm_zone_end(const struct mm_zone *zone)
{
	return zone->start_pfn + zone->spanned;
}

int mm_extent_cmp(const struct mm_extent *a, const struct mm_extent *b);
RB_PROTOTYPE(mm_extents, mm_extent, link, mm_extent_cmp)

/* The extent around @pfn, else the first one above it; NULL when there is none. */
struct mm_extent *mm_extent_at(const struct mm *mm, uint64_t pfn);
/* The extent around @pfn; NULL when @pfn is not online. */
struct mm_extent *mm_extent_of(const struct mm *mm, uint64_t pfn);
int mm_extent_insert(struct mm *mm, uint64_t start, uint64_t end, int nid, enum mm_zone_type type);
/* Removes the extents inside [start, end). */
void mm_extent_remove(struct mm *mm, uint64_t start, uint64_t end);
/* Counts @in_use more pages in use (or fewer, if negative, which puts it first in its zone). */
void mm_extent_use(struct mm *mm, struct mm_extent *e, int64_t in_use);
/* Makes it the one before @next in the order in which its zone is used; NULL: the last one. */
void mm_extent_place(struct mm *mm, struct mm_extent *e, struct mm_extent *next);
/*
 * Begins or ends isolation; after its end, the pages are the last of their zone to be used, unless
 * only a part of the extent was isolated (not @whole).
 */
void mm_extent_isolate(struct mm *mm, struct mm_extent *e, bool isolated, bool whole);

static inline struct mm_zone *mm_extent_zone(const struct mm *mm, const struct mm_extent *e)
{
	return &mm->node[e->nid]->zone[e->type];
}

/*
 * Walk up over the extents, or the runs, that overlap [from, below). Each step goes to the next one
 * in the tree, so that the walk always ends; the body must not remove any.
 */
#define mm_for_each_extent(mm, e, from, below)                                                     \
	for (struct mm_extent *e = mm_extent_at((mm), (from)); e && e->start < (below);            \
	     e = mm_extents_RB_NEXT(e))
#define mm_for_each_run(mm, run, from, below)                                                      \
	for (struct mm_run *run = mm_run_at((mm), (from)); run && run->start < (below);            \
	     run = mm_runs_RB_NEXT(run))

/* ---- boot memory (boot.c, movable.c) --------------------------------------------------------- */

/* Sets movable_start of all nodes; their spans must be known. */
void mm_movable_place(struct mm *mm);

/* ---- runs of pages (run.c) ------------------------------------------------------------------- */

int mm_run_cmp(const struct mm_run *a, const struct mm_run *b);
RB_PROTOTYPE(mm_runs, mm_run, link, mm_run_cmp)

void mm_holder_init(struct mm_holder *hold, const char *owner, enum mm_kind kind);
/* Frees the runs of a hold; the pages are not accounted back. */
void mm_holder_fini(struct mm *mm, struct mm_holder *hold);
/* The run around @pfn, else the first one above it; NULL when there is none. */
struct mm_run *mm_run_at(const struct mm *mm, uint64_t pfn);
/* Pages of a kind come in units of this many, which are never split. */
uint64_t mm_kind_unit(const struct mm *mm, enum mm_kind kind);
/* Pages from @start of an extent became free: lowers the search bounds. */
void mm_free_hint(struct mm *mm, struct mm_extent *e, uint64_t start);
/* Gives free pages of one extent to a holder; 0 or -ENOMEM. */
int mm_run_take(struct mm *mm, struct mm_extent *e, struct mm_holder *hold, uint64_t start,
		uint64_t end);
/* Frees @nr pages at the low or the high end of a run, which may vanish. */
void mm_run_cut_low(struct mm *mm, struct mm_run *run, uint64_t nr);
void mm_run_cut_high(struct mm *mm, struct mm_run *run, uint64_t nr);
/* Splits a run so that @pfn begins one, unless it is the end; 0 or -ENOMEM. */
int mm_run_split(struct mm *mm, struct mm_run *run, uint64_t pfn);
/* Splits the run around @pfn, if there is one, so that none crosses @pfn; 0 or -ENOMEM. */
int mm_run_split_at(struct mm *mm, uint64_t pfn);
/* Joins a run with adjacent ones of the same holder; it may vanish. */
void mm_run_join(struct mm *mm, struct mm_run *run);
/* Moves a whole run to another holder. */
void mm_run_rehome(struct mm *mm, struct mm_run *run, struct mm_holder *hold);
/*
 * The lowest free pages of an extent within [low, high), in whole aligned units of @unit pages;
 * false when there are none.
 */
bool mm_gap_lowest(const struct mm *mm, const struct mm_extent *e, uint64_t low, uint64_t high,
		   uint64_t unit, uint64_t *ret_start, uint64_t *ret_end);

/* ---- holders of pages (hold.c, pin.c) -------------------------------------------------------- */

/*
 * Allocates for @fresh, an empty holder, without touching the page cache of @owner; 0, or -ENOMEM
 * with @fresh empty.
 */
int mm_holder_alloc(struct mm *mm, struct mm_holder *fresh, const struct mm_holder *owner,
		    const struct mm_alloc_request *want);
/* As mm_holder_take_over(), but always to the end of the list. */
void mm_holder_append(struct mm *mm, struct mm_holder *to, struct mm_holder *from);
/* Allocates pages for a program that pins them immediately. */
int mm_pin_grow(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *want);

/*
 * contig.c: onlines all fake-offline pages of a range that begins and ends between runs, poisoned
 * ones only with @poisoned.
 */
void mm_fake_online_all(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, bool poisoned);

/*
 * move.c: moves up to @most pages from the low end of a run, which may vanish, to other memory but
 * that of @not_nid; returns how many. migrate.c: the same for all kinds, also huge pages.
 */
uint64_t mm_run_move(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most);
uint64_t mm_run_migrate(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most);

/* cma.c: free pages of a zone that lie in CMA areas. */
uint64_t mm_cma_zone_free(const struct mm *mm, const struct mm_zone *zone);

#include "huge_private.h"

#endif
