// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page allocator: who gets which pages, in which order of nodes and zones, down to which
 * watermark; and which page cache is reclaimed for others.
 */
#include "pages.h"

/* How the kernel's isolation and migration treat each kind. */
static void kinds(void **state)
{
	static const struct {
		enum mm_kind kind;
		bool movable, migrates, blocks;
	} cases[] = {
		{ MM_KIND_RESERVED, false, false, true },
		{ MM_KIND_POISON, false, false, false },
		{ MM_KIND_POISON_RESERVED, false, false, true },
		{ MM_KIND_POISON_HOLE, false, false, true },
		{ MM_KIND_KERNEL, false, false, true },
		{ MM_KIND_MEMMAP, false, false, true },
		{ MM_KIND_SLAB, false, false, true },
		{ MM_KIND_PAGETABLE, false, false, true },
		{ MM_KIND_ANON, true, true, false },
		{ MM_KIND_THP, true, true, false },
		{ MM_KIND_MLOCK, true, true, false },
		{ MM_KIND_SHMEM, true, true, false },
		{ MM_KIND_PAGECACHE, true, true, false },
		{ MM_KIND_PINNED, false, false, false },
		{ MM_KIND_BALLOON, false, false, false },
		{ MM_KIND_BALLOON_MOVABLE, true, true, false },
		{ MM_KIND_HUGETLB, true, true, false },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		const struct mm_kind_info *info = mm_kind_info(cases[i].kind);

		assert_int_equal(info->movable, cases[i].movable);
		assert_int_equal(info->migrates, cases[i].migrates);
		assert_int_equal(info->blocks_isolation, cases[i].blocks);
	}
	for (int kind = 0; kind < MM_NR_KINDS; kind++)
		assert_non_null(mm_kind_info(kind)->name);
}

static void units(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);

	(void)state;
	assert_int_equal(mm_round_up_unit(mm, MM_KIND_ANON, 0), 0);
	assert_int_equal(mm_round_up_unit(mm, MM_KIND_ANON, 7), 7);
	assert_int_equal(mm_round_up_unit(mm, MM_KIND_THP, 0), 0);
	assert_int_equal(mm_round_up_unit(mm, MM_KIND_THP, 1), 512);
	assert_int_equal(mm_round_up_unit(mm, MM_KIND_HUGETLB, 512), 512);
	assert_int_equal(mm_round_up_unit(mm, MM_KIND_HUGETLB, 513), 1024);
	assert_int_equal(mm_round_up_unit(mm, MM_KIND_GIGANTIC, 1), 262144);
	mm_free(mm);
}

static void from_below(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	char owner[] = "slab";
	struct mm_holder *kernel = pages_new(mm, owner, MM_KIND_SLAB);
	struct mm_holder *anon = pages_new(mm, "db", MM_KIND_ANON);

	(void)state;
	assert_int_equal(mm_holder_pages(kernel), 0);
	owner[0] = 'X'; /* the name is copied */
	assert_int_equal(pages_grow(mm, kernel, 0, ANYWHERE), 0);
	assert_int_equal(pages_grow(mm, kernel, 100, ANYWHERE), 0);
	assert_int_equal(pages_grow(mm, anon, 50, ANYWHERE), 0);
	pages_used(mm, 0, NODE0, 100, MM_KIND_SLAB, "slab");
	pages_used(mm, NODE0 + 100, NODE0 + 100, 50, MM_KIND_ANON, "db");
	pages_unused(mm, NODE0 + 150, UINT64_MAX);
	assert_int_equal(pages_free(mm, 0), 8 * BLOCK - 150);
	assert_int_equal(mm_kind_pages(mm, 0, MM_KIND_SLAB), 100);
	assert_int_equal(mm_kind_pages(mm, 1, MM_KIND_SLAB), 0);
	assert_int_equal(mm_kind_pages(mm, 7, MM_KIND_SLAB), 0);
	assert_int_equal(mm_kind_pages(mm, MM_NODE_NONE, MM_KIND_ANON), 50);
	assert_int_equal(pages_zone(mm, 0, MM_ZONE_NORMAL).managed, 8 * BLOCK);
	mm_holder_free(mm, kernel);
	mm_holder_free(mm, anon);
	mm_holder_free(mm, NULL);
	pages_unused(mm, 0, UINT64_MAX);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK);
	mm_free(mm);
}

/* Down to the low watermarks of all nodes in turn, then to the min ones. */
static void zonelist(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_zone_info zone = pages_zone(mm, 0, MM_ZONE_NORMAL);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_ANON);
	struct mm_alloc_request prefer = { .nid = 1, .not_nid = MM_NODE_NONE };
	uint64_t low = zone.low, min = zone.min;

	(void)state;
	assert_true(min && low > min);
	assert_int_equal(pages_grow(mm, hold, 8 * BLOCK - low, prefer), 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 1, MM_ZONE_NORMAL), 8 * BLOCK - low);
	assert_int_equal(pages_grow(mm, hold, 1, prefer), 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 0, MM_ZONE_NORMAL), 1);
	assert_int_equal(pages_grow(mm, hold, 8 * BLOCK - low - 1, prefer), 0);
	assert_int_equal(pages_free(mm, 1), low);
	assert_int_equal(pages_free(mm, 0), low);
	assert_int_equal(pages_grow(mm, hold, 1, prefer), 0);
	assert_int_equal(pages_free(mm, 1), low - 1);
	assert_int_equal(pages_grow(mm, hold, 2 * (low - min), prefer), -ENOMEM);
	assert_int_equal(mm_holder_pages(hold), 16 * BLOCK - 2 * low + 1);
	assert_int_equal(mm_total_free(mm), 2 * low - 1);
	assert_int_equal(pages_grow(mm, hold, 2 * (low - min) - 1, prefer), 0);
	assert_int_equal(pages_free(mm, 0), min);
	assert_int_equal(pages_free(mm, 1), min);
	assert_int_equal(pages_grow(mm, hold, 1, prefer), -ENOMEM);
	mm_holder_free(mm, hold);
	assert_int_equal(mm_total_free(mm), 16 * BLOCK);
	mm_free(mm);
}

static void bound_and_elsewhere(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	uint64_t min = pages_zone(mm, 0, MM_ZONE_NORMAL).min;
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_ANON);
	struct mm_alloc_request not_0 = { .nid = MM_NODE_NONE, .not_nid = 0 };

	(void)state;
	assert_int_equal(pages_grow_on(mm, hold, 8 * BLOCK - min + 1, 0), -ENOMEM);
	pages_unused(mm, 0, UINT64_MAX);
	assert_int_equal(pages_grow_on(mm, hold, 1, 7), -ENOMEM);
	assert_int_equal(pages_grow_on(mm, hold, 8 * BLOCK - min, 0), 0);
	mm_holder_shrink(mm, hold, UINT64_MAX);
	assert_int_equal(mm_holder_pages(hold), 0);
	/* whichever node is preferred */
	assert_int_equal(pages_grow(mm, hold, 10, not_0), 0);
	not_0.nid = 0;
	assert_int_equal(pages_grow(mm, hold, 10, not_0), 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 1, MM_ZONE_NORMAL), 20);
	assert_int_equal(pages_grow(mm, hold, 8 * BLOCK, not_0), -ENOMEM);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* A preferred node, then those above it, then those below. */
static void order_of_nodes(void **state)
{
	static const struct engine_range memory[] = {
		{ GIB(4), GIB(5), 0 },
		{ GIB(5), GIB(6), 1 },
		{ GIB(6), GIB(7), 2 },
		{ 0 },
	};
	static const struct engine_config config = { .memory = memory };
	struct mm *mm = engine_mm(&config);
	struct mm_holder *hold = pages_new(mm, "db", MM_KIND_ANON);
	struct mm_alloc_request prefer = { .nid = 1, .not_nid = MM_NODE_NONE };
	uint64_t most = 8 * BLOCK - pages_zone(mm, 0, MM_ZONE_NORMAL).low;

	(void)state;
	assert_int_equal(pages_grow(mm, hold, most + 1, prefer), 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 1, MM_ZONE_NORMAL), most);
	assert_int_equal(mm_holder_pages_on(mm, hold, 2, MM_ZONE_NORMAL), 1);
	assert_int_equal(pages_grow(mm, hold, most, prefer), 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 2, MM_ZONE_NORMAL), most);
	assert_int_equal(mm_holder_pages_on(mm, hold, 0, MM_ZONE_NORMAL), 1);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Allocations that could use higher zones leave DMA its reserve. */
static void lowmem_reserve(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_zone_info dma = pages_zone(mm, 0, MM_ZONE_DMA);
	struct mm_zone_info dma32 = pages_zone(mm, 0, MM_ZONE_DMA32);
	struct mm_holder *hold = pages_new(mm, "slab", MM_KIND_SLAB);
	uint64_t most = dma32.free - dma32.min - dma32.reserve[MM_ZONE_NORMAL] + dma.free -
			dma.min - dma.reserve[MM_ZONE_NORMAL];

	(void)state;
	assert_true(dma.reserve[MM_ZONE_NORMAL] > 0);
	assert_int_equal(pages_grow_on(mm, hold, 1, 0), 0);
	pages_used(mm, 4096, 4096, 1, MM_KIND_SLAB, "slab");
	assert_int_equal(pages_grow_on(mm, hold, most, 0), -ENOMEM);
	assert_int_equal(pages_grow_on(mm, hold, most - 1, 0), 0);
	assert_int_equal(pages_zone(mm, 0, MM_ZONE_DMA).free,
			 dma.min + dma.reserve[MM_ZONE_NORMAL]);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void movable_zone(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *anon = pages_new(mm, "db", MM_KIND_ANON);
	struct mm_holder *kernel = pages_new(mm, "slab", MM_KIND_SLAB);

	(void)state;
	pages_online(mm, 1, MM_ZONE_MOVABLE, NODE1_END);
	assert_int_equal(pages_grow_on(mm, anon, 10, 1), 0);
	assert_int_equal(mm_holder_pages_on(mm, anon, 1, MM_ZONE_MOVABLE), 10);
	assert_int_equal(pages_grow_on(mm, kernel, 8 * BLOCK, 1), -ENOMEM);
	assert_int_equal(mm_holder_pages_on(mm, kernel, 1, MM_ZONE_MOVABLE), 0);
	/* Movable first, then Normal. */
	assert_int_equal(pages_grow_on(mm, anon, BLOCK, 1), 0);
	assert_true(mm_holder_pages_on(mm, anon, 1, MM_ZONE_NORMAL) > 0);
	/* Long-term pins migrate out of Movable; pages in Normal stay. */
	assert_int_equal(mm_holder_pin(mm, anon), 0);
	assert_int_equal(mm_holder_pages(anon), BLOCK + 10);
	assert_int_equal(mm_kind_pages(mm, MM_NODE_NONE, MM_KIND_PINNED), BLOCK + 10);
	assert_int_equal(mm_kind_pages(mm, MM_NODE_NONE, MM_KIND_ANON), 0);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_MOVABLE).free, BLOCK);
	mm_holder_set_kind(mm, anon, MM_KIND_ANON);
	assert_int_equal(mm_kind_pages(mm, MM_NODE_NONE, MM_KIND_ANON), BLOCK + 10);
	mm_holder_free(mm, anon);
	mm_holder_free(mm, kernel);
	mm_free(mm);
}

/* An allocation in a given range ignores watermarks and zones. */
static void in_a_range(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "slab", MM_KIND_SLAB);
	struct mm_alloc_request want = { .nid = 1,
					 .not_nid = MM_NODE_NONE,
					 .bind = true,
					 .start_pfn = NODE1 - 5,
					 .end_pfn = NODE1 + 5 };

	(void)state;
	assert_int_equal(pages_grow(mm, hold, 6, want), -ENOMEM);
	assert_int_equal(pages_grow(mm, hold, 5, want), 0);
	pages_used(mm, 0, NODE1, 5, MM_KIND_SLAB, "slab");
	assert_int_equal(pages_grow_at(mm, hold, 1, NODE1_END, UINT64_MAX), -ENOMEM);
	pages_online(mm, 1, MM_ZONE_MOVABLE, NODE1_END);
	assert_int_equal(pages_grow_at(mm, hold, BLOCK, NODE1_END, NODE1_END + BLOCK), 0);
	assert_int_equal(pages_zone(mm, 1, MM_ZONE_MOVABLE).free, 0);
	assert_int_equal(pages_grow_at(mm, hold, 1, NODE1_END, NODE1_END + BLOCK), -ENOMEM);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void boot_memory_only(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_new(mm, "memmap", MM_KIND_MEMMAP);
	struct mm_alloc_request want = { .nid = 2, .not_nid = MM_NODE_NONE, .boot_only = true };

	(void)state;
	pages_online(mm, 2, MM_ZONE_NORMAL, NODE1_END);
	assert_int_equal(pages_grow(mm, hold, 10, want), 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 0, MM_ZONE_NORMAL), 10);
	want.boot_only = false;
	assert_int_equal(pages_grow(mm, hold, 10, want), 0);
	assert_int_equal(mm_holder_pages_on(mm, hold, 2, MM_ZONE_NORMAL), 10);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void latest_first(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *hold = pages_at(mm, "db", MM_KIND_ANON, NODE0 + 1000, 10);

	(void)state;
	assert_int_equal(pages_grow_at(mm, hold, 10, NODE0, NODE0 + 10), 0);
	mm_holder_shrink(mm, hold, 0);
	assert_int_equal(mm_holder_pages(hold), 20);
	mm_holder_shrink(mm, hold, 4);
	pages_used(mm, 0, NODE0, 6, MM_KIND_ANON, "db");
	mm_holder_shrink(mm, hold, 7);
	pages_used(mm, 0, NODE0 + 1000, 9, MM_KIND_ANON, "db");
	mm_holder_shrink(mm, hold, 10);
	assert_int_equal(mm_holder_pages(hold), 0);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

/* Huge pages are allocated in entirely free pageblocks. */
static void aligned(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *one = pages_at(mm, "slab", MM_KIND_SLAB, NODE0 + 700, 1);
	struct mm_holder *thp = pages_new(mm, "db", MM_KIND_THP);

	(void)state;
	assert_int_equal(pages_grow_at(mm, thp, 1024, NODE0 + 1, NODE0 + 2048), 0);
	pages_used(mm, NODE0 + 701, NODE0 + 1024, 1024, MM_KIND_THP, "db");
	assert_int_equal(pages_grow_at(mm, thp, 512, NODE0 + 1, NODE0 + 2048), -ENOMEM);
	assert_int_equal(pages_grow_at(mm, thp, 512, NODE0, NODE0 + 2048), 0);
	mm_holder_free(mm, one);
	mm_holder_free(mm, thp);
	mm_free(mm);
}

/* Others' page cache is dropped, only as much as is missing, and never in vain. */
static void reclaim(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	uint64_t min = pages_zone(mm, 0, MM_ZONE_NORMAL).min;
	struct mm_holder *cache = pages_new(mm, "files", MM_KIND_PAGECACHE);
	struct mm_holder *anon = pages_new(mm, "db", MM_KIND_ANON);

	(void)state;
	assert_int_equal(pages_grow_on(mm, cache, 1000, 0), 0);
	assert_int_equal(pages_grow_on(mm, cache, 2000, 1), 0);
	assert_int_equal(pages_grow_on(mm, anon, 8 * BLOCK - min - 1000, 0), 0);
	assert_int_equal(mm_holder_pages(cache), 3000);
	assert_int_equal(pages_grow_on(mm, anon, 1001, 0), -ENOMEM);
	assert_int_equal(mm_holder_pages(cache), 3000);
	assert_int_equal(pages_grow_on(mm, anon, 300, 0), 0);
	assert_int_equal(mm_holder_pages_on(mm, cache, 0, MM_ZONE_NORMAL), 700);
	assert_int_equal(mm_holder_pages_on(mm, cache, 1, MM_ZONE_NORMAL), 2000);
	/* Page cache does not displace itself. */
	assert_int_equal(pages_grow_on(mm, cache, 1, 0), -ENOMEM);
	assert_int_equal(pages_grow_on(mm, anon, 700, 0), 0);
	assert_int_equal(pages_grow_on(mm, anon, 1, 0), -ENOMEM);
	assert_int_equal(mm_holder_pages(cache), 2000);
	assert_int_equal(pages_free(mm, 0), min);
	mm_holder_free(mm, cache);
	mm_holder_free(mm, anon);
	mm_free(mm);
}

/* Page cache displaces other page cache, whichever came first. */
static void caches_displace_each_other(void **state)
{
	struct mm *mm = engine_mm(&engine_plain);
	struct mm_holder *first = pages_new(mm, "first", MM_KIND_PAGECACHE);
	struct mm_holder *second = pages_new(mm, "second", MM_KIND_PAGECACHE);
	uint64_t rest = 8 * BLOCK - pages_zone(mm, 0, MM_ZONE_NORMAL).min - 1000;

	(void)state;
	assert_int_equal(pages_grow_on(mm, first, 1000, 0), 0);
	assert_int_equal(pages_grow_on(mm, second, rest, 0), 0);
	assert_int_equal(pages_grow_on(mm, first, 50, 0), 0);
	assert_int_equal(mm_holder_pages(first), 1050);
	assert_int_equal(mm_holder_pages(second), rest - 50);
	assert_int_equal(pages_grow_on(mm, second, 20, 0), 0);
	assert_int_equal(mm_holder_pages(first), 1030);
	assert_int_equal(mm_holder_pages(second), rest - 30);
	mm_holder_free(mm, first);
	mm_holder_free(mm, second);
	mm_free(mm);
}

static void reserved_at_boot(void **state)
{
	struct mm *mm = engine_mm(&engine_pc);
	struct mm_zone_info zone;

	(void)state;
	/* all below 1 MiB: pages 1 to 0x9e */
	assert_int_equal(mm_reserve_boot(mm, 0, 256, "firmware"), 0);
	zone = pages_zone(mm, 0, MM_ZONE_DMA);
	assert_int_equal(zone.present, 3998);
	assert_int_equal(zone.managed, 3840);
	assert_int_equal(zone.free, 3840);
	pages_used(mm, 1, 1, 0x9e, MM_KIND_RESERVED, "firmware");
	/* reserved pages keep their owner when the range is reserved again */
	assert_int_equal(mm_reserve_boot(mm, 0, 0x110, "kernel"), 0);
	pages_used(mm, 1, 1, 0x9e, MM_KIND_RESERVED, "firmware");
	pages_used(mm, 0x100, 0x100, 16, MM_KIND_RESERVED, "kernel");
	assert_int_equal(pages_zone(mm, 0, MM_ZONE_DMA).managed, 3840 - 16);
	assert_int_equal(mm_reserve_boot(mm, 1, 8, "nobody"), 0);
	assert_int_equal(mm_reserve_boot(mm, 0x9f, 0x61, "nobody"), 0); /* a hole */
	assert_int_equal(pages_zone(mm, 0, MM_ZONE_DMA).managed, 3840 - 16);
	/* across a zone boundary */
	assert_int_equal(mm_reserve_boot(mm, 4090, 10, "both"), 0);
	assert_int_equal(pages_zone(mm, 0, MM_ZONE_DMA).managed, 3840 - 16 - 6);
	assert_int_equal(pages_zone(mm, 0, MM_ZONE_DMA32).managed, 258048 - 4);
	assert_int_equal(mm_total_managed(mm), 524158 - 0x9e - 16 - 10);
	assert_int_equal(mm_total_free(mm), mm_total_managed(mm));
	mm_free(mm);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(units),
		cmocka_unit_test(from_below),
		cmocka_unit_test(zonelist),
		cmocka_unit_test(bound_and_elsewhere),
		cmocka_unit_test(order_of_nodes),
		cmocka_unit_test(lowmem_reserve),
		cmocka_unit_test(movable_zone),
		cmocka_unit_test(in_a_range),
		cmocka_unit_test(boot_memory_only),
		cmocka_unit_test(latest_first),
		cmocka_unit_test(aligned),
		cmocka_unit_test(reclaim),
		cmocka_unit_test(caches_displace_each_other),
		cmocka_unit_test(reserved_at_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
