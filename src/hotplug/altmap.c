// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memmap_on_memory: whether each block of added memory holds its own struct pages
 * (mhp_supports_memmap_on_memory()).
 */
#include <errno.h>

#include "hp_private.h"

static uint64_t memmap_bytes(const struct hp *hp)
{
	return hp_block_pages(hp) * MM_STRUCT_PAGE_BYTES;
}

/* Whole pages occupied by the struct pages of a block. */
static uint64_t memmap_pages(const struct hp *hp)
{
	uint64_t page = 1ULL << mm_config(hp->mm)->page_shift;

	return BASE_ROUND_UP(memmap_bytes(hp), page) / page;
}

static uint64_t memmap_pageblocks(const struct hp *hp)
{
	return BASE_ROUND_UP(memmap_pages(hp), mm_config(hp->mm)->pageblock_pages);
}

uint64_t hp_memmap_waste(const struct hp *hp)
{
	return memmap_pageblocks(hp) - memmap_pages(hp);
}

uint64_t hp_altmap_pages(const struct hp *hp)
{
	const struct mm_config *mm = mm_config(hp->mm);
	enum hp_memmap_mode mode = hp->params.memmap_on_memory;
	uint64_t pages = mode == HP_MEMMAP_FORCE ? memmap_pageblocks(hp) : memmap_pages(hp);

	if (mode == HP_MEMMAP_N || !hp->config.memmap_unit ||
	    !BASE_ALIGNED(memmap_bytes(hp), 1ULL << mm->page_shift) ||
	    !BASE_ALIGNED(pages, mm->pageblock_pages) || pages == hp_block_pages(hp) ||
	    !BASE_ALIGNED(memmap_bytes(hp), hp->config.memmap_unit))
		return 0;
	return pages;
}

bool hp_supports_memmap_on_memory(const struct hp *hp)
{
	return hp_altmap_pages(hp) > 0;
}

int hp_altmaps_in(const struct hp *hp, uint64_t first, uint64_t end)
{
	uint64_t with = 0, all = 0;

	for (struct hp_block *b = hp_block_next(hp, first); b && b->id < end;
	     b = hp_block_next(hp, b->id + 1)) {
		with += b->altmap_pages > 0;
		all++;
	}
	if (with && with != all)
		return -EINVAL;
	return with > 0;
}

void hp_altmap_add(struct hp *hp, struct hp_block *block)
{
	block->altmap_pages = hp_altmap_pages(hp);
	mm_memmap_self_add(hp->mm, (int64_t)memmap_pages(hp));
}

void hp_altmap_remove(struct hp *hp, struct hp_block *block)
{
	if (block->altmap_pages)
		mm_memmap_self_add(hp->mm, -(int64_t)memmap_pages(hp));
	block->altmap_pages = 0;
}
