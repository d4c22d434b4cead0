/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes, zones, totals and watermarks. */
#ifndef MEMHP_MM_ZONE_H
#define MEMHP_MM_ZONE_H

#include "memhp/mm/types.h"

struct mm *mm_new(const struct mm_config *config);
void mm_free(struct mm *mm);
const struct mm_config *mm_config(const struct mm *mm);
/** mm_zone_name() - as the kernel prints it, such as "DMA32". */
const char *mm_zone_name(enum mm_zone_type type);

/**
 * mm_boot_add() - add a range of boot memory (memblock), in ascending order, before
 * mm_boot_finish()
 *
 * Return: 0 or -ENOMEM.
 */
int mm_boot_add(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, int nid);
/**
 * mm_boot_mark() - firmware's marks of the range added last (memblock_mark_hotplug(),
 * memblock_mark_mirror())
 */
void mm_boot_mark(struct mm *mm, bool hotpluggable, bool mirrored);

/**
 * struct mm_movable - boot memory requested for ZONE_MOVABLE
 * @kernelcore, @movablecore: pages; 0: not specified
 * @kernelcore_percent, @movablecore_percent: of all memory; override the pages unless 0
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

/** mm_boot_set_movable() - set it before mm_boot_finish(); else there is no Movable at boot. */
void mm_boot_set_movable(struct mm *mm, const struct mm_movable *movable);
/**
 * mm_boot_finish() - lay out the zones of boot memory (free_area_init())
 *
 * Afterwards, nodes with memory are up and populated.
 */
int mm_boot_finish(struct mm *mm);
/**
 * mm_boot_range() - walk boot memory: the range around @pfn, else the next one above it
 *
 * Return: false when there is none.
 */
bool mm_boot_range(const struct mm *mm, uint64_t pfn, uint64_t *ret_start, uint64_t *ret_end,
		   int *ret_nid);
/** mm_boot_zone_limits() - the first pfn of a boot zone on any node, and the one behind it. */
void mm_boot_zone_limits(const struct mm *mm, enum mm_zone_type type, uint64_t *ret_low,
			 uint64_t *ret_high);
/** mm_pfn_online() - whether the page's section is online (pfn_to_online_page()). */
bool mm_pfn_online(const struct mm *mm, uint64_t pfn);
/** mm_early_section() - whether the section around @pfn was present at boot. */
bool mm_early_section(const struct mm *mm, uint64_t pfn);

/** mm_node_bring_up() - give a node its pgdat, empty (__try_online_node()); 0 or -ENOMEM. */
int mm_node_bring_up(struct mm *mm, int nid);
/** mm_node_take_down() - free the data of a node, which must span nothing. */
void mm_node_take_down(struct mm *mm, int nid);
bool mm_node_is_up(const struct mm *mm, int nid);
/** mm_node_next() - lowest node at or above @from that is up; MM_NODE_NONE when none. */
int mm_node_next(const struct mm *mm, int from);
uint64_t mm_node_spanned(const struct mm *mm, int nid);
/** mm_nodes_with_memory() - N_MEMORY; mm_nodes_with_normal_memory() - N_NORMAL_MEMORY. */
const struct base_mask *mm_nodes_with_memory(const struct mm *mm);
const struct base_mask *mm_nodes_with_normal_memory(const struct mm *mm);

/** mm_zone_info() - get the numbers of a zone, which are all 0 for a node that is not up. */
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
 * mm_zone_take_range() - make a range part of a zone (move_pfn_range_to_zone())
 *
 * Spans grow to include it; the pages are not yet present or free, and cannot be allocated.
 */
void mm_zone_take_range(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages);
/** mm_zone_drop_range() - undo that (remove_pfn_range_from_zone()): spans shrink at the edges. */
void mm_zone_drop_range(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			uint64_t nr_pages);
/**
 * mm_zone_add_pages() - make pages of a taken range present and free
 *
 * Sets the node's states. Recompute watermarks afterwards.
 *
 * Return: 0 or -ENOMEM.
 */
int mm_zone_add_pages(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
		      uint64_t nr_pages);
/** mm_zone_remove_pages() - take isolated, free pages out; may clear the node's states. */
void mm_zone_remove_pages(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start_pfn,
			  uint64_t nr_pages);

/**
 * mm_zonelists_update() - build_all_zonelists(): decides whether pages are grouped by mobility
 *
 * Called when a node comes up, and when the first pages come to a zone or the last ones leave it.
 * If there are too few pages, pageblocks that are set up from then on are Unmovable.
 *
 * Return: the pages above the high watermarks of all zones.
 */
uint64_t mm_zonelists_update(struct mm *mm);
bool mm_groups_by_mobility(const struct mm *mm);

/** mm_total_managed() - managed pages of all zones; mm_total_free() - their free pages. */
uint64_t mm_total_managed(const struct mm *mm);
uint64_t mm_total_free(const struct mm *mm);
/** MM_STRUCT_PAGE_BYTES - memmap bytes of a page. */
#define MM_STRUCT_PAGE_BYTES 64
/** mm_memmap_pages() - pages for the memmap of added memory; mm_memmap_boot_pages() - of boot's. */
uint64_t mm_memmap_pages(const struct mm *mm);
uint64_t mm_memmap_boot_pages(const struct mm *mm);

/**
 * mm_memmap_self_add() - count memmap that an added block holds itself, from adding to removing
 * @nr_pages: negative when the block is removed
 */
void mm_memmap_self_add(struct mm *mm, int64_t nr_pages);
/**
 * mm_altmap_take() - use the first pages of a range just added for its own memmap: present, but
 * neither managed nor free (mhp_init_memmap_on_memory())
 *
 * Return: 0 or -ENOMEM.
 */
int mm_altmap_take(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/** mm_altmap_release() - undo that, just before the range is removed from its zone. */
void mm_altmap_release(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);

/** mm_kind_pages() - pages of a kind on a node, or on all (MM_NODE_NONE). */
uint64_t mm_kind_pages(const struct mm *mm, int nid, enum mm_kind kind);

/**
 * mm_save() - save or load nodes, zones, online memory and the holders of mm itself
 *
 * Loading replaces the state of a machine that has just booted and whose other layers have freed
 * their holders. Their holders follow with mm_holder_save(). Context: nothing is isolated.
 */
void mm_save(struct mm *mm, struct base_save *s);
/** mm_holder_save() - save or load a holder with its pages, in their order; may be NULL. */
void mm_holder_save(struct mm *mm, struct base_save *s, struct mm_holder **hold);

#endif
