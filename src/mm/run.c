// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs: ranges of pages in use with a holder, in a tree by pfn. Pages without a run are free; since
 * the buddy allocator always merges what it can, its free lists follow from the gaps.
 */
#include <errno.h>
#include <stdlib.h>

#include "mm_private.h"

int mm_run_cmp(const struct mm_run *a, const struct mm_run *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

RB_GENERATE(mm_runs, mm_run, link, mm_run_cmp)

void mm_holder_init(struct mm_holder *hold, const char *owner, enum mm_kind kind)
{
	hold->owner = owner;
	hold->kind = kind;
	hold->on_lru = false;
	hold->nr_pages = 0;
	hold->nr_swapped = 0;
	hold->busy = (struct mm_busy){ 0 };
	TAILQ_INIT(&hold->runs);
}

void mm_holder_fini(struct mm *mm, struct mm_holder *hold)
{
	struct mm_run *run;

	while ((run = TAILQ_FIRST(&hold->runs))) {
		TAILQ_REMOVE(&hold->runs, run, of_hold);
		RB_REMOVE(mm_runs, &mm->runs, run);
		free(run);
	}
}

struct mm_run *mm_run_at(const struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = RB_ROOT(&mm->runs), *best = NULL;

	while (run) {
		if (pfn < run->end) {
			best = run;
			if (pfn >= run->start)
				break;
			run = RB_LEFT(run, link);
		} else {
			run = RB_RIGHT(run, link);
		}
	}
	return best;
}

/* Removes a run from the tree and its holder, without accounting. */
static void run_drop(struct mm *mm, struct mm_run *run)
{
	RB_REMOVE(mm_runs, &mm->runs, run);
	TAILQ_REMOVE(&run->hold->runs, run, of_hold);
	free(run);
}

/* The pages of a pool keep their order, so only runs that follow each other there are joined. */
static bool run_joins(const struct mm_run *low, const struct mm_run *high,
		      const struct mm_extent *e)
{
	if (low && mm_kind_info(low->hold->kind)->is_pool && TAILQ_NEXT(low, of_hold) != high)
		return false;
	return low && high && low->hold == high->hold && low->end == high->start &&
	       low->start >= e->start && high->end <= e->end;
}

void mm_run_join(struct mm *mm, struct mm_run *run)
{
	const struct mm_extent *e = mm_extent_of(mm, run->start);
	struct mm_run *below = RB_PREV(mm_runs, &mm->runs, run);
	struct mm_run *above = RB_NEXT(mm_runs, &mm->runs, run);

	if (run_joins(run, above, e)) {
		run->end = above->end;
		run_drop(mm, above);
	}
	if (run_joins(below, run, e)) {
		below->end = run->end;
		run_drop(mm, run);
	}
}

/* Accounts @in_use more pages of an extent (or fewer, if negative) to a holder. */
static void account(struct mm *mm, struct mm_extent *e, struct mm_holder *hold, int64_t in_use)
{
	hold->nr_pages += (uint64_t)in_use;
	mm_extent_use(mm, e, in_use);
	if (!e->isolated)
		mm_extent_zone(mm, e)->free -= (uint64_t)in_use;
	mm->node[e->nid]->kind_pages[hold->kind] += (uint64_t)in_use;
}

void mm_free_hint(struct mm *mm, struct mm_extent *e, uint64_t start)
{
	struct mm_zone *zone = mm_extent_zone(mm, e);

	e->free_low = BASE_MIN(e->free_low, start);
	zone->free_low = BASE_MIN(zone->free_low, e->start);
}

int mm_run_take(struct mm *mm, struct mm_extent *e, struct mm_holder *hold, uint64_t start,
		uint64_t end)
{
	struct mm_run *run = malloc(sizeof(*run));

	if (!run)
		return -ENOMEM;
	*run = (struct mm_run){ .start = start, .end = end, .hold = hold };
	RB_INSERT(mm_runs, &mm->runs, run);
	TAILQ_INSERT_TAIL(&hold->runs, run, of_hold);
	mm_run_join(mm, run);
	account(mm, e, hold, (int64_t)(end - start));
	if (start == e->free_low)
		e->free_low = end;
	return 0;
}

static void run_free_if_empty(struct mm *mm, struct mm_run *run)
{
	if (run->start == run->end)
		run_drop(mm, run);
}

void mm_run_cut_low(struct mm *mm, struct mm_run *run, uint64_t nr)
{
	struct mm_extent *e = mm_extent_of(mm, run->start);

	account(mm, e, run->hold, -(int64_t)nr);
	mm_free_hint(mm, e, run->start);
	/* The order of the tree is kept: nothing lies between the old and the new start. */
	run->start += nr;
	run_free_if_empty(mm, run);
}

void mm_run_cut_high(struct mm *mm, struct mm_run *run, uint64_t nr)
{
	struct mm_extent *e = mm_extent_of(mm, run->start);

	account(mm, e, run->hold, -(int64_t)nr);
	mm_free_hint(mm, e, run->end - nr);
	run->end -= nr;
	run_free_if_empty(mm, run);
}

int mm_run_split(struct mm *mm, struct mm_run *run, uint64_t pfn)
{
	struct mm_run *high;

	if (pfn == run->start || pfn == run->end)
		return 0;
	high = malloc(sizeof(*high));
	if (!high)
		return -ENOMEM;
	*high = (struct mm_run){ .start = pfn, .end = run->end, .hold = run->hold };
	run->end = pfn;
	RB_INSERT(mm_runs, &mm->runs, high);
	TAILQ_INSERT_AFTER(&run->hold->runs, run, high, of_hold);
	return 0;
}

int mm_run_split_at(struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = mm_run_at(mm, pfn);

	return run && run->start < pfn ? mm_run_split(mm, run, pfn) : 0;
}

void mm_run_rehome(struct mm *mm, struct mm_run *run, struct mm_holder *hold)
{
	uint64_t nr = run->end - run->start;
	struct mm_node *node = mm->node[mm_extent_of(mm, run->start)->nid];

	TAILQ_REMOVE(&run->hold->runs, run, of_hold);
	run->hold->nr_pages -= nr;
	node->kind_pages[run->hold->kind] -= nr;
	run->hold = hold;
	if (mm_kind_info(hold->kind)->is_pool)
		TAILQ_INSERT_HEAD(&hold->runs, run, of_hold);
	else
		TAILQ_INSERT_TAIL(&hold->runs, run, of_hold);
	hold->nr_pages += nr;
	node->kind_pages[hold->kind] += nr;
}

uint64_t mm_holder_pages_on(const struct mm *mm, const struct mm_holder *hold, int nid,
			    enum mm_zone_type type)
{
	const struct mm_run *run;
	uint64_t pages = 0;

	TAILQ_FOREACH(run, &hold->runs, of_hold) {
		const struct mm_extent *e = mm_extent_of(mm, run->start);

		if (e && e->nid == nid && e->type == type)
			pages += run->end - run->start;
	}
	return pages;
}

bool mm_gap_lowest(const struct mm *mm, const struct mm_extent *e, uint64_t low, uint64_t high,
		   uint64_t unit, uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t pfn = BASE_MAX(e->free_low, low), end = BASE_MIN(e->end, high);
	struct mm_run *run = mm_run_at(mm, pfn);

	while (pfn < end) {
		uint64_t gap_end = run ? BASE_MIN(run->start, end) : end;
		uint64_t start = BASE_ROUND_UP(pfn, unit), stop = BASE_ROUND_DOWN(gap_end, unit);

		if (start < stop) {
			*ret_start = start;
			*ret_end = stop;
			return true;
		}
		if (!run || run->start >= end)
			break;
		pfn = BASE_MAX(pfn, run->end);
		run = RB_NEXT(mm_runs, (struct mm_runs *)&mm->runs, run);
	}
	return false;
}
