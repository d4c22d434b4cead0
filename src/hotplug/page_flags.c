// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel tells about each page (fs/proc/page.c). */
#include "hp_private.h"
#include "page_flags.h"

/* Flags of a page in use that all pages of its run have. */
static uint64_t used_flags(enum mm_kind kind)
{
	return hp_kind_flags(kind) | (mm_kind_info(kind)->poison ? KPF_HWPOISON : 0);
}

/* The same for any page; @use: of MM_PAGE_USED */
static uint64_t common_value(enum hp_page_value what, enum mm_page_state state,
			     const struct mm_use *use)
{
	static const uint64_t unused[] = {
		[MM_PAGE_ABSENT] = KPF_NOPAGE,
		[MM_PAGE_HOLE] = KPF_RESERVED,
		[MM_PAGE_FREE] = KPF_BUDDY,
	};

	if (state != MM_PAGE_USED)
		return what == HP_PAGE_FLAGS ? unused[state] : 0;
	switch (what) {
	case HP_PAGE_FLAGS:
		return used_flags(use->kind);
	case HP_PAGE_COUNT:
		return !!(hp_kind_flags(use->kind) & KPF_MMAP);
	case HP_PAGE_CGROUP:
		return hp_kind_cgroup(use->kind);
	}
	return 0;
}

void hp_page_values(const struct hp *hp, enum hp_page_value what, uint64_t pfn, uint64_t nr,
		    uint64_t *values)
{
	uint64_t end = pfn + nr, next;

	for (; pfn < end; pfn = next) {
		struct mm_use use = { 0 };
		enum mm_page_state state = mm_page_span(hp->mm, pfn, end, &next, &use);
		uint64_t value = common_value(what, state, &use), unit = 1;

		if (what == HP_PAGE_FLAGS && state == MM_PAGE_USED)
			unit = mm_round_up_unit(hp->mm, use.kind, 1);
		for (uint64_t p = pfn; p < next; p++) {
			*values = value;
			if (unit > 1)
				*values |= p % unit ? KPF_COMPOUND_TAIL : KPF_COMPOUND_HEAD;
			values++;
		}
	}
}

uint64_t hp_max_pfn(const struct hp *hp)
{
	return BASE_ROUND_UP(hp->max_pfn, mm_config(hp->mm)->section_pages);
}
