// SPDX-License-Identifier: GPL-2.0-or-later
/* What versions of Linux differ in, as shown by the tree. */
#include "world.h"

#define MEMORY                                                                                     \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "hotplug:\n  - {start: 0x100000000, end: 0x1ffffffff, node: 1}\n"                   \
	       "possible_nodes: \"0-1\"\n"

static bool has_counter(struct world *w, const char *name)
{
	char line[64];

	snprintf(line, sizeof(line), "\n%s ", name);
	return strstr(world_read(w, "proc/vmstat"), line);
}

/* In which versions there is a counter. */
static void counters(void **state)
{
	static const char *const versions[] = { "6.1", "6.6", "6.12", "6.18" };
	static const struct {
		const char *name;
		bool has[BASE_ARRAY_SIZE(versions)];
	} cases[] = {
		{ "nr_bounce", { true, true, true, false } },
		{ "zone_reclaim_success", { false, false, true, true } },
		{ "nr_writeback_temp", { true, true, true, false } },
		{ "nr_free_pages_blocks", { false, false, false, true } },
		{ "nr_hugetlb", { false, false, false, true } },
		{ "pgscan_khugepaged", { false, true, true, true } },
		{ "nr_memmap_pages", { false, false, true, true } },
		{ "direct_map_level2_collapses", { false, false, false, true } },
	};

	(void)state;
	for (size_t v = 0; v < BASE_ARRAY_SIZE(versions); v++) {
		char yaml[512];
		struct world *w;

		snprintf(yaml, sizeof(yaml), "kernel: %s\n" MEMORY, versions[v]);
		w = world_new(yaml);
		for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
			assert_int_equal(has_counter(w, cases[i].name), cases[i].has[v]);
		assert_string_equal(world_read(w, "machine/log"), "");
		world_free(w);
	}
}

static bool machine_has(const char *kernel, const char *more, const char *path)
{
	struct world *w;
	char yaml[512];
	bool has;

	snprintf(yaml, sizeof(yaml), "kernel: %s\n%s", kernel, more);
	w = world_new(yaml);
	has = world_exists(w, path);
	world_free(w);
	return has;
}

/* From which version on there is a file, and until which. */
static void files(void **state)
{
	static const char boot[] = "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n";
	static const char s390[] =
		"arch: s390x\nmemory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n";
	static const char ppc[] =
		"arch: ppc64le\nmemory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n";
	static const char param[] = "sys/module/memory_hotplug/parameters/memmap_on_memory";
	static const char unplug[] = "sys/module/virtio_mem/parameters/bbm_safe_unplug";
	static const struct {
		const char *path, *machine, *since, *before, *until;
	} cases[] = {
		{ SYS_NODE "node0/reclaim", boot, "6.17", "6.16", NULL },
		{ SYS_NODE "node0/memory_failure", boot, "6.3", "6.2", NULL },
		{ SYS_MEMORY "crash_hotplug", boot, "6.6", "6.5", NULL },
		{ param, boot, "6.1", NULL, NULL },
		{ param, s390, "6.8", "6.7", NULL },
		{ param, ppc, "6.6", "6.5", NULL },
		{ unplug, boot, "6.1", NULL, "6.5" },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_true(machine_has(cases[i].since, cases[i].machine, cases[i].path));
		assert_int_equal(machine_has("6.18", cases[i].machine, cases[i].path),
				 !cases[i].until);
		if (cases[i].before)
			assert_false(machine_has(cases[i].before, cases[i].machine, cases[i].path));
		if (cases[i].until)
			assert_false(machine_has(cases[i].until, cases[i].machine, cases[i].path));
	}
}

/* A parameter that the kernel is built without has no effect. */
static void no_memmap_on_memory(void **state)
{
	static const char *const kernels[] = { "6.1", "6.12" };

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(kernels); i++) {
		struct world *w;
		char yaml[512];

		snprintf(yaml, sizeof(yaml),
			 "kernel: %s\narch: s390x\nblock_size: 256M\n"
			 "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"
			 "standby:\n  - {start: 2G, end: 0x8fffffff, node: 0}\n",
			 kernels[i]);
		w = world_new_cmdline(yaml, "memory_hotplug.memmap_on_memory=1");
		assert_takes(w, SYS_MEMORY "memory8/state", "online");
		assert_int_equal(mm_kind_pages(w->mm, 0, MM_KIND_ALTMAP) > 0, i > 0);
		world_free(w);
	}
}

/* Whether a text of a kernel has all of these lines. */
static bool text_has(const char *kernel, const char *path, const char *lines)
{
	struct world *w;
	char yaml[512];
	bool has;

	snprintf(yaml, sizeof(yaml), "kernel: %s\n" MEMORY, kernel);
	w = world_new(yaml);
	has = strstr(world_read(w, path), lines);
	world_free(w);
	return has;
}

/* What the lines of texts look like. */
static void layouts(void **state)
{
	static const char old_node[] = "Node 0 FileHugePages:        0 kB\n"
				       "Node 0 FilePmdMapped:        0 kB\n";
	static const char node[] = "Node 0 FileHugePages:         0 kB\n"
				   "Node 0 FilePmdMapped:         0 kB\n";
	static const char old_pageset[] = "\n              high:  0\n              batch: 1"
					  "\n  vm stats";
	static const char pageset[] = "\n              count:    0\n              high:     0"
				      "\n              batch:    1"
				      "\n              high_min: 226"
				      "\n              high_max: 480\n  vm stats";
	static const struct {
		const char *path, *lines;
		bool has[4];
	} cases[] = {
		{ SYS_NODE "node0/meminfo", old_node, { true, false, false, false } },
		{ SYS_NODE "node0/meminfo", node, { false, true, true, true } },
		{ "proc/zoneinfo", "\n        promo    ", { false, false, true, true } },
		{ "proc/zoneinfo", old_pageset, { true, true, true, false } },
		{ "proc/zoneinfo", pageset, { false, false, false, true } },
	};
	static const char *const versions[] = { "6.1", "6.6", "6.12", "6.18" };

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		for (size_t v = 0; v < BASE_ARRAY_SIZE(versions); v++)
			assert_int_equal(text_has(versions[v], cases[i].path, cases[i].lines),
					 cases[i].has[v]);
	}
}

/* Page cache of kernel zones can be reclaimed; every error is EAGAIN. */
static void reclaim(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"swappiness=1",
		"1M swappiness=201",
		"1M swappiness=-1",
		"1M swappiness",
		"1M max",
		"1M swappiness=1 x",
	};
	struct world *w = world_new("kernel: 6.18\n" MEMORY);
	static const char path[] = SYS_NODE "node0/reclaim";
	uint64_t cache;

	(void)state;
	assert_int_equal(world_mkdir(w, "machine/workload/c"), 0);
	assert_takes(w, "machine/workload/c/kind", "pagecache");
	assert_takes(w, "machine/workload/c/node", "0");
	assert_takes(w, "machine/workload/c/size", "100M");
	cache = mm_kind_pages(w->mm, 0, MM_KIND_PAGECACHE);
	assert_int_equal(cache, 25600);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(bad); i++)
		assert_writes(w, path, bad[i], *bad[i] ? -EAGAIN : 0);
	assert_int_equal(mm_kind_pages(w->mm, 0, MM_KIND_PAGECACHE), cache);
	assert_takes(w, path, " 10M  swappiness=max swappiness=200 \n");
	assert_takes(w, path, "4097");
	assert_int_equal(mm_kind_pages(w->mm, 0, MM_KIND_PAGECACHE), cache - 2560 - 1);
	assert_takes(w, path, "0");
	assert_writes(w, path, "100M", -EAGAIN);
	assert_int_equal(mm_kind_pages(w->mm, 0, MM_KIND_PAGECACHE), 0);
	/* not in Movable */
	assert_plugs(w, "d0", "size=128M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_takes(w, "machine/workload/c/node", "1");
	assert_takes(w, "machine/workload/c/size", "10M");
	assert_writes(w, SYS_NODE "node1/reclaim", "1M", -EAGAIN);
	assert_int_equal(mm_kind_pages(w->mm, 1, MM_KIND_PAGECACHE), 2560);
	world_free(w);
}

/* The new counters of 6.18 count. */
static void amounts(void **state)
{
	struct world *w = world_new("kernel: 6.18\n" MEMORY);
	uint64_t blocks = world_number(w, "proc/vmstat", "nr_free_pages_blocks ");

	(void)state;
	assert_in_range(blocks, 1, world_number(w, "proc/vmstat", "nr_free_pages "));
	assert_int_equal(blocks % 512, 0);
	assert_takes(w, SYS_NODE "node0/hugepages/hugepages-2048kB/nr_hugepages", "3");
	assert_int_equal(world_number(w, "proc/vmstat", "nr_hugetlb "), 3 * 512);
	assert_int_equal(world_number(w, "proc/vmstat", "nr_free_pages_blocks "), blocks - 3 * 512);
	assert_int_equal(world_number(w, SYS_NODE "node0/vmstat", "nr_hugetlb "), 3 * 512);
	/* a page in the middle of a pageblock */
	assert_int_equal(world_hold(w, "b", "block=6 size=4K"), 2);
	assert_int_equal(world_number(w, "proc/vmstat", "nr_free_pages_blocks "), blocks - 4 * 512);
	assert_int_equal(world_number(w, "proc/meminfo", "Balloon:"), 0);
	world_free(w);
}

/* Until 6.6, Movable keeps back its share of min_free_kbytes. */
static void movable_share(void **state)
{
	struct world *old = world_new("kernel: 6.1\n" MEMORY);
	struct world *w = world_new("kernel: 6.6\n" MEMORY);
	struct mm_zone_info was, is;

	(void)state;
	assert_plugs(old, "d0", "size=256M node=1");
	assert_plugs(w, "d0", "size=256M node=1");
	for (int block = 32; block < 34; block++) {
		char path[64];

		snprintf(path, sizeof(path), SYS_MEMORY "memory%d/state", block);
		assert_takes(old, path, "online_movable");
		assert_takes(w, path, "online_movable");
	}
	mm_zone_info(old->mm, 1, MM_ZONE_MOVABLE, &was);
	mm_zone_info(w->mm, 1, MM_ZONE_MOVABLE, &is);
	assert_int_equal(is.min, 64);
	assert_in_range(was.min, 2000, 2600);
	/* A share of all pages, not of the others. */
	mm_zone_info(old->mm, 0, MM_ZONE_DMA32, &was);
	mm_zone_info(w->mm, 0, MM_ZONE_DMA32, &is);
	assert_in_range(was.min, is.min * 3 / 4, is.min * 9 / 10);
	world_free(old);
	world_free(w);
}

/* Until 6.7, the huge page that was allocated last is used first. */
static void pool_order(void **state)
{
	static const struct {
		const char *kernel;
		uint64_t first_block;
	} cases[] = { { "6.1", 33 }, { "6.6", 33 }, { "6.12", 32 }, { "6.18", 32 } };

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct mm_usage usage;
		struct world *w;
		char yaml[512];

		snprintf(yaml, sizeof(yaml), "kernel: %s\n" MEMORY, cases[i].kernel);
		w = world_new(yaml);
		assert_plugs(w, "d0", "size=256M node=1");
		assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
		assert_takes(w, SYS_MEMORY "memory33/state", "online_movable");
		assert_takes(w, SYS_NODE "node1/hugepages/hugepages-2048kB/nr_hugepages", "100");
		assert_int_equal(world_mkdir(w, "machine/workload/h"), 0);
		assert_takes(w, "machine/workload/h/kind", "hugetlb");
		assert_takes(w, "machine/workload/h/node", "1");
		assert_takes(w, "machine/workload/h/size", "20M");
		mm_range_usage(w->mm, cases[i].first_block * 32768, 32768, &usage);
		assert_int_equal(usage.kind[MM_KIND_HUGETLB], 10 * 512);
		world_free(w);
	}
}

/* Since 6.17, memory that is onlined later does not make its node one with normal memory. */
static void normal_memory(void **state)
{
	struct world *old = world_new("kernel: 6.12\n" MEMORY);
	struct world *w = world_new("kernel: 6.18\n" MEMORY);

	(void)state;
	assert_plugs(old, "d0", "size=128M node=1");
	assert_takes(old, SYS_MEMORY "memory32/state", "online_kernel");
	assert_reads(old, SYS_NODE "has_normal_memory", "0-1\n");
	assert_plugs(w, "d0", "size=128M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_kernel");
	assert_reads(w, SYS_NODE "has_normal_memory", "0\n");
	assert_reads(w, SYS_NODE "has_memory", "0-1\n");
	assert_takes(w, SYS_MEMORY "memory32/state", "offline");
	assert_reads(w, SYS_NODE "has_memory", "0\n");
	world_free(old);
	world_free(w);
}

/* The log says when a version is only known in part. */
static void not_compared(void **state)
{
	struct world *w = world_new("kernel: 6.20\n" MEMORY);

	(void)state;
	assert_non_null(strstr(world_read(w, "machine/log"), "Linux 6.20 has not been compared"));
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters),	 cmocka_unit_test(amounts),
		cmocka_unit_test(files),	 cmocka_unit_test(no_memmap_on_memory),
		cmocka_unit_test(layouts),	 cmocka_unit_test(reclaim),
		cmocka_unit_test(movable_share), cmocka_unit_test(pool_order),
		cmocka_unit_test(normal_memory), cmocka_unit_test(not_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
