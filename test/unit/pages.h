/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages for tests of mm: set up a holder's pages in one call. The machine is engine_plain: two
 * nodes of eight blocks, all Normal, from pfn 0x100000 on.
 */
#ifndef TEST_PAGES_H
#define TEST_PAGES_H

#include <errno.h>
#include <string.h>

#include "engine.h"

#define BLOCK 32768
#define NODE0 0x100000
#define NODE1 0x140000
#define NODE1_END 0x180000

#define ANYWHERE ((struct mm_alloc_request){ .nid = MM_NODE_NONE, .not_nid = MM_NODE_NONE })

static inline int pages_grow(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages,
			     struct mm_alloc_request want)
{
	want.nr_pages = nr_pages;
	return mm_holder_grow(mm, hold, &want);
}

/* Restricted to one node. */
static inline int pages_grow_on(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages, int nid)
{
	struct mm_alloc_request want = { .nid = nid, .not_nid = MM_NODE_NONE, .bind = true };

	return pages_grow(mm, hold, nr_pages, want);
}

static inline int pages_grow_at(struct mm *mm, struct mm_holder *hold, uint64_t nr_pages,
				uint64_t start, uint64_t end)
{
	struct mm_alloc_request want = ANYWHERE;

	want.start_pfn = start;
	want.end_pfn = end;
	return pages_grow(mm, hold, nr_pages, want);
}

static inline struct mm_holder *pages_new(struct mm *mm, const char *owner, enum mm_kind kind)
{
	struct mm_holder *hold = mm_holder_new(mm, owner, kind);

	assert_non_null(hold);
	return hold;
}

/* A holder of exactly the pages [start, start + nr). */
static inline struct mm_holder *pages_at(struct mm *mm, const char *owner, enum mm_kind kind,
					 uint64_t start, uint64_t nr_pages)
{
	struct mm_holder *hold = pages_new(mm, owner, kind);

	assert_int_equal(pages_grow_at(mm, hold, nr_pages, start, start + nr_pages), 0);
	return hold;
}

static inline struct mm_zone_info pages_zone(const struct mm *mm, int nid, enum mm_zone_type type)
{
	struct mm_zone_info zone;

	mm_zone_info(mm, nid, type, &zone);
	return zone;
}

static inline uint64_t pages_free(const struct mm *mm, int nid)
{
	uint64_t free = 0;

	for (int type = 0; type < MM_NR_ZONES; type++)
		free += pages_zone(mm, nid, type).free;
	return free;
}

/* The next pages in use at or above @pfn must be these. */
static inline void pages_used(const struct mm *mm, uint64_t pfn, uint64_t start, uint64_t nr,
			      enum mm_kind kind, const char *owner)
{
	struct mm_use use;

	assert_true(mm_use_find(mm, pfn, UINT64_MAX, &use));
	assert_int_equal(use.start_pfn, start);
	assert_int_equal(use.nr_pages, nr);
	assert_int_equal(use.kind, kind);
	assert_string_equal(use.owner, owner);
}

static inline void pages_unused(const struct mm *mm, uint64_t start, uint64_t end)
{
	struct mm_use use = { .start_pfn = 77 };

	assert_false(mm_use_find(mm, start, end, &use));
	assert_int_equal(use.start_pfn, 77);
}

/* Brings a block of a node (back) online. */
static inline void pages_online(struct mm *mm, int nid, enum mm_zone_type type, uint64_t start)
{
	assert_int_equal(mm_node_bring_up(mm, nid), 0);
	mm_zone_take_range(mm, nid, type, start, BLOCK);
	assert_int_equal(mm_zone_add_pages(mm, nid, type, start, BLOCK), 0);
	mm_wmark_update(mm);
}

#endif
