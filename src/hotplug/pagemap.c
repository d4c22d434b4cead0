// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Device memory with a memmap (the kernel's mm/memremap.c). The memmap is kernel memory. If it
 * describes compound pages, those pages of it that hold nothing but equal tail pages are shared
 * (vmemmap_populate_compound_pages()).
 */
#include <errno.h>
#include <stdlib.h>

#include "hp_private.h"

/* Pages of memmap that each compound page keeps: one with its head, one for all other tails. */
#define VMEMMAP_RESERVE_NR 2

/* Pages of memmap for @nr pages of one section, which are @offset pages into the range. */
static uint64_t section_memmap(const struct mm_config *mm, const struct hp_pagemap *map,
			       uint64_t offset, uint64_t nr)
{
	uint64_t compound = map->compound >> mm->page_shift;
	uint64_t all = BASE_ROUND_UP(nr * MM_STRUCT_PAGE_BYTES, 1ULL << mm->page_shift) >>
		       mm->page_shift;

	if (!map->optimized ||
	    compound * MM_STRUCT_PAGE_BYTES >> mm->page_shift <= VMEMMAP_RESERVE_NR)
		return all;
	if (compound < mm->section_pages)
		return VMEMMAP_RESERVE_NR * (nr / compound);
	return offset % compound ? 0 : VMEMMAP_RESERVE_NR;
}

static uint64_t memmap_pages(const struct hp *hp, const struct hp_pagemap *map)
{
	const struct mm_config *mm = mm_config(hp->mm);
	uint64_t first = map->start >> mm->page_shift, end = first + (map->size >> mm->page_shift);
	uint64_t pages = 0;

	for (uint64_t pfn = first, next; pfn < end; pfn = next) {
		next = BASE_MIN(end, BASE_ROUND_DOWN(pfn, mm->section_pages) + mm->section_pages);
		/* The memmap of boot memory's sections is complete (section_activate()). */
		if (next - pfn == mm->section_pages || !mm_early_section(hp->mm, pfn))
			pages += section_memmap(mm, map, pfn - first, next - pfn);
	}
	return pages;
}

int hp_pagemap_add(struct hp *hp, const struct hp_pagemap *map)
{
	const struct mm_config *mm = mm_config(hp->mm);
	const struct mm_alloc_request want = {
		.nr_pages = memmap_pages(hp, map),
		.nid = hp->config.memmap_in_boot_memory ? MM_NODE_NONE : map->nid,
		.not_nid = MM_NODE_NONE,
		.boot_only = hp->config.memmap_in_boot_memory,
	};
	struct hp_range *range;

	if (map->start + map->size - 1 > hp->config.max_mappable)
		return -EINVAL;
	if (hp_fail_alloc_memmap(hp, want.nr_pages))
		return -ENOMEM;
	range = calloc(1, sizeof(*range));
	if (!range)
		return -ENOMEM;
	range->start = map->start;
	range->size = map->size;
	range->memmap = mm_holder_new(hp->mm, "memmap", MM_KIND_MEMMAP);
	if (!range->memmap || mm_holder_grow(hp->mm, range->memmap, &want)) {
		mm_holder_free(hp->mm, range->memmap);
		free(range);
		return -ENOMEM;
	}
	TAILQ_INSERT_TAIL(&hp->ranges, range, link);
	hp_direct_map_add(hp, range, 1);
	mm_zone_take_range(hp->mm, map->nid, MM_ZONE_DEVICE, map->start >> mm->page_shift,
			   map->size >> mm->page_shift);
	return 0;
}

void hp_pagemap_remove(struct hp *hp, uint64_t start, uint64_t size)
{
	hp_ranges_free(hp, start, size);
}
