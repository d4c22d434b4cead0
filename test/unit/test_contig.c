// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages that a driver takes from the allocator: what migrates, what does not, and complete undo on
 * failure.
 */
#include "pages.h"

#define UNIT 512 /* a pageblock */
#define GIGANTIC 262144

static struct mm_holder *driver(struct mm *mm)
{
	return pages_new(mm, "virtio0", MM_KIND_FAKE_OFFLINE);
}

/* @free, @managed: of node 1's Normal, relative to all memory */
static void assert_less(const struct mm *mm, uint64_t free, uint64_t managed)
{
	struct mm_zone_info zone = pages_zone(mm, 1, MM_ZONE_NORMAL);

	assert_int_equal(8 * BLOCK - zone.free, free);
	assert_int_equal(8 * BLOCK - zone.managed, managed);
	assert_int_equal(zone.present, 8 * BLOCK);
}

static void taken_and_given_back(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = driver(mm);

	(void)state;
	assert_int_equal(mm_contig_alloc(mm, hold, NODE1, 3 * UNIT), 0);
	assert_less(mm, 3 * UNIT, 3 * UNIT);
	/* a part of it, in the middle */
	assert_int_equal(mm_fake_online(mm, NODE1 + UNIT, UNIT, NULL), 0);
	assert_less(mm, 2 * UNIT, 2 * UNIT);
	pages_unused(mm, NODE1 + UNIT, NODE1 + 2 * UNIT);
	assert_int_equal(mm_contig_alloc(mm, hold, NODE1 + UNIT, UNIT), 0);
	assert_less(mm, 3 * UNIT, 3 * UNIT);
	assert_int_equal(mm_fake_online(mm, NODE1, BLOCK, NULL), 0);
	assert_less(mm, 0, 0);
	pages_unused(mm, NODE1, NODE1 + BLOCK);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Movable pages migrate, cut at the edges; what is around the range can be allocated afterwards. */
static void moves_what_is_there(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = driver(mm), *more = pages_new(mm, "more", MM_KIND_ANON);
	struct mm_holder *anon = pages_at(mm, "db", MM_KIND_ANON, NODE1 + UNIT - 10, UNIT + 20);

	(void)state;
	assert_int_equal(mm_contig_alloc(mm, hold, NODE1 + UNIT, UNIT), 0);
	pages_used(mm, NODE1, NODE1 + UNIT - 10, 10, MM_KIND_ANON, "db");
	pages_used(mm, NODE1 + UNIT, NODE1 + UNIT, UNIT, MM_KIND_FAKE_OFFLINE, "virtio0");
	pages_used(mm, NODE1 + 2 * UNIT, NODE1 + 2 * UNIT, 10, MM_KIND_ANON, "db");
	assert_int_equal(mm_holder_pages(anon), UNIT + 20);
	assert_less(mm, 2 * UNIT + 20, UNIT);
	assert_int_equal(pages_grow_at(mm, more, UNIT - 10, NODE1, NODE1 + UNIT), 0);
	mm_holder_free(mm, more);
	mm_holder_free(mm, anon);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Unmovable pages block the range; nothing changes then. */
static void stays(void **state)
{
	static const enum mm_kind kinds[] = { MM_KIND_KERNEL, MM_KIND_SLAB, MM_KIND_PINNED,
					      MM_KIND_BALLOON, MM_KIND_FAKE_OFFLINE };

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(kinds); i++) {
		struct mm *mm = engine_mm(&engine_plain);
		struct mm_holder *hold = driver(mm);
		struct mm_holder *in_use = pages_at(mm, "it", kinds[i], NODE1 + 2 * UNIT - 1, 1);
		struct mm_holder *more = pages_new(mm, "more", MM_KIND_ANON);

		assert_int_equal(mm_contig_alloc(mm, hold, NODE1, 2 * UNIT), -EBUSY);
		assert_less(mm, 1, 0);
		assert_int_equal(mm_holder_pages(hold), 0);
		/* nor is it kept from others */
		assert_int_equal(pages_grow_at(mm, more, UNIT, NODE1, NODE1 + UNIT), 0);
		/* adjacent pages do not block it */
		assert_int_equal(mm_contig_alloc(mm, hold, NODE1 + 2 * UNIT, UNIT), 0);
		mm_holder_free(mm, more);
		mm_holder_free(mm, in_use);
		mm_holder_free(mm, hold);
		mm_free(mm);
	}
}

/* A page that is larger than the range, or crosses one of its edges, stays whole. */
static void gigantic_page_stays_whole(void **state)
{
	static const struct engine_range memory[] = {
		{ GIB(4), GIB(8), 0 },
		{ GIB(8), GIB(12), 1 },
		{ 0 },
	};
	static const struct engine_config config = { .memory = memory, .block_size = GIB(2) };
	static const struct {
		uint64_t start, nr;
	} ranges[] = {
		{ 0, UNIT },		       /* its lower end */
		{ UNIT, UNIT },		       /* its middle */
		{ GIGANTIC - UNIT, UNIT },     /* its upper end */
		{ GIGANTIC - UNIT, 2 * UNIT }, /* and what follows */
	};
	uint64_t first = GIB(8) >> 12;
	struct mm *mm = engine_mm(&config);
	struct mm_holder *hold = driver(mm);
	struct mm_holder *page = pages_at(mm, "vm", MM_KIND_GIGANTIC, first, GIGANTIC);

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(ranges); i++) {
		assert_int_equal(mm_contig_alloc(mm, hold, first + ranges[i].start, ranges[i].nr),
				 -EBUSY);
		pages_used(mm, first, first, GIGANTIC, MM_KIND_GIGANTIC, "vm");
	}
	assert_int_equal(mm_contig_alloc(mm, hold, first + GIGANTIC, UNIT), 0);
	mm_holder_free(mm, hold);
	mm_holder_free(mm, page);
	mm_free(mm);
}

/* No room elsewhere: everything stays managed, and can be allocated later. */
static void no_room(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = driver(mm), *all = pages_new(mm, "all", MM_KIND_ANON);
	struct mm_holder *more = pages_new(mm, "more", MM_KIND_ANON);

	(void)state;
	for (uint64_t start = NODE0; start < NODE1_END; start += BLOCK)
		assert_int_equal(pages_grow_at(mm, all, BLOCK, start, start + BLOCK), 0);
	assert_int_equal(mm_contig_alloc(mm, hold, NODE1, UNIT), -ENOMEM);
	assert_less(mm, 8 * BLOCK, 0);
	assert_int_equal(mm_holder_pages(hold), 0);
	mm_holder_free(mm, all);
	assert_less(mm, 0, 0);
	assert_int_equal(pages_grow_at(mm, more, UNIT, NODE1, NODE1 + UNIT), 0);
	mm_holder_free(mm, more);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* A free page of a pool is replaced by another one of its node, or it stays. */
static void pool_pages_stay_on_their_node(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = driver(mm);
	struct mm_huge_info before, after;

	(void)state;
	mm_huge_set_nr(mm, 1, MM_HUGE_PMD, 3);
	assert_int_equal(mm_contig_alloc(mm, hold, NODE1, 2 * UNIT), 0);
	mm_huge_info(mm, 1, MM_HUGE_PMD, &after);
	assert_int_equal(after.free, 3);
	mm_huge_set_nr(mm, 1, MM_HUGE_PMD, UINT64_MAX);
	mm_huge_info(mm, 1, MM_HUGE_PMD, &before);
	assert_int_equal(mm_contig_alloc(mm, hold, NODE1 + 2 * UNIT, BLOCK - 2 * UNIT), -ENOMEM);
	mm_huge_info(mm, 1, MM_HUGE_PMD, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	mm_huge_info(mm, 0, MM_HUGE_PMD, &after);
	assert_int_equal(after.nr, 0);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Only one holder's pages are returned. */
static void back_of_one_holder(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *a = pages_new(mm, "a", MM_KIND_UNBACKED);
	struct mm_holder *b = pages_new(mm, "b", MM_KIND_UNBACKED);

	(void)state;
	assert_int_equal(mm_fake_offline(mm, a, NODE1, 4 * UNIT), 0);
	assert_int_equal(mm_fake_offline(mm, b, NODE1 + 4 * UNIT, UNIT), 0);
	assert_less(mm, 5 * UNIT, 5 * UNIT);
	assert_int_equal(mm_make_backed(mm, a, NODE1 + UNIT, 4 * UNIT), 0);
	assert_less(mm, 2 * UNIT, 2 * UNIT);
	pages_used(mm, NODE1, NODE1, UNIT, MM_KIND_UNBACKED, "a");
	pages_used(mm, NODE1 + UNIT, NODE1 + 4 * UNIT, UNIT, MM_KIND_UNBACKED, "b");
	mm_holder_free(mm, a);
	mm_holder_free(mm, b);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_and_given_back),
		cmocka_unit_test(moves_what_is_there),
		cmocka_unit_test(stays),
		cmocka_unit_test(gigantic_page_stays_whole),
		cmocka_unit_test(no_room),
		cmocka_unit_test(pool_pages_stay_on_their_node),
		cmocka_unit_test(back_of_one_holder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
