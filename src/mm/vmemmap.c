// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memmap of huge pages with hugetlb_free_vmemmap (the kernel's mm/hugetlb_vmemmap.c): of the
 * pages that hold the struct pages of a huge page, one is kept and the others are free while the
 * huge page exists. They must be allocated again before it can be freed. Memory that holds its own
 * memmap is not optimized.
 */
#include <errno.h>
#include <string.h>

#include "mm_private.h"

/* Pages of memmap that the huge pages in [start, end) save. */
static uint64_t spared(const struct mm *mm, uint64_t start, uint64_t end, uint64_t unit)
{
	uint64_t pages = unit * MM_STRUCT_PAGE_BYTES >> mm->config.page_shift;

	return pages > 1 ? (end - start) / unit * (pages - 1) : 0;
}

void mm_memmap_describe(struct mm *mm, struct mm_holder *memmap, uint64_t start_pfn,
			uint64_t nr_pages)
{
	memmap->memmap_start = start_pfn;
	memmap->memmap_end = start_pfn + nr_pages;
	LIST_INSERT_HEAD(&mm->memmaps, memmap, of_memmaps);
}

/* The memmap of added memory; NULL: the memory holds its own memmap. */
static struct mm_holder *added_memmap(const struct mm *mm, uint64_t pfn)
{
	struct mm_holder *hold;

	LIST_FOREACH(hold, &mm->memmaps, of_memmaps) {
		if (pfn >= hold->memmap_start && pfn < hold->memmap_end)
			return hold;
	}
	return NULL;
}

/* Some memmap that was reserved at boot, preferably on this node. */
static struct mm_holder *boot_memmap(const struct mm *mm, int nid)
{
	struct mm_holder *hold, *any = NULL;

	TAILQ_FOREACH(hold, &mm->reserved, link) {
		const struct mm_run *run = TAILQ_LAST(&hold->runs, mm_run_list);
		const struct mm_extent *e = run ? mm_extent_of(mm, run->start) : NULL;

		if (!e || strcmp(hold->owner, MM_BOOT_MEMMAP))
			continue;
		if (e->nid == nid)
			return hold;
		any = hold;
	}
	return any;
}

/* Gives reserved pages to the allocator. */
static void boot_free(struct mm *mm, int nid, uint64_t nr_pages)
{
	struct mm_holder *hold;

	while (nr_pages && (hold = boot_memmap(mm, nid))) {
		struct mm_run *run = TAILQ_LAST(&hold->runs, mm_run_list);
		uint64_t nr = BASE_MIN(nr_pages, run->end - run->start);

		mm_extent_zone(mm, mm_extent_of(mm, run->start))->managed += nr;
		mm->memmap_boot_pages -= nr;
		mm_run_cut_high(mm, run, nr);
		nr_pages -= nr;
	}
}

void mm_vmemmap_optimize(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t unit)
{
	uint64_t nr = spared(mm, start_pfn, end_pfn, unit), again;
	struct mm_holder *memmap;

	if (!mm->config.free_vmemmap)
		return;
	if (!mm_early_section(mm, start_pfn)) {
		memmap = added_memmap(mm, start_pfn);
		if (memmap)
			mm_holder_shrink(mm, memmap, nr);
		return;
	}
	/* Memmap that was allocated again is freed first. */
	again = BASE_MIN(nr, mm->memmap_again.nr_pages);
	mm_holder_shrink(mm, &mm->memmap_again, again);
	boot_free(mm, mm_extent_of(mm, start_pfn)->nid, nr - again);
}

int mm_vmemmap_restore(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t unit)
{
	const struct mm_alloc_request want = {
		.nr_pages = spared(mm, start_pfn, end_pfn, unit),
		.nid = mm_extent_of(mm, start_pfn)->nid,
		.not_nid = MM_NODE_NONE,
	};
	struct mm_holder *memmap = &mm->memmap_again;

	if (!mm->config.free_vmemmap || !want.nr_pages)
		return 0;
	if (!mm_early_section(mm, start_pfn))
		memmap = added_memmap(mm, start_pfn);
	return memmap ? mm_holder_grow(mm, memmap, &want) : 0;
}
