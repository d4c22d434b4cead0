// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fake-offline memory: pages of online blocks that a driver holds for a device that has taken them
 * back (alloc_contig_range() and PageOffline, as virtio-mem uses them). They are present, but
 * neither managed nor free, and do not prevent offlining the block.
 */
#include <errno.h>

#include "mm_private.h"

/* Whether the edges of the range would split pages that belong together. */
static bool crosses_edge(const struct mm *mm, const struct mm_run *run, uint64_t start,
			 uint64_t end)
{
	uint64_t unit = mm_kind_unit(mm, run->hold->kind);

	return (run->start < start && !BASE_ALIGNED(start, unit)) ||
	       (run->end > end && !BASE_ALIGNED(end, unit));
}

/*
 * Pages that can migrate, and pool pages, which are replaced. A page that was poisoned while it was
 * fake-offline lies in the free lists inside a larger chunk, where nobody sees it.
 */
static bool run_can_go(const struct mm *mm, const struct mm_run *run)
{
	const struct mm_kind_info *info = mm_kind_info(run->hold->kind);

	return info->migrates || info->is_pool || run->hold == &mm->poisoned_offline;
}

/*
 * Replaces one free page of a pool on its node (alloc_and_dissolve_hugetlb_folio()); the run may
 * vanish. 0 or -ENOMEM.
 */
static int replace_in_pool(struct mm *mm, struct mm_run *run)
{
	uint64_t unit = mm_kind_unit(mm, run->hold->kind);
	struct mm_alloc_request want = {
		.nid = mm_extent_of(mm, run->start)->nid,
		.not_nid = MM_NODE_NONE,
		.bind = true,
		.nr_pages = unit,
	};
	int ret = mm_holder_grow(mm, run->hold, &want);

	if (!ret)
		mm_run_cut_low(mm, run, unit);
	return ret;
}

/* Moves all pages in use out of the isolated range; moves are not undone on -EBUSY or -ENOMEM. */
static int move_out(struct mm *mm, uint64_t start, uint64_t end)
{
	struct mm_run *run;
	int ret = mm_run_split_at(mm, start);

	if (!ret)
		ret = mm_run_split_at(mm, end);
	/* Allocating may remove other runs, so each one is looked up again. */
	while (!ret && (run = mm_run_at(mm, start)) && run->start < end) {
		if (run->hold == &mm->poisoned_offline)
			start = run->end;
		else if (mm_kind_is_gigantic(run->hold->kind))
			ret = -ENOMEM;
		else if (mm_kind_info(run->hold->kind)->is_pool)
			ret = replace_in_pool(mm, run);
		else if (mm_busy_until(mm, run->hold))
			ret = -EBUSY;
		else if (!mm_run_migrate(mm, run, MM_NODE_NONE, run->end - run->start))
			ret = -ENOMEM;
	}
	return ret;
}

int mm_contig_alloc(struct mm *mm, struct mm_holder *hold, uint64_t start_pfn, uint64_t nr_pages)
{
	uint64_t end = start_pfn + nr_pages;
	struct mm_use use;
	int ret;

	mm_for_each_run(mm, run, start_pfn, end) {
		if (!run_can_go(mm, run) || crosses_edge(mm, run, start_pfn, end))
			return -EBUSY;
	}
	ret = mm_isolate(mm, start_pfn, nr_pages, &use);
	if (ret)
		return ret;
	ret = move_out(mm, start_pfn, end);
	mm_unisolate(mm, start_pfn, nr_pages);
	return ret ? ret : mm_fake_offline(mm, hold, start_pfn, nr_pages);
}

int mm_fake_offline(struct mm *mm, struct mm_holder *hold, uint64_t start_pfn, uint64_t nr_pages)
{
	struct mm_extent *e = mm_extent_of(mm, start_pfn);
	uint64_t end = start_pfn + nr_pages, left = nr_pages, from, to;

	/* Only poisoned pages lie in between. The sums hold after an error, too. */
	while (mm_gap_lowest(mm, e, start_pfn, end, 1, &from, &to)) {
		int ret = mm_run_take(mm, e, hold, from, to);

		if (ret)
			return ret;
		mm_extent_zone(mm, e)->managed -= to - from;
		left -= to - from;
	}
	mm_extent_zone(mm, e)->managed -= left;
	return 0;
}

/* Makes the whole run managed and, unless it is poisoned, free. */
static void run_online(struct mm *mm, struct mm_run *run)
{
	mm_extent_zone(mm, mm_extent_of(mm, run->start))->managed += run->end - run->start;
	if (run->hold != &mm->poisoned_offline)
		mm_run_cut_high(mm, run, run->end - run->start);
}

/*
 * What was free in the extent keeps its place in the order of use: pages that have not been free
 * since they came online are the last to be used.
 */
static void run_online_last(struct mm *mm, struct mm_run *run)
{
	struct mm_extent *e = mm_extent_of(mm, run->start), *next;

	next = e->nr_free ? TAILQ_NEXT(e, of_zone) : NULL;
	run_online(mm, run);
	mm_extent_place(mm, e, next);
}

int mm_fake_online(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages,
		   const struct mm_holder *fresh)
{
	uint64_t end = start_pfn + nr_pages;
	struct mm_run *run, *next;
	int ret = mm_run_split_at(mm, start_pfn);

	if (!ret)
		ret = mm_run_split_at(mm, end);
	if (ret)
		return ret;
	for (run = mm_run_at(mm, start_pfn); run && run->start < end; run = next) {
		next = RB_NEXT(mm_runs, &mm->runs, run);
		if (run->hold == fresh)
			run_online_last(mm, run);
		else if (run->hold->kind == MM_KIND_FAKE_OFFLINE ||
			 run->hold == &mm->poisoned_offline)
			run_online(mm, run);
	}
	return 0;
}

int mm_make_backed(struct mm *mm, struct mm_holder *hold, uint64_t start_pfn, uint64_t nr_pages)
{
	struct mm_run *run, *next;
	int ret = mm_run_split_at(mm, start_pfn);

	if (!ret)
		ret = mm_run_split_at(mm, start_pfn + nr_pages);
	if (ret)
		return ret;
	for (run = mm_run_at(mm, start_pfn); run && run->start < start_pfn + nr_pages; run = next) {
		next = RB_NEXT(mm_runs, &mm->runs, run);
		if (run->hold == hold || run->hold == &mm->poisoned_offline)
			run_online(mm, run);
	}
	return 0;
}

void mm_fake_online_all(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, bool poisoned)
{
	struct mm_run *run = mm_run_at(mm, start_pfn), *next;

	for (; run && run->start < start_pfn + nr_pages; run = next) {
		next = RB_NEXT(mm_runs, &mm->runs, run);
		if (run->hold->kind == MM_KIND_FAKE_OFFLINE ||
		    (poisoned && run->hold == &mm->poisoned_offline))
			run_online(mm, run);
	}
}
