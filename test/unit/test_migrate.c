// SPDX-License-Identifier: GPL-2.0-or-later
/* Isolating memory and migrating its pages: what prevents it, where pages go, and what remains. */
#include "pages.h"

#define RANGE NODE1, BLOCK
#define ALL (UINT64_MAX / 2)

static const enum mm_kind migrating[] = {
	MM_KIND_ANON,  MM_KIND_THP,	  MM_KIND_MLOCK,
	MM_KIND_SHMEM, MM_KIND_PAGECACHE, MM_KIND_BALLOON_MOVABLE,
};

struct moved {
	int ret;
	uint64_t moved, left;
	struct mm_use use;
};

static struct moved migrate(struct mm *mm, uint64_t start, uint64_t most)
{
	struct moved m = { .moved = 77, .left = 77 };

	m.ret = mm_migrate(mm, start, BLOCK, most, &m.moved, &m.left, &m.use);
	return m;
}

static void isolated(struct mm *mm, uint64_t start)
{
	struct mm_use use;

	assert_int_equal(mm_isolate(mm, start, BLOCK, &use), 0);
}

static void assert_in_the_way(struct mm *mm, uint64_t start, uint64_t pfn, enum mm_kind kind,
			      const char *owner)
{
	uint64_t free = mm_total_free(mm);
	struct mm_use use;

	assert_int_equal(mm_isolate(mm, start, BLOCK, &use), -EBUSY);
	assert_int_equal(use.start_pfn, pfn);
	assert_int_equal(use.kind, kind);
	assert_string_equal(use.owner, owner);
	assert_int_equal(mm_total_free(mm), free);
}

/* Isolated free pages cannot be allocated, nor can pages freed there. */
static void isolation(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *anon = pages_at(mm, "db", MM_KIND_ANON, NODE1 + 5, 10);
	struct mm_holder *more = pages_new(mm, "more", MM_KIND_ANON);

	(void)state;
	isolated(mm, NODE1);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_NORMAL).free, 7 * BLOCK);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_NORMAL).managed, 8 * BLOCK);
	mm_holder_shrink(mm, anon, 4);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_NORMAL).free, 7 * BLOCK);
	assert_int_equal(pages_grow_at(mm, more, 1, NODE1, NODE1 + BLOCK), -ENOMEM);
	mm_unisolate(mm, RANGE);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_NORMAL).free, 8 * BLOCK - 6);
	assert_int_equal(pages_grow_at(mm, more, 1, NODE1, NODE1 + BLOCK), 0);
	mm_holder_free(mm, anon);
	mm_holder_free(mm, more);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK);
	mm_free(mm);
}

/* In a kernel zone: all pages of the kernel itself. */
static void in_the_way(void **state)
{
	static const enum mm_kind blocking[] = { MM_KIND_KERNEL, MM_KIND_MEMMAP, MM_KIND_SLAB,
						 MM_KIND_PAGETABLE };
	static const enum mm_kind passing[] = { MM_KIND_PINNED, MM_KIND_BALLOON, MM_KIND_HUGETLB };
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_use use;

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(blocking); i++) {
		struct mm_holder *hold = pages_at(mm, "it", blocking[i], NODE1 + BLOCK - 1, 2);

		assert_in_the_way(mm, NODE1, NODE1 + BLOCK - 1, blocking[i], "it");
		assert_in_the_way(mm, NODE1 + BLOCK, NODE1 + BLOCK, blocking[i], "it");
		assert_int_equal(mm_isolate(mm, NODE1 + 2 * BLOCK, BLOCK, &use), 0);
		mm_unisolate(mm, NODE1 + 2 * BLOCK, BLOCK);
		mm_holder_free(mm, hold);
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(passing); i++) {
		struct mm_holder *hold = pages_at(mm, "it", passing[i], NODE1, 512);

		isolated(mm, NODE1);
		mm_unisolate(mm, RANGE);
		mm_holder_free(mm, hold);
	}
	assert_int_equal(mm_reserve_boot(mm, NODE1 + 7, 1, "firmware"), 0);
	assert_in_the_way(mm, NODE1, NODE1 + 7, MM_KIND_RESERVED, "firmware");
	mm_free(mm);
}

/* In Movable only reserved pages are checked for; others are found when they do not migrate. */
static void in_the_way_in_movable(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold;
	struct moved m;

	(void)state;
	pages_online(mm, 1, MM_ZONE_MOVABLE, NODE1_END);
	hold = pages_at(mm, "slab", MM_KIND_SLAB, NODE1_END + 3, 2);
	isolated(mm, NODE1_END);
	for (int i = 0; i < 3; i++) {
		m = migrate(mm, NODE1_END, ALL);
		assert_int_equal(m.ret, 0);
		assert_int_equal(m.moved, 0);
		assert_int_equal(m.left, 2);
		assert_int_equal(m.use.start_pfn, NODE1_END + 3);
		assert_int_equal(m.use.kind, MM_KIND_SLAB);
	}
	/* Without it, the rest can migrate. */
	mm_holder_free(mm, hold);
	m = migrate(mm, NODE1_END, ALL);
	assert_int_equal(m.ret, 0);
	assert_int_equal(m.left, 0);
	mm_unisolate(mm, NODE1_END, BLOCK);
	mm_free(mm);
}

static void to_other_nodes(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(migrating); i++) {
		for (int nid = 0; nid < 2; nid++) {
			uint64_t start = nid ? NODE1 : NODE0;
			struct mm_holder *hold =
				pages_at(mm, "it", migrating[i], start + 512, 1024);
			struct moved m;

			isolated(mm, start);
			m = migrate(mm, start, ALL);
			assert_int_equal(m.ret, 0);
			assert_int_equal(m.moved, 1024);
			assert_int_equal(m.left, 0);
			assert_int_equal(mm_holder_pages(hold), 1024);
			assert_int_equal(mm_holder_pages_on(mm, hold, !nid, MM_ZONE_NORMAL), 1024);
			pages_unused(mm, start, start + BLOCK);
			mm_unisolate(mm, start, BLOCK);
			mm_holder_free(mm, hold);
			assert_int_equal(mm_total_free(mm), 16 * BLOCK);
		}
	}
	mm_free(mm);
}

/* The pages' own node has room, but is not used as long as another node has memory. */
static void other_nodes_are_full(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	uint64_t min = pages_zone(mm, 0, MM_ZONE_NORMAL).min;
	struct mm_holder *full = pages_new(mm, "full", MM_KIND_MLOCK);
	struct mm_holder *hold = pages_at(mm, "db", MM_KIND_ANON, NODE1, 100);
	struct moved m;

	(void)state;
	assert_int_equal(pages_grow_on(mm, full, 8 * BLOCK - min - 30, 0), 0);
	isolated(mm, NODE1);
	/* partly: as many as there is room for */
	m = migrate(mm, NODE1, ALL);
	while (m.moved)
		m = migrate(mm, NODE1, ALL);
	assert_int_equal(m.ret, 0);
	assert_int_equal(m.left, 70);
	assert_int_equal(m.use.kind, MM_KIND_ANON);
	assert_string_equal(m.use.owner, "db");
	assert_int_equal(pages_free(mm, 0), min);
	assert_int_equal(pages_free(mm, 1), 7 * BLOCK);
	mm_holder_shrink(mm, full, 70);
	m = migrate(mm, NODE1, ALL);
	assert_int_equal(m.left + m.moved, 70);
	while (m.left) {
		m = migrate(mm, NODE1, ALL);
		assert_true(m.moved > 0);
	}
	mm_unisolate(mm, RANGE);
	mm_holder_free(mm, full);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void within_the_only_node(void **state)
{
	static const struct engine_range memory[] = { { GIB(4), GIB(5), 0 }, { 0 } };
	static const struct engine_config config = { .memory = memory };
	struct mm *mm = engine_mm(&config);
	struct mm_holder *hold = pages_at(mm, "db", MM_KIND_ANON, NODE0, BLOCK);
	struct moved m;

	(void)state;
	/* A node without memory is not an alternative. */
	assert_int_equal(mm_node_bring_up(mm, 3), 0);
	isolated(mm, NODE0);
	m = migrate(mm, NODE0, ALL);
	assert_int_equal(m.moved, BLOCK);
	assert_int_equal(m.left, 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 0, MM_ZONE_NORMAL), BLOCK);
	pages_unused(mm, NODE0, NODE0 + BLOCK);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* No more than requested at once; whole units. */
static void in_batches(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *a = pages_at(mm, "a", MM_KIND_ANON, NODE1, 100);
	struct mm_holder *b = pages_at(mm, "b", MM_KIND_SHMEM, NODE1 + 100, 50);
	struct mm_holder *thp = pages_at(mm, "thp", MM_KIND_THP, NODE1 + 1024, 1024);
	struct moved m;

	(void)state;
	isolated(mm, NODE1);
	m = migrate(mm, NODE1, 30);
	assert_int_equal(m.moved, 30);
	assert_int_equal(m.left, 120 + 1024);
	m = migrate(mm, NODE1, 100);
	assert_int_equal(m.moved, 100);
	assert_int_equal(mm_holder_pages_on(mm, a, 0, MM_ZONE_NORMAL), 100);
	assert_int_equal(mm_holder_pages_on(mm, b, 0, MM_ZONE_NORMAL), 30);
	m = migrate(mm, NODE1, 21);
	assert_int_equal(m.moved, 20 + 512);
	assert_int_equal(m.left, 512);
	m = migrate(mm, NODE1, 0);
	assert_int_equal(m.moved, 0);
	m = migrate(mm, NODE1, ALL);
	assert_int_equal(m.moved, 512);
	assert_int_equal(m.left, 0);
	mm_holder_free(mm, a);
	mm_holder_free(mm, b);
	mm_holder_free(mm, thp);
	mm_free(mm);
}

static void what_never_moves(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *anon = pages_at(mm, "db", MM_KIND_ANON, NODE1, 10);
	struct mm_holder *pinned = pages_at(mm, "rdma", MM_KIND_PINNED, NODE1 + 100, 20);
	struct mm_holder *balloon;
	struct moved m;

	(void)state;
	isolated(mm, NODE1);
	m = migrate(mm, NODE1, ALL);
	assert_int_equal(m.ret, 0);
	assert_int_equal(m.moved, 10);
	assert_int_equal(m.left, 20);
	assert_int_equal(m.use.start_pfn, NODE1 + 100);
	assert_int_equal(m.use.nr_pages, 20);
	assert_string_equal(m.use.owner, "rdma");
	mm_unisolate(mm, RANGE);
	mm_holder_free(mm, pinned);
	/* A balloon page ends it at once. */
	balloon = pages_at(mm, "vm", MM_KIND_BALLOON, NODE1 + 200, 1);
	isolated(mm, NODE1);
	m = migrate(mm, NODE1, ALL);
	assert_int_equal(m.ret, -EBUSY);
	assert_int_equal(m.moved, 77);
	assert_int_equal(m.use.start_pfn, NODE1 + 200);
	assert_string_equal(m.use.owner, "vm");
	mm_holder_free(mm, anon);
	mm_holder_free(mm, balloon);
	mm_free(mm);
}

/* Poisoned pages do not count, pool pages wait for being dissolved. */
static void what_need_not_move(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	enum mm_failure failure;
	struct moved m;

	(void)state;
	assert_int_equal(mm_poison_hard(mm, NODE1 + 9, &failure), 0);
	mm_huge_set_nr(mm, 1, MM_HUGE_PMD, 8 * BLOCK / 512);
	isolated(mm, NODE1);
	m = migrate(mm, NODE1, ALL);
	assert_int_equal(m.ret, 0);
	assert_int_equal(m.moved, 0);
	assert_int_equal(m.left, 0);
	mm_free(mm);
}

/* A huge page migrates only to an entirely free pageblock. */
static void no_room_for_a_huge_page(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *sieve = pages_new(mm, "sieve", MM_KIND_SLAB);
	struct mm_holder *thp = pages_at(mm, "thp", MM_KIND_THP, NODE1, 512);
	struct moved m;

	(void)state;
	for (uint64_t pfn = NODE0; pfn < NODE1; pfn += 512)
		assert_int_equal(pages_grow_at(mm, sieve, 1, pfn, pfn + 1), 0);
	isolated(mm, NODE1);
	m = migrate(mm, NODE1, ALL);
	assert_int_equal(m.ret, 0);
	assert_int_equal(m.moved, 0);
	assert_int_equal(m.left, 512);
	assert_string_equal(m.use.owner, "thp");
	mm_holder_shrink(mm, sieve, 1);
	assert_int_equal(migrate(mm, NODE1, ALL).moved, 512);
	mm_holder_free(mm, sieve);
	mm_holder_free(mm, thp);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(isolation),
		cmocka_unit_test(in_the_way),
		cmocka_unit_test(in_the_way_in_movable),
		cmocka_unit_test(to_other_nodes),
		cmocka_unit_test(other_nodes_are_full),
		cmocka_unit_test(within_the_only_node),
		cmocka_unit_test(in_batches),
		cmocka_unit_test(what_never_moves),
		cmocka_unit_test(what_need_not_move),
		cmocka_unit_test(no_room_for_a_huge_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
