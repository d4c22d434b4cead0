// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel logs when it computes min_free_kbytes anew (mm/page_alloc.c, mm/khugepaged.c). */
#include "hp_private.h"

static void tell(struct hp *hp, struct mm_wmark_news news)
{
	if (news.not_updated_to)
		hp_log(hp,
		       "min_free_kbytes is not updated to %llu because user defined value %llu is "
		       "preferred",
		       (unsigned long long)news.not_updated_to,
		       (unsigned long long)news.user_kbytes);
	if (news.raised_to)
		hp_log(hp,
		       "raising min_free_kbytes from %llu to %llu to help transparent hugepage "
		       "allocations",
		       (unsigned long long)news.raised_from, (unsigned long long)news.raised_to);
}

void hp_wmark_update(struct hp *hp)
{
	tell(hp, mm_wmark_update(hp->mm));
}

void hp_set_huge_pages(struct hp *hp, bool huge_pages)
{
	tell(hp, mm_set_huge_pages(hp->mm, huge_pages));
}
