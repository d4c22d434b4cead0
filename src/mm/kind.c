// SPDX-License-Identifier: GPL-2.0-or-later
/* Kinds of pages: how isolation and migration treat them, and their units. */
#include "mm_private.h"

const struct mm_kind_info *mm_kind_info(enum mm_kind kind)
{
	static const struct mm_kind_info info[MM_NR_KINDS] = {
		[MM_KIND_HOLE] = { "hole", .blocks_isolation = true, .from_boot = true },
		[MM_KIND_RESERVED] = { "reserved", .blocks_isolation = true, .from_boot = true },
		[MM_KIND_POISON] = { "poison", .poison = true },
		[MM_KIND_POISON_RESERVED] = { "poison", .blocks_isolation = true, .from_boot = true,
					      .poison = true },
		[MM_KIND_POISON_HOLE] = { "poison", .blocks_isolation = true, .from_boot = true,
					  .poison = true },
		[MM_KIND_KERNEL] = { "kernel", .blocks_isolation = true },
		[MM_KIND_MEMMAP] = { "memmap", .blocks_isolation = true },
		[MM_KIND_ALTMAP] = { "memmap on memory", .blocks_isolation = true },
		[MM_KIND_SLAB] = { "slab", .blocks_isolation = true },
		[MM_KIND_PAGETABLE] = { "pagetable", .blocks_isolation = true },
		[MM_KIND_ANON] = { "anon", .movable = true, .migrates = true, .on_lru = true,
				   .swaps = true },
		[MM_KIND_THP] = { "thp", .movable = true, .migrates = true, .on_lru = true,
				  .swaps = true },
		[MM_KIND_MLOCK] = { "mlock", .movable = true, .migrates = true },
		[MM_KIND_SHMEM] = { "shmem", .movable = true, .migrates = true, .on_lru = true,
				    .swaps = true },
		[MM_KIND_PAGECACHE] = { "pagecache", .movable = true, .migrates = true,
					.on_lru = true },
		/* On an LRU list: isolation passes, migration never does. */
		[MM_KIND_PINNED] = { "pinned", .on_lru = true },
		[MM_KIND_BALLOON] = { "balloon" },
		[MM_KIND_BALLOON_MOVABLE] = { "balloon", .movable = true, .migrates = true },
		[MM_KIND_FAKE_OFFLINE] = { "offline" },
		[MM_KIND_UNBACKED] = { "not backed" },
		[MM_KIND_HUGETLB] = { "hugetlb", .movable = true, .migrates = true, .is_huge = true,
				      .huge = MM_HUGE_PMD },
		[MM_KIND_HUGETLB_FREE] = { "free hugetlb", .movable = true, .is_pool = true,
					   .huge = MM_HUGE_PMD },
		[MM_KIND_GIGANTIC] = { "gigantic", .migrates = true, .is_huge = true,
				       .huge = MM_HUGE_PUD },
		[MM_KIND_GIGANTIC_FREE] = { "free gigantic", .is_pool = true, .huge = MM_HUGE_PUD },
		[MM_KIND_CONT_PTE_FREE] = { "free hugetlb", .movable = true, .is_pool = true,
					    .huge = MM_HUGE_CONT_PTE },
		[MM_KIND_CONT_PMD_FREE] = { "free gigantic", .is_pool = true,
					    .huge = MM_HUGE_CONT_PMD },
	};

	return &info[kind];
}

/* Pages of a kind come in units of this many, which are never split. */
uint64_t mm_kind_unit(const struct mm *mm, enum mm_kind kind)
{
	const struct mm_kind_info *info = mm_kind_info(kind);

	if (info->is_huge || info->is_pool)
		return mm->config.huge_pages[info->huge];
	return kind == MM_KIND_THP ? mm->config.thp_pages : 1;
}

/* Whether it is a huge page that cannot migrate, in use or in a pool. */
static bool huge_stays(const struct mm *mm, enum mm_kind kind)
{
	const struct mm_kind_info *info = mm_kind_info(kind);

	return mm->config.huge_pages_stay && (info->is_huge || info->is_pool);
}

bool mm_kind_is_movable(const struct mm *mm, enum mm_kind kind)
{
	return mm_kind_info(kind)->movable && !huge_stays(mm, kind);
}

bool mm_kind_migrates(const struct mm *mm, enum mm_kind kind)
{
	return mm_kind_info(kind)->migrates && !huge_stays(mm, kind);
}

bool mm_kind_blocks(const struct mm *mm, enum mm_kind kind)
{
	return mm_kind_info(kind)->blocks_isolation || huge_stays(mm, kind);
}

bool mm_kind_exists(const struct mm *mm, enum mm_kind kind)
{
	return mm_kind_unit(mm, kind);
}

uint64_t mm_round_up_unit(const struct mm *mm, enum mm_kind kind, uint64_t nr_pages)
{
	return BASE_ROUND_UP(nr_pages, mm_kind_unit(mm, kind));
}
