// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages of workloads in swap: how they get there on demand, and how they come back. */
#include <errno.h>

#include "workload_private.h"

static uint64_t workload_swapped(const struct machine *m, const struct machine_workload *w)
{
	return w->hold ? mm_holder_swapped(m->mm, w->hold, MM_SWAP_ANY) : 0;
}

uint64_t machine_workload_swapped(const struct machine *m, const struct machine_workload *w)
{
	return workload_swapped(m, w) << m->spec->page_shift;
}

/* Brings back what a holder of the workload has in an area. */
static int leave_swap(struct machine_workload *w, struct mm_holder *hold, int area)
{
	struct mm_alloc_request place = workload_place(w);
	struct mm *mm = w->machine->mm;

	return hold ? mm_swap_in(mm, hold, area, mm_holder_swapped(mm, hold, area), &place) : 0;
}

int machine_workload_leave_swap(struct machine *m, struct machine_workload *w, int area)
{
	int ret = leave_swap(w, w->hold, area);

	/* The pages that are about to be added as pinned ones have a holder of their own. */
	return ret || w->pin.hold == w->hold ? ret : leave_swap(w, w->pin.hold, area);
}

/* Swaps @nr_pages of its pages out. */
static int workload_page_out(struct machine *m, struct machine_workload *w, uint64_t nr_pages)
{
	int ret = mm_page_out(m->mm, w->hold, nr_pages);
	unsigned int shift = m->spec->page_shift;

	if (ret == -EBUSY)
		return machine_refuse(m, ret, "its pages are busy now: see busy_ms and idle_ms");
	if (ret == -EINVAL)
		return machine_refuse(m, ret, "memory of the kind %s is never swapped out",
				      machine_workload_kind(w));
	if (ret)
		return machine_refuse(m, ret,
				      "no room for %s more: %s is in memory, swap has %s free",
				      base_size_text(nr_pages << shift).s,
				      base_size_text(mm_holder_pages(w->hold) << shift).s,
				      base_size_text(mm_swap_free(m->mm) << shift).s);
	return 0;
}

int machine_workload_set_swapped(struct machine *m, struct machine_workload *w, uint64_t bytes)
{
	struct mm_alloc_request place = workload_place(w);
	uint64_t swapped = workload_swapped(m, w), pages;
	int ret;

	if (bytes > machine_workload_size(m, w))
		return machine_refuse(m, -EINVAL, "it holds only %s",
				      base_size_text(machine_workload_size(m, w)).s);
	if (!w->hold)
		return 0;
	pages = BASE_ROUND_UP(bytes, 1ULL << m->spec->page_shift) >> m->spec->page_shift;
	pages = mm_round_up_unit(m->mm, mm_holder_kind(w->hold), pages);
	if (pages > swapped)
		return workload_page_out(m, w, pages - swapped);
	do {
		swapped = workload_swapped(m, w);
		ret = pages < swapped ?
			      mm_swap_in(m->mm, w->hold, MM_SWAP_ANY, swapped - pages, &place) :
			      0;
	} while (ret && workload_no_memory(m, w));
	return ret ? workload_refuse_more(m, w, swapped - pages) : 0;
}
