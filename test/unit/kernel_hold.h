/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocates kernel pages in a range in one call, to obstruct an offlining. */
#ifndef TEST_KERNEL_HOLD_H
#define TEST_KERNEL_HOLD_H

#include <errno.h>

#include "memhp/mm.h"

static inline int kernel_hold(struct mm *mm, uint64_t start_pfn, uint64_t end_pfn, int nid,
			      uint64_t nr_pages, const char *owner, struct mm_holder **ret_hold)
{
	struct mm_alloc_request want = {
		.nr_pages = nr_pages,
		.nid = nid,
		.not_nid = MM_NODE_NONE,
		.bind = nid != MM_NODE_NONE,
		.start_pfn = start_pfn,
		.end_pfn = end_pfn,
	};
	struct mm_holder *hold = mm_holder_new(mm, owner, MM_KIND_KERNEL);
	int ret = hold ? mm_holder_grow(mm, hold, &want) : -ENOMEM;

	if (ret)
		mm_holder_free(mm, hold);
	else
		*ret_hold = hold;
	return ret;
}

#endif
