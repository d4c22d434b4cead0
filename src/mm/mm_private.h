/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of mm that its own files share. */
#ifndef MM_PRIVATE_H
#define MM_PRIVATE_H

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>

#include "memhp/mm.h"

struct mm_zone {
	uint64_t start_pfn;
	uint64_t spanned;
	uint64_t present;
	uint64_t present_early;
	uint64_t managed;
	uint64_t free;
	uint64_t cma;
	uint64_t min, low, high, promo;
	uint64_t reserve[MM_NR_ZONES];
};

struct mm_node {
	int nid;
	uint64_t start_pfn;
	uint64_t spanned;
	struct mm_zone zone[MM_NR_ZONES];
};

/* Online pages [start, end) whose struct pages name one node and zone. */
struct mm_extent {
	uint64_t start;
	uint64_t end;
	int nid;
	enum mm_zone_type type;
	RB_ENTRY(mm_extent) link;
};
RB_HEAD(mm_extents, mm_extent);

struct mm_range {
	uint64_t start;
	uint64_t end;
	int nid;
};

/* Held pages [start, start + nr); a struct mm_hold owns one or several. */
struct mm_piece {
	uint64_t start;
	uint64_t nr;
	enum mm_hold_kind kind;
	const char *owner;
	RB_ENTRY(mm_piece) link;
	SLIST_ENTRY(mm_piece) of_hold;
};
RB_HEAD(mm_pieces, mm_piece);

struct mm_hold {
	char *owner;
	uint64_t memmap_pages;
	SLIST_HEAD(, mm_piece) pieces;
};

struct mm {
	struct mm_config config;
	struct mm_node *node[BASE_MASK_BITS];
	struct base_mask up; /* those of @node that are there */
	struct base_mask has_memory;
	struct base_mask has_normal_memory;
	struct mm_range *boot; /* ascending, never empty ranges */
	size_t nr_boot;
	struct mm_extents extents;
	struct mm_pieces pieces;
	struct mm_hold reserved; /* owns the pieces of boot allocations */
	uint64_t min_free_kbytes;
	uint64_t memmap_pages;
	uint64_t memmap_boot_pages;
};

static inline uint64_t mm_zone_end(const struct mm_zone *zone)
{
	return zone->start_pfn + zone->spanned;
}

int mm_extent_cmp(const struct mm_extent *a, const struct mm_extent *b);
RB_PROTOTYPE(mm_extents, mm_extent, link, mm_extent_cmp)

/* The extent around @pfn, else the first one above it; NULL when there is none. */
struct mm_extent *mm_extent_at(const struct mm *mm, uint64_t pfn);
int mm_extent_insert(struct mm *mm, uint64_t start, uint64_t end, int nid, enum mm_zone_type type);
/* Removes the extents inside [start, end). */
void mm_extent_remove(struct mm *mm, uint64_t start, uint64_t end);

/* Frees the pieces of a hold without giving pages back. */
void mm_hold_fini(struct mm *mm, struct mm_hold *hold);

#endif
