/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes, zones, totals and watermarks. */
#ifndef MEMHP_MM_ZONE_H
#define MEMHP_MM_ZONE_H

#include "memhp/mm/types.h"

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

/**
 * mm_save() - nodes, zones, online memory and what mm itself holds
 *
 * Loading, all of that takes the place of what a machine just booted has: the other layers have
 * freed their holders. Their holders follow, by mm_hold_save(). Context: nothing is isolated.
 */
void mm_save(struct mm *mm, struct base_save *s);
/** mm_hold_save() - a holder with its pages, in its place among others; NULL is one, too. */
void mm_hold_save(struct mm *mm, struct base_save *s, struct mm_hold **hold);

#endif
