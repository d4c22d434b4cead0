// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Long-term pins (the kernel's mm/gup.c: FOLL_LONGTERM, check_and_migrate_movable_pages()). Pages
 * in ZONE_MOVABLE or CMA migrate before they are pinned; pages in a kernel zone stay, amid movable
 * pages, and are in the way from then on.
 */
#include <errno.h>

#include "mm_private.h"

/* Splits a run at the edges of the first CMA area that it overlaps. */
static int split_at_cma(struct mm *mm, struct mm_run *run)
{
	uint64_t start, end;
	int ret = 0;

	if (!mm_cma_next(mm, run->start, run->end, &start, &end))
		return 0;
	if (run->end > end)
		ret = mm_run_split(mm, run, end);
	if (!ret && run->start < start)
		ret = mm_run_split(mm, run, start);
	return ret;
}

/* Without MIGRATION, pages are pinned where they are. */
static bool run_is_unpinnable(const struct mm *mm, const struct mm_run *run)
{
	uint64_t start, end;

	if (mm->config.no_migration)
		return false;
	return mm_extent_of(mm, run->start)->type == MM_ZONE_MOVABLE ||
	       mm_cma_next(mm, run->start, run->end, &start, &end);
}

/*
 * Counts the pages of a holder on a node that have to migrate, splitting off their runs; 0 or
 * -ENOMEM.
 */
static int unpinnable_pages(struct mm *mm, const struct mm_holder *hold, int nid,
			    uint64_t *ret_pages)
{
	struct mm_run *run;

	*ret_pages = 0;
	TAILQ_FOREACH(run, &hold->runs, of_hold) {
		int ret = split_at_cma(mm, run);

		if (ret)
			return ret;
		if (mm_extent_of(mm, run->start)->nid == nid && run_is_unpinnable(mm, run))
			*ret_pages += run->end - run->start;
	}
	return 0;
}

/* Frees the first @left of these pages. */
static void free_unpinnable(struct mm *mm, struct mm_holder *hold, int nid, uint64_t left)
{
	struct mm_run *run, *next;

	TAILQ_FOREACH_SAFE(run, &hold->runs, of_hold, next) {
		uint64_t nr = BASE_MIN(run->end - run->start, left);

		if (!nr || mm_extent_of(mm, run->start)->nid != nid || !run_is_unpinnable(mm, run))
			continue;
		mm_run_cut_high(mm, run, nr);
		left -= nr;
	}
}

int mm_pin_step(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *place,
		uint64_t most, uint64_t *ret_moved)
{
	uint64_t pages[BASE_MASK_BITS], left = most;
	struct mm_alloc_request want = *place;
	struct mm_holder fresh;
	int ret = 0;

	*ret_moved = 0;
	want.keeps_owner = true;
	mm_holder_init(&fresh, NULL, MM_KIND_PINNED);
	/* If possible, on the node where they are (alloc_migration_target()). */
	for (int nid = mm_node_next(mm, 0); !ret && nid >= 0; nid = mm_node_next(mm, nid + 1)) {
		ret = unpinnable_pages(mm, hold, nid, &pages[nid]);
		want.nr_pages = pages[nid] = BASE_MIN(pages[nid], left);
		want.nid = place->nid == MM_NODE_NONE ? nid : place->nid;
		left -= want.nr_pages;
		if (!ret && want.nr_pages)
			ret = mm_busy_until(mm, hold) ? -ENOMEM :
							mm_holder_alloc(mm, &fresh, hold, &want);
	}
	if (ret) {
		mm_holder_shrink(mm, &fresh, fresh.nr_pages);
		return ret;
	}
	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1))
		free_unpinnable(mm, hold, nid, pages[nid]);
	/* They are not pinned before all of them can be. */
	mm_holder_set_kind(mm, &fresh, hold->kind);
	mm_holder_take_over(mm, hold, &fresh);
	*ret_moved = most - left;
	return 0;
}

void mm_holder_set_kind(struct mm *mm, struct mm_holder *hold, enum mm_kind kind)
{
	struct mm_run *run;

	TAILQ_FOREACH(run, &hold->runs, of_hold) {
		struct mm_node *node = mm->node[mm_extent_of(mm, run->start)->nid];

		node->kind_pages[hold->kind] -= run->end - run->start;
		node->kind_pages[kind] += run->end - run->start;
	}
	hold->kind = kind;
}

static int pin_at_once(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *place)
{
	uint64_t moved;
	int ret = mm_pin_step(mm, hold, place, UINT64_MAX, &moved);

	if (!ret)
		mm_holder_set_kind(mm, hold, MM_KIND_PINNED);
	return ret;
}

int mm_holder_pin(struct mm *mm, struct mm_holder *hold)
{
	const struct mm_alloc_request anywhere = {
		.nid = MM_NODE_NONE,
		.not_nid = MM_NODE_NONE,
		.keeps_owner = true,
	};
	int ret = mm_swap_in(mm, hold, MM_SWAP_ANY, hold->nr_swapped, &anywhere);

	if (ret)
		return ret;
	return pin_at_once(mm, hold, &anywhere);
}

int mm_pin_grow(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *want)
{
	struct mm_holder fresh;
	int ret;

	mm_holder_init(&fresh, NULL, MM_KIND_ANON);
	ret = mm_holder_alloc(mm, &fresh, hold, want);
	if (!ret)
		ret = pin_at_once(mm, &fresh, want);
	if (ret)
		mm_holder_shrink(mm, &fresh, fresh.nr_pages);
	else
		mm_holder_take_over(mm, hold, &fresh);
	return ret;
}
