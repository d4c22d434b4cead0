// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pools of huge pages: growing and shrinking them, allocating and freeing pages, surplus pages, and
 * what happens to them when memory goes offline.
 */
#include "pages.h"

#define PMD MM_HUGE_PMD
#define UNIT 512
#define PER_NODE (8 * BLOCK / UNIT)

static void assert_pool(const struct mm *mm, int nid, enum mm_huge size, uint64_t nr, uint64_t free,
			uint64_t surplus)
{
	struct mm_huge_info info;

	mm_huge_info(mm, nid, size, &info);
	assert_int_equal(info.nr, nr);
	assert_int_equal(info.free, free);
	assert_int_equal(info.surplus, surplus);
}

static int take(struct mm *mm, struct mm_holder *hold, uint64_t nr, int nid, bool bind)
{
	struct mm_alloc_request want = {
		.nid = nid, .not_nid = MM_NODE_NONE, .bind = bind, .nr_pages = nr * UNIT
	};

	return mm_huge_take(mm, hold, &want);
}

static uint64_t on_node(const struct mm *mm, const struct mm_holder *hold, int nid)
{
	return mm_holder_pages_on(mm, hold, nid, MM_ZONE_NORMAL) / UNIT;
}

static void sizes(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);

	(void)state;
	assert_int_equal(mm_huge_pages(mm, MM_HUGE_PMD), 512);
	assert_int_equal(mm_huge_kb(mm, MM_HUGE_PMD), 2048);
	assert_int_equal(mm_huge_pages(mm, MM_HUGE_PUD), 262144);
	assert_int_equal(mm_huge_kb(mm, MM_HUGE_PUD), 1048576);
	assert_pool(mm, MM_NODE_NONE, PMD, 0, 0, 0);
	mm_free(mm);
}

static void set_nr(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);

	(void)state;
	mm_huge_set_nr(mm, 1, PMD, 10);
	mm_huge_set_nr(mm, 0, PMD, 3);
	assert_pool(mm, 0, PMD, 3, 3, 0);
	assert_pool(mm, 1, PMD, 10, 10, 0);
	assert_pool(mm, 7, PMD, 0, 0, 0);
	assert_pool(mm, MM_NODE_NONE, PMD, 13, 13, 0);
	assert_pool(mm, MM_NODE_NONE, MM_HUGE_PUD, 0, 0, 0);
	assert_int_equal(pages_free(mm, 0), 8 * BLOCK - 3 * UNIT);
	assert_int_equal(pages_free(mm, 1), 8 * BLOCK - 10 * UNIT);
	assert_int_equal(mm_total_managed(mm), 16 * BLOCK);
	mm_huge_set_nr(mm, 1, PMD, 4);
	assert_pool(mm, 1, PMD, 4, 4, 0);
	mm_huge_set_nr(mm, 1, PMD, 4);
	assert_pool(mm, 1, PMD, 4, 4, 0);
	mm_huge_set_nr(mm, 1, PMD, 0);
	mm_huge_set_nr(mm, 0, PMD, 0);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK);
	mm_free(mm);
}

/* As many as memory allows; too few is no error. */
static void more_than_there_is(void **state)
{
	static const uint64_t nrs[] = { PER_NODE, 1ULL << 54, 1ULL << 55, UINT64_MAX / UNIT + 1,
					UINT64_MAX };
	struct mm *mm = engine_mm(&engine_plain);
	uint64_t most = (8 * BLOCK - pages_zone(mm, 0, MM_ZONE_NORMAL).min) / UNIT;

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(nrs); i++) {
		mm_huge_set_nr(mm, 0, PMD, nrs[i]);
		assert_pool(mm, 0, PMD, most, most, 0);
		assert_pool(mm, 1, PMD, 0, 0, 0);
		mm_huge_set_nr(mm, 0, PMD, 0);
	}
	mm_free(mm);
}

static void take_and_give(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_HUGETLB);

	(void)state;
	mm_huge_set_nr(mm, 0, PMD, 5);
	mm_huge_set_nr(mm, 1, PMD, 4);
	assert_int_equal(take(mm, hold, 5, 1, true), -ENOMEM);
	assert_pool(mm, 1, PMD, 4, 4, 0);
	assert_int_equal(take(mm, hold, 10, 1, false), -ENOMEM);
	assert_pool(mm, MM_NODE_NONE, PMD, 9, 9, 0);
	assert_int_equal(mm_holder_pages(hold), 0);
	assert_int_equal(take(mm, hold, 6, 1, false), 0);
	assert_int_equal(mm_holder_pages(hold), 6 * UNIT);
	assert_int_equal(on_node(mm, hold, 1), 4);
	assert_int_equal(on_node(mm, hold, 0), 2);
	assert_pool(mm, 0, PMD, 5, 3, 0);
	assert_pool(mm, 1, PMD, 4, 0, 0);
	assert_int_equal(take(mm, hold, 1, 1, true), -ENOMEM);
	assert_int_equal(take(mm, hold, 0, 1, true), 0);
	/* no other free memory is used */
	assert_int_equal(mm_total_free(mm), 16 * BLOCK - 9 * UNIT);
	assert_int_equal(mm_huge_give(mm, hold, 0), 0);
	assert_int_equal(mm_huge_give(mm, hold, 3 * UNIT), 0);
	assert_int_equal(mm_holder_pages(hold), 3 * UNIT);
	assert_pool(mm, MM_NODE_NONE, PMD, 9, 6, 0);
	assert_int_equal(mm_huge_give(mm, hold, 3 * UNIT), 0);
	assert_pool(mm, 0, PMD, 5, 5, 0);
	assert_pool(mm, 1, PMD, 4, 4, 0);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Pages in use stay; those above the requested number are freed when they are returned. */
static void surplus(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_HUGETLB);

	(void)state;
	mm_huge_set_nr(mm, 1, PMD, 10);
	assert_int_equal(take(mm, hold, 6, 1, true), 0);
	mm_huge_set_nr(mm, 1, PMD, 7);
	assert_pool(mm, 1, PMD, 7, 1, 0);
	mm_huge_set_nr(mm, 1, PMD, 2);
	assert_pool(mm, 1, PMD, 6, 0, 4);
	assert_pool(mm, MM_NODE_NONE, PMD, 6, 0, 4);
	assert_int_equal(mm_huge_give(mm, hold, UNIT), 0);
	assert_pool(mm, 1, PMD, 5, 0, 3);
	assert_int_equal(pages_free(mm, 1), 8 * BLOCK - 5 * UNIT);
	/* A higher number is requested again. */
	mm_huge_set_nr(mm, 1, PMD, 3);
	assert_pool(mm, 1, PMD, 5, 0, 2);
	mm_huge_set_nr(mm, 1, PMD, 8);
	assert_pool(mm, 1, PMD, 8, 3, 0);
	mm_huge_set_nr(mm, 1, PMD, 4);
	assert_pool(mm, 1, PMD, 5, 0, 1);
	assert_int_equal(mm_huge_give(mm, hold, 5 * UNIT), 0);
	assert_pool(mm, 1, PMD, 4, 4, 0);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Free pages in the range are lost, even when it does not go offline after all. */
static void dissolving(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_HUGETLB);
	struct mm_use use;

	(void)state;
	/* Pools fill the node from below: 64 in its first block, of them 10 in use, then 36. */
	mm_huge_set_nr(mm, 1, PMD, 64);
	assert_int_equal(take(mm, hold, 10, 1, true), 0);
	mm_huge_set_nr(mm, 1, PMD, 100);
	assert_int_equal(mm_isolate(mm, NODE1, BLOCK, &use), 0);
	assert_int_equal(mm_dissolve_huge(mm, NODE1, BLOCK), 0);
	assert_pool(mm, 1, PMD, 46, 36, 0);
	assert_int_equal(pages_free(mm, 1), 7 * BLOCK - 36 * UNIT);
	mm_unisolate(mm, NODE1, BLOCK);
	assert_pool(mm, 1, PMD, 46, 36, 0);
	assert_int_equal(pages_free(mm, 1), 8 * BLOCK - 46 * UNIT);
	mm_huge_give(mm, hold, mm_holder_pages(hold));
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void isolated_pages_are_not_taken(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_HUGETLB);
	struct mm_use use;

	(void)state;
	mm_huge_set_nr(mm, 1, PMD, 64);
	assert_int_equal(mm_isolate(mm, NODE1, BLOCK, &use), 0);
	assert_int_equal(take(mm, hold, 1, MM_NODE_NONE, false), -ENOMEM);
	assert_pool(mm, 1, PMD, 64, 64, 0);
	/* but freed */
	mm_huge_set_nr(mm, 1, PMD, 60);
	assert_pool(mm, 1, PMD, 60, 60, 0);
	mm_unisolate(mm, NODE1, BLOCK);
	assert_int_equal(pages_free(mm, 1), 8 * BLOCK - 60 * UNIT);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Empties the first block of node 1. */
static void empty_first_block(struct mm *mm)
{
	uint64_t start = NODE1, moved, left;
	struct mm_use use;

	assert_int_equal(mm_isolate(mm, start, BLOCK, &use), 0);
	do {
		assert_int_equal(mm_migrate(mm, start, BLOCK, UINT64_MAX / 2, &moved, &left, &use),
				 0);
	} while (moved && left);
	assert_int_equal(left, 0);
	assert_int_equal(mm_dissolve_huge(mm, start, BLOCK), 0);
	pages_unused(mm, start, start + BLOCK);
	mm_unisolate(mm, start, BLOCK);
}

/* A free page of another node's pool replaces it, and the pools have one page less. */
static void migration_to_a_pool(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_HUGETLB);

	(void)state;
	mm_huge_set_nr(mm, 0, PMD, 5);
	mm_huge_set_nr(mm, 1, PMD, 3);
	assert_int_equal(take(mm, hold, 3, 1, true), 0);
	empty_first_block(mm);
	assert_int_equal(on_node(mm, hold, 0), 3);
	assert_int_equal(on_node(mm, hold, 1), 0);
	assert_pool(mm, 0, PMD, 5, 2, 0);
	assert_pool(mm, 1, PMD, 0, 0, 0);
	assert_int_equal(mm_huge_give(mm, hold, 3 * UNIT), 0);
	assert_pool(mm, 0, PMD, 5, 5, 0);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Without a pool, a new page is allocated there, and the number stays. */
static void migration_without_a_pool(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_HUGETLB);

	(void)state;
	mm_huge_set_nr(mm, 0, PMD, 1);
	mm_huge_set_nr(mm, 1, PMD, 4);
	assert_int_equal(take(mm, hold, 4, 1, true), 0);
	empty_first_block(mm);
	assert_int_equal(on_node(mm, hold, 0), 4);
	assert_pool(mm, 0, PMD, 4, 0, 0);
	assert_pool(mm, 1, PMD, 0, 0, 0);
	mm_huge_give(mm, hold, 4 * UNIT);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void surplus_migrates(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_HUGETLB);

	(void)state;
	mm_huge_set_nr(mm, 1, PMD, 4);
	assert_int_equal(take(mm, hold, 4, 1, true), 0);
	mm_huge_set_nr(mm, 1, PMD, 1);
	assert_pool(mm, 1, PMD, 4, 0, 3);
	empty_first_block(mm);
	assert_pool(mm, 0, PMD, 4, 0, 3);
	assert_pool(mm, 1, PMD, 0, 0, 0);
	assert_int_equal(mm_huge_give(mm, hold, 4 * UNIT), 0);
	assert_pool(mm, MM_NODE_NONE, PMD, 1, 1, 0);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static const struct engine_range gigantic_memory[] = {
	{ GIB(4), GIB(8), 0 },
	{ GIB(8), GIB(10), 1 },
	{ 0 },
};

static void gigantic(void **state)
{
	static const struct engine_config config = {
		.memory = gigantic_memory,
		.block_size = GIB(2),
	};
	struct mm *mm = engine_mm(&config);
	struct mm_holder *hold = pages_new(mm, "vm", MM_KIND_GIGANTIC);
	struct mm_alloc_request want = { .nid = MM_NODE_NONE,
					 .not_nid = MM_NODE_NONE,
					 .nr_pages = 2 * 262144 };

	(void)state;
	mm_huge_set_nr(mm, 0, MM_HUGE_PUD, 9);
	/* Watermarks do not count. */
	assert_pool(mm, 0, MM_HUGE_PUD, 4, 4, 0);
	mm_huge_set_nr(mm, 0, MM_HUGE_PUD, 2);
	assert_pool(mm, 0, MM_HUGE_PUD, 2, 2, 0);
	assert_int_equal(mm_huge_take(mm, hold, &want), 0);
	assert_pool(mm, 0, MM_HUGE_PUD, 2, 0, 0);
	assert_pool(mm, 0, PMD, 0, 0, 0);
	assert_int_equal(mm_huge_give(mm, hold, 262144), 0);
	assert_pool(mm, 0, MM_HUGE_PUD, 2, 1, 0);
	mm_huge_give(mm, hold, 262144);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

#define GIGANTIC 262144

/* A page of eight blocks: what one block does, the whole page does. */
static void gigantic_of_several_blocks(void **state)
{
	static const struct engine_config config = { .memory = gigantic_memory };
	uint64_t first = GIB(4) >> 12, moved, left;
	struct mm *mm = engine_mm(&config);
	struct mm_holder *hold = pages_new(mm, "vm", MM_KIND_GIGANTIC);
	struct mm_holder *anon = pages_at(mm, "db", MM_KIND_ANON, first + 100, 10);
	struct mm_holder *slab = pages_at(mm, "slab", MM_KIND_SLAB, first + GIGANTIC + 1, 1);
	struct mm_alloc_request want = {
		.nid = 0, .not_nid = MM_NODE_NONE, .bind = true, .nr_pages = GIGANTIC
	};
	uint64_t total = mm_total_free(mm);
	struct mm_use use;

	(void)state;
	/* What can migrate makes room; what cannot, does not. */
	mm_huge_set_nr(mm, 0, MM_HUGE_PUD, 9);
	assert_pool(mm, 0, MM_HUGE_PUD, 3, 3, 0);
	assert_int_equal(mm_holder_pages(anon), 10);
	assert_int_equal(mm_total_free(mm), total - 3 * GIGANTIC);
	/* A page of which one block is going offline cannot be taken. */
	assert_int_equal(mm_isolate(mm, first + 3 * BLOCK, BLOCK, &use), 0);
	assert_int_equal(mm_huge_take(mm, hold, &want), 0);
	pages_used(mm, first + 3 * BLOCK, first + 3 * BLOCK, BLOCK, MM_KIND_GIGANTIC_FREE, "pool");
	/* It is dissolved as a whole. */
	assert_int_equal(mm_dissolve_huge(mm, first + 3 * BLOCK, BLOCK), 0);
	mm_unisolate(mm, first + 3 * BLOCK, BLOCK);
	assert_pool(mm, 0, MM_HUGE_PUD, 2, 1, 0);
	assert_int_equal(mm_total_free(mm), total - 2 * GIGANTIC);
	/* One in use moves as a whole, to a page of another pool or to a new one. */
	mm_huge_set_nr(mm, 1, MM_HUGE_PUD, 1);
	assert_int_equal(mm_isolate(mm, first + 2 * GIGANTIC + BLOCK, BLOCK, &use), 0);
	assert_int_equal(
		mm_migrate(mm, first + 2 * GIGANTIC + BLOCK, BLOCK, 1, &moved, &left, &use), 0);
	assert_int_equal(left, 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 1, MM_ZONE_NORMAL), GIGANTIC);
	assert_int_equal(mm_dissolve_huge(mm, first + 2 * GIGANTIC + BLOCK, BLOCK), 0);
	mm_unisolate(mm, first + 2 * GIGANTIC + BLOCK, BLOCK);
	assert_int_equal(mm_isolate(mm, GIB(9) >> 12, BLOCK, &use), 0);
	mm_unisolate(mm, GIB(9) >> 12, BLOCK);
	/* It comes back whole: to the pool, or freed when it is surplus. */
	mm_huge_set_nr(mm, 1, MM_HUGE_PUD, 0);
	assert_pool(mm, 1, MM_HUGE_PUD, 1, 0, 1);
	assert_int_equal(mm_huge_give(mm, hold, GIGANTIC), 0);
	assert_pool(mm, 1, MM_HUGE_PUD, 0, 0, 0);
	mm_huge_set_nr(mm, 0, MM_HUGE_PUD, 0);
	assert_int_equal(mm_total_free(mm), total);
	mm_holder_free(mm, hold);
	mm_holder_free(mm, anon);
	mm_holder_free(mm, slab);
	mm_free(mm);
}

/* Without a pool elsewhere, a new gigantic page is made by moving others out of the way. */
static void gigantic_migrates_to_a_new_one(void **state)
{
	static const struct engine_range memory[] = {
		{ GIB(4), GIB(5), 0 },
		{ GIB(8), GIB(10), 1 },
		{ 0 },
	};
	static const struct engine_config config = { .memory = memory };
	uint64_t first = GIB(4) >> 12, moved, left;
	struct mm *mm = engine_mm(&config);
	struct mm_holder *hold = pages_new(mm, "vm", MM_KIND_GIGANTIC);
	struct mm_alloc_request want = { .nid = 0, .not_nid = MM_NODE_NONE, .nr_pages = GIGANTIC };
	struct mm_use use;

	(void)state;
	mm_huge_set_nr(mm, 0, MM_HUGE_PUD, 1);
	assert_int_equal(mm_huge_take(mm, hold, &want), 0);
	assert_int_equal(mm_isolate(mm, first + 5 * BLOCK, BLOCK, &use), 0);
	assert_int_equal(mm_migrate(mm, first + 5 * BLOCK, BLOCK, 1, &moved, &left, &use), 0);
	assert_int_equal(left, 0);
	mm_unisolate(mm, first + 5 * BLOCK, BLOCK);
	assert_int_equal(mm_holder_pages_on(mm, hold, 1, MM_ZONE_NORMAL), GIGANTIC);
	assert_pool(mm, MM_NODE_NONE, MM_HUGE_PUD, 1, 0, 0);
	pages_unused(mm, first, first + GIGANTIC);
	assert_int_equal(mm_huge_give(mm, hold, GIGANTIC), 0);
	assert_int_equal(mm_huge_demote(mm, 1, MM_HUGE_PUD, MM_HUGE_PMD, 1), 0);
	assert_pool(mm, 1, PMD, 512, 512, 0);
	assert_pool(mm, 1, MM_HUGE_PUD, 0, 0, 0);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* A gigantic page lies in one zone: a block of Movable in between is no part of it. */
static void gigantic_in_one_zone(void **state)
{
	static const struct engine_range memory[] = {
		{ GIB(4), GIB(4) + 7 * MIB(128), 0 },
		{ GIB(5), GIB(6), 0 },
		{ 0 },
	};
	static const struct engine_config config = { .memory = memory };
	struct mm *mm = engine_mm(&config);

	(void)state;
	pages_online(mm, 0, MM_ZONE_MOVABLE, (GIB(5) >> 12) - BLOCK);
	mm_huge_set_nr(mm, 0, MM_HUGE_PUD, 9);
	assert_pool(mm, 0, MM_HUGE_PUD, 1, 1, 0);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(set_nr),
		cmocka_unit_test(more_than_there_is),
		cmocka_unit_test(take_and_give),
		cmocka_unit_test(surplus),
		cmocka_unit_test(dissolving),
		cmocka_unit_test(isolated_pages_are_not_taken),
		cmocka_unit_test(migration_to_a_pool),
		cmocka_unit_test(migration_without_a_pool),
		cmocka_unit_test(surplus_migrates),
		cmocka_unit_test(gigantic),
		cmocka_unit_test(gigantic_of_several_blocks),
		cmocka_unit_test(gigantic_migrates_to_a_new_one),
		cmocka_unit_test(gigantic_in_one_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
