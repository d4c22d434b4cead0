// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Huge page pools (the kernel's mm/hugetlb.c). A pool page is a run of a holder that stands for the
 * pool; a program that uses one takes the run over.
 */
#include <errno.h>

#include "mm_private.h"

static const struct {
	enum mm_kind in_use;
	enum mm_kind free;
} huge_kind[MM_NR_HUGE] = {
	[MM_HUGE_PMD] = { MM_KIND_HUGETLB, MM_KIND_HUGETLB_FREE },
	[MM_HUGE_PUD] = { MM_KIND_GIGANTIC, MM_KIND_GIGANTIC_FREE },
};

uint64_t mm_huge_pages(const struct mm *mm, enum mm_huge size)
{
	return mm_kind_unit(mm, huge_kind[size].in_use);
}

uint64_t mm_huge_kb(const struct mm *mm, enum mm_huge size)
{
	return mm_huge_pages(mm, size) << (mm->config.page_shift - 10);
}

static enum mm_huge huge_of_hold(const struct mm_hold *hold)
{
	return hold->kind == MM_KIND_HUGETLB ? MM_HUGE_PMD : MM_HUGE_PUD;
}

void mm_huge_info(const struct mm *mm, int nid, enum mm_huge size, struct mm_huge_info *ret_info)
{
	uint64_t unit = mm_huge_pages(mm, size);
	uint64_t in_use = mm_kind_pages(mm, nid, huge_kind[size].in_use) / unit;

	ret_info->free = mm_kind_pages(mm, nid, huge_kind[size].free) / unit;
	ret_info->nr = in_use + ret_info->free;
	ret_info->surplus = 0;
	for (int n = mm_node_next(mm, 0); n >= 0; n = mm_node_next(mm, n + 1)) {
		if (nid == MM_NODE_NONE || n == nid)
			ret_info->surplus += mm->node[n]->surplus_huge[size];
	}
}

/*
 * A pool page on @nid, or on any node but @not_nid; as a run of its own. NULL: none. One in memory
 * that is going offline is only good to be freed.
 */
static struct mm_run *pool_run(struct mm *mm, enum mm_huge size, int nid, int not_nid,
			       bool to_free)
{
	struct mm_run *run;

	TAILQ_FOREACH(run, &mm->huge_free[size].runs, of_hold) {
		const struct mm_extent *e = mm_extent_of(mm, run->start);

		if ((e->isolated && !to_free) || e->nid == not_nid ||
		    (nid != MM_NODE_NONE && e->nid != nid))
			continue;
		if (run->end - run->start > mm_huge_pages(mm, size) &&
		    mm_run_split(mm, run, run->start + mm_huge_pages(mm, size)))
			return NULL;
		return run;
	}
	return NULL;
}

static void pool_shrink(struct mm *mm, int nid, enum mm_huge size, uint64_t most)
{
	struct mm_run *run;

	for (; most && (run = pool_run(mm, size, nid, MM_NODE_NONE, true)); most--)
		mm_run_cut_high(mm, run, run->end - run->start);
}

void mm_huge_set_nr(struct mm *mm, int nid, enum mm_huge size, uint64_t nr)
{
	struct mm_node *node = mm->node[nid];
	uint64_t unit = mm_huge_pages(mm, size), in_use;
	struct mm_huge_info info;
	struct mm_want want = { .nid = nid, .not_nid = MM_NODE_NONE, .bind = true };

	mm_huge_info(mm, nid, size, &info);
	in_use = info.nr - info.free;
	/* Pages in use stay; what is too much of them is given up when they come back. */
	node->surplus_huge[size] = in_use > nr ? in_use - nr : 0;
	if (info.nr > nr)
		pool_shrink(mm, nid, size, info.nr - BASE_MAX(nr, in_use));
	for (; info.nr < nr; info.nr += want.nr_pages / unit) {
		/* All at once if that goes, else as many as there are. */
		for (want.nr_pages = (nr - info.nr) * unit; want.nr_pages;
		     want.nr_pages = want.nr_pages / unit / 2 * unit) {
			if (!mm_hold_grow(mm, &mm->huge_free[size], &want))
				break;
		}
		if (!want.nr_pages)
			return;
	}
}

int mm_huge_take(struct mm *mm, struct mm_hold *hold, const struct mm_want *want)
{
	enum mm_huge size = huge_of_hold(hold);
	uint64_t unit = mm_huge_pages(mm, size), before = hold->nr_pages;

	for (uint64_t got = 0; got < want->nr_pages; got += unit) {
		struct mm_run *run = pool_run(mm, size, want->nid, MM_NODE_NONE, false);

		if (!run && !want->bind)
			run = pool_run(mm, size, MM_NODE_NONE, MM_NODE_NONE, false);
		if (!run) {
			mm_huge_give(mm, hold, hold->nr_pages - before);
			return -ENOMEM;
		}
		mm_run_rehome(mm, run, hold);
	}
	return 0;
}

void mm_huge_give(struct mm *mm, struct mm_hold *hold, uint64_t nr_pages)
{
	enum mm_huge size = huge_of_hold(hold);
	uint64_t unit = mm_huge_pages(mm, size);

	for (; nr_pages; nr_pages -= unit) {
		struct mm_run *run = TAILQ_LAST(&hold->runs, mm_run_list);
		struct mm_node *node = mm->node[mm_extent_of(mm, run->start)->nid];

		if (node->surplus_huge[size]) {
			node->surplus_huge[size]--;
			mm_run_cut_high(mm, run, unit);
			continue;
		}
		/* Out of memory: it goes back as soon as it can be cut. */
		if (run->end - run->start > unit && mm_run_split(mm, run, run->end - unit))
			return;
		mm_run_rehome(mm, TAILQ_LAST(&hold->runs, mm_run_list), &mm->huge_free[size]);
	}
}

uint64_t mm_huge_migrate(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most)
{
	enum mm_huge size = huge_of_hold(run->hold);
	uint64_t unit = mm_huge_pages(mm, size);
	struct mm_run *pool = pool_run(mm, size, MM_NODE_NONE, not_nid, false);
	struct mm_hold *hold = run->hold;

	if (!pool || most < unit)
		return 0;
	/* Its first page becomes a run of its own. */
	if (run->end - run->start > unit && mm_run_split(mm, run, run->start + unit))
		return 0;
	mm_run_rehome(mm, pool, hold);
	mm_run_rehome(mm, run, &mm->huge_free[size]);
	return unit;
}

int mm_dissolve_huge(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	uint64_t end = start_pfn + nr_pages;
	struct mm_run *run = mm_run_at(mm, start_pfn), *next;

	for (; run && run->start < end; run = next) {
		next = RB_NEXT(mm_runs, &mm->runs, run);
		if (run->hold == &mm->huge_free[MM_HUGE_PMD] ||
		    run->hold == &mm->huge_free[MM_HUGE_PUD])
			mm_run_cut_high(mm, run, run->end - run->start);
	}
	return 0;
}
