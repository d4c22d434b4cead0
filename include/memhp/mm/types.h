/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones, kinds of pages, and the configuration of the memory. */
#ifndef MEMHP_MM_TYPES_H
#define MEMHP_MM_TYPES_H

#include "memhp/base.h"

struct mm;
struct mm_holder;

enum mm_zone_type {
	MM_ZONE_DMA,
	MM_ZONE_DMA32,
	MM_ZONE_NORMAL,
	MM_ZONE_MOVABLE,
	MM_ZONE_DEVICE,
	MM_NR_ZONES,
};

#define MM_NODE_NONE (-1)

/** enum mm_huge - the huge page sizes that have pools, ascending. */
enum mm_huge {
	MM_HUGE_CONT_PTE, /* contiguous entries of the lowest page table (arm64) */
	MM_HUGE_PMD,	  /* 2 MiB on most machines: the default size */
	MM_HUGE_CONT_PMD, /* if there is a larger one */
	MM_HUGE_PUD,	  /* the largest: 1 GiB on most machines */
	MM_NR_HUGE,
};

/**
 * struct mm_config - constants of a machine
 * @zone_end_pfn: first pfn above each boot zone below Normal; 0: the architecture has no such zone
 * @subsection_pages: the granularity at which zone spans shrink (2 MiB)
 * @max_low_pfn: first pfn above all memory that the kernel may get at boot, added later or not
 * @huge_pages: base pages of each size of huge pages; 0: there is no such size
 * @clock: for pages that are busy now and then; NULL: none ever is
 * @huge_pages_stay: huge pages cannot migrate (no ARCH_ENABLE_HUGEPAGE_MIGRATION)
 * @free_vmemmap: most of the memmap of huge pages is freed (hugetlb_free_vmemmap=on)
 * @max_order: order of the largest buddy block, to which the start of Movable is rounded at boot
 * @thp_pages: base pages of a transparent huge page; 0: there are none
 * @no_zone_device, @no_migration: the kernel is built without ZONE_DEVICE, or MIGRATION
 * @no_contig: it cannot allocate gigantic pages at run time
 * @offline_skips_fake: offlining leaves out the fake-offline pages of a range when it takes its
 *			pages from the managed ones, but not those that were poisoned; else the
 *			driver has added all of them before
 * @normal_memory_fixed: which nodes have normal memory is decided at boot
 * @surplus_counts: pages are compared with the wanted number of a pool with their surplus pages
 * @movable_keeps_share: the watermarks of Movable are in proportion to its size, as those of the
 *			 other zones are
 * @pool_grows_singly: huge pages are added to a pool one at a time, so that the last one is used
 *		       first; else a batch at a time, the first of the batch first
 */
struct mm_config {
	unsigned int page_shift;
	uint64_t section_pages;
	uint64_t block_pages;
	uint64_t subsection_pages;
	uint64_t pageblock_pages;
	unsigned int max_order;
	uint64_t zone_end_pfn[MM_ZONE_NORMAL];
	uint64_t max_low_pfn;
	uint64_t huge_pages[MM_NR_HUGE];
	unsigned int nr_cpus;
	struct base_clock *clock;
	bool huge_pages_stay;
	bool free_vmemmap;
	uint64_t thp_pages;
	bool no_zone_device;
	bool no_migration;
	bool no_contig;
	bool offline_skips_fake;
	bool surplus_counts;
	bool normal_memory_fixed;
	bool movable_keeps_share;
	bool pool_grows_singly;
};

/** struct mm_zone_info - a zone, as /proc/zoneinfo shows it. */
struct mm_zone_info {
	uint64_t start_pfn;
	uint64_t spanned;
	uint64_t present;
	uint64_t present_early;
	uint64_t managed;
	uint64_t free;
	uint64_t cma;
	uint64_t min, low, high, promo;
	uint64_t reserve[MM_NR_ZONES];
	unsigned int batch;
	unsigned int stat_threshold;
};

/**
 * enum mm_kind - what pages are used for; see mm_kind_info()
 */
enum mm_kind {
	MM_KIND_HOLE,		 /* a struct page without memory */
	MM_KIND_RESERVED,	 /* boot allocation: was never given to the page allocator */
	MM_KIND_POISON,		 /* permanently out of use */
	MM_KIND_POISON_RESERVED, /* a poisoned MM_KIND_RESERVED, which still never leaves */
	MM_KIND_POISON_HOLE,
	MM_KIND_KERNEL,
	MM_KIND_MEMMAP,
	MM_KIND_ALTMAP, /* memmap in the memory that it describes */
	MM_KIND_SLAB,
	MM_KIND_PAGETABLE,
	MM_KIND_ANON,
	MM_KIND_THP,
	MM_KIND_MLOCK,
	MM_KIND_SHMEM,
	MM_KIND_PAGECACHE,
	MM_KIND_PINNED,
	MM_KIND_BALLOON,	 /* PageOffline: nobody can move it */
	MM_KIND_BALLOON_MOVABLE, /* with balloon compaction */
	MM_KIND_FAKE_OFFLINE,	 /* held by a driver whose device took the memory back */
	MM_KIND_UNBACKED,	 /* part of a block that the hypervisor did not back with memory */
	MM_KIND_HUGETLB,	 /* in use, of the default size */
	MM_KIND_HUGETLB_FREE,	 /* in a pool */
	MM_KIND_GIGANTIC,
	MM_KIND_GIGANTIC_FREE,
	MM_KIND_CONT_PTE_FREE, /* of contiguous entries: no workload uses these sizes */
	MM_KIND_CONT_PMD_FREE,
	MM_NR_KINDS,
};

/**
 * struct mm_kind_info - how the allocator and migration treat a kind
 * @movable: may lie in Movable and CMA
 * @migrates: can be moved while it is in use
 * @blocks_isolation: a page that makes isolation of its pageblock fail in a kernel zone
 * @from_boot: never given to the page allocator, so it blocks isolation in Movable, too
 * @poison: the page is poisoned
 * @on_lru: reclaim may find it, now or (if it is pinned) later
 * @swaps: reclaim can swap it out
 * @is_pool: a free huge page; the runs of a pool are added and used at the front of its list
 * @is_huge: a huge page that a program uses
 * @huge: the size of both
 */
struct mm_kind_info {
	const char *name;
	bool movable;
	bool migrates;
	bool blocks_isolation;
	bool from_boot;
	bool poison;
	bool on_lru;
	bool swaps;
	bool is_pool;
	bool is_huge;
	enum mm_huge huge;
};

/** mm_kind_info() - a kind; for what differs between machines, see the functions below. */
const struct mm_kind_info *mm_kind_info(enum mm_kind kind);
/**
 * mm_kind_is_movable() - whether pages of a kind may lie in Movable and CMA on this machine
 *
 * These three differ from the flags of struct mm_kind_info for huge pages where they stay (the
 * kernel's hugepage_migration_supported() and hugepage_movable_supported()).
 */
bool mm_kind_is_movable(const struct mm *mm, enum mm_kind kind);
/** mm_kind_migrates() - whether they can be moved while they are in use. */
bool mm_kind_migrates(const struct mm *mm, enum mm_kind kind);
/** mm_kind_blocks() - whether one makes isolation of its pageblock fail in a kernel zone. */
bool mm_kind_blocks(const struct mm *mm, enum mm_kind kind);

/** mm_kind_exists() - whether the machine can have pages of a kind (of a huge page size). */
bool mm_kind_exists(const struct mm *mm, enum mm_kind kind);

/** mm_round_up_unit() - pages rounded up to the unit of a kind. */
uint64_t mm_round_up_unit(const struct mm *mm, enum mm_kind kind, uint64_t nr_pages);

/**
 * struct mm_use - a range of pages in use
 * @owner: lives as long as the holder
 * @busy_until: when they cease to be busy, ns; UINT64_MAX: never; 0: they are not
 * @first_idle: set by mm_migrate(): the lowest @busy_until of all pages that did not move
 */
struct mm_use {
	uint64_t start_pfn;
	uint64_t nr_pages;
	enum mm_kind kind;
	const char *owner;
	uint64_t busy_until;
	uint64_t first_idle;
};

#endif
