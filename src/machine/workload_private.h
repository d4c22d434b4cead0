/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A workload: its settings (workload.c), growing (_grow.c), pinning, swap, page tables. */
#ifndef WORKLOAD_PRIVATE_H
#define WORKLOAD_PRIVATE_H

#include "machine_private.h"

#define NO_KIND (-1)
#define NS_PER_MS UINT64_C(1000000)

/*
 * @is_bound: by the memory policy of a process, which must name a node with memory (mbind())
 * @needs: what the kernel must be built with, MACHINE_...
 */
struct workload_kind {
	const char *name;
	enum mm_kind kind;
	bool from_pool;
	bool is_bound;
	uint64_t needs;
};

/*
 * Pages on their way out of Movable and CMA, to be pinned
 * @hold: the holder of all pages to be pinned; NULL: none are on their way
 * @place: where they may go
 * @policy: where those in swap come back, as workload_place() says
 * @kind: the kind that the workload then has
 * @asker: gets the result
 */
struct workload_pin {
	struct mm_holder *hold;
	struct mm_alloc_request place;
	struct mm_alloc_request policy;
	int kind;
	struct base_timer timer;
	struct hp_completion *asker;
};

/*
 * @kind: index in the table of kinds, or NO_KIND
 * @busy: when its pages are busy, also before it has any
 * @tables: its page tables; NULL: it has had none yet
 */
struct machine_workload {
	struct machine *machine;
	char *name;
	struct mm_busy busy;
	int kind;
	int64_t block;
	int nid;
	enum machine_mempolicy mempolicy;
	enum machine_oom oom;
	struct mm_holder *hold;
	struct mm_holder *tables;
	struct workload_pin pin;
	TAILQ_ENTRY(machine_workload) link;
};

/* The pages of one of its holders, or of none (NULL), in memory or in swap. */
static inline uint64_t workload_pages_of(const struct machine_workload *w,
					 const struct mm_holder *hold)
{
	return hold ? mm_holder_pages(hold) + mm_holder_swapped(w->machine->mm, hold, MM_SWAP_ANY) :
		      0;
}

/* workload.c; the kind must be set */
const struct workload_kind *workload_kind_of(const struct machine_workload *w);
/* Its pages, in memory or in swap; and whether it has any. */
uint64_t workload_held(const struct machine_workload *w);
bool workload_holds(const struct machine_workload *w);
/* 0 (always when all pages are freed), -ENOMEM. */
int workload_shrink(struct machine *m, struct machine_workload *w, uint64_t nr_pages);
/* Where its pages may be, by its policy; the number of pages is up to the caller. */
struct mm_alloc_request workload_place(const struct machine_workload *w);

/*
 * workload_grow.c: what the kernel does when there is no memory for it: logs that, and may kill a
 * workload. Whether that was another one, so that it can try again.
 */
bool workload_no_memory(struct machine *m, const struct machine_workload *w);
/* Explains why there is no room for @nr_pages more, and how much is free; returns -ENOMEM. */
int workload_refuse_more(struct machine *m, const struct machine_workload *w, uint64_t nr_pages);

/*
 * workload_pin.c: pins all that it holds, whose kind becomes @kind; or allocates more pages that
 * are pinned. 0, also when that takes time, see machine_workload_is_pinning(); or -ENOMEM.
 */
int workload_pin(struct machine_workload *w, int kind, const struct mm_alloc_request *policy);
int workload_pin_more(struct machine_workload *w, const struct mm_alloc_request *want);
/* Ends it without a result. */
void workload_pin_drop(struct machine_workload *w);
int workload_refuse_pinning(struct machine *m);

/*
 * workload_tables.c: allocates the page tables that its pages and @more need; 0 or -ENOMEM.
 * And frees those that map nothing any more.
 */
int workload_map(struct machine_workload *w, uint64_t more);
void workload_unmap(struct machine_workload *w);

#endif
