// SPDX-License-Identifier: GPL-2.0-or-later
/* Zone spans and counters, step by step as on recorded machines. */
#include <string.h>

#include "engine.h"

#define BLOCK 32768
#define MOVABLE_EMPTY "spanned=0 present=0 start_pfn=-"

static void online(struct mm *mm, int nid, enum mm_zone_type type, uint64_t block)
{
	mm_zone_take_range(mm, nid, type, block * BLOCK, BLOCK);
	assert_int_equal(mm_zone_add_pages(mm, nid, type, block * BLOCK, BLOCK), 0);
}

static void offline(struct mm *mm, int nid, enum mm_zone_type type, uint64_t block)
{
	mm_zone_remove_pages(mm, nid, type, block * BLOCK, BLOCK);
	mm_zone_drop_range(mm, nid, type, block * BLOCK, BLOCK);
}

static void assert_zone(const struct mm *mm, int nid, enum mm_zone_type type, const char *want)
{
	char text[96];

	assert_string_equal(engine_mm_zone(mm, nid, type, text), want);
}

/* The steps of statistics.case. */
static void recorded(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);

	(void)state;
	online(mm, 1, MM_ZONE_MOVABLE, 33);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=32768 present=32768 start_pfn=1081344");
	online(mm, 1, MM_ZONE_NORMAL, 32);
	assert_zone(mm, 1, MM_ZONE_NORMAL, "spanned=32768 present=32768 start_pfn=1048576");
	offline(mm, 1, MM_ZONE_MOVABLE, 33);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, MOVABLE_EMPTY);
	online(mm, 1, MM_ZONE_NORMAL, 33);
	assert_zone(mm, 1, MM_ZONE_NORMAL, "spanned=65536 present=65536 start_pfn=1048576");
	offline(mm, 1, MM_ZONE_NORMAL, 32);
	assert_zone(mm, 1, MM_ZONE_NORMAL, "spanned=32768 present=32768 start_pfn=1081344");
	offline(mm, 1, MM_ZONE_NORMAL, 33);
	assert_zone(mm, 1, MM_ZONE_NORMAL, MOVABLE_EMPTY);
	assert_zone(mm, 1, MM_ZONE_DMA32, "spanned=262112 present=262112 start_pfn=262144");
	assert_int_equal(mm_total_managed(mm), 524158);
	mm_free(mm);
}

/* Movable 32 to 35: without 33 the span stays, without 35 too it ends after 34. */
static void span_keeps_holes(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);

	(void)state;
	for (uint64_t block = 32; block < 36; block++)
		online(mm, 1, MM_ZONE_MOVABLE, block);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=131072 present=131072 start_pfn=1048576");
	offline(mm, 1, MM_ZONE_MOVABLE, 33);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=131072 present=98304 start_pfn=1048576");
	offline(mm, 1, MM_ZONE_MOVABLE, 35);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=98304 present=65536 start_pfn=1048576");
	/* the edge skips what was removed before */
	offline(mm, 1, MM_ZONE_MOVABLE, 34);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=32768 present=32768 start_pfn=1048576");
	online(mm, 1, MM_ZONE_MOVABLE, 35);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=131072 present=65536 start_pfn=1048576");
	offline(mm, 1, MM_ZONE_MOVABLE, 32);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=32768 present=32768 start_pfn=1146880");
	offline(mm, 1, MM_ZONE_MOVABLE, 35);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, MOVABLE_EMPTY);
	mm_free(mm);
}

/* Zones may overlap, and only pages of the zone itself hold its edges. */
static void interleaved(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);

	(void)state;
	online(mm, 1, MM_ZONE_NORMAL, 33);
	online(mm, 1, MM_ZONE_MOVABLE, 32);
	online(mm, 1, MM_ZONE_MOVABLE, 35);
	online(mm, 0, MM_ZONE_MOVABLE, 34);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=131072 present=65536 start_pfn=1048576");
	offline(mm, 1, MM_ZONE_MOVABLE, 32);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=32768 present=32768 start_pfn=1146880");
	online(mm, 1, MM_ZONE_MOVABLE, 32);
	offline(mm, 1, MM_ZONE_MOVABLE, 35);
	assert_zone(mm, 1, MM_ZONE_MOVABLE, "spanned=32768 present=32768 start_pfn=1048576");
	assert_zone(mm, 0, MM_ZONE_MOVABLE, "spanned=32768 present=32768 start_pfn=1114112");
	mm_free(mm);
}

/* A reserved range is spanned, but its pages are not present yet. */
static void taken_only(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_zone_info zone;

	(void)state;
	mm_zone_take_range(mm, 1, MM_ZONE_NORMAL, 40 * BLOCK, BLOCK);
	mm_zone_info(mm, 1, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.start_pfn, 40 * BLOCK);
	assert_int_equal(zone.spanned, BLOCK);
	assert_int_equal(zone.present, 0);
	assert_int_equal(zone.managed, 0);
	assert_int_equal(zone.free, 0);
	assert_false(mm_zone_populated(mm, 1, MM_ZONE_NORMAL));
	assert_true(mm_zone_intersects(mm, 1, MM_ZONE_NORMAL, 40 * BLOCK, 1));
	assert_false(mm_pfn_online(mm, 40 * BLOCK));
	assert_int_equal(mm_node_spanned(mm, 1), 41 * BLOCK - 262144);
	mm_zone_drop_range(mm, 1, MM_ZONE_NORMAL, 40 * BLOCK, BLOCK);
	mm_zone_info(mm, 1, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.start_pfn, 0);
	assert_int_equal(zone.spanned, 0);
	assert_int_equal(mm_node_spanned(mm, 1), 262112);
	mm_free(mm);
}

static void node_span(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);

	(void)state;
	assert_int_equal(mm_node_bring_up(mm, 2), 0);
	online(mm, 2, MM_ZONE_MOVABLE, 50);
	assert_int_equal(mm_node_spanned(mm, 2), BLOCK);
	online(mm, 2, MM_ZONE_NORMAL, 52);
	assert_int_equal(mm_node_spanned(mm, 2), 3 * BLOCK);
	online(mm, 2, MM_ZONE_MOVABLE, 48);
	assert_int_equal(mm_node_spanned(mm, 2), 5 * BLOCK);
	offline(mm, 2, MM_ZONE_NORMAL, 52);
	assert_int_equal(mm_node_spanned(mm, 2), 3 * BLOCK);
	offline(mm, 2, MM_ZONE_MOVABLE, 48);
	assert_int_equal(mm_node_spanned(mm, 2), BLOCK);
	offline(mm, 2, MM_ZONE_MOVABLE, 50);
	assert_int_equal(mm_node_spanned(mm, 2), 0);
	mm_free(mm);
}

/* Boot memory: its zone ends with the last page, not at the block's end. */
static void boot_blocks(void **state)
{
	static const struct engine_range memory[] = { { 0, GIB(1), 0 },
						      { GIB(1), GIB(2), 1 },
						      { 0 } };
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = memory });
	struct mm_zone_info zone;

	(void)state;
	offline(mm, 1, MM_ZONE_DMA32, 8);
	assert_zone(mm, 1, MM_ZONE_DMA32, "spanned=229376 present=229376 start_pfn=294912");
	mm_zone_info(mm, 1, MM_ZONE_DMA32, &zone);
	assert_int_equal(zone.present_early, 229376);
	offline(mm, 1, MM_ZONE_DMA32, 15);
	assert_zone(mm, 1, MM_ZONE_DMA32, "spanned=196608 present=196608 start_pfn=294912");
	offline(mm, 1, MM_ZONE_DMA32, 10);
	assert_zone(mm, 1, MM_ZONE_DMA32, "spanned=196608 present=163840 start_pfn=294912");
	/* boot memory counts as such in whatever zone it returns to */
	online(mm, 1, MM_ZONE_MOVABLE, 8);
	mm_zone_info(mm, 1, MM_ZONE_MOVABLE, &zone);
	assert_int_equal(zone.present_early, BLOCK);
	online(mm, 1, MM_ZONE_MOVABLE, 20);
	mm_zone_info(mm, 1, MM_ZONE_MOVABLE, &zone);
	assert_int_equal(zone.present, 2 * BLOCK);
	assert_int_equal(zone.present_early, BLOCK);
	/* pages of node 0 below do not hold node 1's edge */
	offline(mm, 0, MM_ZONE_DMA32, 7);
	assert_zone(mm, 0, MM_ZONE_DMA32, "spanned=225280 present=225280 start_pfn=4096");
	mm_free(mm);
}

/*
 * QUIRK: edges are searched at one page per subsection only, so a node that begins in the middle of
 * a subsection can lose the pages before.
 */
static void edge_in_subsection(void **state)
{
	static const struct engine_range memory[] = {
		{ GIB(4), GIB(4) + MIB(256) + MIB(1), 0 },
		{ GIB(4) + MIB(256) + MIB(1), GIB(5), 1 },
		{ 0 },
	};
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = memory });
	const uint64_t edge = (GIB(4) + MIB(256)) >> 12;
	struct mm_zone_info zone;

	(void)state;
	mm_zone_info(mm, 0, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.start_pfn + zone.spanned, edge + 256);
	online(mm, 0, MM_ZONE_NORMAL, 50);
	offline(mm, 0, MM_ZONE_NORMAL, 50);
	mm_zone_info(mm, 0, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.start_pfn + zone.spanned, edge);

	/* upwards likewise: node 1 is found at the next subsection's first page */
	online(mm, 1, MM_ZONE_NORMAL, 30);
	offline(mm, 1, MM_ZONE_NORMAL, 30);
	mm_zone_info(mm, 1, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.start_pfn, edge + 512);
	mm_free(mm);
}

static void node_states(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	const struct base_mask *memory = mm_nodes_with_memory(mm);
	const struct base_mask *normal = mm_nodes_with_normal_memory(mm);

	(void)state;
	assert_int_equal(mm_node_bring_up(mm, 2), 0);
	assert_false(base_mask_test(memory, 2));
	online(mm, 2, MM_ZONE_MOVABLE, 33);
	assert_true(base_mask_test(memory, 2));
	assert_false(base_mask_test(normal, 2));
	online(mm, 2, MM_ZONE_NORMAL, 32);
	assert_true(base_mask_test(normal, 2));
	online(mm, 2, MM_ZONE_NORMAL, 34);
	offline(mm, 2, MM_ZONE_NORMAL, 32);
	assert_true(base_mask_test(normal, 2));
	offline(mm, 2, MM_ZONE_NORMAL, 34);
	assert_false(base_mask_test(normal, 2));
	assert_true(base_mask_test(memory, 2));
	offline(mm, 2, MM_ZONE_MOVABLE, 33);
	assert_false(base_mask_test(memory, 2));

	/* Normal alone: both at once */
	online(mm, 2, MM_ZONE_NORMAL, 32);
	assert_true(base_mask_test(memory, 2));
	online(mm, 2, MM_ZONE_MOVABLE, 33);
	offline(mm, 2, MM_ZONE_MOVABLE, 33);
	assert_true(base_mask_test(memory, 2));
	assert_true(base_mask_test(normal, 2));
	offline(mm, 2, MM_ZONE_NORMAL, 32);
	assert_false(base_mask_test(memory, 2));
	assert_false(base_mask_test(normal, 2));
	assert_true(base_mask_test(memory, 0));
	mm_free(mm);
}

static void intersects(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);

	(void)state;
	assert_true(mm_zone_intersects(mm, 0, MM_ZONE_DMA, 0, 2));
	assert_false(mm_zone_intersects(mm, 0, MM_ZONE_DMA, 0, 1));   /* begins at 1 */
	assert_true(mm_zone_intersects(mm, 0, MM_ZONE_DMA, 0xa0, 1)); /* a hole is spanned */
	assert_true(mm_zone_intersects(mm, 0, MM_ZONE_DMA, 4095, 1));
	assert_false(mm_zone_intersects(mm, 0, MM_ZONE_DMA, 4096, BLOCK));
	assert_false(mm_zone_intersects(mm, 0, MM_ZONE_NORMAL, 0, UINT64_MAX));
	assert_false(mm_zone_intersects(mm, 5, MM_ZONE_NORMAL, 0, 1));
	assert_true(mm_zone_intersects(mm, 1, MM_ZONE_DMA32, 0x7ffdf, 1));
	assert_false(mm_zone_intersects(mm, 1, MM_ZONE_DMA32, 0x7ffe0, 1));
	assert_true(mm_zone_intersects(mm, 1, MM_ZONE_DMA32, 0, BLOCK * 100));
	mm_free(mm);
}

static void early(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);

	(void)state;
	assert_int_equal(mm_zone_early(mm, 0, 0, BLOCK), MM_NR_ZONES); /* DMA and DMA32 */
	assert_int_equal(mm_zone_early(mm, 0, 0, 4096), MM_ZONE_DMA);
	assert_int_equal(mm_zone_early(mm, 0, BLOCK, BLOCK), MM_ZONE_DMA32);
	assert_int_equal(mm_zone_early(mm, 1, 15 * BLOCK, BLOCK), MM_ZONE_DMA32);
	assert_int_equal(mm_zone_early(mm, 1, 0, BLOCK), MM_NR_ZONES);
	assert_int_equal(mm_zone_early(mm, 1, 16 * BLOCK, BLOCK), MM_NR_ZONES);
	assert_int_equal(mm_zone_early(mm, 6, 0, BLOCK), MM_NR_ZONES);
	mm_free(mm);
}

/* Batch and threshold of zoneinfo, 2 CPUs. */
static void batch_and_threshold(void **state)
{
	static const struct {
		uint64_t managed;
		unsigned int batch, threshold;
	} rows[] = {
		{ 3840, 1, 4 },	    { 32768, 7, 8 },	{ 65536, 15, 12 }, { 250590, 63, 16 },
		{ 250637, 63, 16 }, { 241127, 63, 16 }, { 0, 1, 4 },	   { 1 << 23, 63, 40 },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		struct engine_range memory[] = { { 0, rows[i].managed << 12, 0 }, { 0 } };
		struct mm *mm = engine_mm(&(struct engine_config){
			.memory = memory, .nr_cpus = 2, .no_low_zones = true });
		struct mm_zone_info zone;

		assert_int_equal(mm_node_bring_up(mm, 0), 0);
		mm_zone_info(mm, 0, MM_ZONE_NORMAL, &zone);
		assert_int_equal(zone.managed, rows[i].managed);
		assert_int_equal(zone.batch, rows[i].batch);
		assert_int_equal(zone.stat_threshold, rows[i].threshold);
		mm_free(mm);
	}
}

static void threshold_is_limited(void **state)
{
	static const struct engine_range memory[] = { { 0, GIB(1024), 0 }, { 0 } };
	struct mm *mm = engine_mm(
		&(struct engine_config){ .memory = memory, .nr_cpus = 256, .no_low_zones = true });
	struct mm_zone_info zone;

	(void)state;
	mm_zone_info(mm, 0, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.stat_threshold, 125);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded),
		cmocka_unit_test(span_keeps_holes),
		cmocka_unit_test(interleaved),
		cmocka_unit_test(taken_only),
		cmocka_unit_test(node_span),
		cmocka_unit_test(boot_blocks),
		cmocka_unit_test(edge_in_subsection),
		cmocka_unit_test(node_states),
		cmocka_unit_test(intersects),
		cmocka_unit_test(early),
		cmocka_unit_test(batch_and_threshold),
		cmocka_unit_test(threshold_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
