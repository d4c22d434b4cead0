/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Poisoned pages (poison.c). */
#ifndef MEMHP_MM_POISON_H
#define MEMHP_MM_POISON_H

#include "memhp/mm/types.h"

/** enum mm_failure - the counters of nodeK/memory_failure. */
enum mm_failure {
	MM_FAILURE_IGNORED,
	MM_FAILURE_FAILED,
	MM_FAILURE_DELAYED,
	MM_FAILURE_RECOVERED,
	MM_FAILURE_TOTAL, /* sum of the others */
};
uint64_t mm_failures(const struct mm *mm, int nid, enum mm_failure failure);
/** mm_poisoned_pages() - the number of poisoned pages (HardwareCorrupted). */
uint64_t mm_poisoned_pages(const struct mm *mm);
bool mm_is_poisoned(const struct mm *mm, uint64_t pfn);
/** mm_has_poison() - whether any page of a range is poisoned; the range may be offline. */
bool mm_has_poison(const struct mm *mm, uint64_t start_pfn, uint64_t nr_pages);
/**
 * mm_poison_soft() - soft_offline_page(): migrate the content, and take the page out of use
 * @pfn: an online page
 *
 * Return: 0 (also if it is already poisoned); -EIO for a page that cannot be handled; -EBUSY when
 * there is no room for its content.
 */
int mm_poison_soft(struct mm *mm, uint64_t pfn);
/**
 * mm_poison_hard() - memory_failure(): the page is lost, with its content
 *
 * Return: 0; -EHWPOISON when it is already poisoned; -EBUSY, with the page marked and counted, when
 * the kernel itself uses it. @ret_failure: how it was counted, on 0 and -EBUSY.
 */
int mm_poison_hard(struct mm *mm, uint64_t pfn, enum mm_failure *ret_failure);
/** mm_unpoison() - unpoison_memory(): -EBUSY when it is not poisoned. */
int mm_unpoison(struct mm *mm, uint64_t pfn);
/** mm_poison_forget() - remove the poisoned pages of memory that is removed. */
void mm_poison_forget(struct mm *mm, int nid, uint64_t start_pfn, uint64_t nr_pages);
/** mm_poison_lose() - clear the poison of an offline range, but still count its poisoned pages. */
void mm_poison_lose(struct mm *mm, int nid, uint64_t start_pfn, uint64_t nr_pages);

#endif
