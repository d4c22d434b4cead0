// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What follows from settings of the memory management: how much programs may be promised, and how
 * much may be dirty (the kernel's mm/util.c, mm/page-writeback.c).
 */
#include <limits.h>

#include "machine_private.h"

#define OVERCOMMIT_NEVER 2

uint64_t machine_commit_limit(const struct machine *m)
{
	uint64_t kbytes = m->vm[MACHINE_VM_OVERCOMMIT_KBYTES], huge = 0;
	struct mm_huge_info pool;

	if (kbytes)
		return (kbytes >> (m->spec->page_shift - 10)) + mm_swap_total(m->mm);
	for (int size = 0; size < MM_NR_HUGE; size++) {
		mm_huge_info(m->mm, MM_NODE_NONE, size, &pool);
		huge += pool.nr * mm_huge_pages(m->mm, size);
	}
	/* A negative ratio wraps, as in the kernel. */
	return (mm_total_managed(m->mm) - huge) * m->vm[MACHINE_VM_OVERCOMMIT_RATIO] / 100 +
	       mm_swap_total(m->mm);
}

static const enum mm_kind committed[] = {
	MM_KIND_ANON, MM_KIND_THP, MM_KIND_MLOCK, MM_KIND_PINNED, MM_KIND_SHMEM,
};

bool machine_commits(enum mm_kind kind)
{
	size_t i = 0;

	while (i < BASE_ARRAY_SIZE(committed) && committed[i] != kind)
		i++;
	return i < BASE_ARRAY_SIZE(committed);
}

uint64_t machine_committed(const struct machine *m)
{
	uint64_t pages = mm_swap_total(m->mm) - mm_swap_free(m->mm);

	for (size_t i = 0; i < BASE_ARRAY_SIZE(committed); i++)
		pages += mm_kind_pages(m->mm, MM_NODE_NONE, committed[i]);
	return pages;
}

bool machine_may_commit(const struct machine *m, uint64_t held, uint64_t nr_pages)
{
	uint64_t reserve = m->vm[MACHINE_VM_USER_RESERVE_KBYTES] >> (m->spec->page_shift - 10);

	if (m->vm[MACHINE_VM_OVERCOMMIT_MEMORY] != OVERCOMMIT_NEVER)
		return true;
	/* Whoever asks is root, and leaves something for recovery. */
	reserve = BASE_MIN(held / 32, reserve);
	return machine_committed(m) + nr_pages + reserve < machine_commit_limit(m);
}

/* @bytes, or @ratio percent of the memory that can be dirty, in pages */
static uint64_t dirty_limit(const struct machine *m, uint64_t bytes, uint64_t ratio)
{
	uint64_t page = 1ULL << m->spec->page_shift;

	if (bytes)
		return bytes / page + (bytes % page != 0);
	return ratio * page / 100 * mm_dirtyable(m->mm) / page;
}

void machine_dirty_limits(const struct machine *m, uint64_t *ret_limit, uint64_t *ret_background)
{
	uint64_t limit =
		dirty_limit(m, m->vm[MACHINE_VM_DIRTY_BYTES], m->vm[MACHINE_VM_DIRTY_RATIO]);
	uint64_t background = dirty_limit(m, m->vm[MACHINE_VM_DIRTY_BACKGROUND_BYTES],
					  m->vm[MACHINE_VM_DIRTY_BACKGROUND_RATIO]);

	limit = BASE_MIN(limit, UINT_MAX);
	*ret_limit = limit;
	*ret_background = background >= limit ? limit / 2 : background;
}
