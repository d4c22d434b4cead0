/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm: physical memory as Linux sees it: nodes, their zones, which pages are online in which
 * zone, who holds pages, and the arithmetic that follows from it (spans, watermarks, node
 * states). All page numbers are pfns, all amounts pages, unless a name says otherwise.
 *
 * Detail exists only where something lies: online memory is a set of extents, holders a set of
 * ranges; a terabyte of free memory costs one extent.
 *
 * Negative returns are answers of the emulated kernel. Nothing here waits or sends events.
 */
#ifndef MEMHP_MM_H
#define MEMHP_MM_H

#include "memhp/base.h"

struct mm;
struct mm_hold;

enum mm_zone_type {
	MM_ZONE_DMA,
	MM_ZONE_DMA32,
	MM_ZONE_NORMAL,
	MM_ZONE_MOVABLE,
	MM_ZONE_DEVICE,
	MM_NR_ZONES,
};

#define MM_NODE_NONE (-1)

/**
 * struct mm_config - what is fixed when the machine is built
 * @zone_end_pfn: first pfn above each boot zone below Normal; 0: the architecture has no such zone
 * @subsection_pages: the granularity at which zone spans shrink (2 MiB)
 * @free_vmemmap: most of the memmap of huge pages is freed (hugetlb_free_vmemmap=on)
 * @max_order: that of the largest buddy block, to which the start of Movable is rounded at boot
 */
struct mm_config {
	unsigned int page_shift;
	uint64_t section_pages;
	uint64_t block_pages;
	uint64_t subsection_pages;
	uint64_t pageblock_pages;
	unsigned int max_order;
	uint64_t zone_end_pfn[MM_ZONE_NORMAL];
	unsigned int nr_cpus;
	bool free_vmemmap;
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
	MM_KIND_POISON,		 /* taken out of use for good */
	MM_KIND_POISON_RESERVED, /* the same of what it was; it still never leaves */
	MM_KIND_POISON_HOLE,
	MM_KIND_KERNEL,
	MM_KIND_MEMMAP,
	MM_KIND_ALTMAP, /* memmap that lies in the memory that it describes */
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
	MM_KIND_FAKE_OFFLINE,	 /* a driver's, whose device took the memory back */
	MM_KIND_UNBACKED,	 /* part of a block that the hypervisor gave no memory for */
	MM_KIND_HUGETLB,	 /* in use, 2 MiB */
	MM_KIND_HUGETLB_FREE,	 /* in a pool */
	MM_KIND_GIGANTIC,
	MM_KIND_GIGANTIC_FREE,
	MM_NR_KINDS,
};

/**
 * struct mm_kind_info - what the allocator and migration make of a kind
 * @movable: may lie in Movable and CMA
 * @migrates: can be moved while it is in use
 * @blocks_isolation: a page that makes isolation of its pageblock fail in a kernel zone
 * @from_boot: in Movable, too: the page allocator never had it
 * @poison: the page is poisoned
 */
struct mm_kind_info {
	const char *name;
	bool movable;
	bool migrates;
	bool blocks_isolation;
	bool from_boot;
	bool poison;
};

const struct mm_kind_info *mm_kind_info(enum mm_kind kind);

/** mm_round_up_unit() - pages rounded up to what pages of a kind come in. */
uint64_t mm_round_up_unit(const struct mm *mm, enum mm_kind kind, uint64_t nr_pages);

/** struct mm_use - a range of pages in use; @owner lives as long as the holder. */
struct mm_use {
	uint64_t start_pfn;
	uint64_t nr_pages;
	enum mm_kind kind;
	const char *owner;
};

/* ---- life ------------------------------------------------------------------------------------ */

struct mm *mm_new(const struct mm_config *config);
void mm_free(struct mm *mm);
const struct mm_config *mm_config(const struct mm *mm);
/** mm_zone_name() - as the kernel prints it: "DMA32". */
const char *mm_zone_name(enum mm_zone_type type);

/**
 * mm_boot_add() - a range of boot memory (memblock), before mm_boot_finish(); ascending order
 *
 * Return: 0 or -ENOMEM.
 */
int mm_boot_add(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, int nid);
/**
 * mm_boot_mark() - what firmware says of the range added last (memblock_mark_hotplug(),
 * memblock_mark_mirror())
 */
void mm_boot_mark(struct mm *mm, bool hotpluggable, bool mirrored);

/**
 * struct mm_movable - what boot memory is wanted for ZONE_MOVABLE
 * @kernelcore, @movablecore: pages; 0: not said
 * @kernelcore_percent, @movablecore_percent: of all memory; they win over the pages unless 0
 * @mirror: only mirrored memory is for the kernel; @movable_node: all but hot-pluggable memory is
 */
struct mm_movable {
	uint64_t kernelcore;
	uint64_t movablecore;
	uint64_t kernelcore_percent;
	uint64_t movablecore_percent;
	bool mirror;
	bool movable_node;
};

/** mm_boot_set_movable() - before mm_boot_finish(); without it there is no Movable at boot. */
void mm_boot_set_movable(struct mm *mm, const struct mm_movable *movable);
/**
 * mm_boot_finish() - lay the zones over boot memory (free_area_init())
 *
 * Nodes with memory are up and populated after it.
 */
int mm_boot_finish(struct mm *mm);
/**
 * mm_boot_range() - walk boot memory: the range with the lowest start at or above @pfn or around it
 *
 * Return: false when there is none.
 */
bool mm_boot_range(const struct mm *mm, uint64_t pfn, uint64_t *ret_start, uint64_t *ret_end,
		   int *ret_nid);
/** mm_pfn_online() - whether the page's section is online (pfn_to_online_page()). */
bool mm_pfn_online(const struct mm *mm, uint64_t pfn);
/** mm_early_section() - whether the section around @pfn was present at boot. */
bool mm_early_section(const struct mm *mm, uint64_t pfn);

/* ---- nodes ----------------------------------------------------------------------------------- */

/** mm_node_bring_up() - give a node its pgdat, empty (__try_online_node()); 0 or -ENOMEM. */
int mm_node_bring_up(struct mm *mm, int nid);
/** mm_node_take_down() - the node must span nothing; its data goes. */
void mm_node_take_down(struct mm *mm, int nid);
bool mm_node_is_up(const struct mm *mm, int nid);
/** mm_node_next() - lowest node that is up, at or above @from; MM_NODE_NONE when none. */
int mm_node_next(const struct mm *mm, int from);
uint64_t mm_node_spanned(const struct mm *mm, int nid);
/** mm_nodes_with_memory() - N_MEMORY; mm_nodes_with_normal_memory() - N_NORMAL_MEMORY. */
const struct base_mask *mm_nodes_with_memory(const struct mm *mm);
const struct base_mask *mm_nodes_with_normal_memory(const struct mm *mm);

/* ---- zones ----------------------------------------------------------------------------------- */

/** mm_zone_info() - all zero for a node that is not up. */
void mm_zone_info(const struct mm *mm, int nid, enum mm_zone_type type,
		  struct mm_zone_info *ret_info);
bool mm_zone_populated(const struct mm *mm, int nid, enum mm_zone_type type);
/** mm_zone_intersects() - whether the zone's *span* overlaps the range (zone_intersects()). */
bool mm_zone_intersects(const struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages);
/**
 * mm_zone_early() - the zone of boot memory in a range (early_node_zone_for_memory_block())
 *
 * Return: the zone; MM_NR_ZONES when the range overlaps the spans of none or several.
 */
enum mm_zone_type mm_zone_early(const struct mm *mm, int nid, uint64_t start_pfn,
				uint64_t nr_pages);

/**
 * mm_zone_take_range() - a range becomes part of a zone (move_pfn_range_to_zone())
 *
 * Spans grow over it; the pages are neither present nor free yet: nobody finds them.
 */
void mm_zone_take_range(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages);
/** mm_zone_drop_range() - the reverse (remove_pfn_range_from_zone()): spans shrink at the edges. */
void mm_zone_drop_range(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages);
/**
 * mm_zone_add_pages() - pages of a taken range become present and free
 *
 * Sets the node's states. Recompute watermarks afterwards.
 *
 * Return: 0 or -ENOMEM.
 */
int mm_zone_add_pages(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
		      uint64_t nr_pages);
/** mm_zone_remove_pages() - isolated, free pages leave the zone; may clear the node's states. */
void mm_zone_remove_pages(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			  uint64_t nr_pages);

/* ---- totals and watermarks (wmark.c) --------------------------------------------------------- */

/** mm_wmark_update() - init_per_zone_wmark_min(): after each change of managed pages. */
void mm_wmark_update(struct mm *mm);
uint64_t mm_min_free_kbytes(const struct mm *mm);
/** mm_total_managed() - pages in all zones; mm_total_free() - of them free. */
uint64_t mm_total_managed(const struct mm *mm);
uint64_t mm_total_free(const struct mm *mm);
/** MM_STRUCT_PAGE_BYTES - memmap of a page. */
#define MM_STRUCT_PAGE_BYTES 64
/** mm_memmap_pages() - memmap of added memory; mm_memmap_boot_pages() - of boot memory. */
uint64_t mm_memmap_pages(const struct mm *mm);
uint64_t mm_memmap_boot_pages(const struct mm *mm);

/**
 * mm_memmap_self_add() - the memmap of an added block lies in the block (or no longer, negative):
 * counted from adding to removing
 */
void mm_memmap_self_add(struct mm *mm, int64_t nr_pages);
/**
 * mm_altmap_take() - the first pages of a range just added are its own memmap: present, neither
 * managed nor free (mhp_init_memmap_on_memory())
 *
 * Return: 0 or -ENOMEM.
 */
int mm_altmap_take(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/** mm_altmap_release() - the reverse, just before the range is removed from its zone. */
void mm_altmap_release(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);

/** mm_kind_pages() - pages of a kind on a node, or on all (MM_NODE_NONE). */
uint64_t mm_kind_pages(const struct mm *mm, int nid, enum mm_kind kind);

/* ---- holders: the page allocator (hold.c) ---------------------------------------------------- */

/**
 * struct mm_want - how pages are wanted
 * @nid: preferred node; MM_NODE_NONE: none
 * @bind: no other node will do
 * @not_nid: not on this node; MM_NODE_NONE: no such wish
 * @start_pfn, @end_pfn: within this range, whatever watermarks say; 0, 0: anywhere
 * @boot_only: within boot memory
 */
struct mm_want {
	uint64_t nr_pages;
	int nid;
	int not_nid;
	bool bind;
	bool boot_only;
	uint64_t start_pfn;
	uint64_t end_pfn;
};

/**
 * mm_reserve_boot() - pages that memblock keeps: taken from managed and free, never come back
 *
 * Parts that are no boot memory or reserved already are passed over.
 *
 * Return: 0 or -ENOMEM.
 */
int mm_reserve_boot(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, const char *owner);
/** mm_hold_new() - a holder of no pages; @owner is copied. NULL: out of memory. */
struct mm_hold *mm_hold_new(struct mm *mm, const char *owner, enum mm_kind kind);
/** MM_BOOT_MEMMAP - the owner of the memmap of boot memory, for mm_reserve_boot(). */
#define MM_BOOT_MEMMAP "memmap"
/** mm_memmap_describe() - @memmap is that of memory that was added; until it is freed. */
void mm_memmap_describe(struct mm *mm, struct mm_hold *memmap, uint64_t start_pfn,
			uint64_t nr_pages);
/** mm_hold_free() - gives all pages back; NULL is nothing. */
void mm_hold_free(struct mm *mm, struct mm_hold *hold);
/**
 * mm_hold_grow() - allocate pages for a holder
 *
 * Zones in the order of the node's zonelist, down to the low watermark, then to the min watermark,
 * then at the cost of the page cache. Kernel pages fill zones from below, movable ones from
 * above, which is what grouping by mobility is for.
 *
 * Return: 0; -ENOMEM with nothing changed.
 */
int mm_hold_grow(struct mm *mm, struct mm_hold *hold, const struct mm_want *want);
/** mm_hold_shrink() - give @nr_pages back, the latest first. */
void mm_hold_shrink(struct mm *mm, struct mm_hold *hold, uint64_t nr_pages);
/**
 * mm_hold_pin() - pin all of an anon holder for long (pin_user_pages() with FOLL_LONGTERM)
 *
 * Pages in Movable and CMA go to kernel zones first; the holder's kind is then MM_KIND_PINNED.
 *
 * Return: 0; -ENOMEM with nothing pinned or moved.
 */
int mm_hold_pin(struct mm *mm, struct mm_hold *hold);
/** mm_hold_set_kind() - its pages stay where they are and are used for something else. */
void mm_hold_set_kind(struct mm *mm, struct mm_hold *hold, enum mm_kind kind);
uint64_t mm_hold_pages(const struct mm_hold *hold);
/** mm_hold_pages_on() - of them in one zone of a node. */
uint64_t mm_hold_pages_on(const struct mm *mm, const struct mm_hold *hold, int nid,
			  enum mm_zone_type type);
/** mm_use_find() - the first pages in use within [start, end); false when all are free. */
bool mm_use_find(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, struct mm_use *ret_use);

/* ---- saving and loading (save.c) ------------------------------------------------------------- */

/**
 * mm_save() - nodes, zones, online memory and what mm itself holds
 *
 * Loading, all of that takes the place of what a machine just booted has: the other layers have
 * freed their holders. Their holders follow, by mm_hold_save(). Context: nothing is isolated.
 */
void mm_save(struct mm *mm, struct base_save *s);
/** mm_hold_save() - a holder with its pages, in its place among others; NULL is one, too. */
void mm_hold_save(struct mm *mm, struct base_save *s, struct mm_hold **hold);

/* ---- isolation and migration (migrate.c) ----------------------------------------------------- */

/**
 * mm_isolate() - take a range's free pages out of circulation (start_isolate_page_range())
 * @ret_use: the page in the way
 *
 * Return: 0; -EBUSY with nothing changed.
 */
int mm_isolate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, struct mm_use *ret_use);
/** mm_unisolate() - the reverse. */
void mm_unisolate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/**
 * mm_migrate() - move up to @most pages in use out of an isolated range
 * @ret_moved: how many were moved
 * @ret_left: how many pages are still in use; poisoned ones do not count
 * @ret_use: the first page that did not move, when none of the rest could
 *
 * Return: 0; -EBUSY when a page is in the way that will never move.
 */
int mm_migrate(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, uint64_t most,
	       uint64_t *ret_moved, uint64_t *ret_left, struct mm_use *ret_use);

/* ---- fake-offline memory (contig.c) ---------------------------------------------------------- */

/**
 * mm_contig_alloc() - pages of one block for a holder of MM_KIND_FAKE_OFFLINE, after what is in
 * them has moved (alloc_contig_range()); whole pageblocks
 *
 * Return: 0, with the pages not managed any more; -EBUSY when something does not move, -ENOMEM when
 * there is no room for it elsewhere; what has moved stays moved then.
 */
int mm_contig_alloc(struct mm *mm, struct mm_hold *hold, uint64_t start_pfn, uint64_t nr_pages);
/** mm_fake_offline() - the same for pages that are free, just being onlined; 0 or -ENOMEM. */
int mm_fake_offline(struct mm *mm, struct mm_hold *hold, uint64_t start_pfn, uint64_t nr_pages);
/** mm_back() - pages of a holder of MM_KIND_UNBACKED can be used; 0 or -ENOMEM. */
int mm_back(struct mm *mm, struct mm_hold *hold, uint64_t start_pfn, uint64_t nr_pages);
/** mm_fake_online() - fake-offline pages become managed and free; 0 or -ENOMEM, nothing changed. */
int mm_fake_online(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);

/* ---- huge page pools (hugetlb.c) ------------------------------------------------------------- */

/** enum mm_huge - the huge page sizes that have pools. */
enum mm_huge {
	MM_HUGE_PMD, /* 2 MiB */
	MM_HUGE_PUD, /* 1 GiB */
	MM_NR_HUGE,
};

/** mm_huge_pages() - base pages of a huge page; mm_huge_kb() - the same in kB. */
uint64_t mm_huge_pages(const struct mm *mm, enum mm_huge size);
uint64_t mm_huge_kb(const struct mm *mm, enum mm_huge size);
/** struct mm_huge_info - a pool, in huge pages. */
struct mm_huge_info {
	uint64_t nr;
	uint64_t free;
	uint64_t surplus;
};
/** mm_huge_info() - of one node, or of all (MM_NODE_NONE). */
void mm_huge_info(const struct mm *mm, int nid, enum mm_huge size, struct mm_huge_info *ret_info);
/**
 * mm_huge_set_nr() - a write to nr_hugepages of a node (set_max_huge_pages())
 *
 * Gets as near to @nr as memory and pages in use allow; that is no error.
 */
void mm_huge_set_nr(struct mm *mm, int nid, enum mm_huge size, uint64_t nr);
/** mm_huge_take() - pages of pools for a holder of that kind; 0 or -ENOMEM with nothing changed. */
int mm_huge_take(struct mm *mm, struct mm_hold *hold, const struct mm_want *want);
/**
 * mm_huge_give() - the last @nr_pages of a holder back to their pools; surplus ones are freed
 *
 * Return: 0 (always when it is all that the holder has); -ENOMEM with nothing changed.
 */
int mm_huge_give(struct mm *mm, struct mm_hold *hold, uint64_t nr_pages);
/**
 * mm_dissolve_huge() - free huge pages of an isolated range become free pages
 *
 * They are lost to their pools, also when the offlining fails afterwards.
 */
int mm_dissolve_huge(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);

/* ---- poisoned pages (poison.c) --------------------------------------------------------------- */

/** enum mm_failure - the counters of nodeK/memory_failure. */
enum mm_failure {
	MM_FAILURE_IGNORED,
	MM_FAILURE_FAILED,
	MM_FAILURE_DELAYED,
	MM_FAILURE_RECOVERED,
	MM_FAILURE_TOTAL, /* sum of the others */
};
uint64_t mm_failures(const struct mm *mm, int nid, enum mm_failure failure);
/** mm_poisoned_pages() - HardwareCorrupted. */
uint64_t mm_poisoned_pages(const struct mm *mm);
bool mm_is_poisoned(const struct mm *mm, uint64_t pfn);
/** mm_has_poison() - whether any page of a range is poisoned; the range may be offline. */
bool mm_has_poison(const struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/**
 * mm_poison_soft() - soft_offline_page(): the content goes elsewhere, the page out of use
 * @pfn: online
 *
 * Return: 0 (also when it is so already); -EIO for a page that cannot be handled; -EBUSY when there
 * is no room for its content.
 */
int mm_poison_soft(struct mm *mm, uint64_t pfn);
/**
 * mm_poison_hard() - memory_failure(): the page is lost, with its content
 *
 * Return: 0; -EHWPOISON when it is so already; -EBUSY, with the page marked and counted, when the
 * kernel itself uses it. @ret_failure: how it was counted, on 0 and -EBUSY.
 */
int mm_poison_hard(struct mm *mm, uint64_t pfn, enum mm_failure *ret_failure);
/** mm_unpoison() - unpoison_memory(): -EBUSY when it is not poisoned. */
int mm_unpoison(struct mm *mm, uint64_t pfn);
/** mm_poison_forget() - the memory is removed, and its poisoned pages with it. */
void mm_poison_forget(struct mm *mm, int nid, uint64_t start_pfn, uint64_t nr_pages);
/** mm_poison_lose() - no page of an offline range is poisoned any more, but they still count. */
void mm_poison_lose(struct mm *mm, int nid, uint64_t start_pfn, uint64_t nr_pages);

/* ---- contiguous memory (cma.c) --------------------------------------------------------------- */

/** mm_cma_add() - an area in boot memory, of whole pageblocks; 0 or -ENOMEM. */
int mm_cma_add(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/** mm_cma_overlaps() - an area, as a whole, that has pages of a range; none has of an empty one. */
bool mm_cma_overlaps(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t *ret_start,
		     uint64_t *ret_end);
/**
 * mm_cma_next() - the lowest pages of a range that lie in one area
 *
 * [*@ret_start, *@ret_end) lies in the range and is never empty: whoever goes on at *@ret_end comes
 * to an end.
 *
 * Return: false when no area has any.
 */
bool mm_cma_next(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t *ret_start,
		 uint64_t *ret_end);
/** mm_cma_free() - free pages in all areas. */
uint64_t mm_cma_free(const struct mm *mm);

/* ---- what pages are used for (usage.c) ------------------------------------------------------- */

/**
 * struct mm_usage - the online pages of a zone or a range
 * @free: nobody's; where memory is going offline they are no free pages of the zone any more
 * @free_cma: of them in CMA areas
 * @zones: a bit for each type of zone that they lie in
 */
struct mm_usage {
	uint64_t free;
	uint64_t free_cma;
	uint64_t kind[MM_NR_KINDS];
	unsigned int zones;
};
void mm_zone_usage(const struct mm *mm, int nid, enum mm_zone_type type,
		   struct mm_usage *ret_usage);
void mm_range_usage(const struct mm *mm, uint64_t start_pfn, uint64_t nr_pages,
		    struct mm_usage *ret_usage);
/** mm_available() - MemAvailable, in pages (si_mem_available()). */
uint64_t mm_available(const struct mm *mm);
/** mm_dirtyable() - pages that thresholds for dirty ones are fractions of; never 0. */
uint64_t mm_dirtyable(const struct mm *mm);

/* ---- free lists (freelist.c) ----------------------------------------------------------------- */

#define MM_NR_ORDERS 17 /* as many as an architecture can have */

/** enum mm_migrate_type - what a pageblock is for, in the kernel's order. */
enum mm_migrate_type {
	MM_MIGRATE_UNMOVABLE,
	MM_MIGRATE_MOVABLE,
	MM_MIGRATE_RECLAIMABLE,
	MM_MIGRATE_HIGHATOMIC,
	MM_MIGRATE_CMA,
	MM_MIGRATE_ISOLATE,
	MM_NR_MIGRATE_TYPES,
};

/**
 * struct mm_free_lists - the free lists of a zone
 * @chunks: free chunks of 2^order pages
 * @blocks: pageblocks
 */
struct mm_free_lists {
	uint64_t chunks[MM_NR_MIGRATE_TYPES][MM_NR_ORDERS];
	uint64_t blocks[MM_NR_MIGRATE_TYPES];
};
void mm_zone_free_lists(const struct mm *mm, int nid, enum mm_zone_type type,
			struct mm_free_lists *ret_lists);

#endif
