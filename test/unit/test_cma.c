// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Areas for contiguous allocations: which pages may use them, how they are counted, and that they
 * stay online.
 */
#include "pages.h"

#define AREA (NODE0 + 2 * BLOCK)
#define AREA_PAGES (BLOCK / 2)

static struct mm *with_area(void)
{
	struct mm *mm = engine_mm(&engine_plain);

	assert_int_equal(mm_cma_add(mm, AREA, AREA_PAGES), 0);
	return mm;
}

static void counts(void **state)
{
	struct mm *mm = with_area();
	struct mm_holder *anon;

	(void)state;
	assert_int_equal(pages_zone(mm, 0, MM_ZONE_NORMAL).cma, AREA_PAGES);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_NORMAL).cma, 0);
	assert_int_equal(mm_cma_free(mm), AREA_PAGES);
	anon = pages_at(mm, "db", MM_KIND_ANON, AREA - 10, 30);
	assert_int_equal(mm_cma_free(mm), AREA_PAGES - 20);
	assert_int_equal(mm_cma_add(mm, NODE1 + 512, 1024), 0);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_NORMAL).cma, 1024);
	assert_int_equal(mm_cma_free(mm), AREA_PAGES - 20 + 1024);
	mm_holder_free(mm, anon);
	assert_int_equal(mm_cma_free(mm), AREA_PAGES + 1024);
	mm_free(mm);
}

static void overlaps(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	uint64_t start = 1, end = 2;

	(void)state;
	assert_false(mm_cma_overlaps(mm, 0, UINT64_MAX, &start, &end));
	assert_int_equal(mm_cma_add(mm, AREA, AREA_PAGES), 0);
	assert_false(mm_cma_overlaps(mm, 0, AREA, &start, &end));
	assert_false(mm_cma_overlaps(mm, AREA + AREA_PAGES, UINT64_MAX, &start, &end));
	assert_int_equal(start, 1);
	assert_int_equal(end, 2);
	assert_true(mm_cma_overlaps(mm, AREA - 1, AREA + 1, &start, &end));
	assert_int_equal(start, AREA);
	assert_int_equal(end, AREA + AREA_PAGES);
	assert_true(mm_cma_overlaps(mm, AREA + AREA_PAGES - 1, UINT64_MAX, &start, &end));
	mm_free(mm);
}

/*
 * Walks over areas return what lies in a range, ascend, and end, even where areas extend beyond it.
 */
static void walks_end(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	uint64_t start = 1, end = 2;

	(void)state;
	assert_int_equal(mm_cma_add(mm, AREA, AREA_PAGES), 0);
	assert_int_equal(mm_cma_add(mm, NODE0 + BLOCK, BLOCK / 4), 0);
	assert_false(mm_cma_overlaps(mm, AREA + 1, AREA + 1, &start, &end));
	assert_false(mm_cma_next(mm, AREA + 1, AREA + 1, &start, &end));
	assert_false(mm_cma_next(mm, AREA + 2, AREA + 1, &start, &end));
	assert_false(mm_cma_next(mm, 0, NODE0 + BLOCK, &start, &end));
	assert_int_equal(start, 1);
	assert_int_equal(end, 2);
	assert_true(mm_cma_next(mm, 0, UINT64_MAX, &start, &end));
	assert_int_equal(start, NODE0 + BLOCK);
	assert_int_equal(end, NODE0 + BLOCK + BLOCK / 4);
	assert_true(mm_cma_next(mm, end, AREA + 3, &start, &end));
	assert_int_equal(start, AREA);
	assert_int_equal(end, AREA + 3);
	assert_true(mm_cma_next(mm, AREA + 5, UINT64_MAX, &start, &end));
	assert_int_equal(start, AREA + 5);
	assert_int_equal(end, AREA + AREA_PAGES);
	assert_false(mm_cma_next(mm, end, UINT64_MAX, &start, &end));
	mm_free(mm);
}

/* Unmovable pages are placed around it; watermarks do not count it as free for such pages. */
static void not_for_the_kernel(void **state)
{
	struct mm *mm = with_area();
	uint64_t min = pages_zone(mm, 0, MM_ZONE_NORMAL).min;
	struct mm_holder *slab = pages_new(mm, "slab", MM_KIND_SLAB);
	struct mm_holder *anon = pages_new(mm, "db", MM_KIND_ANON);
	struct mm_usage usage;

	(void)state;
	assert_int_equal(pages_grow_on(mm, slab, 8 * BLOCK - AREA_PAGES - min + 1, 0), -ENOMEM);
	assert_int_equal(pages_grow_on(mm, slab, 8 * BLOCK - AREA_PAGES - min, 0), 0);
	mm_range_usage(mm, AREA, AREA_PAGES, &usage);
	assert_int_equal(usage.kind[MM_KIND_SLAB], 0);
	assert_int_equal(usage.free_cma, AREA_PAGES);
	/* Movable pages use it. */
	assert_int_equal(pages_grow_on(mm, anon, AREA_PAGES, 0), 0);
	assert_int_equal(pages_free(mm, 0), min);
	assert_int_equal(mm_holder_pages_on(mm, anon, 0, MM_ZONE_NORMAL), AREA_PAGES);
	mm_holder_free(mm, slab);
	mm_holder_free(mm, anon);
	mm_free(mm);
}

/* Long-term pins migrate out of it. */
static void not_for_pins(void **state)
{
	struct mm *mm = with_area();
	struct mm_holder *anon = pages_at(mm, "rdma", MM_KIND_ANON, AREA - 100, 200);

	(void)state;
	assert_int_equal(mm_cma_free(mm), AREA_PAGES - 100);
	assert_int_equal(mm_holder_pin(mm, anon), 0);
	assert_int_equal(mm_holder_pages(anon), 200);
	assert_int_equal(mm_cma_free(mm), AREA_PAGES);
	pages_used(mm, AREA - 100, AREA - 100, 100, MM_KIND_PINNED, "rdma");
	mm_holder_free(mm, anon);
	mm_free(mm);
}

static void stays_online(void **state)
{
	struct mm *mm = with_area();
	uint64_t free = mm_total_free(mm);
	struct mm_use use;

	(void)state;
	assert_int_equal(mm_isolate(mm, NODE0 + BLOCK, 2 * BLOCK, &use), -EBUSY);
	assert_int_equal(use.start_pfn, AREA);
	assert_int_equal(use.nr_pages, AREA_PAGES);
	assert_string_equal(use.owner, "cma");
	assert_int_equal(mm_isolate(mm, AREA + 512, 512, &use), -EBUSY);
	assert_int_equal(use.start_pfn, AREA + 512);
	assert_int_equal(use.nr_pages, 512);
	assert_int_equal(mm_total_free(mm), free);
	assert_int_equal(mm_isolate(mm, NODE0 + BLOCK, BLOCK, &use), 0);
	assert_int_equal(mm_isolate(mm, NODE0 + 3 * BLOCK, BLOCK, &use), 0);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),	cmocka_unit_test(overlaps),
		cmocka_unit_test(walks_end),	cmocka_unit_test(not_for_the_kernel),
		cmocka_unit_test(not_for_pins), cmocka_unit_test(stays_online),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
