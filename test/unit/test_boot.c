/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Booting: memory that firmware and the kernel reserve, the map of addresses, and which node the
 * kernel assigns to an address.
 */
#include "world.h"

#include "../../src/machine/machine_private.h"

#define PAGES_PER_BLOCK 32768

static const struct mm_zone_info *zone(struct world *w, int nid, enum mm_zone_type type)
{
	static __thread struct mm_zone_info info;

	mm_zone_info(w->mm, nid, type, &info);
	return &info;
}

/* Held pages in [start, end). */
static uint64_t held(struct world *w, uint64_t start, uint64_t end)
{
	struct mm_use info;
	uint64_t pages = 0;

	while (start < end && mm_use_find(w->mm, start, end, &info)) {
		if (info.kind != MM_KIND_HOLE) {
			assert_int_equal(info.kind, MM_KIND_RESERVED);
			pages += BASE_MIN(info.start_pfn + info.nr_pages, end) -
				 BASE_MAX(info.start_pfn, start);
		}
		start = info.start_pfn + info.nr_pages;
	}
	return pages;
}

static uint64_t held_in_block(struct world *w, uint64_t id)
{
	return held(w, id * PAGES_PER_BLOCK, (id + 1) * PAGES_PER_BLOCK);
}

static const char *owner_of(struct world *w, uint64_t pfn)
{
	struct mm_use info;

	return mm_use_find(w->mm, pfn, pfn + 1, &info) ? info.owner : "nobody";
}

/* ---- reserved memory ------------------------------------------------------------------------ */

/* As recorded: 3998 pages below 16 MiB, of which those above 1 MiB are managed. */
static void dma_zone(void **state)
{
	struct world *w = *state;

	assert_int_equal(zone(w, 0, MM_ZONE_DMA)->start_pfn, 1);
	assert_int_equal(zone(w, 0, MM_ZONE_DMA)->spanned, 4095);
	assert_int_equal(zone(w, 0, MM_ZONE_DMA)->present, 3998);
	assert_int_equal(zone(w, 0, MM_ZONE_DMA)->managed, 3840);
	assert_int_equal(zone(w, 0, MM_ZONE_DMA)->free, 3840);
	assert_int_equal(zone(w, 0, MM_ZONE_DMA32)->start_pfn, 4096);
	assert_int_equal(zone(w, 0, MM_ZONE_DMA32)->present, 258048);
	assert_int_equal(zone(w, 1, MM_ZONE_DMA32)->present, 262112);
	assert_int_equal(zone(w, 1, MM_ZONE_DMA32)->start_pfn, 262144);
}

static void kept_pages(void **state)
{
	struct world *w = *state;
	uint64_t blocks_kb = 16 * 131072, total = world_number(w, "proc/meminfo", "MemTotal:");

	assert_true(total < blocks_kb);
	assert_int_equal((3998 + 258048 + 262112 - held(w, 0, 1 << 20)) * 4, total);
	assert_string_equal(owner_of(w, 1), "firmware");
	assert_string_equal(owner_of(w, 0x9e), "firmware");
	/* 0x9f is cut by the end of memory: it is not a page. */
	assert_string_equal(owner_of(w, 0x9f), "nobody");
	assert_string_equal(owner_of(w, 0x100), "nobody");
	assert_string_equal(owner_of(w, 0xfff), "nobody");
	assert_string_equal(owner_of(w, 0x1000), "Kernel code");
	assert_string_equal(owner_of(w, 0x17ff), "Kernel code");
	assert_string_equal(owner_of(w, 0x1dff), "Kernel bss");
	assert_string_equal(owner_of(w, 0x1e00), "nobody");
	/* From the top of each node downward. */
	assert_string_equal(owner_of(w, 0x3ffff), "node data");
	assert_string_equal(owner_of(w, 0x40000 - 30), "node data");
	assert_string_equal(owner_of(w, 0x40000 - 31), "memmap");
	assert_string_equal(owner_of(w, 0x7ffdf), "node data");
	assert_string_equal(owner_of(w, 0x7ffe0), "nobody");
}

/* Eight blocks a node, and 64 bytes for each of their pages. */
static void kept_memmap(void **state)
{
	struct world *w = *state;

	/* and the page tables: 8 bytes for each 2 MiB up to the end of memory, and a page */
	assert_int_equal(held_in_block(w, 7), 8 * PAGES_PER_BLOCK / 64 + 30 + 3);
	/* bounce buffers, because there may be memory above 4 GiB */
	assert_int_equal(held_in_block(w, 15), 8 * PAGES_PER_BLOCK / 64 + 30 + (MIB(64) >> 12));
	assert_int_equal(mm_memmap_boot_pages(w->mm), 16 * PAGES_PER_BLOCK / 64);
}

/* The first block and the top one of each node cannot go offline; all others can. */
static void blocks_that_stay(void **state)
{
	struct world *w = *state;
	char path[64];

	for (unsigned int id = 0; id < 16; id++) {
		int ret = 7;

		snprintf(path, sizeof(path), SYS_MEMORY "memory%u/state", id);
		/* two zones; memory that ends before the block does */
		if (id == 0 || id == 15)
			ret = -EINVAL;
		else if (id == 7)
			ret = -EBUSY;
		assert_writes(w, path, "offline", ret);
		assert_true((ret != 7) == (held_in_block(w, id) > 0));
	}
}

static void kept_on_other_machines(void **state)
{
	struct world *w = world_new("arch: ppc64le\nblock_size: 256M\n"
				    "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n");

	/* 64 KiB pages: no PC below 1 MiB, only node data and memmap */
	assert_string_equal(owner_of(w, 0), "nobody");
	assert_string_equal(owner_of(w, 0x3fff), "node data");
	assert_string_equal(owner_of(w, 0x3ffe), "node data");
	assert_string_equal(owner_of(w, 0x3ffd), "memmap");
	assert_string_equal(owner_of(w, 0x3fed), "page tables");
	assert_int_equal(held(w, 0, 0x4000), 2 + 0x4000 * 64 / 65536 + 1);
	assert_writes(w, SYS_MEMORY "memory3/state", "offline", -EBUSY);
	assert_takes(w, SYS_MEMORY "memory0/state", "offline");
	world_free(w);
}

/* Memory reserved by firmware has only a memmap. */
static void nomap(void **state)
{
	struct world *w =
		world_new("arch: arm64\nmemory:\n"
			  "  - {start: 0x40000000, end: 0x4fffffff, node: 0}\n"
			  "  - {start: 0x50000000, end: 0x57ffffff, node: 0, nomap: true}\n"
			  "  - {start: 0x58000000, end: 0x7fffffff, node: 0}\n");

	assert_string_equal(owner_of(w, 0x50000), "firmware (nomap)");
	assert_int_equal(held(w, 0x50000, 0x58000), 0x8000);
	assert_non_null(strstr(world_read(w, "proc/iomem"),
			       "40000000-4fffffff : System RAM\n50000000-57ffffff : reserved\n"
			       "58000000-7fffffff : System RAM\n"));
	/* memory holes are checked first */
	assert_writes(w, SYS_MEMORY "memory10/state", "offline", -EINVAL);
	assert_writes(w, SYS_MEMORY "memory9/state", "offline", -EPERM);
	assert_writes(w, SYS_MEMORY "memory15/state", "offline", -EBUSY);
	world_free(w);
}

/* Memmap that exceeds the node's highest range continues in the next lower one. */
static void kept_in_two_ranges(void **state)
{
	struct world *w = world_new(PC_LOW "  - {start: 1M, end: 0x7fffffff, node: 0}\n"
					   "  - {start: 4G, end: 0x1000fffff, node: 0}\n");

	/* 1 MiB above 4 GiB: all of it */
	assert_int_equal(held(w, 0x100000, 0x100100), 0x100);
	assert_int_equal(held(w, 0x80000 - PAGES_PER_BLOCK, 0x80000),
			 30 + 17 * PAGES_PER_BLOCK / 64 - 0x100 + (MIB(64) >> 12) + 5);
	world_free(w);
}

/* ---- the map of addresses ------------------------------------------------------------------- */

static void map_of_a_pc(void **state)
{
	struct world *w = *state;

	assert_reads(w, "proc/iomem",
		     "00000000-00000fff : Reserved\n"
		     "00001000-0009fbff : System RAM\n"
		     "0009fc00-0009ffff : Reserved\n"
		     "000a0000-000bffff : PCI Bus 0000:00\n"
		     "000f0000-000fffff : Reserved\n"
		     "  000f0000-000fffff : System ROM\n"
		     "00100000-7ffdffff : System RAM\n"
		     "  01000000-017fffff : Kernel code\n"
		     "  01800000-019a1fff : Kernel rodata\n"
		     "  01a00000-01af4fff : Kernel data\n"
		     "  01bfc000-01dfffff : Kernel bss\n"
		     "7ffe0000-7fffffff : Reserved\n"
		     "80000000-febfffff : PCI Bus 0000:00\n"
		     "fec00000-fec003ff : IOAPIC 0\n"
		     "fed00000-fed003ff : HPET 0\n"
		     "fffc0000-ffffffff : Reserved\n"
		     "1480000000-14ffffffff : PCI Bus 0000:00\n"
		     "fd00000000-ffffffffff : Reserved\n");
}

/* A PC's firmware does not know nodes, others distinguish them. */
static void map_of_nodes(void **state)
{
	struct world *w = world_new("arch: arm64\nmemory:\n"
				    "  - {start: 0x40000000, end: 0x47ffffff, node: 0}\n"
				    "  - {start: 0x48000000, end: 0x4fffffff, node: 1}\n");

	assert_reads(w, "proc/iomem",
		     "40000000-47ffffff : System RAM\n"
		     "48000000-4fffffff : System RAM\n");
	world_free(w);
}

static void map_after_a_limit(void **state)
{
	struct world *w = world_new_cmdline(NULL, "mem=1G");
	const char *iomem = world_read(w, "proc/iomem");

	assert_non_null(strstr(iomem, "\n00100000-3fffffff : System RAM\n"));
	assert_non_null(strstr(iomem, "\n40000000-febfffff : PCI Bus 0000:00\n"));
	world_free(w);
}

/* ---- nodes of addresses --------------------------------------------------------------------- */

static void nodes_of_addresses(void **state)
{
	static const struct {
		uint64_t addr;
		int nid;
	} cases[] = {
		{ 0, 2 }, /* below all nodes: the first */
		{ 0x100000, 2 },
		{ 0x3fffffff, 2 },
		{ 0x40000000, 1 },
		{ 0x7fffffff, 1 },
		{ 0xa0000000, 2 }, /* between nodes: the first */
		{ 0x100000000, 0 },
		{ 0x120000000, 0 }, /* a hole within a node */
		{ 0x140000000, 0 },
		{ 0x17fffffff, 0 },
		{ 0x180000000, 2 }, /* above all nodes */
		{ UINT64_C(1) << 45, 2 },
	};
	struct world *w = world_new("memory:\n  - {start: 1M, end: 0x3fffffff, node: 2}\n"
				    "  - {start: 1G, end: 0x7fffffff, node: 1}\n"
				    "  - {start: 4G, end: 0x10fffffff, node: 0}\n"
				    "  - {start: 5G, end: 0x17fffffff, node: 0}\n");

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
		assert_int_equal(machine_boot_add_nid(w->machine, cases[i].addr), cases[i].nid);
	/* This determines the node of a probed block, in the hole of a node and above all nodes. */
	assert_takes(w, SYS_MEMORY "probe", "0x120000000");
	assert_true(world_exists(w, SYS_MEMORY "memory36/node0"));
	assert_takes(w, SYS_MEMORY "probe", "0x200000000");
	assert_true(world_exists(w, SYS_MEMORY "memory64/node2"));
	world_free(w);
}

/* The bounce buffers of x86 are in the highest memory below 4 GiB, if some can be above it. */
static void bounce_buffers(void **state)
{
	static const char low[] = PC_LOW "  - {start: 1M, end: 0x3fffffff, node: 0}\n"
					 "  - {start: 1G, end: 0x7fffffff, node: 1}\n";
	static const struct {
		const char *more;
		bool has;
	} cases[] = {
		{ "", false },
		{ "hotplug:\n  - {start: 2G, end: 0xbfffffff, node: 0}\n", false },
		{ "hotplug:\n  - {start: 4G, end: 0x17fffffff, node: 0}\n", true },
		{ "  - {start: 4G, end: 0x17fffffff, node: 0}\n", true },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct mm_zone_info zone;
		struct world *w;
		char yaml[512];

		snprintf(yaml, sizeof(yaml), "%s%s", low, cases[i].more);
		w = world_new(yaml);
		mm_zone_info(w->mm, 1, MM_ZONE_DMA32, &zone);
		assert_int_equal(zone.present - zone.managed,
				 4096 + 30 + (cases[i].has ? MIB(64) >> 12 : 0));
		world_free(w);
	}
}

/*
 * With 64K pages, a pageblock has 512 MiB, and grouping by mobility needs six of them. What goes
 * online before that is Unmovable; the decision is made when a zone is populated or a node added.
 */
static void too_few_to_group(void **state)
{
	struct world *w = world_new("arch: arm64\npage_size: 64K\npossible_nodes: \"0-1\"\n"
				    "memory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n"
				    "hotplug:\n  - {start: 4G, end: 0x1bfffffff, node: 0}\n"
				    "  - {start: 8G, end: 0x2ffffffff, node: 1}\n");
	struct mm_free_lists lists;

	(void)state;
	assert_false(mm_groups_by_mobility(w->mm));
	assert_plugs(w, "d0", "size=3G node=0");
	assert_takes(w, SYS_MEMORY "memory8/state", "online_movable");
	assert_non_null(strstr(world_read(w, "machine/log"), "mobility grouping off."));
	assert_non_null(strstr(world_read(w, "proc/pagetypeinfo"),
			       "Node 0, zone  Movable            1            0 "));
	mm_zone_free_lists(w->mm, 0, MM_ZONE_MOVABLE, &lists);
	assert_int_equal(lists.chunks[MM_MIGRATE_UNMOVABLE][13], 1);
	/* There are enough now, but nobody has noticed. */
	for (int block = 9; block < 13; block++) {
		char path[64];

		snprintf(path, sizeof(path), SYS_MEMORY "memory%d/state", block);
		assert_takes(w, path, "online_movable");
	}
	mm_zone_free_lists(w->mm, 0, MM_ZONE_MOVABLE, &lists);
	assert_int_equal(lists.blocks[MM_MIGRATE_UNMOVABLE], 5);
	/* The zonelists are built for a new node. */
	assert_plugs(w, "d1", "size=512M node=1");
	assert_true(mm_groups_by_mobility(w->mm));
	assert_takes(w, SYS_MEMORY "memory13/state", "online_movable");
	/* Offline and online again: set up anew. */
	assert_takes(w, SYS_MEMORY "memory8/state", "offline");
	assert_takes(w, SYS_MEMORY "memory8/state", "online_movable");
	mm_zone_free_lists(w->mm, 0, MM_ZONE_MOVABLE, &lists);
	assert_int_equal(lists.blocks[MM_MIGRATE_UNMOVABLE], 4);
	assert_int_equal(lists.blocks[MM_MIGRATE_MOVABLE], 2);
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(dma_zone),
		WORLD_TEST(kept_pages),
		WORLD_TEST(kept_memmap),
		WORLD_TEST(blocks_that_stay),
		cmocka_unit_test(kept_on_other_machines),
		cmocka_unit_test(nomap),
		cmocka_unit_test(kept_in_two_ranges),
		WORLD_TEST(map_of_a_pc),
		cmocka_unit_test(map_of_nodes),
		cmocka_unit_test(map_after_a_limit),
		cmocka_unit_test(nodes_of_addresses),
		cmocka_unit_test(bounce_buffers),
		cmocka_unit_test(too_few_to_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
