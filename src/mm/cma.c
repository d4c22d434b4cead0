// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Areas for contiguous allocations (the kernel's mm/cma.c): they hold movable pages only, and
 * memory that contains a part of one cannot go offline.
 */
#include <errno.h>
#include <stdlib.h>

#include "mm_private.h"

int mm_cma_add(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	struct mm_range *cma = reallocarray(mm->cma, mm->nr_cma + 1, sizeof(*cma));
	uint64_t end = start_pfn + nr_pages;

	if (!cma)
		return -ENOMEM;
	mm->cma = cma;
	cma[mm->nr_cma++] = (struct mm_range){ .start = start_pfn, .end = end };
	mm_for_each_extent(mm, e, start_pfn, end)
		mm_extent_zone(mm, e)->cma += BASE_MIN(e->end, end) - BASE_MAX(e->start, start_pfn);
	return 0;
}

bool mm_cma_overlaps(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t *ret_start,
		     uint64_t *ret_end)
{
	for (size_t i = 0; start_pfn < end_pfn && i < mm->nr_cma; i++) {
		if (mm->cma[i].start >= end_pfn || mm->cma[i].end <= start_pfn)
			continue;
		*ret_start = mm->cma[i].start;
		*ret_end = mm->cma[i].end;
		return true;
	}
	return false;
}

bool mm_cma_next(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t *ret_start,
		 uint64_t *ret_end)
{
	uint64_t lowest = end_pfn;

	for (size_t i = 0; i < mm->nr_cma; i++) {
		uint64_t start = BASE_MAX(mm->cma[i].start, start_pfn);
		uint64_t end = BASE_MIN(mm->cma[i].end, end_pfn);

		if (start >= end || start >= lowest)
			continue;
		lowest = *ret_start = start;
		*ret_end = end;
	}
	return lowest < end_pfn;
}

static uint64_t area_free(const struct mm *mm, const struct mm_range *cma)
{
	uint64_t pages = cma->end - cma->start;

	mm_for_each_run(mm, run, cma->start, cma->end)
		pages -= BASE_MIN(run->end, cma->end) - BASE_MAX(run->start, cma->start);
	return pages;
}

uint64_t mm_cma_free(const struct mm *mm)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < mm->nr_cma; i++)
		pages += area_free(mm, &mm->cma[i]);
	return pages;
}

uint64_t mm_cma_zone_free(const struct mm *mm, const struct mm_zone *zone)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < mm->nr_cma; i++) {
		const struct mm_extent *e = mm_extent_of(mm, mm->cma[i].start);

		if (e && mm_extent_zone(mm, e) == zone)
			pages += area_free(mm, &mm->cma[i]);
	}
	return pages;
}
