// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Huge page pools (the kernel's mm/hugetlb.c). Pool pages are runs of a holder that represents the
 * pool; a program that uses them takes over the runs.
 */
#include <errno.h>

#include "mm_private.h"

uint64_t mm_huge_pages(const struct mm *mm, enum mm_huge size)
{
	return mm->config.huge_pages[size];
}

uint64_t mm_huge_kb(const struct mm *mm, enum mm_huge size)
{
	return mm_huge_pages(mm, size) << (mm->config.page_shift - 10);
}

static enum mm_huge huge_of_hold(const struct mm_holder *hold)
{
	return mm_kind_info(hold->kind)->huge;
}

void mm_huge_info(const struct mm *mm, int nid, enum mm_huge size, struct mm_huge_info *ret_info)
{
	uint64_t unit = mm_huge_pages(mm, size);

	*ret_info = (struct mm_huge_info){ .nr = 0 };
	for (int kind = 0; unit && kind < MM_NR_KINDS; kind++) {
		const struct mm_kind_info *info = mm_kind_info(kind);
		uint64_t nr;

		if (!(info->is_huge || info->is_pool) || info->huge != size)
			continue;
		nr = mm_kind_pages(mm, nid, kind) / unit;
		ret_info->nr += nr;
		ret_info->free += info->is_pool ? nr : 0;
	}
	for (int n = mm_node_next(mm, 0); n >= 0; n = mm_node_next(mm, n + 1)) {
		if (nid == MM_NODE_NONE || n == nid)
			ret_info->surplus += mm->node[n]->surplus_huge[size];
	}
}

/*
 * A run of pool pages on @nid, or on any node but @not_nid; NULL: none. A run in memory that is
 * going offline can only be freed.
 */
static struct mm_run *pool_run(const struct mm *mm, enum mm_huge size, int nid, int not_nid,
			       bool to_free)
{
	struct mm_run *run;

	TAILQ_FOREACH(run, &mm->huge_free[size].runs, of_hold) {
		const struct mm_extent *e = mm_extent_of(mm, run->start);

		if (!to_free &&
		    (mm_kind_is_gigantic(run->hold->kind) ? mm_gigantic_isolated(mm, run) :
							    e->isolated))
			continue;
		if (e->nid != not_nid && (nid == MM_NODE_NONE || e->nid == nid))
			return run;
	}
	return NULL;
}

/*
 * Moves a run, but at most @most pages of it, to a holder, or the gigantic page that it belongs to;
 * returns how many pages.
 */
static uint64_t run_to_hold(struct mm *mm, struct mm_run *run, uint64_t most,
			    struct mm_holder *hold)
{
	if (mm_kind_is_gigantic(run->hold->kind)) {
		uint64_t unit = mm_kind_unit(mm, run->hold->kind);

		return mm_gigantic_rehome(mm, mm_gigantic_start(mm, run), unit, hold) ? 0 : unit;
	}
	if (run->end - run->start > most && mm_run_split(mm, run, run->start + most))
		return 0;
	most = run->end - run->start;
	mm_run_rehome(mm, run, hold);
	mm_run_join(mm, run);
	return most;
}

/* Returns a gigantic page in use to its pool, or frees it if it is surplus; 0 or -ENOMEM. */
static int gigantic_to_pool(struct mm *mm, struct mm_run *run, enum mm_huge size)
{
	uint64_t unit = mm_huge_pages(mm, size), start = mm_gigantic_start(mm, run);
	uint64_t *surplus = &mm->node[mm_extent_of(mm, start)->nid]->surplus_huge[size];

	if (!*surplus || mm_vmemmap_restore(mm, start, start + unit, unit))
		return mm_gigantic_rehome(mm, start, unit, &mm->huge_free[size]);
	if (mm_gigantic_free(mm, start, unit))
		return -ENOMEM;
	(*surplus)--;
	return 0;
}

/* Returns a run in use to its pool, except for surplus pages, which are freed. */
static void run_to_pool(struct mm *mm, struct mm_run *run, enum mm_huge size)
{
	uint64_t unit = mm_huge_pages(mm, size), pages = run->end - run->start;
	struct mm_node *node = mm->node[mm_extent_of(mm, run->start)->nid];
	uint64_t surplus = BASE_MIN(node->surplus_huge[size], pages / unit);

	/* Without memory for their memmap, surplus pages stay in the pool. */
	if (surplus && mm_vmemmap_restore(mm, run->end - surplus * unit, run->end, unit))
		surplus = 0;
	node->surplus_huge[size] -= surplus;
	if (surplus)
		mm_run_cut_high(mm, run, surplus * unit);
	if (surplus * unit < pages)
		run_to_hold(mm, run, pages, &mm->huge_free[size]);
}

uint64_t mm_pool_shrink(struct mm *mm, int nid, enum mm_huge size, uint64_t pages)
{
	uint64_t unit = mm_huge_pages(mm, size);
	struct mm_run *run;

	while (pages && (run = pool_run(mm, size, nid, MM_NODE_NONE, true))) {
		uint64_t nr = BASE_MIN(pages, run->end - run->start), start;

		if (mm_kind_is_gigantic(run->hold->kind)) {
			start = mm_gigantic_start(mm, run);
			if (mm_vmemmap_restore(mm, start, start + unit, unit) ||
			    mm_gigantic_free(mm, start, unit))
				break;
			pages -= unit;
			continue;
		}
		/* All at once if possible, else as many as possible. */
		while (nr && mm_vmemmap_restore(mm, run->start, run->start + nr, unit))
			nr = nr / unit / 2 * unit;
		if (!nr)
			break;
		mm_run_cut_low(mm, run, nr);
		pages -= nr;
	}
	return pages;
}

/* Frees most of the memmap of new huge pages. */
static void holder_optimize(struct mm *mm, const struct mm_holder *fresh)
{
	uint64_t unit = mm_kind_unit(mm, fresh->kind);
	const struct mm_run *run;

	TAILQ_FOREACH(run, &fresh->runs, of_hold) {
		/* Those of several runs count with the first one. */
		uint64_t end = BASE_ROUND_UP(run->end, unit);

		if (BASE_ALIGNED(run->start, unit))
			mm_vmemmap_optimize(mm, run->start, end, unit);
	}
}

/*
 * As many as can be had, then more by reclaim. They are one batch, of which the pool hands out
 * first what was taken first (prep_and_add_allocated_folios()); older kernels add each page to the
 * front before they take the next one (alloc_pool_huge_page()).
 */
uint64_t mm_pool_grow(struct mm *mm, int nid, enum mm_huge size, uint64_t nr)
{
	struct mm_alloc_request want = {
		.nid = nid, .not_nid = MM_NODE_NONE, .bind = true, .as_many = true
	};
	struct mm_holder *pool = &mm->huge_free[size], batch, fresh;
	uint64_t unit = mm_huge_pages(mm, size), more = nr, left = nr, got;
	struct mm_run *run;

	mm_holder_init(&batch, NULL, pool->kind);
	while (left && more) {
		want.nr_pages = more * unit;
		mm_holder_init(&fresh, NULL, pool->kind);
		got = mm_huge_alloc(mm, &fresh, pool, &want) ? 0 : fresh.nr_pages / unit;
		holder_optimize(mm, &fresh);
		mm_holder_append(mm, &batch, &fresh);
		left -= got;
		more = BASE_MIN(got || want.as_many ? more : more / 2, left);
		want.as_many = false;
	}
	while (mm->config.pool_grows_singly && (run = TAILQ_FIRST(&batch.runs)) &&
	       run_to_hold(mm, run, unit, pool))
		;
	mm_holder_take_over(mm, pool, &batch);
	return nr - left;
}

bool mm_huge_is_gigantic(const struct mm *mm, enum mm_huge size)
{
	return mm_kind_is_gigantic(mm->huge_free[size].kind);
}

int mm_node_demote(struct mm *mm, int nid, enum mm_huge from, enum mm_huge to, uint64_t nr)
{
	uint64_t unit = mm_huge_pages(mm, from), small = mm_huge_pages(mm, to);
	struct mm_run *run;

	for (; nr && (run = pool_run(mm, from, nid, MM_NODE_NONE, false)); nr--) {
		uint64_t start = BASE_ROUND_DOWN(run->start, unit);

		if (mm_vmemmap_restore(mm, start, start + unit, unit) ||
		    !run_to_hold(mm, run, unit, &mm->huge_free[to]))
			return -ENOMEM;
		mm_vmemmap_optimize(mm, start, start + unit, small);
	}
	return 0;
}

/*
 * A page that exceeds the pool, as far as nr_overcommit_hugepages allows
 * (alloc_surplus_hugetlb_folio()); returns its base pages, or 0.
 */
static uint64_t surplus_take(struct mm *mm, enum mm_huge size, struct mm_holder *fresh,
			     const struct mm_alloc_request *want)
{
	struct mm_alloc_request one = *want;
	struct mm_huge_info all;
	struct mm_holder page;

	mm_huge_info(mm, MM_NODE_NONE, size, &all);
	if (mm_kind_is_gigantic(fresh->kind) || all.surplus >= mm->huge_overcommit[size])
		return 0;
	one.nr_pages = mm_huge_pages(mm, size);
	mm_holder_init(&page, NULL, fresh->kind);
	if (mm_huge_alloc(mm, &page, fresh, &one))
		return 0;
	holder_optimize(mm, &page);
	mm->node[mm_extent_of(mm, TAILQ_FIRST(&page.runs)->start)->nid]->surplus_huge[size]++;
	mm_holder_append(mm, fresh, &page);
	return one.nr_pages;
}

int mm_huge_take(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *want)
{
	enum mm_huge size = huge_of_hold(hold);
	bool has_surplus = false;
	struct mm_holder fresh;
	uint64_t nr;

	mm_holder_init(&fresh, NULL, hold->kind);
	for (uint64_t left = want->nr_pages; left; left -= nr) {
		struct mm_run *run = pool_run(mm, size, want->nid, MM_NODE_NONE, false);

		if (!run && !want->bind)
			run = pool_run(mm, size, MM_NODE_NONE, MM_NODE_NONE, false);
		nr = run ? run_to_hold(mm, run, left, &fresh) :
			   surplus_take(mm, size, &fresh, want);
		has_surplus = has_surplus || (nr && !run);
		if (!nr) {
			while ((run = TAILQ_FIRST(&fresh.runs))) {
				if (has_surplus)
					run_to_pool(mm, run, size);
				else
					run_to_hold(mm, run, fresh.nr_pages, &mm->huge_free[size]);
			}
			return -ENOMEM;
		}
	}
	mm_holder_take_over(mm, hold, &fresh);
	return 0;
}

/* Splits the last @nr_pages of a holder into runs of their own; 0 or -ENOMEM. */
static int split_last(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages)
{
	struct mm_run *run;

	TAILQ_FOREACH_REVERSE(run, &hold->runs, mm_run_list, of_hold) {
		uint64_t pages = run->end - run->start;

		if (nr_pages < pages)
			return nr_pages ? mm_run_split(mm, run, run->end - nr_pages) : 0;
		nr_pages -= pages;
	}
	return 0;
}

/* The run that begins @nr_pages before the end of a holder, at most its first one. */
static struct mm_run *run_from_end(const struct mm_holder *hold, uint64_t nr_pages)
{
	struct mm_run *run = TAILQ_LAST(&hold->runs, mm_run_list), *before;
	uint64_t pages = run->end - run->start;

	while (pages < nr_pages && (before = TAILQ_PREV(run, mm_run_list, of_hold))) {
		run = before;
		pages += run->end - run->start;
	}
	return run;
}

int mm_huge_give(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages)
{
	enum mm_huge size = huge_of_hold(hold);
	uint64_t left = hold->nr_pages - nr_pages;
	bool gigantic = mm_kind_is_gigantic(hold->kind);
	int ret = gigantic ? 0 : split_last(mm, hold, nr_pages);

	/* The last pages, in the order in which they were taken. */
	while (!ret && hold->nr_pages > left) {
		struct mm_run *run = run_from_end(hold, hold->nr_pages - left);

		if (gigantic)
			ret = gigantic_to_pool(mm, run, size);
		else
			run_to_pool(mm, run, size);
	}
	return ret;
}

/* A run of pool pages, first on @nid, then in the order of its zonelist. */
static struct mm_run *pool_run_near(const struct mm *mm, enum mm_huge size, int nid, int not_nid)
{
	struct mm_run *run = pool_run(mm, size, nid, not_nid, false);

	for (int pass = 0; !run && pass < 2; pass++) {
		for (int n = mm_node_next(mm, 0); !run && n >= 0; n = mm_node_next(mm, n + 1)) {
			if ((n < nid) == pass)
				run = pool_run(mm, size, n, not_nid, false);
		}
	}
	return run;
}

int mm_huge_migrate(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most,
		    uint64_t *ret_moved)
{
	enum mm_huge size = huge_of_hold(run->hold);
	int nid = mm_extent_of(mm, run->start)->nid;
	struct mm_run *pool = pool_run_near(mm, size, nid, not_nid);
	struct mm_holder *hold = run->hold;

	*ret_moved = 0;
	if (!pool)
		return 0;
	if (mm_kind_is_gigantic(hold->kind)) {
		uint64_t start = run->start, unit = mm_huge_pages(mm, size);

		if (!run_to_hold(mm, pool, unit, hold))
			return -ENOMEM;
		*ret_moved = BASE_ROUND_DOWN(start, unit) + unit - start;
		return gigantic_to_pool(mm, run, size);
	}
	most = BASE_MIN(most, pool->end - pool->start);
	if (mm_run_split(mm, pool, pool->start + most) || mm_run_split(mm, run, run->start + most))
		return -ENOMEM;
	run_to_hold(mm, pool, most, hold);
	run_to_pool(mm, run, size);
	*ret_moved = most;
	return 0;
}

void mm_huge_moved(struct mm *mm, const struct mm_holder *fresh, int from_nid)
{
	enum mm_huge size = huge_of_hold(fresh);
	uint64_t *from = &mm->node[from_nid]->surplus_huge[size];
	uint64_t unit = mm_huge_pages(mm, size);
	const struct mm_run *run;

	TAILQ_FOREACH(run, &fresh->runs, of_hold) {
		/* A gigantic page of several runs counts with the first one. */
		uint64_t units = BASE_ALIGNED(run->start, unit) ?
					 (run->end - run->start + unit - 1) / unit :
					 0;
		uint64_t surplus = BASE_MIN(*from, units);

		*from -= surplus;
		mm->node[mm_extent_of(mm, run->start)->nid]->surplus_huge[size] += surplus;
	}
	holder_optimize(mm, fresh);
}

int mm_huge_replace(struct mm *mm, struct mm_holder *hold, int nid)
{
	enum mm_huge size = huge_of_hold(hold);
	uint64_t unit = mm_huge_pages(mm, size), *surplus = &mm->node[nid]->surplus_huge[size];
	struct mm_run *run = pool_run_near(mm, size, nid, MM_NODE_NONE);
	struct mm_alloc_request want = { .nid = nid, .not_nid = MM_NODE_NONE, .nr_pages = unit };
	struct mm_holder fresh;

	if (run && run_to_hold(mm, run, unit, hold)) {
		*surplus -= BASE_MIN(*surplus, 1);
		return 0;
	}
	mm_holder_init(&fresh, NULL, hold->kind);
	if (mm_huge_alloc(mm, &fresh, hold, &want))
		return -ENOMEM;
	mm_huge_moved(mm, &fresh, nid);
	mm_holder_take_over(mm, hold, &fresh);
	return 0;
}

int mm_huge_vacated(struct mm *mm, struct mm_run *run, uint64_t nr)
{
	enum mm_huge size = huge_of_hold(run->hold);
	struct mm_node *node = mm->node[mm_extent_of(mm, run->start)->nid];
	uint64_t unit = mm_huge_pages(mm, size), start = mm_gigantic_start(mm, run);

	if (mm_kind_is_gigantic(run->hold->kind)) {
		if (!mm_vmemmap_restore(mm, start, start + unit, unit))
			return mm_gigantic_free(mm, start, unit);
		node->surplus_huge[size]++;
		return mm_gigantic_rehome(mm, start, unit, &mm->huge_free[size]);
	}
	if (!mm_vmemmap_restore(mm, run->start, run->start + nr, mm_huge_pages(mm, size))) {
		mm_run_cut_low(mm, run, nr);
		return 0;
	}
	if (mm_run_split(mm, run, run->start + nr))
		return -ENOMEM;
	node->surplus_huge[size] += nr / mm_huge_pages(mm, size);
	run_to_hold(mm, run, nr, &mm->huge_free[size]);
	return 0;
}

int mm_dissolve_huge(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	uint64_t end = start_pfn + nr_pages, next;
	struct mm_run *run;

	/* Allocating memmap may reclaim other runs, so the next one is looked up again. */
	for (uint64_t pfn = start_pfn; (run = mm_run_at(mm, pfn)) && run->start < end; pfn = next) {
		uint64_t pages = run->end - run->start;

		next = run->end;
		for (int size = 0; size < MM_NR_HUGE; size++) {
			uint64_t unit = mm_huge_pages(mm, size);
			uint64_t first = BASE_ROUND_DOWN(run->start, unit ? unit : 1);

			if (run->hold != &mm->huge_free[size])
				continue;
			if (mm_kind_is_gigantic(run->hold->kind)) {
				if (mm_vmemmap_restore(mm, first, first + unit, unit) ||
				    mm_gigantic_free(mm, first, unit))
					return -ENOMEM;
				break;
			}
			if (mm_vmemmap_restore(mm, run->start, run->end, mm_huge_pages(mm, size)))
				return -ENOMEM;
			mm_run_cut_high(mm, run, pages);
			break;
		}
	}
	return 0;
}
