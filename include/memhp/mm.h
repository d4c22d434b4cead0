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
 */
struct mm_config {
	unsigned int page_shift;
	uint64_t section_pages;
	uint64_t block_pages;
	uint64_t subsection_pages;
	uint64_t pageblock_pages;
	uint64_t zone_end_pfn[MM_ZONE_NORMAL];
	unsigned int nr_cpus;
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

/** enum mm_hold_kind - who holds pages, as far as it matters for moving them. */
enum mm_hold_kind {
	MM_HOLD_RESERVED, /* boot allocation: was never given to the page allocator */
	MM_HOLD_KERNEL,   /* allocated by the kernel, cannot move */
};

/** struct mm_hold_info - a range of pages with an owner; @owner lives as long as the hold. */
struct mm_hold_info {
	uint64_t start_pfn;
	uint64_t nr_pages;
	enum mm_hold_kind kind;
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
 * Spans grow over it; the pages are neither present nor free yet.
 *
 * Return: 0 or -ENOMEM.
 */
int mm_zone_take_range(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
		       uint64_t nr_pages);
/** mm_zone_drop_range() - the reverse (remove_pfn_range_from_zone()): spans shrink at the edges. */
void mm_zone_drop_range(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages);
/**
 * mm_zone_add_pages() - pages of a taken range become present and free
 *
 * Sets the node's states. Recompute watermarks afterwards.
 */
void mm_zone_add_pages(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
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
/** mm_available() - MemAvailable, in pages (si_mem_available()). */
uint64_t mm_available(const struct mm *mm);
/** mm_memmap_pages() - memmap of added memory; mm_memmap_boot_pages() - of boot memory. */
uint64_t mm_memmap_pages(const struct mm *mm);
uint64_t mm_memmap_boot_pages(const struct mm *mm);

/* ---- holders (hold.c) ------------------------------------------------------------------------ */

/**
 * mm_reserve_boot() - pages that memblock keeps: taken from managed and free, never come back
 *
 * The range must be boot memory of one node; parts already reserved are passed over.
 *
 * Return: 0 or -ENOMEM.
 */
int mm_reserve_boot(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages, const char *owner);
/**
 * mm_hold_kernel() - the kernel allocates pages that cannot move
 * @start_pfn, @end_pfn: within this range; only online pages of kernel zones count
 * @nid: on this node; MM_NODE_NONE: on any
 * @owner: copied
 *
 * Lowest free pages first; may be scattered.
 *
 * Return: 0; -ENOMEM when there are not so many (nothing is held then).
 */
int mm_hold_kernel(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, int nid, uint64_t nr_pages,
		   const char *owner, struct mm_hold **ret_hold);
/** mm_hold_memmap() - the same for the memmap of @nr_pages pages: counted in mm_memmap_pages(). */
int mm_hold_memmap(struct mm *mm, uint64_t nr_pages, struct mm_hold **ret_hold);
/** mm_hold_release() - give the pages back; NULL is nothing. */
void mm_hold_release(struct mm *mm, struct mm_hold *hold);
/** mm_hold_find() - the first held range that overlaps [start, end); false when none. */
bool mm_hold_find(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn,
		  struct mm_hold_info *ret_info);

#endif
