// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Watermarks, reserves, min_free_kbytes and MemAvailable: the numbers of recorded machines are
 * reproduced when their zones manage as many pages.
 */
#include "kernel_hold.h"
#include "engine.h"

#define BLOCK 32768

struct numbers {
	int nid;
	enum mm_zone_type type;
	uint64_t managed, min, low, high, promo;
	uint64_t reserve[MM_NR_ZONES];
};

static void assert_numbers(const struct mm *mm, const struct numbers *rows, size_t nr)
{
	for (const struct numbers *row = rows; row < rows + nr; row++) {
		struct mm_zone_info zone;

		mm_zone_info(mm, row->nid, row->type, &zone);
		assert_int_equal(zone.managed, row->managed);
		assert_int_equal(zone.min, row->min);
		assert_int_equal(zone.low, row->low);
		assert_int_equal(zone.high, row->high);
		assert_int_equal(zone.promo, row->promo);
		for (int type = 0; type < MM_NR_ZONES; type++)
			assert_int_equal(zone.reserve[type], row->reserve[type]);
	}
}

/* The boot allocations of a recorded machine, leaving that many pages to the zones. */
static struct mm *recorded_mm(uint64_t dma32_node0, uint64_t dma32_node1)
{
	struct mm *mm = engine_mm(&engine_pc);
	uint64_t node0 = 258048 - dma32_node0, node1 = 262112 - dma32_node1;

	assert_int_equal(mm_reserve_boot(mm, 0, 256, "firmware"), 0);
	assert_int_equal(mm_reserve_boot(mm, 0x40000 - node0, node0, "node data"), 0);
	assert_int_equal(mm_reserve_boot(mm, 0x7ffe0 - node1, node1, "node data"), 0);
	mm_wmark_update(mm);
	return mm;
}

static void online(struct mm *mm, int nid, enum mm_zone_type type, uint64_t block)
{
	mm_zone_take_range(mm, nid, type, block * BLOCK, BLOCK);
	assert_int_equal(mm_zone_add_pages(mm, nid, type, block * BLOCK, BLOCK), 0);
	mm_wmark_update(mm);
}

/* formats/proc_zoneinfo.dimm.txt */
static const struct numbers dimm_zones[] = {
	{ 0, MM_ZONE_DMA, 3840, 163, 203, 243, 283, { 0, 979, 979, 979, 979 } },
	{ 0, MM_ZONE_DMA32, 250637, 10686, 13357, 16028, 18699, { 0 } },
	{ 0, MM_ZONE_NORMAL, 0, 0, 0, 0, 0, { 0 } },
	{ 0, MM_ZONE_MOVABLE, 0, 32, 32, 32, 32, { 0 } },
	{ 0, MM_ZONE_DEVICE, 0, 0, 0, 0, 0, { 0 } },
	{ 1, MM_ZONE_DMA, 0, 0, 0, 0, 0, { 0 } },
	{ 1, MM_ZONE_DMA32, 241127, 10280, 12850, 15420, 17990, { 0, 0, 128, 384, 384 } },
	{ 1, MM_ZONE_NORMAL, 32768, 1397, 1746, 2095, 2444, { 0, 0, 0, 2048, 2048 } },
	{ 1, MM_ZONE_MOVABLE, 65536, 64, 762, 1460, 2158, { 0 } },
};

static void dimm(void **state)
{
	struct mm *mm = recorded_mm(250637, 241127);
	struct mm_holder *node0 = NULL, *node1 = NULL;

	(void)state;
	assert_int_equal(mm_total_managed(mm), 495604); /* MemTotal: 1982416 kB */
	assert_int_equal(mm_min_free_kbytes(mm), 67584);
	online(mm, 1, MM_ZONE_NORMAL, 32);
	assert_int_equal(mm_min_free_kbytes(mm), 90112);
	online(mm, 1, MM_ZONE_MOVABLE, 33);
	online(mm, 1, MM_ZONE_MOVABLE, 34);
	assert_int_equal(mm_min_free_kbytes(mm), 90112);
	assert_numbers(mm, dimm_zones, BASE_ARRAY_SIZE(dimm_zones));
	assert_int_equal(mm_total_managed(mm) * 4, 2375632);

	assert_int_equal(kernel_hold(mm, 4096, 0x40000, 0, 250637 - 247552, "x", &node0), 0);
	assert_int_equal(kernel_hold(mm, 0x40000, 0x7ffe0, 1, 241127 - 236979, "x", &node1), 0);
	assert_int_equal(mm_total_free(mm) * 4, 2346700);
	assert_int_equal(mm_available(mm) * 4, 2192072);
	mm_holder_free(mm, node0);
	mm_holder_free(mm, node1);
	mm_free(mm);
}

/*
 * MemAvailable of formats/proc_meminfo.boot.txt; its watermarks date from before initmem was freed.
 */
static void available_at_boot(void **state)
{
	struct mm *mm = recorded_mm(249645, 240401);
	static const struct numbers zones[] = {
		{ 0, MM_ZONE_DMA, 3840, 131, 163, 195, 227, { 0, 975, 975, 975, 975 } },
		{ 0, MM_ZONE_DMA32, 249645, 8540, 10675, 12810, 14945, { 0 } },
		{ 1, MM_ZONE_DMA32, 240401, 8224, 10280, 12336, 14392, { 0 } },
	};

	(void)state;
	assert_int_equal(mm_min_free_kbytes(mm), 67584);
	assert_numbers(mm, zones, BASE_ARRAY_SIZE(zones));
	/* a DMA zone whose reserve and high watermark do not fill it */
	assert_int_equal(mm_available(mm), 493886 - (975 + 195) - 12810 - 12336);
	mm_free(mm);
}

/* Two examples taken from a machine with one block each in Normal and Movable. */
static void verified_examples(void **state)
{
	struct mm *mm = recorded_mm(250590, 528370 - 3840 - 250590 - BLOCK);
	static const struct numbers zones[] = {
		{ 0, MM_ZONE_DMA, 3840, 163, 203, 243, 283, { 0, 978, 1106, 1234, 1234 } },
		{ 0, MM_ZONE_DMA32, 250590, 10684, 13355, 16026, 18697, { 0, 0, 128, 256, 256 } },
		{ 0, MM_ZONE_NORMAL, BLOCK, 1397, 1746, 2095, 2444, { 0, 0, 0, 1024, 1024 } },
		{ 0, MM_ZONE_MOVABLE, BLOCK, 32, 381, 730, 1079, { 0 } },
	};

	(void)state;
	online(mm, 0, MM_ZONE_NORMAL, 32);
	online(mm, 0, MM_ZONE_MOVABLE, 33);
	assert_int_equal(mm_min_free_kbytes(mm), 90112);
	assert_numbers(mm, zones, BASE_ARRAY_SIZE(zones));
	mm_free(mm);
}

/* Offline again: everything is as before. */
static void and_back(void **state)
{
	struct mm *mm = recorded_mm(250637, 241127);
	struct mm_zone_info before, after;
	uint64_t available = mm_available(mm);

	(void)state;
	mm_zone_info(mm, 1, MM_ZONE_DMA32, &before);
	online(mm, 1, MM_ZONE_NORMAL, 32);
	assert_true(mm_min_free_kbytes(mm) == 90112);
	mm_zone_remove_pages(mm, 1, MM_ZONE_NORMAL, 32 * BLOCK, BLOCK);
	mm_wmark_update(mm);
	mm_zone_drop_range(mm, 1, MM_ZONE_NORMAL, 32 * BLOCK, BLOCK);
	mm_zone_info(mm, 1, MM_ZONE_DMA32, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(mm_min_free_kbytes(mm), 67584);
	assert_int_equal(mm_available(mm), available);
	mm_free(mm);
}

/* Movable never raises min_free_kbytes, and an empty one has the minimum. */
static void movable_only(void **state)
{
	struct mm *mm = recorded_mm(250637, 241127);
	struct mm_zone_info zone;

	(void)state;
	assert_int_equal(mm_node_bring_up(mm, 2), 0);
	mm_zone_info(mm, 2, MM_ZONE_MOVABLE, &zone);
	assert_int_equal(zone.min, 0);
	assert_int_equal(zone.promo, 0);
	for (uint64_t block = 32; block < 64; block++)
		online(mm, 2, MM_ZONE_MOVABLE, block);
	assert_int_equal(mm_min_free_kbytes(mm), 67584);
	mm_zone_info(mm, 2, MM_ZONE_MOVABLE, &zone);
	assert_int_equal(zone.managed, 32 * BLOCK);
	assert_int_equal(zone.min, 128); /* 1024 without the limit */
	/* a quarter of its share, 35747 without the limit */
	assert_int_equal(zone.low, 128 + 8936);
	mm_zone_info(mm, 2, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.min, 0);
	assert_int_equal(zone.high, 0);
	mm_zone_info(mm, 0, MM_ZONE_MOVABLE, &zone);
	assert_int_equal(zone.min, 32);
	assert_int_equal(zone.promo, 32);
	mm_free(mm);
}

static struct mm *normal_only(uint64_t bytes, unsigned int page_shift)
{
	struct engine_range memory[] = { { 0, bytes, 0 }, { 0 } };

	return engine_mm(&(struct engine_config){
		.memory = memory, .page_shift = page_shift, .no_low_zones = true });
}

/* The square root, its limits, and khugepaged's value above or below it. */
static void min_free(void **state)
{
	static const struct {
		uint64_t bytes;
		unsigned int page_shift;
		uint64_t kbytes;
	} rows[] = {
		{ KIB(512), 12, 128 },	/* 90, but never less than 128 */
		{ MIB(1), 12, 128 },	/* exactly the root */
		{ MIB(4), 12, 256 },	/* a twentieth would be 204 */
		{ MIB(16), 12, 780 },	/* a twentieth of 4096 - 192 pages */
		{ GIB(1), 12, 22528 },	/* 11 pageblocks */
		{ GIB(2), 16, 22528 },	/* the same for larger pages */
		{ GIB(30), 12, 22528 }, /* the root: 22434 */
		{ GIB(31), 12, 22805 },	   { GIB(1024), 12, 131072 },
		{ GIB(8192), 12, 262144 }, /* 370727, but never more than this */
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		struct mm *mm = normal_only(rows[i].bytes, rows[i].page_shift);
		struct mm_zone_info zone;

		assert_int_equal(mm_min_free_kbytes(mm), rows[i].kbytes);
		mm_zone_info(mm, 0, MM_ZONE_NORMAL, &zone);
		assert_int_equal(zone.min, rows[i].kbytes >> (rows[i].page_shift - 10));
		mm_free(mm);
	}
}

/* QUIRK: the root is taken of the memory above the previous watermarks. */
static void old_watermarks(void **state)
{
	struct mm *mm = normal_only(MIB(4), 12);
	struct mm_zone_info zone;

	(void)state;
	mm_zone_info(mm, 0, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.min, 64);
	assert_int_equal(zone.high, 96);
	mm_wmark_update(mm);
	assert_int_equal(mm_min_free_kbytes(mm), 243); /* of 16 * 4 * (1024 - 96) */
	mm_free(mm);
}

/* The gap between watermarks: a quarter of the share, or a 1000th of the zone if that is more. */
static void gap(void **state)
{
	struct mm *mm = normal_only(GIB(1024), 12);
	struct mm_zone_info zone;

	(void)state;
	mm_zone_info(mm, 0, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.min, 32768);
	assert_int_equal(zone.low - zone.min, 268435);
	assert_int_equal(zone.high - zone.low, 268435);
	assert_int_equal(zone.promo - zone.high, 268435);
	mm_free(mm);
}

/* A DMA zone that is entirely reserve counts for no more than its pages. */
static void available_is_limited(void **state)
{
	static const struct engine_range memory[] = { { 0, GIB(16), 0 }, { 0 } };
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = memory });
	struct mm_zone_info dma, dma32, normal;
	struct mm_holder *hold = NULL;

	(void)state;
	mm_zone_info(mm, 0, MM_ZONE_DMA, &dma);
	mm_zone_info(mm, 0, MM_ZONE_DMA32, &dma32);
	mm_zone_info(mm, 0, MM_ZONE_NORMAL, &normal);
	assert_int_equal(dma.reserve[MM_ZONE_NORMAL], (GIB(16) - MIB(16)) / 4096 / 256);
	assert_true(dma.reserve[MM_ZONE_NORMAL] + dma.high > dma.managed);
	assert_int_equal(dma32.reserve[MM_ZONE_NORMAL], GIB(12) / 4096 / 256);
	assert_int_equal(dma32.reserve[MM_ZONE_DMA32], 0);
	assert_int_equal(mm_available(mm), GIB(16) / 4096 - dma.managed - normal.high - dma32.high -
						   dma32.reserve[MM_ZONE_NORMAL]);
	/* nearly nothing free: not negative */
	assert_int_equal(kernel_hold(mm, 0, UINT64_MAX, 0, GIB(16) / 4096 - 10, "x", &hold), 0);
	assert_int_equal(mm_available(mm), 0);
	assert_int_equal(mm_total_free(mm), 10);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dimm),
		cmocka_unit_test(available_at_boot),
		cmocka_unit_test(verified_examples),
		cmocka_unit_test(and_back),
		cmocka_unit_test(movable_only),
		cmocka_unit_test(min_free),
		cmocka_unit_test(old_watermarks),
		cmocka_unit_test(gap),
		cmocka_unit_test(available_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
