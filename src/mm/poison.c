// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Poisoned pages (the kernel's mm/memory-failure.c). A page taken out of use becomes a run of a
 * special holder: it remains when its memory goes offline, until that is removed.
 */
#include <errno.h>
#include <stdlib.h>

#include "mm_private.h"

static struct mm_run *run_of(const struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = mm_run_at(mm, pfn);

	return run && run->start <= pfn ? run : NULL;
}

/* Splits off @pfn as a run of one page; NULL: out of memory. */
static struct mm_run *single_out(struct mm *mm, uint64_t pfn)
{
	if (mm_run_split_at(mm, pfn) || mm_run_split_at(mm, pfn + 1))
		return NULL;
	return run_of(mm, pfn);
}

static int poison_free_page(struct mm *mm, uint64_t pfn)
{
	return mm_run_take(mm, mm_extent_of(mm, pfn), &mm->poisoned, pfn, pfn + 1);
}

/*
 * Moves the unit that contains @pfn to @aside, with a run of one page for @pfn, so that the
 * following steps cannot fail; 0 or -ENOMEM.
 */
static int set_aside(struct mm *mm, struct mm_holder *hold, uint64_t pfn, struct mm_holder *aside)
{
	uint64_t unit = mm_kind_unit(mm, hold->kind), start = pfn / unit * unit;

	if (mm_run_split_at(mm, start) || mm_run_split_at(mm, start + unit) || !single_out(mm, pfn))
		return -ENOMEM;
	mm_holder_init(aside, NULL, hold->kind);
	for (uint64_t at = start; at < start + unit;) {
		struct mm_run *run = run_of(mm, at);

		at = run->end;
		mm_run_rehome(mm, run, aside);
	}
	return 0;
}

/* Frees what was set aside except for the page, which is poisoned. */
static void poison_aside(struct mm *mm, struct mm_holder *aside, uint64_t pfn)
{
	const struct mm_kind_info *info = mm_kind_info(aside->kind);

	if (info->is_huge || info->is_pool) {
		uint64_t unit = mm_kind_unit(mm, aside->kind), start = pfn / unit * unit;

		/* It is split even if this fails. */
		(void)mm_vmemmap_restore(mm, start, start + unit, unit);
	}
	mm_run_rehome(mm, run_of(mm, pfn), &mm->poisoned);
	mm_holder_shrink(mm, aside, aside->nr_pages);
}

/* Whether the kernel can do without the page: a program uses it, or it is in a pool. */
static bool can_handle(const struct mm_run *run)
{
	const struct mm_kind_info *info = mm_kind_info(run->hold->kind);

	return info->migrates || info->is_pool;
}

bool mm_is_poisoned(const struct mm *mm, uint64_t pfn)
{
	const struct mm_run *run = run_of(mm, pfn);

	return run && mm_kind_info(run->hold->kind)->poison;
}

bool mm_has_poison(const struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	uint64_t end = start_pfn + nr_pages;

	mm_for_each_run(mm, run, start_pfn, end) {
		if (mm_kind_info(run->hold->kind)->poison)
			return true;
	}
	return false;
}

uint64_t mm_poisoned_pages(const struct mm *mm)
{
	return mm->poisoned.nr_pages + mm->poisoned_in_use.nr_pages +
	       mm->poisoned_offline.nr_pages + mm->poisoned_reserved.nr_pages +
	       mm->poisoned_holes.nr_pages + mm->poison_lost;
}

uint64_t mm_failures(const struct mm *mm, int nid, enum mm_failure failure)
{
	const uint64_t *failures = &mm->failures[nid * MM_FAILURE_TOTAL];
	uint64_t total = 0;

	if (failure != MM_FAILURE_TOTAL)
		return failures[failure];
	for (int f = 0; f < MM_FAILURE_TOTAL; f++)
		total += failures[f];
	return total;
}

/* A new page for the contents of one on @nid (alloc_migration_target()); 0 or -ENOMEM. */
static int replace(struct mm *mm, struct mm_holder *hold, int nid)
{
	struct mm_alloc_request want = {
		.nid = nid,
		.not_nid = MM_NODE_NONE,
		.nr_pages = mm_kind_unit(mm, hold->kind),
	};

	if (mm_kind_info(hold->kind)->is_huge)
		return mm_huge_replace(mm, hold, nid);
	return mm_holder_grow(mm, hold, &want);
}

/* A page in use is first replaced, and its content copied. */
static int soft_in_use(struct mm *mm, struct mm_holder *hold, uint64_t pfn)
{
	/* Clean page cache is dropped, pool pages are dissolved. */
	bool replaces = mm_kind_info(hold->kind)->migrates && hold->kind != MM_KIND_PAGECACHE;
	struct mm_holder aside;

	/* migrate_pages() */
	if (replaces && mm->config.no_migration)
		return -ENOSYS;
	if ((replaces && !mm_kind_migrates(mm, hold->kind)) || mm_busy_until(mm, hold))
		return -EBUSY;
	if (set_aside(mm, hold, pfn, &aside))
		return -ENOMEM;
	if (replaces && replace(mm, hold, mm_extent_of(mm, pfn)->nid)) {
		mm_holder_take_over(mm, hold, &aside);
		return -EBUSY;
	}
	poison_aside(mm, &aside, pfn);
	return 0;
}

int mm_poison_soft(struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = run_of(mm, pfn);

	if (!run)
		return poison_free_page(mm, pfn);
	if (mm_kind_info(run->hold->kind)->poison)
		return 0;
	return can_handle(run) ? soft_in_use(mm, run->hold, pfn) : -EIO;
}

/* The holder loses the page. */
static int hard_in_use(struct mm *mm, struct mm_holder *hold, uint64_t pfn)
{
	struct mm_holder aside;
	int ret = set_aside(mm, hold, pfn, &aside);

	if (!ret)
		poison_aside(mm, &aside, pfn);
	return ret;
}

/* Pages that the kernel cannot do without stay in use, but are marked. */
static int poison_in_place(struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = single_out(mm, pfn);

	if (!run)
		return -ENOMEM;
	if (run->hold->kind == MM_KIND_FAKE_OFFLINE || run->hold->kind == MM_KIND_UNBACKED)
		mm_run_rehome(mm, run, &mm->poisoned_offline);
	else if (run->hold->kind == MM_KIND_HOLE)
		mm_run_rehome(mm, run, &mm->poisoned_holes);
	else if (run->hold->kind == MM_KIND_RESERVED)
		mm_run_rehome(mm, run, &mm->poisoned_reserved);
	else
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
	} else if (mm_kind_info(run->hold->kind)->poison) {
		return -EHWPOISON;
	} else if (can_handle(run)) {
		ret = hard_in_use(mm, run->hold, pfn);
	} else {
		ret = poison_in_place(mm, pfn);
		handled = false;
	}
	if (ret)
		return ret;
	*ret_failure = handled ? MM_FAILURE_RECOVERED : MM_FAILURE_IGNORED;
	mm->failures[node->nid * MM_FAILURE_TOTAL + (int)*ret_failure]++;
	return handled ? 0 : -EBUSY;
}

int mm_unpoison(struct mm *mm, uint64_t pfn)
{
	struct mm_run *run = run_of(mm, pfn);

	/* Pages that the kernel itself uses cannot be unpoisoned. */
	if (!run || run->hold != &mm->poisoned)
		return -EBUSY;
	run = single_out(mm, pfn);
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
		/* Its memory is offline, so there is no extent to update. */
		run->hold->nr_pages -= run->end - run->start;
		mm->node[nid]->kind_pages[MM_KIND_POISON] -= run->end - run->start;
		RB_REMOVE(mm_runs, &mm->runs, run);
		TAILQ_REMOVE(&run->hold->runs, run, of_hold);
		free(run);
	}
}

void mm_poison_lose(struct mm *mm, int nid, uint64_t start_pfn, uint64_t nr_pages)
{
	uint64_t before = mm_poisoned_pages(mm);

	mm_poison_forget(mm, nid, start_pfn, nr_pages);
	mm->poison_lost += before - mm_poisoned_pages(mm);
}
