// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who holds which pages: boot allocations, the kernel's pages, the memmap of added memory.
 */
#include <errno.h>
#include <string.h>

#include "engine.h"

#define BLOCK 32768
#define EVERYWHERE 0, UINT64_MAX

static struct mm_zone_info zone_info(const struct mm *mm, int nid, enum mm_zone_type type)
{
	struct mm_zone_info zone;

	mm_zone_info(mm, nid, type, &zone);
	return zone;
}

/* The next held range at or above @pfn must be this one. */
static void assert_held(const struct mm *mm, uint64_t pfn, uint64_t start, uint64_t nr,
			enum mm_hold_kind kind, const char *owner)
{
	struct mm_hold_info info;

	assert_true(mm_hold_find(mm, pfn, UINT64_MAX, &info));
	assert_int_equal(info.start_pfn, start);
	assert_int_equal(info.nr_pages, nr);
	assert_int_equal(info.kind, kind);
	assert_string_equal(info.owner, owner);
}

static void assert_none_held(const struct mm *mm, uint64_t start, uint64_t end)
{
	struct mm_hold_info info = { .start_pfn = 77 };

	assert_false(mm_hold_find(mm, start, end, &info));
	assert_int_equal(info.start_pfn, 77);
}

static void online(struct mm *mm, int nid, enum mm_zone_type type, uint64_t block)
{
	assert_int_equal(mm_zone_take_range(mm, nid, type, block * BLOCK, BLOCK), 0);
	mm_zone_add_pages(mm, nid, type, block * BLOCK, BLOCK);
}

static void boot_reserved(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_zone_info zone;

	(void)state;
	/* all below 1 MiB: pages 1 to 0x9e */
	assert_int_equal(mm_reserve_boot(mm, 0, 256, "firmware"), 0);
	zone = zone_info(mm, 0, MM_ZONE_DMA);
	assert_int_equal(zone.present, 3998);
	assert_int_equal(zone.managed, 3840);
	assert_int_equal(zone.free, 3840);
	assert_held(mm, 0, 1, 0x9e, MM_HOLD_RESERVED, "firmware");
	assert_none_held(mm, 0x9f, UINT64_MAX);

	/* what is reserved stays whose it is, whatever else is asked for again */
	assert_int_equal(mm_reserve_boot(mm, 0, 0x110, "kernel"), 0);
	zone = zone_info(mm, 0, MM_ZONE_DMA);
	assert_int_equal(zone.managed, 3840 - 16);
	assert_held(mm, 0, 1, 0x9e, MM_HOLD_RESERVED, "firmware");
	assert_held(mm, 0x9f, 0x100, 16, MM_HOLD_RESERVED, "kernel");
	assert_int_equal(mm_reserve_boot(mm, 1, 8, "nobody"), 0);
	assert_int_equal(mm_reserve_boot(mm, 0x9f, 0x61, "nobody"), 0); /* a hole */
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA).managed, 3840 - 16);

	/* over the border of zones */
	assert_int_equal(mm_reserve_boot(mm, 4090, 10, "both"), 0);
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA).managed, 3840 - 16 - 6);
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA32).managed, 258048 - 4);
	assert_int_equal(mm_total_managed(mm), 524158 - 0x9e - 16 - 10);
	assert_int_equal(mm_total_free(mm), mm_total_managed(mm));
	mm_free(mm);
}

static void around_reserved(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);

	(void)state;
	assert_int_equal(mm_reserve_boot(mm, 5000, 10, "a"), 0);
	assert_int_equal(mm_reserve_boot(mm, 5020, 10, "b"), 0);
	assert_int_equal(mm_reserve_boot(mm, 4990, 60, "c"), 0);
	assert_held(mm, 0, 4990, 10, MM_HOLD_RESERVED, "c");
	assert_held(mm, 5000, 5000, 10, MM_HOLD_RESERVED, "a");
	assert_held(mm, 5010, 5010, 10, MM_HOLD_RESERVED, "c");
	assert_held(mm, 5020, 5020, 10, MM_HOLD_RESERVED, "b");
	assert_held(mm, 5030, 5030, 20, MM_HOLD_RESERVED, "c");
	assert_none_held(mm, 5050, UINT64_MAX);
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA32).managed, 258048 - 60);
	mm_free(mm);
}

static void find(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);

	(void)state;
	assert_none_held(mm, EVERYWHERE);
	assert_int_equal(mm_reserve_boot(mm, 5000, 10, "a"), 0);
	assert_none_held(mm, 0, 5000);
	assert_held(mm, 0, 5000, 10, MM_HOLD_RESERVED, "a");
	assert_held(mm, 5009, 5000, 10, MM_HOLD_RESERVED, "a");
	assert_none_held(mm, 5010, UINT64_MAX);
	mm_free(mm);
}

/* Lowest pages first, around holes and what others hold; freed and taken again. */
static void kernel_lowest_first(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_hold *a, *b, *c;
	char owner[] = "slab";

	(void)state;
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, MM_NODE_NONE, 100, owner, &a), 0);
	owner[0] = 'X'; /* the name is copied */
	assert_held(mm, 0, 1, 100, MM_HOLD_KERNEL, "slab");
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, MM_NODE_NONE, 100, "b", &b), 0);
	assert_held(mm, 101, 101, 0x9f - 101, MM_HOLD_KERNEL, "b");
	assert_held(mm, 0x9f, 0x100, 100 - (0x9f - 101), MM_HOLD_KERNEL, "b");
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA).free, 3998 - 200);
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA).managed, 3998);

	mm_hold_release(mm, a);
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA).free, 3998 - 100);
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, MM_NODE_NONE, 4000, "c", &c), 0);
	assert_held(mm, 0, 1, 100, MM_HOLD_KERNEL, "c");
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA).free, 0);
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA32).free, 258048 - 102);
	assert_held(mm, 4096, 4096, 102, MM_HOLD_KERNEL, "c");
	mm_hold_release(mm, b);
	mm_hold_release(mm, c);
	mm_hold_release(mm, NULL);
	assert_none_held(mm, EVERYWHERE);
	assert_int_equal(mm_total_free(mm), 524158);
	mm_free(mm);
}

static void within_a_range(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_hold *hold = NULL, *more = NULL;

	(void)state;
	/* block 9, from its 5th page on */
	assert_int_equal(mm_hold_kernel(mm, 9 * BLOCK + 5, 10 * BLOCK, MM_NODE_NONE, 7, "x", &hold),
			 0);
	assert_held(mm, 0, 9 * BLOCK + 5, 7, MM_HOLD_KERNEL, "x");
	/* all of the rest and not one page more */
	assert_int_equal(
		mm_hold_kernel(mm, 9 * BLOCK, 10 * BLOCK, MM_NODE_NONE, BLOCK - 6, "y", &more),
		-ENOMEM);
	assert_null(more);
	assert_int_equal(
		mm_hold_kernel(mm, 9 * BLOCK, 10 * BLOCK, MM_NODE_NONE, BLOCK - 7, "y", &more), 0);
	assert_int_equal(zone_info(mm, 1, MM_ZONE_DMA32).free, 262112 - BLOCK);
	mm_hold_release(mm, hold);
	mm_hold_release(mm, more);

	/* block 15 has a hole of 32 pages at its end */
	assert_int_equal(
		mm_hold_kernel(mm, 15 * BLOCK, 16 * BLOCK, MM_NODE_NONE, BLOCK - 31, "z", &hold),
		-ENOMEM);
	assert_int_equal(
		mm_hold_kernel(mm, 15 * BLOCK, 16 * BLOCK, MM_NODE_NONE, BLOCK - 32, "z", &hold),
		0);
	assert_held(mm, 0, 15 * BLOCK, BLOCK - 32, MM_HOLD_KERNEL, "z");
	mm_hold_release(mm, hold);
	assert_int_equal(mm_total_free(mm), 524158);
	mm_free(mm);
}

static void on_a_node(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_hold *hold = NULL;

	(void)state;
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, 1, 10, "x", &hold), 0);
	assert_held(mm, 0, 262144, 10, MM_HOLD_KERNEL, "x");
	mm_hold_release(mm, hold);
	hold = NULL;
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, 1, 262113, "x", &hold), -ENOMEM);
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, 7, 1, "x", &hold), -ENOMEM);
	assert_null(hold);
	assert_none_held(mm, EVERYWHERE);
	assert_int_equal(mm_total_free(mm), 524158);
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, 1, 262112, "x", &hold), 0);
	assert_int_equal(zone_info(mm, 1, MM_ZONE_DMA32).free, 0);
	assert_int_equal(zone_info(mm, 0, MM_ZONE_DMA32).free, 258048);
	mm_hold_release(mm, hold);
	mm_free(mm);
}

/* Kernel pages are never in Movable, and only where memory is online. */
static void not_in_movable(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_hold *hold = NULL;

	(void)state;
	online(mm, 1, MM_ZONE_MOVABLE, 48);
	assert_int_equal(mm_hold_kernel(mm, 48 * BLOCK, 49 * BLOCK, MM_NODE_NONE, 1, "x", &hold),
			 -ENOMEM);
	assert_int_equal(mm_hold_kernel(mm, 49 * BLOCK, 50 * BLOCK, MM_NODE_NONE, 1, "x", &hold),
			 -ENOMEM);
	online(mm, 1, MM_ZONE_NORMAL, 49);
	assert_int_equal(
		mm_hold_kernel(mm, 48 * BLOCK, 50 * BLOCK, MM_NODE_NONE, BLOCK, "x", &hold), 0);
	assert_held(mm, 0, 49 * BLOCK, BLOCK, MM_HOLD_KERNEL, "x");
	mm_hold_release(mm, hold);
	mm_free(mm);
}

/* Over blocks, zones and nodes; all or nothing. */
static void everything(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_hold *hold = NULL;

	(void)state;
	assert_int_equal(mm_reserve_boot(mm, 3 * BLOCK + 1, 1000, "r"), 0);
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, MM_NODE_NONE, 524158 - 999, "x", &hold),
			 -ENOMEM);
	assert_int_equal(mm_total_free(mm), 524158 - 1000);
	assert_int_equal(mm_hold_kernel(mm, EVERYWHERE, MM_NODE_NONE, 524158 - 1000, "x", &hold),
			 0);
	assert_int_equal(mm_total_free(mm), 0);
	assert_int_equal(mm_total_managed(mm), 524158 - 1000);
	assert_held(mm, 3 * BLOCK, 3 * BLOCK, 1, MM_HOLD_KERNEL, "x");
	assert_held(mm, 3 * BLOCK + 1, 3 * BLOCK + 1, 1000, MM_HOLD_RESERVED, "r");
	mm_hold_release(mm, hold);
	assert_int_equal(mm_total_free(mm), 524158 - 1000);
	mm_free(mm);
}

/* 64 bytes per page, in kernel zones up to the end of boot memory. */
static void memmap(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_hold *a = NULL, *b = NULL, *c = NULL;
	uint64_t free = mm_total_free(mm);

	(void)state;
	assert_int_equal(mm_hold_memmap(mm, 4 * BLOCK, &a), 0);
	assert_int_equal(mm_memmap_pages(mm), 2048);
	assert_int_equal(mm_total_free(mm), free - 2048);
	assert_held(mm, 0, 1, 0x9e, MM_HOLD_KERNEL, "memmap");
	assert_int_equal(mm_hold_memmap(mm, 1, &b), 0); /* whole pages */
	assert_int_equal(mm_memmap_pages(mm), 2049);
	mm_hold_release(mm, a);
	assert_int_equal(mm_memmap_pages(mm), 1);
	mm_hold_release(mm, b);
	assert_int_equal(mm_memmap_pages(mm), 0);
	assert_int_equal(mm_total_free(mm), free);

	online(mm, 1, MM_ZONE_NORMAL, 32);
	assert_int_equal(mm_hold_memmap(mm, (free + 1) * 64, &c), -ENOMEM);
	assert_null(c);
	assert_int_equal(mm_memmap_pages(mm), 0);
	assert_int_equal(mm_total_free(mm), free + BLOCK);
	assert_int_equal(mm_hold_memmap(mm, free * 64, &c), 0);
	assert_none_held(mm, 32 * BLOCK, UINT64_MAX);
	mm_hold_release(mm, c);
	mm_free(mm);
}

static void memmap_of_large_pages(void **state)
{
	static const struct engine_range memory[] = { { 0, GIB(2), 0 }, { 0 } };
	struct mm *mm = engine_mm(&(struct engine_config){ .memory = memory, .page_shift = 16,
							    .section_size = MIB(16),
							    .no_low_zones = true });
	struct mm_hold *hold;

	(void)state;
	assert_int_equal(mm_hold_memmap(mm, 4096, &hold), 0); /* a block of 256 MiB */
	assert_int_equal(mm_memmap_pages(mm), 4);
	mm_hold_release(mm, hold);
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot_reserved),
		cmocka_unit_test(around_reserved),
		cmocka_unit_test(find),
		cmocka_unit_test(kernel_lowest_first),
		cmocka_unit_test(within_a_range),
		cmocka_unit_test(on_a_node),
		cmocka_unit_test(not_in_movable),
		cmocka_unit_test(everything),
		cmocka_unit_test(memmap),
		cmocka_unit_test(memmap_of_large_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
