// SPDX-License-Identifier: GPL-2.0-or-later
/* The tree of online pages: lookup, and removal of exactly what was inserted. */
#include <stdlib.h>
#include <string.h>

#include "../../src/mm/mm_private.h"
#include "engine.h"

#define SLOTS 64
#define SLOT_PAGES 100

static struct mm *empty_mm(void)
{
	static const struct mm_config config = { .page_shift = 12, .section_pages = 32768 };
	struct mm *mm = mm_new(&config);

	assert_non_null(mm);
	for (int nid = 0; nid < SLOTS; nid++)
		assert_int_equal(mm_node_bring_up(mm, nid), 0);
	return mm;
}

static uint64_t start_at(const struct mm *mm, uint64_t pfn)
{
	const struct mm_extent *e = mm_extent_at(mm, pfn);

	return e ? e->start : UINT64_MAX;
}

static void lookup(void **state)
{
	struct mm *mm = empty_mm();
	const struct mm_extent *e;

	(void)state;
	assert_null(mm_extent_at(mm, 0));
	assert_int_equal(mm_extent_insert(mm, 100, 200, 1, MM_ZONE_DMA32), 0);
	assert_int_equal(mm_extent_insert(mm, 300, 400, 2, MM_ZONE_MOVABLE), 0);
	assert_int_equal(mm_extent_insert(mm, 200, 250, 1, MM_ZONE_NORMAL), 0);

	assert_int_equal(start_at(mm, 0), 100);
	assert_int_equal(start_at(mm, 99), 100);
	assert_int_equal(start_at(mm, 100), 100);
	assert_int_equal(start_at(mm, 199), 100);
	assert_int_equal(start_at(mm, 200), 200);
	assert_int_equal(start_at(mm, 249), 200);
	assert_int_equal(start_at(mm, 250), 300);
	assert_int_equal(start_at(mm, 399), 300);
	assert_null(mm_extent_at(mm, 400));
	assert_null(mm_extent_at(mm, UINT64_MAX));

	e = mm_extent_at(mm, 310);
	assert_int_equal(e->end, 400);
	assert_int_equal(e->nid, 2);
	assert_int_equal(e->type, MM_ZONE_MOVABLE);
	mm_free(mm);
}

static void removal(void **state)
{
	struct mm *mm = empty_mm();

	(void)state;
	mm_extent_remove(mm, 0, UINT64_MAX);
	for (uint64_t i = 0; i < 10; i++)
		assert_int_equal(mm_extent_insert(mm, i * 10, i * 10 + 10, 0, MM_ZONE_NORMAL), 0);
	mm_extent_remove(mm, 30, 60);
	assert_int_equal(start_at(mm, 29), 20);
	assert_int_equal(start_at(mm, 30), 60);
	mm_extent_remove(mm, 30, 60);
	assert_int_equal(start_at(mm, 30), 60);
	mm_extent_remove(mm, 0, 10);
	assert_int_equal(start_at(mm, 0), 10);
	mm_extent_remove(mm, 90, 100);
	assert_null(mm_extent_at(mm, 90));
	mm_extent_remove(mm, 0, 1000);
	assert_null(mm_extent_at(mm, 0));
	mm_free(mm);
}

/* Compared with an array, in random order. */
static void at_random(void **state)
{
	struct mm *mm = empty_mm();
	bool there[SLOTS] = { false };

	(void)state;
	srand(7);
	for (int step = 0; step < 4000; step++) {
		unsigned int slot = (unsigned int)rand() % SLOTS, next;
		uint64_t start = slot * SLOT_PAGES, end = start + SLOT_PAGES;

		if (there[slot])
			mm_extent_remove(mm, start, end);
		else
			assert_int_equal(mm_extent_insert(mm, start, end, (int)slot, MM_ZONE_DMA),
					 0);
		there[slot] = !there[slot];

		slot = (unsigned int)rand() % SLOTS;
		for (next = slot; next < SLOTS && !there[next]; next++)
			;
		assert_int_equal(start_at(mm,
					  slot * SLOT_PAGES + (unsigned int)rand() % SLOT_PAGES),
				 next < SLOTS ? next * SLOT_PAGES : UINT64_MAX);
	}
	mm_free(mm);
}

static uint64_t first_avail(const struct mm *mm)
{
	const struct mm_extent *e = TAILQ_FIRST(&mm->node[0]->zone[MM_ZONE_MOVABLE].avail);

	return e ? e->start : UINT64_MAX;
}

/* What was online first is used first, and what was freed last; after isolation it is the last. */
static void order_of_use(void **state)
{
	struct mm *mm = empty_mm();
	struct mm_extent *low, *high;

	(void)state;
	assert_int_equal(mm_extent_insert(mm, 200, 300, 0, MM_ZONE_MOVABLE), 0);
	assert_int_equal(mm_extent_insert(mm, 100, 200, 0, MM_ZONE_MOVABLE), 0);
	low = mm_extent_of(mm, 100);
	high = mm_extent_of(mm, 200);
	assert_int_equal(first_avail(mm), 200);
	mm_extent_use(mm, high, 60);
	assert_int_equal(first_avail(mm), 200);
	mm_extent_use(mm, high, 40);
	assert_int_equal(first_avail(mm), 100);
	mm_extent_use(mm, low, 10);
	mm_extent_use(mm, high, -1);
	assert_int_equal(first_avail(mm), 200);
	mm_extent_use(mm, low, -10);
	assert_int_equal(first_avail(mm), 100);
	mm_extent_isolate(mm, low, true, false);
	mm_extent_isolate(mm, low, false, false);
	assert_int_equal(first_avail(mm), 100);
	mm_extent_isolate(mm, low, true, true);
	mm_extent_isolate(mm, low, false, true);
	assert_int_equal(first_avail(mm), 200);
	mm_extent_place(mm, low, high);
	assert_int_equal(first_avail(mm), 100);
	mm_extent_place(mm, low, NULL);
	assert_int_equal(first_avail(mm), 200);
	mm_extent_use(mm, high, 1);
	mm_extent_use(mm, low, 100);
	assert_int_equal(first_avail(mm), UINT64_MAX);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup),
		cmocka_unit_test(removal),
		cmocka_unit_test(at_random),
		cmocka_unit_test(order_of_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
