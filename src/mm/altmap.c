// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Self-hosted memmap (memory_hotplug.memmap_on_memory): the first pages of a block hold its own
 * struct pages. They belong to the zone while the block is online, but cannot be allocated.
 */
#include "mm_private.h"

void mm_memmap_self_add(struct mm *mm, int64_t nr_pages)
{
	mm->memmap_self_pages += (uint64_t)nr_pages;
}

int mm_altmap_take(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	struct mm_extent *e = mm_extent_of(mm, start_pfn);
	int ret = mm_run_take(mm, e, &mm->altmaps, start_pfn, start_pfn + nr_pages);

	if (!ret)
		mm_extent_zone(mm, e)->managed -= nr_pages;
	return ret;
}

void mm_altmap_release(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages)
{
	struct mm_run *run = mm_run_at(mm, start_pfn), *next;

	mm_extent_zone(mm, mm_extent_of(mm, start_pfn))->managed += nr_pages;
	/* Some of them may have been poisoned in the meantime. */
	for (; run && run->start < start_pfn + nr_pages; run = next) {
		next = RB_NEXT(mm_runs, &mm->runs, run);
		if (run->hold == &mm->altmaps)
			mm_run_cut_high(mm, run, run->end - run->start);
	}
}
