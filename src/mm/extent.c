// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The online pages, and the zones that their struct pages name: a tree of extents by pfn. It
 * replaces the kernel's pfn_to_online_page() and page_zone().
 *
 * No extent crosses a memory block, and extents are never joined: one call removes what one call
 * inserted, so that offlining never has to allocate.
 */
#include <errno.h>
#include <stdlib.h>

#include "mm_private.h"

int mm_extent_cmp(const struct mm_extent *a, const struct mm_extent *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

RB_GENERATE(mm_extents, mm_extent, link, mm_extent_cmp)

struct mm_extent *mm_extent_at(const struct mm *mm, uint64_t pfn)
{
	struct mm_extent *e = RB_ROOT(&mm->extents), *best = NULL;

	while (e) {
		if (pfn < e->end) {
			best = e;
			if (pfn >= e->start)
				break;
			e = RB_LEFT(e, link);
		} else {
			e = RB_RIGHT(e, link);
		}
	}
	return best;
}

struct mm_extent *mm_extent_below(const struct mm *mm, uint64_t pfn)
{
	struct mm_extent *e = RB_ROOT(&mm->extents), *best = NULL;

	while (e) {
		if (e->start < pfn) {
			best = e;
			e = RB_RIGHT(e, link);
		} else {
			e = RB_LEFT(e, link);
		}
	}
	return best;
}

struct mm_extent *mm_extent_of(const struct mm *mm, uint64_t pfn)
{
	struct mm_extent *e = mm_extent_at(mm, pfn);

	return e && e->start <= pfn ? e : NULL;
}

int mm_extent_insert(struct mm *mm, uint64_t start, uint64_t end, int nid, enum mm_zone_type type)
{
	struct mm_extent *e = malloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	*e = (struct mm_extent){
		.start = start,
		.end = end,
		.nid = (int16_t)nid,
		.type = type,
		.nr_free = (uint32_t)(end - start),
		.free_low = start,
		.free_high = end,
	};
	RB_INSERT(mm_extents, &mm->extents, e);
	return 0;
}

void mm_extent_remove(struct mm *mm, uint64_t start, uint64_t end)
{
	struct mm_extent *e = mm_extent_at(mm, start);

	while (e && e->start < end) {
		struct mm_extent *next = RB_NEXT(mm_extents, &mm->extents, e);

		RB_REMOVE(mm_extents, &mm->extents, e);
		free(e);
		e = next;
	}
}
