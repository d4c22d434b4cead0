// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Huge pages that are larger than what the buddy allocator has: they are taken from the zone as a
 * range (the kernel's alloc_contig_pages()), and may consist of several memory blocks. As a run
 * lies in one extent, such a page may be several runs, which are adjacent in the list of their
 * holder.
 */
#include <errno.h>

#include "mm_private.h"

bool mm_kind_is_gigantic(enum mm_kind kind)
{
	const struct mm_kind_info *info = mm_kind_info(kind);

	return (info->is_huge || info->is_pool) && !info->movable;
}

uint64_t mm_gigantic_start(const struct mm *mm, const struct mm_run *run)
{
	return BASE_ROUND_DOWN(run->start, mm_kind_unit(mm, run->hold->kind));
}

bool mm_gigantic_isolated(const struct mm *mm, const struct mm_run *run)
{
	uint64_t start = mm_gigantic_start(mm, run);

	mm_for_each_extent(mm, e, start, start + mm_kind_unit(mm, run->hold->kind)) {
		if (e->isolated)
			return true;
	}
	return false;
}

int mm_gigantic_rehome(struct mm *mm, uint64_t start, uint64_t unit, struct mm_holder *hold)
{
	bool backward = mm_kind_info(hold->kind)->is_pool;
	struct mm_run *run, *next;

	if (mm_run_split_at(mm, start) || mm_run_split_at(mm, start + unit))
		return -ENOMEM;
	/* A pool gets its runs at the front of its list. */
	run = mm_run_at(mm, backward ? start + unit - 1 : start);
	for (; run && run->start >= start && run->start < start + unit; run = next) {
		next = backward ? RB_PREV(mm_runs, &mm->runs, run) :
				  RB_NEXT(mm_runs, &mm->runs, run);
		mm_run_rehome(mm, run, hold);
	}
	return 0;
}

int mm_gigantic_free(struct mm *mm, uint64_t start, uint64_t unit)
{
	struct mm_run *run, *next;

	if (mm_run_split_at(mm, start) || mm_run_split_at(mm, start + unit))
		return -ENOMEM;
	for (run = mm_run_at(mm, start); run && run->start < start + unit; run = next) {
		next = RB_NEXT(mm_runs, &mm->runs, run);
		mm_run_cut_high(mm, run, run->end - run->start);
	}
	return 0;
}

/*
 * Whether all pages are online in one zone and, if they are in use, can migrate
 * (pfn_range_valid_contig()).
 */
static bool range_is_valid(const struct mm *mm, const struct mm_zone *zone, uint64_t start,
			   uint64_t end)
{
	uint64_t cma, cma_end;

	for (uint64_t pfn = start; pfn < end;) {
		const struct mm_extent *e = mm_extent_of(mm, pfn);

		if (!e || e->isolated || mm_extent_zone(mm, e) != zone)
			return false;
		pfn = e->end;
	}
	if (mm_cma_next(mm, start, end, &cma, &cma_end))
		return false;
	mm_for_each_run(mm, run, start, end) {
		const struct mm_kind_info *info = mm_kind_info(run->hold->kind);

		if (!info->migrates || info->is_huge)
			return false;
	}
	return true;
}

/* Moves what is in use out of the isolated range; 0, -ENOMEM or -EBUSY, which undo nothing. */
static int move_out(struct mm *mm, uint64_t start, uint64_t end)
{
	struct mm_run *run;

	if (mm_run_split_at(mm, start) || mm_run_split_at(mm, end))
		return -ENOMEM;
	/* Allocating may remove other runs, so each one is looked up again. */
	while ((run = mm_run_at(mm, start)) && run->start < end) {
		if (mm_busy_until(mm, run->hold))
			return -EBUSY;
		if (!mm_run_move(mm, run, MM_NODE_NONE, run->end - run->start))
			return -ENOMEM;
	}
	return 0;
}

/* Gives the range to @hold; 0, -ENOMEM or -EBUSY. */
static int range_take(struct mm *mm, struct mm_holder *hold, uint64_t start, uint64_t end)
{
	struct mm_use use;
	int ret = mm_isolate(mm, start, end - start, &use);

	if (ret)
		return -ENOMEM;
	ret = move_out(mm, start, end);
	mm_unisolate(mm, start, end - start);
	mm_for_each_extent(mm, e, start, end) {
		if (!ret)
			ret = mm_run_take(mm, e, hold, BASE_MAX(e->start, start),
					  BASE_MIN(e->end, end));
	}
	return ret;
}

static bool zone_alloc(struct mm *mm, struct mm_holder *hold, struct mm_zone *zone)
{
	uint64_t unit = mm_kind_unit(mm, hold->kind), pfn = BASE_ROUND_UP(zone->start_pfn, unit);

	for (; zone->present && pfn + unit <= mm_zone_end(zone); pfn += unit) {
		uint64_t before = hold->nr_pages;

		if (!range_is_valid(mm, zone, pfn, pfn + unit))
			continue;
		if (!range_take(mm, hold, pfn, pfn + unit))
			return true;
		mm_holder_shrink(mm, hold, hold->nr_pages - before);
	}
	return false;
}

/* From the zones of kernel memory only: gigantic pages may not be in Movable. */
static bool node_alloc(struct mm *mm, struct mm_holder *hold, int nid)
{
	for (int type = MM_ZONE_NORMAL; type >= 0; type--) {
		if (zone_alloc(mm, hold, &mm->node[nid]->zone[type]))
			return true;
	}
	return false;
}

/* One page, on the first node of the zonelist that has room. */
static bool page_alloc(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *want)
{
	int first = want->nid == MM_NODE_NONE ? mm_node_next(mm, 0) : want->nid;

	if (first != want->not_nid && mm_node_is_up(mm, first) && node_alloc(mm, hold, first))
		return true;
	for (int pass = 0; !want->bind && pass < 2; pass++) {
		for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1)) {
			if (nid != first && nid != want->not_nid && (nid < first) == pass &&
			    node_alloc(mm, hold, nid))
				return true;
		}
	}
	return false;
}

int mm_huge_alloc(struct mm *mm, struct mm_holder *fresh, const struct mm_holder *owner,
		  const struct mm_alloc_request *want)
{
	uint64_t unit = mm_kind_unit(mm, fresh->kind);

	if (!mm_kind_is_gigantic(fresh->kind))
		return mm_holder_alloc(mm, fresh, owner, want);
	for (uint64_t left = want->nr_pages; left >= unit; left -= unit) {
		if (!page_alloc(mm, fresh, want)) {
			if (want->as_many)
				break;
			mm_holder_shrink(mm, fresh, fresh->nr_pages);
			return -ENOMEM;
		}
	}
	return 0;
}
