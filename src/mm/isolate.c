// SPDX-License-Identifier: GPL-2.0-or-later
/* Isolating a range, whose pages can then neither be allocated nor merge (mm/page_isolation.c). */
#include <errno.h>

#include "mm_private.h"

static void isolate_set(struct mm *mm, uint64_t start, uint64_t end, bool isolated)
{
	mm_for_each_extent(mm, e, start, end)
		mm_extent_isolate(mm, e, isolated, start <= e->start && e->end <= end);
}

/* In Movable, only pages reserved at boot count (has_unmovable_pages()). */
static bool blocks_isolation(const struct mm *mm, const struct mm_run *run)
{
	enum mm_kind kind = run->hold->kind;
	const struct mm_extent *e = mm_extent_of(mm, run->start);

	if (e && e->type == MM_ZONE_MOVABLE && !mm_kind_info(kind)->from_boot)
		return false;
	return mm_kind_blocks(mm, kind);
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
	/* set_pageblock_migratetype() */
	mm_for_each_extent(mm, e, start_pfn, start_pfn + nr_pages)
		e->ungrouped = mm->ungrouped;
}
