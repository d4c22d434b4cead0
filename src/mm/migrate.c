// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Isolating a range and migrating its pages (the kernel's mm/page_isolation.c and
 * do_migrate_range()).
 */
#include <errno.h>

#include "mm_private.h"

static void isolate_set(struct mm *mm, uint64_t start, uint64_t end, bool isolated)
{
	mm_for_each_extent(mm, e, start, end)
		mm_extent_isolate(mm, e, isolated);
}

/* In Movable, only pages reserved at boot count (has_unmovable_pages()). */
static bool blocks_isolation(const struct mm *mm, const struct mm_run *run)
{
	enum mm_kind kind = run->hold->kind;
	const struct mm_extent *e = mm_extent_of(mm, run->start);

	if (e && e->type == MM_ZONE_MOVABLE && !mm_kind_info(kind)->from_boot)
		return false;
	return mm_kind_info(kind)->blocks_isolation;
}

int mm_isolate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, struct mm_use *ret_use)
{
	uint64_t end = start_pfn + nr_pages, cma_start, cma_end;

	if (mm_cma_next(mm, start_pfn, end, &cma_start, &cma_end)) {
		*ret_use = (struct mm_use){
			.start_pfn = cma_start,
			.nr_pages = cma_end - cma_start,
			.owner = "cma",
			.kind = MM_KIND_RESERVED,
		};
		return -EBUSY;
	}
	mm_for_each_run(mm, run, start_pfn, end) {
		if (!blocks_isolation(mm, run))
			continue;
		mm_use_find(mm, run->start, end, ret_use);
		return -EBUSY;
	}
	isolate_set(mm, start_pfn, end, true);
	return 0;
}

void mm_unisolate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	isolate_set(mm, start_pfn, start_pfn + nr_pages, false);
}

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

/* Replaces the gigantic page that a run belongs to by a new one; returns as mm_run_migrate(). */
static uint64_t gigantic_migrate(struct mm *mm, struct mm_run *run, int not_nid)
{
	uint64_t unit = mm_kind_unit(mm, run->hold->kind), start = run->start;
	int nid = mm_extent_of(mm, start)->nid;
	struct mm_alloc_request want = { .nid = nid, .not_nid = not_nid, .nr_pages = unit };
	struct mm_holder fresh, *hold = run->hold;

	mm_holder_init(&fresh, NULL, hold->kind);
	if (mm_holder_alloc(mm, &fresh, hold, &want))
		return 0;
	if (mm_huge_vacated(mm, run, unit)) {
		mm_holder_shrink(mm, &fresh, unit);
		return 0;
	}
	mm_huge_moved(mm, &fresh, nid);
	mm_holder_take_over(mm, hold, &fresh);
	return BASE_ROUND_DOWN(start, unit) + unit - start;
}

uint64_t mm_run_migrate(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most)
{
	int nid = mm_extent_of(mm, run->start)->nid;
	enum mm_kind kind = run->hold->kind;
	bool is_huge = mm_kind_info(kind)->is_huge;
	uint64_t unit = mm_kind_unit(mm, kind), moved;
	struct mm_holder fresh, *hold;
	uint64_t nr = BASE_MIN(run->end - run->start, BASE_ROUND_UP(most, unit));
	struct mm_alloc_request want = {
		.nid = nid,
		.not_nid = not_nid,
	};

	if (is_huge && (mm_huge_migrate(mm, run, not_nid, nr, &moved) || moved))
		return moved;
	if (mm_kind_is_gigantic(kind))
		return gigantic_migrate(mm, run, not_nid);
	/* If the whole does not fit, a part may. */
	for (nr = BASE_ROUND_DOWN(nr, unit); nr; nr = BASE_ROUND_DOWN(nr / 2, unit)) {
		want.nr_pages = nr;
		mm_holder_init(&fresh, NULL, kind);
		if (mm_holder_alloc(mm, &fresh, run->hold, &want))
			continue;
		if (!is_huge) {
			mm_holder_take_over(mm, run->hold, &fresh);
			mm_run_cut_low(mm, run, nr);
			return nr;
		}
		hold = run->hold;
		if (mm_huge_vacated(mm, run, nr)) {
			mm_holder_shrink(mm, &fresh, nr);
			return 0;
		}
		mm_huge_moved(mm, &fresh, nid);
		mm_holder_take_over(mm, hold, &fresh);
		return nr;
	}
	return 0;
}

int mm_migrate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, uint64_t most,
	       uint64_t *ret_moved, uint64_t *ret_left, struct mm_use *ret_use)
{
	uint64_t end = start_pfn + nr_pages, moved = 0, left = 0;
	struct mm_run *run;
	bool stuck = false;

	/* Migration may remove runs anywhere, so the next one is looked up again. */
	for (uint64_t pfn = start_pfn; (run = mm_run_at(mm, pfn)) && run->start < end;) {
		enum mm_kind kind = run->hold->kind;
		uint64_t start = run->start, size = run->end - start, nr = 0;

		pfn = run->end;
		/* Pool pages are dissolved later; fake-offline pages need no migration. */
		if (mm_kind_info(kind)->poison || mm_kind_info(kind)->is_pool ||
		    kind == MM_KIND_FAKE_OFFLINE)
			continue;
		if (kind == MM_KIND_BALLOON || kind == MM_KIND_UNBACKED) {
			mm_use_find(mm, run->start, end, ret_use);
			return -EBUSY;
		}
		if (mm_kind_info(kind)->migrates && moved < most)
			nr = mm_run_migrate(mm, run, target_not(mm, run), most - moved);
		moved += nr;
		if (nr) {
			pfn = start + nr;
			continue;
		}
		left += size;
		if (!stuck) {
			stuck = true;
			mm_use_find(mm, start, end, ret_use);
		}
	}
	*ret_moved = moved;
	*ret_left = left;
	return 0;
}
