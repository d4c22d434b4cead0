// SPDX-License-Identifier: GPL-2.0-or-later
/* Moving pages that are no huge pages (the kernel's migrate_pages()). */
#include "mm_private.h"

uint64_t mm_run_move(struct mm *mm, struct mm_run *run, int not_nid, uint64_t most)
{
	struct mm_alloc_request want = {
		.nid = mm_extent_of(mm, run->start)->nid,
		.not_nid = not_nid,
	};
	uint64_t unit = mm_kind_unit(mm, run->hold->kind);
	uint64_t nr = BASE_MIN(run->end - run->start, BASE_ROUND_UP(most, unit));
	struct mm_holder fresh;

	/* If the whole does not fit, a part may. */
	for (nr = BASE_ROUND_DOWN(nr, unit); nr; nr = BASE_ROUND_DOWN(nr / 2, unit)) {
		want.nr_pages = nr;
		mm_holder_init(&fresh, NULL, run->hold->kind);
		if (mm_holder_alloc(mm, &fresh, run->hold, &want))
			continue;
		mm_holder_take_over(mm, run->hold, &fresh);
		mm_run_cut_low(mm, run, nr);
		return nr;
	}
	return 0;
}
