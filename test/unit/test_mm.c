// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boot memory laid over nodes and zones: compared with the zones of recorded machines, and the
 * owners of the struct pages in holes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../src/mm/mm_private.h"
#include "engine.h"

struct zone_row {
	int nid;
	enum mm_zone_type type;
	const char *zone;
};

static const struct engine_range uneven[] = {
	{ 0x1000, 0x9fc00, 0 },
	{ MIB(1), 0x20000000, 0 },
	{ 0x20000000, 0xbffe0000, 1 },
	{ GIB(4), 0x120000000, 1 },
	{ 0 },
};

static const struct engine_range three[] = {
	{ 0x1000, 0x9fc00, 0 },	       { MIB(1), 0x20000000, 0 },  { 0x20000000, 0x60000000, 1 },
	{ 0x60000000, 0xbffe0000, 2 }, { GIB(4), 0x120000000, 2 }, { 0 },
};

static const struct engine_range big[] = {
	{ 0x1000, 0x9fc00, 0 },
	{ MIB(1), 0xbffe0000, 0 },
	{ GIB(4), 0x140000000, 0 },
	{ 0x140000000, 0x240000000, 1 },
	{ 0 },
};

static const struct engine_range arm64[] = {
	{ 0x4000000, 0x8000000, 0 },
	{ 0x40000000, 0xbc440000, 0 },
	{ 0xbc440000, 0xbc730000, 0 },
	{ 0xbc730000, 0xbfc00000, 0 },
	{ 0xbfc00000, 0xbffe0000, 0 },
	{ 0xbffe0000, 0xc0000000, 0 },
	{ 0 },
};

static const struct engine_range ppc64le[] = { { 0, GIB(2), 0 }, { 0 } };

#define EMPTY "spanned=0 present=0 start_pfn=-"

static const struct {
	struct engine_config config;
	struct zone_row zones[16];
	const char *nodes;
	uint64_t total;
	uint64_t memmap;
} machines[] = {
	{ { .memory = uneven },
	  { { 0, MM_ZONE_DMA, "spanned=4095 present=3998 start_pfn=1" },
	    { 0, MM_ZONE_DMA32, "spanned=126976 present=126976 start_pfn=4096" },
	    { 0, MM_ZONE_NORMAL, EMPTY },
	    { 0, MM_ZONE_MOVABLE, EMPTY },
	    { 1, MM_ZONE_DMA, EMPTY },
	    { 1, MM_ZONE_DMA32, "spanned=917504 present=655328 start_pfn=131072" },
	    { 1, MM_ZONE_NORMAL, "spanned=131072 present=131072 start_pfn=1048576" } },
	  "0-1",
	  3998 + 126976 + 655328 + 131072,
	  28 * 512 },
	{ { .memory = three },
	  { { 0, MM_ZONE_DMA, "spanned=4095 present=3998 start_pfn=1" },
	    { 0, MM_ZONE_DMA32, "spanned=126976 present=126976 start_pfn=4096" },
	    { 1, MM_ZONE_DMA32, "spanned=262144 present=262144 start_pfn=131072" },
	    { 1, MM_ZONE_NORMAL, EMPTY },
	    { 2, MM_ZONE_DMA, EMPTY },
	    { 2, MM_ZONE_DMA32, "spanned=655360 present=393184 start_pfn=393216" },
	    { 2, MM_ZONE_NORMAL, "spanned=131072 present=131072 start_pfn=1048576" } },
	  "0-2",
	  3998 + 126976 + 262144 + 393184 + 131072,
	  28 * 512 },
	{ { .memory = big },
	  { { 0, MM_ZONE_DMA32, "spanned=1044480 present=782304 start_pfn=4096" },
	    { 0, MM_ZONE_NORMAL, "spanned=262144 present=262144 start_pfn=1048576" },
	    { 1, MM_ZONE_DMA32, EMPTY },
	    { 1, MM_ZONE_NORMAL, "spanned=1048576 present=1048576 start_pfn=1310720" } },
	  "0-1",
	  3998 + 782304 + 262144 + 1048576,
	  (24 + 8 + 32) * 512 },
	{ { .memory = arm64, .dma_end = GIB(4), .dma32_end = GIB(4) },
	  { { 0, MM_ZONE_DMA, "spanned=770048 present=540672 start_pfn=16384" },
	    { 0, MM_ZONE_DMA32, EMPTY },
	    { 0, MM_ZONE_NORMAL, EMPTY } },
	  "0",
	  540672,
	  17 * 512 },
	{ { .memory = ppc64le,
	    .no_low_zones = true,
	    .page_shift = 16,
	    .section_size = MIB(16),
	    .block_size = MIB(256) },
	  { { 0, MM_ZONE_DMA, EMPTY },
	    { 0, MM_ZONE_DMA32, EMPTY },
	    /* no DMA zone: all is Normal */
	    { 0, MM_ZONE_NORMAL, "spanned=32768 present=32768 start_pfn=0" } },
	  /* a section has 16 KiB of memmap, which takes a page */
	  "0",
	  32768,
	  128 },
};

static void layouts(void **state)
{
	char text[96];

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(machines); i++) {
		struct mm *mm = engine_mm(&machines[i].config);
		struct base_buf nodes;

		for (const struct zone_row *row = machines[i].zones; row->zone; row++)
			assert_string_equal(engine_mm_zone(mm, row->nid, row->type, text),
					    row->zone);
		assert_int_equal(mm_total_managed(mm), machines[i].total);
		assert_int_equal(mm_total_free(mm), machines[i].total);
		assert_int_equal(mm_memmap_boot_pages(mm), machines[i].memmap);
		assert_int_equal(mm_memmap_pages(mm), 0);
		base_buf_init(&nodes);
		base_mask_print_list(mm_nodes_with_memory(mm), &nodes);
		assert_string_equal(base_buf_text(&nodes), machines[i].nodes);
		base_buf_reset(&nodes);
		base_mask_print_list(mm_nodes_with_normal_memory(mm), &nodes);
		assert_string_equal(base_buf_text(&nodes), machines[i].nodes);
		base_buf_fini(&nodes);
		mm_free(mm);
	}
}

/* The machine of formats/: its zones at boot, its memmap, its counters before any allocation. */
static void pc(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_zone_info zone;
	char text[96];

	(void)state;
	assert_string_equal(engine_mm_zone(mm, 0, MM_ZONE_DMA, text),
			    "spanned=4095 present=3998 start_pfn=1");
	assert_string_equal(engine_mm_zone(mm, 0, MM_ZONE_DMA32, text),
			    "spanned=258048 present=258048 start_pfn=4096");
	assert_string_equal(engine_mm_zone(mm, 1, MM_ZONE_DMA32, text),
			    "spanned=262112 present=262112 start_pfn=262144");
	assert_int_equal(mm_memmap_boot_pages(mm), 8192);
	assert_int_equal(mm_total_managed(mm), 524158);
	assert_int_equal(mm_node_spanned(mm, 0), 262143);
	assert_int_equal(mm_node_spanned(mm, 1), 262112);
	assert_int_equal(mm_node_spanned(mm, 2), 0);

	mm_zone_info(mm, 1, MM_ZONE_DMA32, &zone);
	assert_int_equal(zone.present_early, 262112);
	assert_int_equal(zone.managed, 262112);
	assert_int_equal(zone.free, 262112);
	assert_int_equal(zone.cma, 0);
	mm_zone_info(mm, 1, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.start_pfn, 0);
	assert_int_equal(zone.managed, 0);
	assert_int_equal(mm_config(mm)->section_pages, 32768);
	mm_free(mm);
}

static void boot_ranges(void **state)
{
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = uneven });
	uint64_t start = 1, end = 2;
	int nid = 3;

	(void)state;
	assert_true(mm_boot_range(mm, 0, &start, &end, &nid));
	assert_int_equal(start, 1);
	assert_int_equal(end, 0x9f);
	assert_int_equal(nid, 0);
	assert_true(mm_boot_range(mm, 0x9e, &start, &end, &nid));
	assert_int_equal(start, 1);
	assert_true(mm_boot_range(mm, 0x9f, &start, &end, &nid));
	assert_int_equal(start, 0x100);
	assert_int_equal(end, 0x20000);
	assert_true(mm_boot_range(mm, 0x20000, &start, &end, &nid));
	assert_int_equal(nid, 1);
	assert_true(mm_boot_range(mm, 0xbffe0, &start, &end, &nid));
	assert_int_equal(start, 0x100000);
	assert_true(mm_boot_range(mm, 0x11ffff, &start, &end, &nid));
	assert_false(mm_boot_range(mm, 0x120000, &start, &end, &nid));
	assert_int_equal(start, 0x100000);
	assert_int_equal(end, 0x120000);
	assert_int_equal(nid, 1);
	mm_free(mm);
}

static void early_sections(void **state)
{
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = uneven });

	(void)state;
	assert_true(mm_early_section(mm, 0));
	assert_true(mm_early_section(mm, 0xa0));    /* a hole in a section */
	assert_true(mm_early_section(mm, 0xbffff)); /* after the last page of the section */
	assert_false(mm_early_section(mm, 0xc0000));
	assert_false(mm_early_section(mm, 0xfffff));
	assert_true(mm_early_section(mm, 0x100000));
	assert_true(mm_early_section(mm, 0x11ffff));
	assert_false(mm_early_section(mm, 0x120000));
	mm_free(mm);
}

static void assert_page(const struct mm *mm, uint64_t pfn, int nid, enum mm_zone_type type)
{
	const struct mm_extent *e = mm_extent_at(mm, pfn);

	assert_non_null(e);
	assert_true(e->start <= pfn);
	assert_int_equal(e->nid, nid);
	assert_int_equal(e->type, type);
}

static void assert_no_page(const struct mm *mm, uint64_t pfn)
{
	const struct mm_extent *e = mm_extent_at(mm, pfn);

	assert_true(!e || e->start > pfn);
}

/*
 * What the struct pages say: those in a hole of a subsection that has memory belong to the memory
 * that follows, those after the last range to that range (dmesg: "1 pages in unavailable ranges").
 */
static void pages(void **state)
{
	static const struct engine_range holes[] = {
		{ MIB(1), MIB(63), 0 },
		{ MIB(81), MIB(201), 1 },
		{ MIB(201), MIB(301), 2 },
		{ MIB(520), MIB(599), 0 },
		{ GIB(4) + MIB(3), GIB(4) + MIB(5), 1 },
		{ 0 },
	};
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = holes });
	const uint64_t mib = 256;

	(void)state;
	assert_page(mm, 0, 0, MM_ZONE_DMA);
	assert_page(mm, 16 * mib - 1, 0, MM_ZONE_DMA);
	assert_page(mm, 16 * mib, 0, MM_ZONE_DMA32);
	assert_page(mm, 63 * mib - 1, 0, MM_ZONE_DMA32);
	assert_page(mm, 63 * mib, 1, MM_ZONE_DMA32);
	assert_page(mm, 64 * mib - 1, 1, MM_ZONE_DMA32);
	assert_no_page(mm, 64 * mib);
	assert_no_page(mm, 80 * mib - 1);
	assert_page(mm, 80 * mib, 1, MM_ZONE_DMA32);
	assert_page(mm, 201 * mib - 1, 1, MM_ZONE_DMA32);
	assert_page(mm, 201 * mib, 2, MM_ZONE_DMA32);
	assert_page(mm, 301 * mib, 0, MM_ZONE_DMA32);
	assert_no_page(mm, 302 * mib);
	assert_no_page(mm, 520 * mib - 1);
	assert_page(mm, 520 * mib, 0, MM_ZONE_DMA32);
	assert_page(mm, 599 * mib, 1, MM_ZONE_NORMAL);
	assert_no_page(mm, 600 * mib);
	assert_no_page(mm, 4098 * mib - 1);
	assert_page(mm, 4098 * mib, 1, MM_ZONE_NORMAL);
	assert_page(mm, 4102 * mib - 1, 1, MM_ZONE_NORMAL);
	assert_no_page(mm, 4102 * mib);
	mm_free(mm);
}

/* Blocks of several sections: no extent crosses a block boundary. */
static void extents_end_at_blocks(void **state)
{
	static const struct engine_range memory[] = {
		{ MIB(16), MIB(64), 0 },
		{ MIB(80), MIB(704), 0 },
		{ 0 },
	};
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = memory,
							   .section_size = MIB(16),
							   .block_size = MIB(256),
							   .no_low_zones = true });
	uint64_t covered = 0;
	struct mm_extent *e;

	(void)state;
	RB_FOREACH(e, mm_extents, &mm->extents) {
		assert_true(e->start < e->end);
		assert_int_equal(e->start / (MIB(256) >> 12), (e->end - 1) / (MIB(256) >> 12));
		covered += e->end - e->start;
	}
	/* sections 1 to 3 and 5 to 43 */
	assert_int_equal(covered, (MIB(48) + MIB(624)) >> 12);
	assert_int_equal(mm_memmap_boot_pages(mm), (3 + 39) * 64);
	mm_free(mm);
}

/* Zones span from the node's first to its last page, including holes and other nodes. */
static void interleaved_nodes(void **state)
{
	static const struct engine_range memory[] = {
		{ 0, MIB(256), 0 },
		{ MIB(256), MIB(512), 1 },
		{ MIB(512), MIB(768), 0 },
		{ 0 },
	};
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = memory });
	char text[96];

	(void)state;
	assert_string_equal(engine_mm_zone(mm, 0, MM_ZONE_DMA, text),
			    "spanned=4096 present=4096 start_pfn=0");
	assert_string_equal(engine_mm_zone(mm, 0, MM_ZONE_DMA32, text),
			    "spanned=192512 present=126976 start_pfn=4096");
	assert_string_equal(engine_mm_zone(mm, 1, MM_ZONE_DMA32, text),
			    "spanned=65536 present=65536 start_pfn=65536");
	assert_int_equal(mm_node_spanned(mm, 0), 196608);
	/* a section shared by two ranges has one memmap */
	assert_int_equal(mm_memmap_boot_pages(mm), 6 * 512);
	mm_free(mm);
}

static void nodes(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_zone_info zone;

	(void)state;
	assert_true(mm_node_is_up(mm, 0));
	assert_true(mm_node_is_up(mm, 1));
	assert_false(mm_node_is_up(mm, 2));
	assert_false(mm_node_is_up(mm, MM_NODE_NONE));
	assert_false(mm_node_is_up(mm, BASE_MASK_BITS));
	assert_int_equal(mm_node_next(mm, 0), 0);
	assert_int_equal(mm_node_next(mm, 2), MM_NODE_NONE);

	assert_int_equal(mm_node_bring_up(mm, 1023), 0);
	assert_int_equal(mm_node_next(mm, 2), 1023);
	assert_int_equal(mm_node_bring_up(mm, 1), 0); /* already online: unchanged */
	assert_int_equal(mm_node_spanned(mm, 1), 262112);
	assert_false(base_mask_test(mm_nodes_with_memory(mm), 1023));
	mm_zone_info(mm, 1023, MM_ZONE_MOVABLE, &zone);
	assert_int_equal(zone.spanned, 0);
	assert_int_equal(zone.min, 0);

	mm_node_take_down(mm, 1023);
	assert_false(mm_node_is_up(mm, 1023));
	assert_int_equal(mm_node_next(mm, 2), MM_NODE_NONE);
	memset(&zone, 0xff, sizeof(zone));
	mm_zone_info(mm, 1023, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.batch, 0);
	assert_int_equal(zone.stat_threshold, 0);
	assert_int_equal(zone.spanned, 0);
	assert_int_equal(zone.reserve[MM_ZONE_DEVICE], 0);
	mm_free(mm);
}

static void no_memory(void **state)
{
	static const struct engine_range nothing[] = { { 0 } };
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = nothing });
	uint64_t start, end;
	int nid;

	(void)state;
	assert_int_equal(mm_boot_add(mm, 5, 5, 0), 0);
	assert_int_equal(mm_boot_add(mm, 6, 5, 0), 0);
	assert_false(mm_boot_range(mm, 0, &start, &end, &nid));
	assert_false(mm_early_section(mm, 0));
	assert_int_equal(mm_node_next(mm, 0), MM_NODE_NONE);
	assert_int_equal(mm_total_managed(mm), 0);
	assert_true(base_mask_empty(mm_nodes_with_memory(mm)));
	mm_free(mm);
	mm_free(NULL);
}

static void names(void **state)
{
	static const char *const name[] = { "DMA", "DMA32", "Normal", "Movable", "Device" };

	(void)state;
	for (int type = 0; type < MM_NR_ZONES; type++)
		assert_string_equal(mm_zone_name(type), name[type]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts),
		cmocka_unit_test(pc),
		cmocka_unit_test(boot_ranges),
		cmocka_unit_test(early_sections),
		cmocka_unit_test(pages),
		cmocka_unit_test(extents_end_at_blocks),
		cmocka_unit_test(interleaved_nodes),
		cmocka_unit_test(nodes),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
