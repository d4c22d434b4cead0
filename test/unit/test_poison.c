// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Poisoned pages: the effects of soft and hard failures on pages of all kinds, how they are
 * counted, and when the poison is cleared.
 */
#include "pages.h"

#define PFN (NODE1 + 1000)

static void assert_failures(const struct mm *mm, int nid, uint64_t recovered, uint64_t ignored)
{
	assert_int_equal(mm_failures(mm, nid, MM_FAILURE_RECOVERED), recovered);
	assert_int_equal(mm_failures(mm, nid, MM_FAILURE_IGNORED), ignored);
	assert_int_equal(mm_failures(mm, nid, MM_FAILURE_FAILED), 0);
	assert_int_equal(mm_failures(mm, nid, MM_FAILURE_DELAYED), 0);
	assert_int_equal(mm_failures(mm, nid, MM_FAILURE_TOTAL), recovered + ignored);
}

static void soft_free_page(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);

	(void)state;
	assert_false(mm_is_poisoned(mm, PFN));
	assert_int_equal(mm_poison_soft(mm, PFN), 0);
	assert_true(mm_is_poisoned(mm, PFN));
	assert_false(mm_is_poisoned(mm, PFN - 1));
	assert_false(mm_is_poisoned(mm, PFN + 1));
	assert_int_equal(mm_poisoned_pages(mm), 1);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK - 1);
	assert_int_equal(mm_total_managed(mm), 16 * BLOCK);
	assert_failures(mm, 1, 0, 0);
	/* Already poisoned: no error. */
	assert_int_equal(mm_poison_soft(mm, PFN), 0);
	assert_int_equal(mm_poisoned_pages(mm), 1);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK - 1);
	mm_free(mm);
}

static void hard_free_page(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	enum mm_failure failure = 77;

	(void)state;
	assert_int_equal(mm_poison_hard(mm, PFN, &failure), 0);
	assert_int_equal(failure, MM_FAILURE_RECOVERED);
	assert_int_equal(mm_poisoned_pages(mm), 1);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK - 1);
	assert_failures(mm, 1, 1, 0);
	assert_failures(mm, 0, 0, 0);
	assert_failures(mm, 7, 0, 0);
	failure = 77;
	assert_int_equal(mm_poison_hard(mm, PFN, &failure), -EHWPOISON);
	assert_int_equal(failure, 77);
	assert_int_equal(mm_poisoned_pages(mm), 1);
	assert_failures(mm, 1, 1, 0);
	mm_free(mm);
}

/* Pages of the kernel itself: soft leaves them alone, hard marks and counts them. */
static void kernel_pages(void **state)
{
	static const enum mm_kind kinds[] = {
		MM_KIND_KERNEL,
		MM_KIND_SLAB,
		MM_KIND_PAGETABLE,
		MM_KIND_MEMMAP,
	};
	struct mm *mm = engine_mm(&engine_plain);
	enum mm_failure failure;

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(kinds); i++) {
		uint64_t pfn = PFN + 10 * i, free;
		struct mm_holder *hold = pages_at(mm, "it", kinds[i], pfn, 3);

		free = mm_total_free(mm);
		assert_int_equal(mm_poison_soft(mm, pfn + 1), -EIO);
		assert_int_equal(mm_poisoned_pages(mm), i);
		assert_int_equal(mm_holder_pages(hold), 3);
		assert_int_equal(mm_poison_hard(mm, pfn + 1, &failure), -EBUSY);
		assert_int_equal(failure, MM_FAILURE_IGNORED);
		assert_int_equal(mm_poisoned_pages(mm), i + 1);
		assert_int_equal(mm_total_free(mm), free);
		assert_failures(mm, 1, 0, i + 1);
		assert_int_equal(mm_poison_hard(mm, pfn + 1, &failure), -EHWPOISON);
		assert_int_equal(mm_poison_soft(mm, pfn + 1), 0);
		assert_int_equal(mm_unpoison(mm, pfn + 1), -EBUSY);
		mm_holder_free(mm, hold);
		assert_int_equal(mm_total_free(mm), free + 2);
	}
	mm_free(mm);
}

/* Also addresses without memory, within a section that has some. */
static void reserved_pages(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	uint64_t free = mm_total_free(mm);
	enum mm_failure failure;

	(void)state;
	assert_int_equal(mm_reserve_boot(mm, 0x100, 16, "kernel"), 0);
	assert_int_equal(mm_poison_soft(mm, 0xa0), -EIO);
	assert_int_equal(mm_poison_hard(mm, 0xa0, &failure), -EBUSY);
	assert_int_equal(mm_poison_hard(mm, 0x100, &failure), -EBUSY);
	assert_int_equal(mm_poisoned_pages(mm), 2);
	assert_failures(mm, 0, 0, 2);
	assert_int_equal(mm_total_free(mm), free - 16);
	assert_int_equal(mm_poison_hard(mm, 0xa0, &failure), -EHWPOISON);
	mm_free(mm);
}

/*
 * Pages that were never the allocator's stay: a hole is no memory, a reservation blocks offlining.
 */
static void still_what_it_was(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	enum mm_failure failure;
	struct mm_usage usage;
	struct mm_use use;

	(void)state;
	assert_int_equal(mm_poison_hard(mm, 0xa0, &failure), -EBUSY);
	mm_range_usage(mm, 0xa0, 1, &usage);
	assert_int_equal(usage.kind[MM_KIND_POISON_HOLE], 1);
	assert_int_equal(usage.kind[MM_KIND_POISON], 0);
	mm_free(mm);

	mm = engine_mm(&engine_plain);
	assert_int_equal(mm_reserve_boot(mm, PFN, 1, "kernel"), 0);
	assert_int_equal(mm_poison_hard(mm, PFN, &failure), -EBUSY);
	assert_int_equal(mm_poisoned_pages(mm), 1);
	assert_int_equal(mm_isolate(mm, NODE1, BLOCK, &use), -EBUSY);
	assert_int_equal(use.start_pfn, PFN);
	mm_free(mm);
}

/* Soft: the content migrates. Hard: it is lost. Huge pages are split or dissolved. */
static void pages_of_programs(void **state)
{
	static const struct {
		enum mm_kind kind;
		uint64_t unit;
		bool dropped; /* clean: nothing needs to migrate */
	} cases[] = {
		{ MM_KIND_ANON, 1 },	  { MM_KIND_MLOCK, 1 },
		{ MM_KIND_SHMEM, 1 },	  { MM_KIND_PAGECACHE, 1, true },
		{ MM_KIND_THP, 512 },	  { MM_KIND_BALLOON_MOVABLE, 1 },
		{ MM_KIND_HUGETLB, 512 },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		for (int hard = 0; hard < 2; hard++) {
			struct mm *mm = engine_mm(&engine_plain);
			uint64_t lost = hard || cases[i].dropped ? cases[i].unit : 0;
			struct mm_holder *hold = pages_at(mm, "it", cases[i].kind, NODE1, 2048);
			enum mm_failure failure;

			assert_int_equal(hard ? mm_poison_hard(mm, PFN, &failure) :
						mm_poison_soft(mm, PFN),
					 0);
			assert_true(mm_is_poisoned(mm, PFN));
			assert_int_equal(mm_holder_pages(hold), 2048 - lost);
			assert_int_equal(mm_kind_pages(mm, MM_NODE_NONE, cases[i].kind),
					 2048 - lost);
			assert_int_equal(mm_total_free(mm), 16 * BLOCK - 2048 + lost - 1);
			assert_int_equal(mm_poisoned_pages(mm), 1);
			assert_failures(mm, 1, hard, 0);
			mm_holder_free(mm, hold);
			assert_int_equal(mm_total_free(mm), 16 * BLOCK - 1);
			mm_free(mm);
		}
	}
}

static void pinned_page(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_at(mm, "rdma", MM_KIND_PINNED, PFN, 3);

	(void)state;
	assert_int_equal(mm_poison_soft(mm, PFN + 1), -EIO);
	assert_int_equal(mm_holder_pages(hold), 3);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* A free huge page is dissolved: its pool has one page less. */
static void pool_page(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_huge_info info;
	enum mm_failure failure;

	(void)state;
	mm_huge_set_nr(mm, 1, MM_HUGE_PMD, 5);
	assert_int_equal(mm_poison_soft(mm, NODE1 + 1), 0);
	assert_int_equal(mm_poison_hard(mm, NODE1 + 700, &failure), 0);
	mm_huge_info(mm, 1, MM_HUGE_PMD, &info);
	assert_int_equal(info.nr, 3);
	assert_int_equal(info.free, 3);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK - 3 * 512 - 2);
	assert_failures(mm, 1, 1, 0);
	mm_free(mm);
}

/* Nothing changes when there is no room for the page's content. */
static void no_room(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_zone_info zone = pages_zone(mm, 0, MM_ZONE_NORMAL);
	struct mm_holder *hold = pages_at(mm, "db", MM_KIND_ANON, PFN, 3);
	struct mm_holder *all = pages_new(mm, "all", MM_KIND_MLOCK);

	(void)state;
	assert_int_equal(pages_grow(mm, all, 16 * BLOCK - 3 - 2 * zone.min, ANYWHERE), 0);
	assert_int_equal(mm_poison_soft(mm, PFN + 1), -EBUSY);
	assert_false(mm_is_poisoned(mm, PFN + 1));
	assert_int_equal(mm_poisoned_pages(mm), 0);
	assert_int_equal(mm_total_free(mm), 2 * zone.min);
	pages_used(mm, PFN, PFN, 3, MM_KIND_ANON, "db");
	assert_failures(mm, 1, 0, 0);
	mm_holder_free(mm, all);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void unpoison(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);

	(void)state;
	assert_int_equal(mm_unpoison(mm, PFN), -EBUSY);
	assert_int_equal(mm_poison_soft(mm, PFN), 0);
	assert_int_equal(mm_poison_soft(mm, PFN + 1), 0);
	assert_int_equal(mm_poison_soft(mm, PFN + 2), 0);
	assert_int_equal(mm_unpoison(mm, PFN + 1), 0);
	assert_false(mm_is_poisoned(mm, PFN + 1));
	assert_true(mm_is_poisoned(mm, PFN));
	assert_true(mm_is_poisoned(mm, PFN + 2));
	assert_int_equal(mm_poisoned_pages(mm), 2);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK - 2);
	assert_int_equal(mm_unpoison(mm, PFN + 1), -EBUSY);
	mm_free(mm);
}

/* It stays poisoned when its memory goes offline; only removal uncounts it. */
static void offline_and_removed(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	enum mm_failure failure;
	struct mm_use use;

	(void)state;
	pages_online(mm, 2, MM_ZONE_NORMAL, NODE1_END);
	assert_int_equal(mm_poison_hard(mm, NODE1_END + 5, &failure), 0);
	assert_int_equal(mm_poison_hard(mm, NODE1_END - 5, &failure), 0);
	assert_true(mm_has_poison(mm, NODE1_END, BLOCK));
	assert_true(mm_has_poison(mm, NODE1_END + 5, 1));
	assert_false(mm_has_poison(mm, NODE1_END + 6, BLOCK));
	assert_false(mm_has_poison(mm, NODE0, BLOCK));
	assert_int_equal(mm_isolate(mm, NODE1_END, BLOCK, &use), 0);
	mm_zone_remove_pages(mm, 2, MM_ZONE_NORMAL, NODE1_END, BLOCK);
	mm_zone_drop_range(mm, 2, MM_ZONE_NORMAL, NODE1_END, BLOCK);
	/* The poisoned page is no longer managed either. */
	assert_int_equal(mm_total_managed(mm), 16 * BLOCK);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK - 1);
	assert_true(mm_has_poison(mm, NODE1_END, BLOCK));
	assert_int_equal(mm_poisoned_pages(mm), 2);
	mm_poison_forget(mm, 2, NODE1_END, BLOCK);
	assert_false(mm_has_poison(mm, NODE1_END, BLOCK));
	assert_int_equal(mm_poisoned_pages(mm), 1);
	assert_true(mm_is_poisoned(mm, NODE1_END - 5));
	assert_failures(mm, 2, 1, 0);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(soft_free_page),
		cmocka_unit_test(hard_free_page),
		cmocka_unit_test(kernel_pages),
		cmocka_unit_test(reserved_pages),
		cmocka_unit_test(still_what_it_was),
		cmocka_unit_test(pages_of_programs),
		cmocka_unit_test(pinned_page),
		cmocka_unit_test(pool_page),
		cmocka_unit_test(no_room),
		cmocka_unit_test(unpoison),
		cmocka_unit_test(offline_and_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
