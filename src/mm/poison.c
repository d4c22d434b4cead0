// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Poisoned pages (the kernel's mm/memory-failure.c). A page taken out of use is a run of its own
 * holder, for ever: it stays when its memory goes offline, and goes when that is removed.
 */
#include <errno.h>
#include <stdlib.h>

#include "mm_private.h"

/* The run of one page that @pfn becomes; NULL: out of memory. */
static struct mm_run *single_out(struct mm *mm, struct mm_run *run, uint64_t pfn)
{
	if (mm_run_split(mm, run, pfn))
		return NULL;
	run = mm_run_at(mm, pfn);
	if (run->end > pfn + 1 && mm_run_split(mm, run, pfn + 1))
		return NULL;
	return run;
}

static struct mm_run *run_of(const struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = mm_run_at(mm, pfn);

	return run && run->start <= pfn ? run : NULL;
}

static int poison_free_page(struct mm *mm, uint64_t pfn)
{
	return mm_run_take(mm, mm_extent_of(mm, pfn), &mm->poisoned, pfn, pfn + 1);
}

/* Frees the unit that @pfn is in, and poisons the page. */
static int poison_unit(struct mm *mm, struct mm_run *run, uint64_t pfn)
{
	uint64_t unit = mm_kind_unit(mm, run->hold->kind);
	uint64_t start = pfn / unit * unit;

	if (mm_run_split(mm, run, start))
		return -ENOMEM;
	mm_run_cut_low(mm, mm_run_at(mm, start), unit);
	return poison_free_page(mm, pfn);
}

bool mm_is_poisoned(const struct mm *mm, uint64_t pfn)
{
	const struct mm_run *run = run_of(mm, pfn);

	return run && run->hold->kind == MM_KIND_POISON;
}

bool mm_has_poison(const struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	uint64_t end = start_pfn + nr_pages;

	for (struct mm_run *run = mm_run_at(mm, start_pfn); run && run->start < end;
	     run = RB_NEXT(mm_runs, (struct mm_runs *)&mm->runs, run)) {
		if (run->hold->kind == MM_KIND_POISON)
			return true;
	}
	return false;
}

uint64_t mm_poisoned_pages(const struct mm *mm)
{
	return mm->poisoned.nr_pages + mm->poisoned_in_use.nr_pages;
}

uint64_t mm_failures(const struct mm *mm, int nid, enum mm_failure failure)
{
	uint64_t total = 0;

	if (!mm_node_is_up(mm, nid))
		return 0;
	if (failure != MM_FAILURE_TOTAL)
		return mm->node[nid]->failures[failure];
	for (int f = 0; f < MM_FAILURE_TOTAL; f++)
		total += mm->node[nid]->failures[f];
	return total;
}

/* A page in use is first made free, with its content elsewhere. */
static int soft_in_use(struct mm *mm, struct mm_run *run, uint64_t pfn)
{
	struct mm_hold *hold = run->hold;
	struct mm_want want = {
		.nid = MM_NODE_NONE,
		.not_nid = MM_NODE_NONE,
		.nr_pages = mm_kind_unit(mm, hold->kind),
	};

	/* Clean page cache is dropped, pool pages are dissolved. */
	if (hold->kind != MM_KIND_PAGECACHE && hold->kind != MM_KIND_HUGETLB_FREE) {
		if (mm_hold_grow(mm, hold, &want))
			return -EBUSY;
		/* Growing may have joined runs. */
		run = run_of(mm, pfn);
	}
	return poison_unit(mm, run, pfn);
}

int mm_poison_soft(struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = run_of(mm, pfn);

	if (!run)
		return poison_free_page(mm, pfn);
	if (run->hold->kind == MM_KIND_POISON)
		return 0;
	if (!mm_kind_info(run->hold->kind)->migrates && run->hold->kind != MM_KIND_HUGETLB_FREE)
		return -EIO;
	return soft_in_use(mm, run, pfn);
}

/* What the kernel cannot do without stays in use, marked. */
static int poison_in_place(struct mm *mm, struct mm_run *run, uint64_t pfn)
{
	run = single_out(mm, run, pfn);
	if (!run)
		return -ENOMEM;
	mm_run_rehome(mm, run, &mm->poisoned_in_use);
	return 0;
}

int mm_poison_hard(struct mm *mm, uint64_t pfn, enum mm_failure *ret_failure)
{
	struct mm_run *run = run_of(mm, pfn);
	struct mm_node *node = mm->node[mm_extent_of(mm, pfn)->nid];
	bool handled = true;
	int ret;

	if (!run) {
		ret = poison_free_page(mm, pfn);
	} else if (run->hold->kind == MM_KIND_POISON) {
		return -EHWPOISON;
	} else if (mm_kind_info(run->hold->kind)->migrates ||
		   run->hold->kind == MM_KIND_HUGETLB_FREE) {
		/* Whoever uses it loses it. */
		ret = poison_unit(mm, run, pfn);
	} else {
		ret = poison_in_place(mm, run, pfn);
		handled = false;
	}
	if (ret)
		return ret;
	*ret_failure = handled ? MM_FAILURE_RECOVERED : MM_FAILURE_IGNORED;
	node->failures[*ret_failure]++;
	return handled ? 0 : -EBUSY;
}

int mm_unpoison(struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = run_of(mm, pfn);

	/* What the kernel uses cannot be had back. */
	if (!run || run->hold != &mm->poisoned)
		return -EBUSY;
	run = single_out(mm, run, pfn);
	if (!run)
		return -ENOMEM;
	mm_run_cut_low(mm, run, 1);
	return 0;
}

void mm_poison_forget(struct mm *mm, int nid, uint64_t start_pfn, uint64_t nr_pages)
{
	struct mm_run *run = mm_run_at(mm, start_pfn), *next;

	for (; run && run->start < start_pfn + nr_pages; run = next) {
		next = RB_NEXT(mm_runs, &mm->runs, run);
		if (run->hold->kind != MM_KIND_POISON)
			continue;
		/* Its memory is offline: there is no extent to account to. */
		run->hold->nr_pages -= run->end - run->start;
		mm->node[nid]->kind_pages[MM_KIND_POISON] -= run->end - run->start;
		RB_REMOVE(mm_runs, &mm->runs, run);
		TAILQ_REMOVE(&run->hold->runs, run, of_hold);
		free(run);
	}
}
