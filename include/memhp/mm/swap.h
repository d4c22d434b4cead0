/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap areas (swap.c), and bringing pages back or putting them there (swapin.c). */
#ifndef MEMHP_MM_SWAP_H
#define MEMHP_MM_SWAP_H

#include "memhp/mm/hold.h"

/** MM_MAX_SWAP_AREAS - the most that a kernel can have; machines may have fewer. */
#define MM_MAX_SWAP_AREAS 31
/** MM_SWAP_ANY - any area; MM_SWAP_PRIO_AUTO - the kernel chooses the priority. */
#define MM_SWAP_ANY (-1)
#define MM_SWAP_PRIO_AUTO (-1)

/** struct mm_swap_info - an area in use; @pages without that of its header. */
struct mm_swap_info {
	uint64_t pages;
	uint64_t used;
	int prio;
};

/**
 * mm_swap_on() - use an area (swapon(2))
 * @pages: at least 1
 * @prio: 0 to 32767; MM_SWAP_PRIO_AUTO: below all others
 * @most: the number of areas that the kernel can have, at most MM_MAX_SWAP_AREAS
 *
 * Return: the lowest free number of an area; -EPERM when all are taken.
 */
int mm_swap_on(struct mm *mm, uint64_t pages, int prio, int most);
/**
 * mm_swap_retire() - put no more pages into an area, whose pages are brought back next
 * @retire: false: use it again
 */
void mm_swap_retire(struct mm *mm, int area, bool retire);
/** mm_swap_off() - end the use of an empty area; those with lower chosen priorities move up. */
void mm_swap_off(struct mm *mm, int area);
/** mm_swap_info() - get the numbers of an area; false: it is not in use. */
bool mm_swap_info(const struct mm *mm, int area, struct mm_swap_info *ret_info);
/** mm_swap_total() - pages of all areas (total_swap_pages); mm_swap_free() - those not in use. */
uint64_t mm_swap_total(const struct mm *mm);
uint64_t mm_swap_free(const struct mm *mm);

/** enum mm_swap_event - what is counted, in pages, except for MM_SWAP_THP_OUT. */
enum mm_swap_event {
	MM_SWAP_IN,
	MM_SWAP_OUT,
	MM_SWAP_FAULTS,	   /* of those that came in, because they were touched */
	MM_SWAP_RECLAIMED, /* of those that went out, because memory was short */
	MM_SWAP_PROACTIVE, /* of those that went out, because user space wanted it */
	MM_SWAP_THP_OUT,   /* transparent huge pages that went out as a whole */
	MM_SWAP_NR_EVENTS,
};
uint64_t mm_swap_events(const struct mm *mm, enum mm_swap_event event);

/** mm_holder_swapped() - the pages of a holder in an area, or in all (MM_SWAP_ANY). */
uint64_t mm_holder_swapped(const struct mm *mm, const struct mm_holder *hold, int area);
/**
 * mm_swap_in() - bring pages of a holder back
 * @area: from there, as swapoff(2) does; MM_SWAP_ANY: because the holder writes to them
 * @nr_pages: at most mm_holder_swapped()
 * @place: as for mm_holder_grow(); its nr_pages is ignored
 *
 * Other pages may be swapped out for them, also of the same holder.
 *
 * Return: 0; -ENOMEM, when some may have come back.
 */
int mm_swap_in(struct mm *mm, struct mm_holder *hold, int area, uint64_t nr_pages,
	       const struct mm_alloc_request *place);
/**
 * mm_page_out() - swap out the oldest pages of a holder (MADV_PAGEOUT)
 *
 * Return: 0; -EINVAL, if its pages cannot be swapped out; -EBUSY, if they are busy; -ENOMEM with
 * nothing changed, if there are not so many, or no room for them.
 */
int mm_page_out(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages);

#endif
