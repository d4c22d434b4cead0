// SPDX-License-Identifier: GPL-2.0-or-later
/* Free lists and pageblocks: chunks by order and migrate type, as in buddyinfo and pagetypeinfo. */
#include "pages.h"

#define TOP 10

static struct mm_free_lists lists_of(const struct mm *mm, int nid, enum mm_zone_type type)
{
	struct mm_free_lists lists;

	memset(&lists, 0xff, sizeof(lists));
	mm_zone_free_lists(mm, nid, type, &lists);
	return lists;
}

/* The sum over all lists. */
static uint64_t sum(const struct mm_free_lists *lists)
{
	uint64_t pages = 0;

	for (int type = 0; type < MM_NR_MIGRATE_TYPES; type++) {
		for (int order = 0; order < MM_NR_ORDERS; order++)
			pages += lists->chunks[type][order] << order;
	}
	return pages;
}

static uint64_t sum_blocks(const struct mm_free_lists *lists)
{
	uint64_t blocks = 0;

	for (int type = 0; type < MM_NR_MIGRATE_TYPES; type++)
		blocks += lists->blocks[type];
	return blocks;
}

static void all_free(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_free_lists lists = lists_of(mm, 1, MM_ZONE_NORMAL);

	(void)state;
	/* 1 GiB: chunks of 4 MiB */
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][TOP], 256);
	assert_int_equal(sum(&lists), 8 * BLOCK);
	assert_int_equal(lists.blocks[MM_MIGRATE_MOVABLE], 512);
	assert_int_equal(sum_blocks(&lists), 512);
	/* 128 MiB brought online: 32 more */
	pages_online(mm, 1, MM_ZONE_NORMAL, NODE1_END);
	lists = lists_of(mm, 1, MM_ZONE_NORMAL);
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][TOP], 288);
	assert_int_equal(lists.blocks[MM_MIGRATE_MOVABLE], 576);
	mm_free(mm);
}

static void nothing_there(void **state)
{
	static const struct mm_free_lists none;
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_free_lists lists = lists_of(mm, 1, MM_ZONE_MOVABLE);

	(void)state;
	assert_memory_equal(&lists, &none, sizeof(none));
	lists = lists_of(mm, 1, MM_ZONE_DMA);
	assert_memory_equal(&lists, &none, sizeof(none));
	lists = lists_of(mm, 7, MM_ZONE_NORMAL);
	assert_memory_equal(&lists, &none, sizeof(none));
	mm_free(mm);
}

/* One page in use: the rest of its 4 MiB is one chunk of each order. */
static void one_page(void **state)
{
	static const struct {
		enum mm_kind kind;
		enum mm_migrate_type type;
	} cases[] = {
		{ MM_KIND_SLAB, MM_MIGRATE_UNMOVABLE },	  { MM_KIND_KERNEL, MM_MIGRATE_UNMOVABLE },
		{ MM_KIND_MEMMAP, MM_MIGRATE_UNMOVABLE }, { MM_KIND_ANON, MM_MIGRATE_MOVABLE },
		{ MM_KIND_SHMEM, MM_MIGRATE_MOVABLE },
	};
	struct mm *mm = engine_mm(&engine_plain);

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct mm_holder *hold = pages_at(mm, "it", cases[i].kind, NODE1 + 5 * 1024, 1);
		struct mm_free_lists lists = lists_of(mm, 1, MM_ZONE_NORMAL);
		bool unmovable = cases[i].type == MM_MIGRATE_UNMOVABLE;

		for (int order = 0; order < 9; order++)
			assert_int_equal(lists.chunks[cases[i].type][order], 1);
		assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][9], 1);
		assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][TOP], 255);
		assert_int_equal(sum(&lists), 8 * BLOCK - 1);
		assert_int_equal(lists.blocks[MM_MIGRATE_UNMOVABLE], unmovable);
		assert_int_equal(lists.blocks[MM_MIGRATE_MOVABLE], 512 - unmovable);
		mm_holder_free(mm, hold);
	}
	mm_free(mm);
}

/* Memory reserved by memblock does not change a pageblock's type. */
static void reserved(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_free_lists lists;

	(void)state;
	assert_int_equal(mm_reserve_boot(mm, NODE1, 512 + 1, "kernel"), 0);
	lists = lists_of(mm, 1, MM_ZONE_NORMAL);
	assert_int_equal(lists.blocks[MM_MIGRATE_MOVABLE], 512);
	assert_int_equal(sum(&lists), 8 * BLOCK - 513);
	mm_free(mm);
}

/* Two odd pages apart: neighbours that are not buddies do not merge. */
static void buddies(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *a = pages_at(mm, "a", MM_KIND_ANON, NODE1, 1);
	struct mm_holder *b = pages_at(mm, "b", MM_KIND_ANON, NODE1 + 3, 1021);
	struct mm_free_lists lists = lists_of(mm, 1, MM_ZONE_NORMAL);

	(void)state;
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][0], 2);
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][1], 0);
	mm_holder_free(mm, a);
	lists = lists_of(mm, 1, MM_ZONE_NORMAL);
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][0], 1);
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][1], 1);
	assert_int_equal(sum(&lists), 8 * BLOCK - 1021);
	mm_holder_free(mm, b);
	mm_free(mm);
}

static void isolated(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_free_lists lists;
	struct mm_use use;

	(void)state;
	assert_int_equal(mm_isolate(mm, NODE1 + BLOCK, BLOCK, &use), 0);
	lists = lists_of(mm, 1, MM_ZONE_NORMAL);
	assert_int_equal(lists.chunks[MM_MIGRATE_ISOLATE][TOP], 32);
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][TOP], 224);
	assert_int_equal(lists.blocks[MM_MIGRATE_ISOLATE], 64);
	assert_int_equal(lists.blocks[MM_MIGRATE_MOVABLE], 448);
	mm_unisolate(mm, NODE1 + BLOCK, BLOCK);
	lists = lists_of(mm, 1, MM_ZONE_NORMAL);
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][TOP], 256);
	assert_int_equal(lists.blocks[MM_MIGRATE_ISOLATE], 0);
	mm_free(mm);
}

static void cma(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *anon;
	struct mm_free_lists lists;

	(void)state;
	assert_int_equal(mm_cma_add(mm, NODE1 + 1024, 1024 + 512), 0);
	lists = lists_of(mm, 1, MM_ZONE_NORMAL);
	assert_int_equal(lists.chunks[MM_MIGRATE_CMA][TOP], 1);
	assert_int_equal(lists.chunks[MM_MIGRATE_CMA][9], 1);
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][9], 1);
	assert_int_equal(lists.chunks[MM_MIGRATE_MOVABLE][TOP], 254);
	assert_int_equal(lists.blocks[MM_MIGRATE_CMA], 3);
	assert_int_equal(lists.blocks[MM_MIGRATE_MOVABLE], 509);
	anon = pages_at(mm, "db", MM_KIND_ANON, NODE1 + 1024, 1024 + 511);
	lists = lists_of(mm, 1, MM_ZONE_NORMAL);
	assert_int_equal(lists.chunks[MM_MIGRATE_CMA][0], 1);
	assert_int_equal(lists.chunks[MM_MIGRATE_CMA][TOP], 0);
	assert_int_equal(lists.blocks[MM_MIGRATE_CMA], 3);
	mm_holder_free(mm, anon);
	mm_free(mm);
}

/* A zone that begins within a pageblock: 3998 pages of DMA, from pfn 1. */
static void odd_zone(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_free_lists lists = lists_of(mm, 0, MM_ZONE_DMA);

	(void)state;
	assert_int_equal(sum(&lists), 3998);
	assert_int_equal(sum_blocks(&lists), 8);
	lists = lists_of(mm, 0, MM_ZONE_DMA32);
	assert_int_equal(sum(&lists), 258048);
	assert_int_equal(sum_blocks(&lists), 504);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_free), cmocka_unit_test(nothing_there),
		cmocka_unit_test(one_page), cmocka_unit_test(reserved),
		cmocka_unit_test(buddies),  cmocka_unit_test(isolated),
		cmocka_unit_test(cma),	    cmocka_unit_test(odd_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
