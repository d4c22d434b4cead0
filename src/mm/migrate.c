// SPDX-License-Identifier: GPL-2.0-or-later
/* Migrating the pages of an isolated range (the kernel's do_migrate_range()). */
#include <errno.h>

#include "mm_private.h"

/*
 * Pages of a run migrate to other nodes with memory; to the node itself only if there is no other.
 */
static int target_not(const struct mm *mm, const struct mm_run *run)
{
	int nid = mm_extent_of(mm, run->start)->nid;
	unsigned int n;

	BASE_MASK_FOREACH(n, &mm->has_memory) {
		if ((int)n != nid)
			return nid;
	}
	return MM_NODE_NONE;
}

/*
 * Replaces huge pages: by some of the pools, else by new ones; returns as mm_run_move(). A gigantic
 * page is replaced as a whole.
 */
static uint64_t huge_migrate(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most)
{
	int nid = mm_extent_of(mm, run->start)->nid;
	struct mm_alloc_request want = { .nid = nid, .not_nid = not_nid };
	bool gigantic = mm_kind_is_gigantic(run->hold->kind);
	uint64_t unit = mm_kind_unit(mm, run->hold->kind), start = run->start, moved;
	uint64_t nr = BASE_MIN(run->end - start, BASE_ROUND_UP(most, unit));
	struct mm_holder fresh, *hold = run->hold;

	if (mm_huge_migrate(mm, run, not_nid, nr, &moved) || moved)
		return moved;
	/* If the whole does not fit, a part may. */
	for (nr = gigantic ? unit : BASE_ROUND_DOWN(nr, unit); nr;
	     nr = BASE_ROUND_DOWN(nr / 2, unit)) {
		want.nr_pages = nr;
		mm_holder_init(&fresh, NULL, hold->kind);
		if (mm_huge_alloc(mm, &fresh, hold, &want))
			continue;
		if (mm_huge_vacated(mm, run, nr)) {
			mm_holder_shrink(mm, &fresh, nr);
			return 0;
		}
		mm_huge_moved(mm, &fresh, nid);
		mm_holder_take_over(mm, hold, &fresh);
		return gigantic ? BASE_ROUND_DOWN(start, unit) + unit - start : nr;
	}
	return 0;
}

uint64_t mm_run_migrate(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most)
{
	if (mm_busy_until(mm, run->hold))
		return 0;
	if (mm_kind_info(run->hold->kind)->is_huge)
		return huge_migrate(mm, run, not_nid, most);
	return mm_run_move(mm, run, not_nid, most);
}

/*
 * QUIRK: without another node, the target of a huge page is the first one of the node's pool, even
 * if that is going offline itself. The page that it replaces is then the next target, so that pages
 * change places in the block forever (dequeue_hugetlb_folio_node_exact()).
 */
static bool target_is_isolated(const struct mm *mm, const struct mm_run *run)
{
	const struct mm_kind_info *info = mm_kind_info(run->hold->kind);
	const struct mm_run *pool;

	if (!info->is_huge || mm_kind_is_gigantic(run->hold->kind) ||
	    target_not(mm, run) != MM_NODE_NONE)
		return false;
	pool = TAILQ_FIRST(&mm->huge_free[info->huge].runs);
	return pool && mm_extent_of(mm, pool->start)->isolated;
}

/* Migrates the first pages of a run, huge pages one by one; returns how many. */
static uint64_t migrate_some(struct mm *mm, struct mm_run *run, uint64_t most)
{
	int not_nid = target_not(mm, run);

	if (target_is_isolated(mm, run))
		return 0;
	if (mm_kind_info(run->hold->kind)->is_huge && not_nid == MM_NODE_NONE)
		most = BASE_MIN(most, mm_kind_unit(mm, run->hold->kind));
	return mm_run_migrate(mm, run, not_nid, most);
}

int mm_migrate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, uint64_t most,
	       uint64_t *ret_moved, uint64_t *ret_left, struct mm_use *ret_use)
{
	uint64_t end = start_pfn + nr_pages, moved = 0, left = 0, first_idle = 0;
	struct mm_run *run;
	bool stuck = false;

	/* Migration may remove runs anywhere, so the next one is looked up again. */
	for (uint64_t pfn = start_pfn; (run = mm_run_at(mm, pfn)) && run->start < end;) {
		enum mm_kind kind = run->hold->kind;
		uint64_t start = run->start, size = run->end - start, nr = 0, idle;

		pfn = run->end;
		/* Pool pages are dissolved later; fake-offline pages need no migration. */
		if (mm_kind_info(kind)->poison || mm_kind_info(kind)->is_pool ||
		    kind == MM_KIND_FAKE_OFFLINE)
			continue;
		if (kind == MM_KIND_BALLOON || kind == MM_KIND_UNBACKED) {
			mm_use_find(mm, run->start, end, ret_use);
			return -EBUSY;
		}
		if (mm_kind_migrates(mm, kind) && moved < most)
			nr = migrate_some(mm, run, most - moved);
		moved += nr;
		if (nr) {
			pfn = start + nr;
			continue;
		}
		left += size;
		idle = mm_busy_until(mm, run->hold);
		if (idle && (!first_idle || idle < first_idle))
			first_idle = idle;
		if (!stuck) {
			stuck = true;
			mm_use_find(mm, start, end, ret_use);
		}
	}
	if (left)
		ret_use->first_idle = first_idle;
	*ret_moved = moved;
	*ret_left = left;
	return 0;
}
