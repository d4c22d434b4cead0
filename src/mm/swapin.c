// SPDX-License-Identifier: GPL-2.0-or-later
/* Bringing pages back from swap (the kernel's do_swap_page(), try_to_unuse()), and MADV_PAGEOUT. */
#include <errno.h>

#include "mm_private.h"

/* Reclaim goes on in batches of this many pages (SWAP_CLUSTER_MAX). */
#define BATCH 32

static int bring(struct mm *mm, struct mm_holder *hold, int area, uint64_t nr,
		 const struct mm_alloc_request *place)
{
	struct mm_alloc_request want = *place;
	struct mm_holder fresh;
	int ret;

	want.nr_pages = nr;
	mm_holder_init(&fresh, NULL, hold->kind);
	ret = mm_holder_alloc(mm, &fresh, hold, &want);
	if (ret)
		return ret;
	mm_swap_give(mm, hold, area, nr);
	mm_holder_take_over(mm, hold, &fresh);
	mm->swap_events[MM_SWAP_IN] += nr;
	if (area == MM_SWAP_ANY)
		mm->swap_events[MM_SWAP_FAULTS] += nr;
	return 0;
}

int mm_swap_in(struct mm *mm, struct mm_holder *hold, int area, uint64_t nr_pages,
	       const struct mm_alloc_request *place)
{
	uint64_t unit = mm_kind_unit(mm, hold->kind), part;

	/* The holder uses its memory, so that of others goes first. */
	if (area == MM_SWAP_ANY && nr_pages)
		mm_lru_used(mm, hold);
	for (; nr_pages; nr_pages -= part) {
		part = nr_pages;
		if (!bring(mm, hold, area, part, place))
			continue;
		/* Pages that come back make room for those that go out in exchange. */
		part = BASE_ROUND_DOWN(BASE_MIN(nr_pages, mm_swap_free(mm)), unit);
		if (part < BATCH || bring(mm, hold, area, part, place))
			return -ENOMEM;
	}
	return 0;
}

int mm_page_out(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages)
{
	struct mm_run *run, *next;
	uint64_t done = 0;

	if (!mm_kind_info(hold->kind)->swaps)
		return -EINVAL;
	if (mm_busy_until(mm, hold))
		return -EBUSY;
	if (nr_pages > hold->nr_pages || nr_pages > mm_swap_free(mm))
		return -ENOMEM;
	TAILQ_FOREACH_SAFE(run, &hold->runs, of_hold, next) {
		if (done < nr_pages)
			done += mm_swap_out(mm, run, nr_pages - done);
	}
	return done < nr_pages ? -ENOMEM : 0;
}
