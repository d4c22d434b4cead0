/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Huge page pools (hugetlb.c), and contiguous memory (cma.c). */
#ifndef MEMHP_MM_HUGETLB_H
#define MEMHP_MM_HUGETLB_H

#include "memhp/mm/hold.h"

/** mm_huge_pages() - base pages of a huge page; mm_huge_kb() - the same in kB; 0: no such size. */
uint64_t mm_huge_pages(const struct mm *mm, enum mm_huge size);
uint64_t mm_huge_kb(const struct mm *mm, enum mm_huge size);
/** mm_huge_is_gigantic() - whether pages of a size are larger than the buddy allocator's. */
bool mm_huge_is_gigantic(const struct mm *mm, enum mm_huge size);
/** struct mm_huge_info - a pool, in huge pages. */
struct mm_huge_info {
	uint64_t nr;
	uint64_t free;
	uint64_t surplus;
};
/** mm_huge_info() - the pool of one node, or of all (MM_NODE_NONE). */
void mm_huge_info(const struct mm *mm, int nid, enum mm_huge size, struct mm_huge_info *ret_info);
/**
 * mm_huge_set_nr() - a write to nr_hugepages (set_max_huge_pages())
 * @nid: of a node; MM_NODE_NONE: of all nodes with memory, page by page in turn
 *
 * The pool gets as close to @nr as memory and pages in use allow; falling short is not an error.
 *
 * Return: 0; -EINVAL: gigantic pages are to be added, and the kernel cannot allocate any.
 */
int mm_huge_set_nr(struct mm *mm, int nid, enum mm_huge size, uint64_t nr);
/**
 * mm_huge_overcommit() - nr_overcommit_hugepages: how many pages may exceed the pool
 *
 * mm_huge_take() allocates these if the pool has no more; they are freed when they come back.
 */
uint64_t mm_huge_overcommit(const struct mm *mm, enum mm_huge size);
void mm_huge_set_overcommit(struct mm *mm, enum mm_huge size, uint64_t nr);
/**
 * mm_huge_demote() - split free huge pages of a node into smaller ones (demote_pool_huge_page())
 * @nid: MM_NODE_NONE: of all nodes, first of the one whose turn it is to free some
 * @to: a smaller size
 * @nr: how many; those that are free are enough
 *
 * Return: 0; -ENOMEM when there is no memory for the memmap of one.
 */
int mm_huge_demote(struct mm *mm, int nid, enum mm_huge from, enum mm_huge to, uint64_t nr);
/** mm_huge_take() - take pool pages for a holder of that kind; 0, or -ENOMEM without changes. */
int mm_huge_take(struct mm *mm, struct mm_holder *hold, const struct mm_alloc_request *want);
/**
 * mm_huge_give() - return the last @nr_pages of a holder to their pools; surplus ones are freed
 *
 * Return: 0 (always, if these are all pages of the holder); -ENOMEM with nothing changed.
 */
int mm_huge_give(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages);
/**
 * mm_dissolve_huge() - turn free huge pages of an isolated range into free pages
 *
 * Their pools lose them even if the offlining fails afterwards.
 */
int mm_dissolve_huge(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);

/** mm_cma_add() - add an area in boot memory, of whole pageblocks; 0 or -ENOMEM. */
int mm_cma_add(struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/** mm_cma_overlaps() - the bounds of an area that overlaps a range; none overlaps an empty one. */
bool mm_cma_overlaps(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t *ret_start,
		     uint64_t *ret_end);
/**
 * mm_cma_next() - find the lowest pages of a range that lie in one area
 *
 * [*@ret_start, *@ret_end) lies in the range and is never empty, so a loop that continues at
 * *@ret_end terminates.
 *
 * Return: false when no area overlaps the range.
 */
bool mm_cma_next(const struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t *ret_start,
		 uint64_t *ret_end);
/** mm_cma_free() - the number of free pages in all areas. */
uint64_t mm_cma_free(const struct mm *mm);

#endif
