/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Huge pages, their memmap and their pools; the last part of mm_private.h. */
#ifndef HUGE_PRIVATE_H
#define HUGE_PRIVATE_H

/* ---- memmap of huge pages (vmemmap.c) -------------------------------------------------------- */

/* Frees most of the memmap of the huge pages of @unit pages in [start_pfn, end_pfn). */
void mm_vmemmap_optimize(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t unit);
/* Allocates it again before they are freed; 0, or -ENOMEM with nothing changed. */
int mm_vmemmap_restore(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, uint64_t unit);

/* ---- gigantic pages (gigantic.c) ------------------------------------------------------------- */

/* Whether pages of a kind are larger than the buddy allocator's; they may be several runs. */
bool mm_kind_is_gigantic(enum mm_kind kind);
/* The first pfn of the page that a run belongs to. */
uint64_t mm_gigantic_start(const struct mm *mm, const struct mm_run *run);
/* Whether any block of that page is going offline. */
bool mm_gigantic_isolated(const struct mm *mm, const struct mm_run *run);
/* Moves the page of @unit pages at @start to another holder, or frees it; 0 or -ENOMEM. */
int mm_gigantic_rehome(struct mm *mm, uint64_t start, uint64_t unit, struct mm_holder *hold);
int mm_gigantic_free(struct mm *mm, uint64_t start, uint64_t unit);
/* As mm_holder_alloc(), for huge pages of any size. */
int mm_huge_alloc(struct mm *mm, struct mm_holder *fresh, const struct mm_holder *owner,
		  const struct mm_alloc_request *want);

/* ---- huge pages (hugetlb.c) ------------------------------------------------------------------ */

/* Adds up to @nr huge pages of a node to a pool; returns how many. */
uint64_t mm_pool_grow(struct mm *mm, int nid, enum mm_huge size, uint64_t nr);
/* As mm_huge_demote(), of one node. */
int mm_node_demote(struct mm *mm, int nid, enum mm_huge from, enum mm_huge to, uint64_t nr);
/* Frees @pages base pages of a pool; returns how many could not be freed. */
uint64_t mm_pool_shrink(struct mm *mm, int nid, enum mm_huge size, uint64_t pages);

/*
 * Replaces the first pages of a run, at most @most, with pool pages elsewhere, if possible on its
 * own node; @ret_moved: the number of base pages replaced. The run may vanish. 0 or -ENOMEM.
 */
int mm_huge_migrate(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most,
		    uint64_t *ret_moved);
/*
 * Replaces one page on @nid that @hold has lost, by one of the pools or by a new one
 * (alloc_hugetlb_folio_nodemask()); 0 or -ENOMEM.
 */
int mm_huge_replace(struct mm *mm, struct mm_holder *hold, int nid);
/*
 * Releases the first @nr pages of a run in use that have been replaced; the run may vanish. 0, or
 * -ENOMEM with the run unchanged.
 */
int mm_huge_vacated(struct mm *mm, struct mm_run *run, uint64_t nr);
/* New pages replace some on @from_nid and inherit their surplus state. */
void mm_huge_moved(struct mm *mm, const struct mm_holder *fresh, int from_nid);

#endif
