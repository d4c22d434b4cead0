// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page allocator: zonelists, watermarks, and the placement of pages within a zone (the kernel's
 * mm/page_alloc.c: get_page_from_freelist(), zone_watermark_fast(), __alloc_pages_slowpath()).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm_private.h"

#define SMALL_CHUNK_EXTENTS 256

/*
 * An allocation in progress, for @owner.
 * @class_zone: the highest allowed zone
 * @left: pages still to allocate
 */
struct alloc {
	struct mm *mm;
	const struct mm_holder *owner;
	struct mm_holder *hold;
	const struct mm_alloc_request *want;
	enum mm_zone_type class_zone;
	uint64_t unit;
	uint64_t left;
	bool movable;
};

enum wmark {
	WMARK_LOW,
	WMARK_MIN,
};

/*
 * Pages that can be taken from a zone before it falls below a watermark, if @freed more were free;
 * CMA counts only for movable allocations (__zone_watermark_unusable_free()).
 */
static uint64_t zone_room(const struct alloc *a, const struct mm_zone *zone, enum wmark wmark,
			  uint64_t freed)
{
	uint64_t keep = (wmark == WMARK_LOW ? zone->low : zone->min) + zone->reserve[a->class_zone];
	uint64_t free = zone->free + freed;

	if (zone->cma && a->class_zone != MM_ZONE_MOVABLE)
		keep += mm_cma_zone_free(a->mm, zone);
	return free > keep ? free - keep : 0;
}

/*
 * Free pages of an extent within [*low, high). Unmovable allocations avoid CMA: @low is moved past
 * an area in between.
 */
static bool alloc_gap(struct alloc *a, const struct mm_extent *e, uint64_t *low, uint64_t high,
		      uint64_t *ret_from, uint64_t *ret_to)
{
	uint64_t cma_start, cma_end;

	while (mm_gap_lowest(a->mm, e, *low, high, a->unit, ret_from, ret_to)) {
		if (a->class_zone == MM_ZONE_MOVABLE ||
		    !mm_cma_next(a->mm, *ret_from, *ret_to, &cma_start, &cma_end))
			return true;
		if (cma_start >= *ret_from + a->unit) {
			*ret_to = *ret_from + BASE_ROUND_DOWN(cma_start - *ret_from, a->unit);
			return true;
		}
		*low = cma_end;
	}
	return false;
}

/* Allocates as much as possible from one extent; 0 or -ENOMEM. */
static int alloc_extent(struct alloc *a, struct mm_extent *e, uint64_t low, uint64_t high,
			uint64_t *room)
{
	uint64_t from, to;

	/* Each iteration takes at least one unit; a remainder below a unit is left. */
	while (a->left >= a->unit && *room >= a->unit && e->nr_free && !e->isolated &&
	       alloc_gap(a, e, &low, high, &from, &to)) {
		uint64_t most = BASE_ROUND_DOWN(BASE_MIN(a->left, *room), a->unit);
		int ret;

		to = BASE_MIN(to, from + most);
		ret = mm_run_take(a->mm, e, a->hold, from, to);
		if (ret)
			return ret;
		a->left -= to - from;
		*room -= to - from;
	}
	return 0;
}

static int alloc_piece(struct alloc *a, struct mm_extent *e, uint64_t start, uint64_t chunk,
		       uint64_t *room)
{
	uint64_t nr = BASE_ROUND_DOWN(BASE_MIN(BASE_MIN(a->left, *room), chunk), a->unit);
	int ret = nr ? mm_run_take(a->mm, e, a->hold, start, start + nr) : 0;

	if (ret)
		return ret;
	a->left -= nr;
	*room -= nr;
	return 0;
}

/*
 * Allocates from the free chunks of an extent that have exactly @chunk pages: they lie at the ends
 * of gaps, where the other half of the next larger chunk is not free.
 */
static int alloc_chunks(struct alloc *a, struct mm_extent *e, uint64_t chunk, uint64_t *room)
{
	uint64_t low = e->start, from, to;
	int ret = 0;

	while (!ret && a->left && *room >= a->unit && e->nr_free && !e->isolated &&
	       alloc_gap(a, e, &low, e->end, &from, &to)) {
		low = to;
		from = BASE_ROUND_UP(from, chunk);
		to = BASE_ROUND_DOWN(to, chunk);
		if (from < to && !BASE_ALIGNED(from, 2 * chunk)) {
			ret = alloc_piece(a, e, from, chunk, room);
			from += chunk;
		}
		if (!ret && from < to && !BASE_ALIGNED(to, 2 * chunk))
			ret = alloc_piece(a, e, to - chunk, chunk, room);
	}
	return ret;
}

/* Whether there may be free chunks below the largest size. */
static bool has_small_chunks(const struct mm_extent *e, uint64_t largest)
{
	return e->nr_free < e->end - e->start || !BASE_ALIGNED(e->start | e->end, largest);
}

/*
 * Huge pages: while there are small chunks, no larger one is split (__rmqueue_smallest()). Base
 * pages come through the per-CPU lists, whose content is not emulated. Only the extents that are
 * used next are searched: all of them would take too long if there are many.
 */
static int alloc_zone_small(struct alloc *a, struct mm_zone *zone, uint64_t *room)
{
	uint64_t largest = 1ULL << a->mm->config.max_order;
	struct mm_extent *e, *next;
	int ret = 0;

	for (uint64_t chunk = a->unit; chunk > 1 && chunk < largest; chunk *= 2) {
		unsigned int extents = SMALL_CHUNK_EXTENTS;

		TAILQ_FOREACH_SAFE(e, &zone->avail, of_zone, next) {
			if (ret || !a->left || *room < a->unit || !extents--)
				break;
			if (has_small_chunks(e, largest))
				ret = alloc_chunks(a, e, chunk, room);
		}
	}
	return ret;
}

/* Movable pages: from the extents in the order of the free list. */
static int alloc_zone_avail(struct alloc *a, struct mm_zone *zone, uint64_t room)
{
	struct mm_extent *e, *next;
	int ret = alloc_zone_small(a, zone, &room);

	TAILQ_FOREACH_SAFE(e, &zone->avail, of_zone, next) {
		if (ret || !a->left || room < a->unit)
			break;
		ret = alloc_extent(a, e, e->start, e->end, &room);
	}
	return ret;
}

/*
 * Unmovable pages: from below, as the kernel keeps them together: it uses up a pageblock before it
 * claims the next one.
 */
static int alloc_zone_low(struct alloc *a, struct mm_zone *zone, uint64_t room)
{
	uint64_t low = BASE_MAX(zone->start_pfn, zone->free_low), high = mm_zone_end(zone);
	bool at_edge = true;

	if (a->want->boot_only)
		high = BASE_MIN(high, a->mm->nr_boot ? a->mm->boot[a->mm->nr_boot - 1].end : 0);
	mm_for_each_extent(a->mm, e, low, high) {
		int ret;

		if (!a->left || room < a->unit)
			break;
		if (mm_extent_zone(a->mm, e) != zone)
			continue;
		ret = alloc_extent(a, e, low, high, &room);
		if (ret)
			return ret;
		/* While all extents so far are full, later searches can skip them. */
		at_edge = at_edge && !e->nr_free && !e->isolated;
		if (at_edge)
			zone->free_low = e->end;
	}
	return 0;
}

/*
 * Pageblocks come from the free lists in pairs, of which the per-CPU list keeps one in the meantime
 * (rmqueue_bulk()). The watermark is checked before each, so an even number is one too many.
 */
static uint64_t in_pairs(const struct alloc *a, int nid, enum mm_zone_type type, uint64_t room)
{
	uint64_t taken = mm_holder_pages_on(a->mm, a->hold, nid, type) / a->unit;
	uint64_t units = room / a->unit;

	if (a->unit != a->mm->config.pageblock_pages || !units || (taken + units) % 2)
		return room;
	return (units - 1) * a->unit;
}

static int alloc_zone(struct alloc *a, int nid, enum mm_zone_type type, enum wmark wmark)
{
	struct mm_zone *zone = &a->mm->node[nid]->zone[type];
	uint64_t room = in_pairs(a, nid, type, zone_room(a, zone, wmark, 0));

	if (!zone->present || room < a->unit)
		return 0;
	return a->movable ? alloc_zone_avail(a, zone, room) : alloc_zone_low(a, zone, room);
}

static int alloc_node(struct alloc *a, int nid, enum wmark wmark)
{
	for (int type = a->class_zone; a->left && type >= 0; type--) {
		int ret = alloc_zone(a, nid, type, wmark);

		if (ret)
			return ret;
	}
	return 0;
}

/* The zonelist of a node: itself, then the nodes above it, then those below. */
static int alloc_zonelist(struct alloc *a, enum wmark wmark)
{
	int first = a->want->nid == MM_NODE_NONE ? mm_node_next(a->mm, 0) : a->want->nid, ret = 0;

	if (first != a->want->not_nid && mm_node_is_up(a->mm, first))
		ret = alloc_node(a, first, wmark);
	if (a->want->bind)
		return ret;
	for (int pass = 0; !ret && a->left && pass < 2; pass++) {
		for (int nid = mm_node_next(a->mm, 0); !ret && a->left && nid >= 0;
		     nid = mm_node_next(a->mm, nid + 1)) {
			if (nid != first && nid != a->want->not_nid && (nid < first) == pass)
				ret = alloc_node(a, nid, wmark);
		}
	}
	return ret;
}

static int alloc_range(struct alloc *a)
{
	const struct mm_alloc_request *want = a->want;

	for (struct mm_extent *e = mm_extent_at(a->mm, want->start_pfn);
	     a->left && e && e->start < want->end_pfn;
	     e = RB_NEXT(mm_extents, &a->mm->extents, e)) {
		uint64_t room = mm_extent_zone(a->mm, e)->free;
		int ret;

		/* An explicit range overrides the choice of zones. */
		if (want->bind && e->nid != want->nid)
			continue;
		ret = alloc_extent(a, e, want->start_pfn, want->end_pfn, &room);
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * Whether dropping page cache and swapping out what is possible would suffice; otherwise none of
 * that is done. Pages of the holder that is being filled can go out as well, once there are some.
 */
static bool reclaim_suffices(const struct alloc *a, const struct mm_reclaim *r)
{
	uint64_t swap = mm_swap_free(a->mm), room = 0, more = 0;

	for (int nid = mm_node_next(a->mm, 0); nid >= 0; nid = mm_node_next(a->mm, nid + 1)) {
		if (nid == a->want->not_nid || (a->want->bind && nid != a->want->nid))
			continue;
		for (int type = 0; type <= (int)a->class_zone; type++) {
			const struct mm_zone *zone = &a->mm->node[nid]->zone[type];
			uint64_t cache = mm_reclaim_cache_in(r, nid, type);
			uint64_t now = zone_room(a, zone, WMARK_MIN, cache);

			room += now;
			if (swap)
				cache += mm_reclaim_swap_in(r, nid, type);
			more += zone_room(a, zone, WMARK_MIN, cache) - now;
		}
	}
	if (a->hold->on_lru && !mm_busy_until(a->mm, a->hold) && room + more >= a->unit)
		more = swap;
	return room + BASE_MIN(more, swap) >= a->left;
}

/* Frees memory where it helps, for one more attempt; 0, or -ENOMEM: there is no more. */
static int alloc_reclaim(struct alloc *a, const struct mm_reclaim *r)
{
	uint64_t left = BASE_MAX(a->left, a->unit);

	if (!mm_reclaim_cache(r, left) && !mm_reclaim_swap(r, left))
		return -ENOMEM;
	return alloc_zonelist(a, WMARK_MIN);
}

/* The slow path (__alloc_pages_direct_reclaim()); 0 or -ENOMEM. */
static int alloc_slowly(struct alloc *a)
{
	const struct mm_reclaim r = {
		.mm = a->mm,
		.owner = a->owner,
		.want = a->want,
		.class_zone = a->class_zone,
	};
	int ret = reclaim_suffices(a, &r) ? 0 : -ENOMEM;

	while (!ret && a->left)
		ret = alloc_reclaim(a, &r);
	return ret;
}

/*
 * As munmap(2) does, frees the pages in the order in which they were allocated. Those in swap are
 * the oldest ones.
 */
void mm_holder_shrink(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages)
{
	struct mm_run *run = TAILQ_LAST(&hold->runs, mm_run_list), *next;

	if (nr_pages > hold->nr_pages) {
		mm_swap_give(mm, hold, MM_SWAP_ANY, nr_pages - hold->nr_pages);
		nr_pages = hold->nr_pages;
	}
	/* The first run to free, or to cut. */
	while (run && nr_pages > run->end - run->start && TAILQ_PREV(run, mm_run_list, of_hold)) {
		nr_pages -= run->end - run->start;
		run = TAILQ_PREV(run, mm_run_list, of_hold);
	}
	for (; run && nr_pages; run = next, nr_pages = UINT64_MAX) {
		next = TAILQ_NEXT(run, of_hold);
		mm_run_cut_high(mm, run, BASE_MIN(nr_pages, run->end - run->start));
	}
}

static void run_move(struct mm *mm, struct mm_run *run, struct mm_holder *to, bool to_front)
{
	TAILQ_REMOVE(&run->hold->runs, run, of_hold);
	run->hold = to;
	if (to_front)
		TAILQ_INSERT_HEAD(&to->runs, run, of_hold);
	else
		TAILQ_INSERT_TAIL(&to->runs, run, of_hold);
	mm_run_join(mm, run);
}

void mm_holder_append(struct mm *mm, struct mm_holder *to, struct mm_holder *from)
{
	struct mm_run *run;

	while ((run = TAILQ_FIRST(&from->runs)))
		run_move(mm, run, to, false);
	to->nr_pages += from->nr_pages;
	from->nr_pages = 0;
	if (from->nr_swapped)
		mm_swap_move(mm, to, from);
}

void mm_holder_take_over(struct mm *mm, struct mm_holder *to, struct mm_holder *from)
{
	struct mm_run *run;

	if (!mm_kind_info(to->kind)->is_pool) {
		mm_holder_append(mm, to, from);
		return;
	}
	while ((run = TAILQ_LAST(&from->runs, mm_run_list)))
		run_move(mm, run, to, true);
	to->nr_pages += from->nr_pages;
	from->nr_pages = 0;
}

int mm_holder_alloc(struct mm *mm, struct mm_holder *fresh, const struct mm_holder *owner,
		    const struct mm_alloc_request *want)
{
	bool movable = mm_kind_is_movable(mm, fresh->kind);
	struct alloc a = {
		.mm = mm,
		.owner = owner,
		.hold = fresh,
		.want = want,
		.class_zone = movable ? MM_ZONE_MOVABLE : MM_ZONE_NORMAL,
		.unit = mm_kind_unit(mm, fresh->kind),
		.left = want->nr_pages,
		.movable = movable,
	};
	int ret = 0;

	if (want->end_pfn) {
		ret = alloc_range(&a);
	} else {
		ret = alloc_zonelist(&a, WMARK_LOW);
		if (!ret && a.left)
			ret = alloc_zonelist(&a, WMARK_MIN);
		if (!ret && a.left && !want->as_many)
			ret = alloc_slowly(&a);
	}
	if (!ret && a.left && !want->as_many)
		ret = -ENOMEM;
	if (ret)
		mm_holder_shrink(mm, fresh, fresh->nr_pages + fresh->nr_swapped);
	return ret;
}
