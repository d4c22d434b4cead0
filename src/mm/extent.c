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
		.type = (uint8_t)type,
		.nr_free = (uint32_t)(end - start),
		.free_low = start,
	};
	RB_INSERT(mm_extents, &mm->extents, e);
	TAILQ_INSERT_TAIL(&mm_extent_zone(mm, e)->avail, e, of_zone);
	return 0;
}

void mm_extent_remove(struct mm *mm, uint64_t start, uint64_t end)
{
	struct mm_extent *e = mm_extent_at(mm, start);

	while (e && e->start < end) {
		struct mm_extent *next = RB_NEXT(mm_extents, &mm->extents, e);

		if (e->nr_free)
			TAILQ_REMOVE(&mm_extent_zone(mm, e)->avail, e, of_zone);
		RB_REMOVE(mm_extents, &mm->extents, e);
		free(e);
		e = next;
	}
}

void mm_extent_use(struct mm *mm, struct mm_extent *e, int64_t in_use)
{
	struct mm_extent_list *avail = &mm_extent_zone(mm, e)->avail;

	if (e->nr_free && (in_use < 0 || (uint32_t)in_use == e->nr_free))
		TAILQ_REMOVE(avail, e, of_zone);
	e->nr_free -= (uint32_t)in_use;
	if (in_use < 0)
		TAILQ_INSERT_HEAD(avail, e, of_zone);
}

void mm_extent_place(struct mm *mm, struct mm_extent *e, struct mm_extent *next)
{
	struct mm_extent_list *avail = &mm_extent_zone(mm, e)->avail;

	if (!e->nr_free)
		return;
	TAILQ_REMOVE(avail, e, of_zone);
	if (next)
		TAILQ_INSERT_BEFORE(next, e, of_zone);
	else
		TAILQ_INSERT_TAIL(avail, e, of_zone);
}

void mm_extent_isolate(struct mm *mm, struct mm_extent *e, bool isolated, bool whole)
{
	struct mm_zone *zone = mm_extent_zone(mm, e);

	if (e->isolated == isolated)
		return;
	e->isolated = isolated;
	zone->free = isolated ? zone->free - e->nr_free : zone->free + e->nr_free;
	if (isolated || !e->nr_free || !whole)
		return;
	TAILQ_REMOVE(&zone->avail, e, of_zone);
	TAILQ_INSERT_TAIL(&zone->avail, e, of_zone);
}
