// SPDX-License-Identifier: GPL-2.0-or-later
/* The use of pages, by zone and by range; MemAvailable and dirtyable memory. */
#include "pages.h"

static struct mm_usage range_usage(const struct mm *mm, uint64_t start, uint64_t nr)
{
	struct mm_usage usage;

	memset(&usage, 0xff, sizeof(usage));
	mm_range_usage(mm, start, nr, &usage);
	return usage;
}

static uint64_t all_of(const struct mm_usage *usage)
{
	uint64_t pages = usage->free;

	for (int kind = 0; kind < MM_NR_KINDS; kind++)
		pages += usage->kind[kind];
	return pages;
}

static void ranges(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *a = pages_at(mm, "a", MM_KIND_ANON, NODE1 - 50, 100);
	struct mm_holder *b = pages_at(mm, "b", MM_KIND_ANON, NODE1 + 70, 10);
	struct mm_holder *c = pages_at(mm, "c", MM_KIND_SLAB, NODE1 + 80, 10);
	struct mm_usage usage = range_usage(mm, NODE1, BLOCK);

	(void)state;
	assert_int_equal(usage.kind[MM_KIND_ANON], 60);
	assert_int_equal(usage.kind[MM_KIND_SLAB], 10);
	assert_int_equal(usage.free, BLOCK - 70);
	assert_int_equal(usage.free_cma, 0);
	assert_int_equal(usage.zones, 1u << MM_ZONE_NORMAL);
	assert_int_equal(all_of(&usage), BLOCK);
	usage = range_usage(mm, NODE1 + 75, 10);
	assert_int_equal(usage.kind[MM_KIND_ANON], 5);
	assert_int_equal(usage.kind[MM_KIND_SLAB], 5);
	assert_int_equal(usage.free, 0);
	usage = range_usage(mm, NODE0, 16 * BLOCK);
	assert_int_equal(usage.kind[MM_KIND_ANON], 110);
	assert_int_equal(all_of(&usage), 16 * BLOCK);
	/* Offline memory does not count. */
	usage = range_usage(mm, NODE1_END, BLOCK);
	assert_int_equal(all_of(&usage), 0);
	assert_int_equal(usage.zones, 0);
	usage = range_usage(mm, NODE1_END - 1, BLOCK);
	assert_int_equal(all_of(&usage), 1);
	mm_holder_free(mm, a);
	mm_holder_free(mm, b);
	mm_holder_free(mm, c);
	mm_free(mm);
}

static void zones(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_holder *hold = pages_at(mm, "it", MM_KIND_KERNEL, 4096 - 5, 15);
	struct mm_usage usage = range_usage(mm, 0, BLOCK);

	(void)state;
	assert_int_equal(usage.zones, 1u << MM_ZONE_DMA | 1u << MM_ZONE_DMA32);
	mm_zone_usage(mm, 0, MM_ZONE_DMA, &usage);
	assert_int_equal(usage.kind[MM_KIND_KERNEL], 5);
	assert_int_equal(usage.free, 3998 - 5);
	assert_int_equal(usage.zones, 1u << MM_ZONE_DMA);
	mm_zone_usage(mm, 0, MM_ZONE_DMA32, &usage);
	assert_int_equal(usage.kind[MM_KIND_KERNEL], 10);
	assert_int_equal(usage.free, 258048 - 10);
	mm_zone_usage(mm, 0, MM_ZONE_NORMAL, &usage);
	assert_int_equal(all_of(&usage), 0);
	mm_zone_usage(mm, 7, MM_ZONE_NORMAL, &usage);
	assert_int_equal(all_of(&usage), 0);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void contiguous_memory(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold;
	struct mm_usage usage;

	(void)state;
	assert_int_equal(mm_cma_add(mm, NODE1 + 1024, 1024), 0);
	hold = pages_at(mm, "db", MM_KIND_ANON, NODE1 + 1000, 100);
	usage = range_usage(mm, NODE1, BLOCK);
	assert_int_equal(usage.free_cma, 1024 - 76);
	assert_int_equal(usage.free, BLOCK - 100);
	usage = range_usage(mm, NODE1 + 2000, 100);
	assert_int_equal(usage.free_cma, 48);
	mm_zone_usage(mm, 1, MM_ZONE_NORMAL, &usage);
	assert_int_equal(usage.free_cma, 1024 - 76);
	assert_int_equal(usage.kind[MM_KIND_ANON], 100);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Free pages of memory going offline are not free in the zone, and not usable otherwise. */
static void going_offline(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_usage usage;
	struct mm_use use;

	(void)state;
	assert_int_equal(mm_isolate(mm, NODE1, BLOCK, &use), 0);
	usage = range_usage(mm, NODE1, BLOCK);
	assert_int_equal(usage.free, BLOCK);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_NORMAL).free, 7 * BLOCK);
	mm_free(mm);
}

/* free - totalreserve + file - min(file / 2, sum of low watermarks) */
static void available(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_zone_info zone = pages_zone(mm, 0, MM_ZONE_NORMAL);
	/* An empty Movable zone has watermarks, too. */
	uint64_t reserve = 2 * zone.high;
	uint64_t low = 2 * (zone.low + pages_zone(mm, 0, MM_ZONE_MOVABLE).low);
	struct mm_holder *cache = pages_new(mm, "files", MM_KIND_PAGECACHE);
	struct mm_holder *anon = pages_new(mm, "db", MM_KIND_ANON);

	(void)state;
	assert_int_equal(mm_available(mm), 16 * BLOCK - reserve);
	assert_int_equal(mm_dirtyable(mm), 16 * BLOCK - reserve + 1);
	/* little cache: half of it counts */
	assert_int_equal(pages_grow(mm, cache, 101, ANYWHERE), 0);
	assert_int_equal(mm_available(mm), 16 * BLOCK - 101 - reserve + 101 - 50);
	assert_int_equal(mm_dirtyable(mm), 16 * BLOCK - 101 - reserve + 101 + 1);
	/* much: all except the low watermarks */
	assert_int_equal(pages_grow(mm, cache, 2 * low, ANYWHERE), 0);
	assert_int_equal(mm_available(mm), 16 * BLOCK - reserve - low);
	mm_holder_shrink(mm, cache, mm_holder_pages(cache));
	/* never negative */
	assert_int_equal(pages_grow(mm, anon, 16 * BLOCK - 2 * zone.min, ANYWHERE), 0);
	assert_int_equal(mm_available(mm), 0);
	assert_int_equal(mm_dirtyable(mm), 1);
	mm_holder_free(mm, cache);
	mm_holder_free(mm, anon);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(zones),
		cmocka_unit_test(contiguous_memory),
		cmocka_unit_test(going_offline),
		cmocka_unit_test(available),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
