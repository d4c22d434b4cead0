// SPDX-License-Identifier: GPL-2.0-or-later
/* Holders of pages. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm_private.h"

uint64_t mm_kind_pages(const struct mm *mm, int nid, enum mm_kind kind)
{
	uint64_t pages = 0;

	if (nid != MM_NODE_NONE)
		return mm_node_is_up(mm, nid) ? mm->node[nid]->kind_pages[kind] : 0;
	for (nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1))
		pages += mm->node[nid]->kind_pages[kind];
	return pages;
}

struct mm_holder *mm_holder_new(struct mm *mm, const char *owner, enum mm_kind kind)
{
	struct mm_holder *hold = calloc(1, sizeof(*hold));
	char *copy = strdup(owner);

	if (!hold || !copy) {
		free(hold);
		free(copy);
		return NULL;
	}
	mm_holder_init(hold, copy, kind);
	if (mm_kind_info(kind)->on_lru)
		mm_lru_add(mm, hold);
	return hold;
}

void mm_holder_free(struct mm *mm, struct mm_holder *hold)
{
	if (!hold)
		return;
	mm_holder_shrink(mm, hold, hold->nr_pages + hold->nr_swapped);
	if (hold->on_lru)
		mm_lru_remove(mm, hold);
	if (hold->memmap_end)
		LIST_REMOVE(hold, of_memmaps);
	free((void *)hold->owner);
	free(hold);
}

void mm_drop_pagecache(struct mm *mm)
{
	struct mm_holder *cache;

	TAILQ_FOREACH(cache, &mm->lru, link) {
		/* invalidate_mapping_pages() leaves pages that are in use. */
		if (cache->kind == MM_KIND_PAGECACHE && !mm_busy_until(mm, cache))
			mm_holder_shrink(mm, cache, cache->nr_pages);
	}
}

uint64_t mm_holder_pages(const struct mm_holder *hold)
{
	return hold->nr_pages;
}

enum mm_kind mm_holder_kind(const struct mm_holder *hold)
{
	return hold->kind;
}

int mm_reserve_boot(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, const char *owner)
{
	uint64_t end = start_pfn + nr_pages, from, to;
	struct mm_holder *hold = mm_holder_new(mm, owner, MM_KIND_RESERVED);

	if (!hold)
		return -ENOMEM;
	TAILQ_INSERT_TAIL(&mm->reserved, hold, link);
	mm_for_each_extent(mm, e, start_pfn, end) {
		while (mm_gap_lowest(mm, e, start_pfn, end, 1, &from, &to)) {
			int ret = mm_run_take(mm, e, hold, from, to);

			if (ret)
				return ret;
			mm_extent_zone(mm, e)->managed -= to - from;
		}
	}
	return 0;
}

int mm_free_reserved(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	uint64_t end = start_pfn + nr_pages;
	struct mm_run *run, *next;

	if (mm_run_split_at(mm, start_pfn) || mm_run_split_at(mm, end))
		return -ENOMEM;
	for (run = mm_run_at(mm, start_pfn); run && run->start < end; run = next) {
		uint64_t nr = run->end - run->start;

		next = RB_NEXT(mm_runs, &mm->runs, run);
		if (run->hold->kind != MM_KIND_RESERVED)
			continue;
		mm_extent_zone(mm, mm_extent_of(mm, run->start))->managed += nr;
		mm_run_cut_low(mm, run, nr);
	}
	return 0;
}

/* ---- allocation of pages --------------------------------------------------------------------- */

int mm_holder_grow(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *want)
{
	/* A temporary holder takes the pages first, so that a failure changes nothing. */
	bool swaps = mm_kind_info(hold->kind)->swaps && !want->keeps_owner;
	struct mm_holder fresh;
	int ret;

	if (hold->kind == MM_KIND_PINNED && !want->end_pfn)
		return mm_pin_grow(mm, hold, want);
	mm_holder_init(&fresh, NULL, hold->kind);
	mm_holder_set_busy(&fresh, &hold->busy);
	/* If there is more than fits, what was filled first goes to swap. */
	if (swaps)
		mm_lru_add(mm, &fresh);
	ret = mm_holder_alloc(mm, &fresh, hold, want);
	if (swaps)
		mm_lru_remove(mm, &fresh);
	if (ret)
		return ret;
	mm_holder_take_over(mm, hold, &fresh);
	if (swaps)
		mm_lru_used(mm, hold);
	return 0;
}

bool mm_use_find(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, struct mm_use *ret_use)
{
	const struct mm_run *run = start_pfn < end_pfn ? mm_run_at(mm, start_pfn) : NULL;

	if (!run || run->start >= end_pfn)
		return false;
	*ret_use = (struct mm_use){
		.start_pfn = run->start,
		.nr_pages = run->end - run->start,
		.kind = run->hold->kind,
		.owner = run->hold->owner,
		.busy_until = mm_busy_until(mm, run->hold),
	};
	return true;
}
