// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who holds pages: ranges with an owner, in a tree by pfn. What no range covers is free. This is
 * all that isolation has to know: a block with a held page in it cannot go offline
 * (has_unmovable_pages()).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm_private.h"

static int piece_cmp(const struct mm_piece *a, const struct mm_piece *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

RB_PROTOTYPE(mm_pieces, mm_piece, link, piece_cmp)
RB_GENERATE(mm_pieces, mm_piece, link, piece_cmp)

/* The piece around @pfn, else the first one above it. */
static struct mm_piece *piece_at(const struct mm *mm, uint64_t pfn)
{
	struct mm_piece *p = RB_ROOT(&mm->pieces), *best = NULL;

	while (p) {
		if (pfn < p->start + p->nr) {
			best = p;
			if (pfn >= p->start)
				break;
			p = RB_LEFT(p, link);
		} else {
			p = RB_RIGHT(p, link);
		}
	}
	return best;
}

static struct mm_piece *piece_add(struct mm *mm, struct mm_hold *hold, uint64_t start, uint64_t nr,
				  enum mm_hold_kind kind, const char *owner)
{
	struct mm_piece *piece = malloc(sizeof(*piece));

	if (!piece)
		return NULL;
	*piece = (struct mm_piece){ .start = start, .nr = nr, .kind = kind, .owner = owner };
	RB_INSERT(mm_pieces, &mm->pieces, piece);
	SLIST_INSERT_HEAD(&hold->pieces, piece, of_hold);
	return piece;
}

static struct mm_zone *extent_zone(struct mm *mm, const struct mm_extent *e)
{
	return &mm->node[e->nid]->zone[e->type];
}

/* End of the free pages that begin at @pfn, which is free: the next held page or @end. */
static uint64_t free_run_end(const struct mm *mm, uint64_t pfn, uint64_t end)
{
	struct mm_piece *piece = piece_at(mm, pfn);

	return piece ? BASE_MIN(piece->start, end) : end;
}

/* First free page at or above @pfn, below @end; @end when there is none. */
static uint64_t free_run_start(const struct mm *mm, uint64_t pfn, uint64_t end)
{
	struct mm_piece *piece;

	while (pfn < end && (piece = piece_at(mm, pfn)) && piece->start <= pfn)
		pfn = piece->start + piece->nr;
	return BASE_MIN(pfn, end);
}

/*
 * The first page at or above @pfn that is there, and how far: extents of boot memory also cover the
 * holes in its subsections. @end when there is none.
 */
static uint64_t present_run(const struct mm *mm, uint64_t pfn, uint64_t end, uint64_t *ret_run_end)
{
	uint64_t from, to;
	int nid;

	*ret_run_end = end;
	if (!mm_early_section(mm, pfn))
		return pfn;
	if (!mm_boot_range(mm, pfn, &from, &to, &nid) || from >= end)
		return end;
	*ret_run_end = BASE_MIN(to, end);
	return BASE_MAX(pfn, from);
}

int mm_reserve_boot(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, const char *owner)
{
	uint64_t end = start_pfn + nr_pages, from, to;
	int nid;

	for (uint64_t pfn = start_pfn; pfn < end && mm_boot_range(mm, pfn, &from, &to, &nid);) {
		struct mm_extent *e;
		uint64_t next;

		pfn = BASE_MAX(pfn, from);
		to = BASE_MIN(to, end);
		pfn = free_run_start(mm, pfn, to);
		if (pfn >= to) {
			pfn = BASE_MAX(pfn, to);
			continue;
		}
		e = mm_extent_at(mm, pfn);
		next = BASE_MIN(free_run_end(mm, pfn, to), e->end);
		if (!piece_add(mm, &mm->reserved, pfn, next - pfn, MM_HOLD_RESERVED, owner))
			return -ENOMEM;
		extent_zone(mm, e)->managed -= next - pfn;
		extent_zone(mm, e)->free -= next - pfn;
		pfn = next;
	}
	return 0;
}

void mm_hold_fini(struct mm *mm, struct mm_hold *hold)
{
	struct mm_piece *piece;

	while ((piece = SLIST_FIRST(&hold->pieces))) {
		SLIST_REMOVE_HEAD(&hold->pieces, of_hold);
		RB_REMOVE(mm_pieces, &mm->pieces, piece);
		free(piece);
	}
}

void mm_hold_release(struct mm *mm, struct mm_hold *hold)
{
	struct mm_piece *piece;

	if (!hold)
		return;
	/* Held pages keep their block online, so each lies in an extent. */
	SLIST_FOREACH(piece, &hold->pieces, of_hold)
		extent_zone(mm, mm_extent_at(mm, piece->start))->free += piece->nr;
	mm->memmap_pages -= hold->memmap_pages;
	mm_hold_fini(mm, hold);
	free(hold->owner);
	free(hold);
}

/* Takes up to @nr_pages free pages of one extent in [pfn, end); how many it got, or -ENOMEM. */
static int64_t hold_from_extent(struct mm *mm, struct mm_hold *hold, struct mm_extent *e,
				uint64_t pfn, uint64_t end, uint64_t nr_pages)
{
	struct mm_zone *zone = extent_zone(mm, e);
	uint64_t got = 0, run_end;

	pfn = BASE_MAX(e->start, pfn);
	end = BASE_MIN(e->end, end);
	while (got < nr_pages && zone->free && (pfn = present_run(mm, pfn, end, &run_end)) < end) {
		uint64_t nr;

		pfn = free_run_start(mm, pfn, run_end);
		if (pfn >= run_end)
			continue;
		nr = BASE_MIN(free_run_end(mm, pfn, run_end) - pfn, nr_pages - got);
		nr = BASE_MIN(nr, zone->free);
		if (!piece_add(mm, hold, pfn, nr, MM_HOLD_KERNEL, hold->owner))
			return -ENOMEM;
		zone->free -= nr;
		got += nr;
		pfn += nr;
	}
	return (int64_t)got;
}

int mm_hold_kernel(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, int nid, uint64_t nr_pages,
		   const char *owner, struct mm_hold **ret_hold)
{
	struct mm_hold *hold = calloc(1, sizeof(*hold));

	if (!hold)
		return -ENOMEM;
	SLIST_INIT(&hold->pieces);
	hold->owner = strdup(owner);
	if (!hold->owner)
		goto out_release;

	for (struct mm_extent *e = mm_extent_at(mm, start_pfn); nr_pages && e && e->start < end_pfn;
	     e = RB_NEXT(mm_extents, &mm->extents, e)) {
		int64_t got;

		if (e->type > MM_ZONE_NORMAL || (nid != MM_NODE_NONE && e->nid != nid))
			continue;
		got = hold_from_extent(mm, hold, e, start_pfn, end_pfn, nr_pages);
		if (got < 0)
			goto out_release;
		nr_pages -= (uint64_t)got;
	}
	if (nr_pages)
		goto out_release;
	*ret_hold = hold;
	return 0;

out_release:
	mm_hold_release(mm, hold);
	return -ENOMEM;
}

int mm_hold_memmap(struct mm *mm, uint64_t nr_pages, struct mm_hold **ret_hold)
{
	uint64_t memmap = (nr_pages * 64 + (1ULL << mm->config.page_shift) - 1) >>
			  mm->config.page_shift;
	uint64_t boot_end = mm->nr_boot ? mm->boot[mm->nr_boot - 1].end : 0;
	int ret;

	ret = mm_hold_kernel(mm, 0, boot_end, MM_NODE_NONE, memmap, "memmap", ret_hold);
	if (ret)
		return ret;
	(*ret_hold)->memmap_pages = memmap;
	mm->memmap_pages += memmap;
	return 0;
}

bool mm_hold_find(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn,
		  struct mm_hold_info *ret_info)
{
	const struct mm_piece *piece = piece_at(mm, start_pfn);

	if (!piece || piece->start >= end_pfn)
		return false;
	*ret_info = (struct mm_hold_info){
		.start_pfn = piece->start,
		.nr_pages = piece->nr,
		.kind = piece->kind,
		.owner = piece->owner,
	};
	return true;
}
