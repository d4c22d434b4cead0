/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reclaim and swap (reclaim.c, swap.c). */
#ifndef SWAP_PRIVATE_H
#define SWAP_PRIVATE_H

#include <bsd/sys/queue.h>

#include "memhp/mm.h"

struct mm_run;

/* The slots of a holder in a swap area. */
struct mm_swap_slots {
	struct mm_holder *hold;
	uint64_t nr;
	TAILQ_ENTRY(mm_swap_slots) link;
};

/* @pages: 0: there is no such area; @retired: see mm_swap_retire() */
struct mm_swap_area {
	uint64_t pages;
	uint64_t used;
	int prio;
	bool retired;
	TAILQ_HEAD(, mm_swap_slots) slots;
};

/*
 * For whom memory is reclaimed
 * @class_zone: the highest zone that helps
 * @proactive: for nobody, as user space wants it
 */
struct mm_reclaim {
	struct mm *mm;
	const struct mm_holder *owner;
	const struct mm_alloc_request *want;
	enum mm_zone_type class_zone;
	bool proactive;
};

/* Puts a holder at the end of the list of reclaim, takes it off, or moves it there. */
void mm_lru_add(struct mm *mm, struct mm_holder *hold);
void mm_lru_remove(struct mm *mm, struct mm_holder *hold);
void mm_lru_used(struct mm *mm, struct mm_holder *hold);
/* The page cache in a zone that can be dropped, and the pages there that can be swapped out. */
uint64_t mm_reclaim_cache_in(const struct mm_reclaim *r, int nid, enum mm_zone_type type);
uint64_t mm_reclaim_swap_in(const struct mm_reclaim *r, int nid, enum mm_zone_type type);
/* Drops, or swaps out, @most pages, if there are so many; returns how many. */
uint64_t mm_reclaim_cache(const struct mm_reclaim *r, uint64_t most);
uint64_t mm_reclaim_swap(const struct mm_reclaim *r, uint64_t most);

void mm_swap_init(struct mm *mm);
/* Frees @nr slots that a holder has in an area, or in any (MM_SWAP_ANY). */
void mm_swap_give(struct mm *mm, struct mm_holder *hold, int area, uint64_t nr);
/* Moves all slots of @from to @to. */
void mm_swap_move(struct mm *mm, struct mm_holder *to, struct mm_holder *from);
/*
 * Swaps out @nr pages at the high end of a run, rounded up to whole huge pages, as far as the run
 * and the areas permit; returns how many. The run may vanish.
 */
uint64_t mm_swap_out(struct mm *mm, struct mm_run *run, uint64_t nr);

/* Saves, or loads, the areas; and the slots of a holder. */
void mm_swaps_save(struct base_save *s, struct mm *mm);
void mm_swap_slots_save(struct base_save *s, struct mm_holder *hold, struct mm *mm);

#endif
