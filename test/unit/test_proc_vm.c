// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/sys/vm: how numbers are read and written, and what the settings do. */
#include "world.h"

#define VM "proc/sys/vm/"
#define STATE(n) SYS_MEMORY "memory" #n "/state"

static const char two_nodes[] = "possible_nodes: \"0-1\"\n" PC_LOW
				"  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"
				"  - {start: 0x40000000, end: 0x7fffffff, node: 1}\n"
				"hotplug:\n"
				"  - {start: 0x100000000, end: 0x67fffffff, node: 1}\n" ONE_CPU;

/* ---- texts ----------------------------------------------------------------------------------- */

static void numbers(void **state)
{
	static const struct {
		const char *file, *text;
		ssize_t ret;
		const char *reads;
	} cases[] = {
		{ "overcommit_ratio", "80\n", 3, "80\n" },
		{ "overcommit_ratio", " \t\v\f\r\n0x1f \n ", 13, "31\n" },
		{ "overcommit_ratio",
		  "\xa0"
		  "017",
		  4, "15\n" },
		{ "overcommit_ratio", "-2147483648", 11, "-2147483648\n" },
		{ "overcommit_ratio", "-2147483649", -EINVAL, "-2147483648\n" },
		{ "overcommit_ratio", "2147483648", -EINVAL, "-2147483648\n" },
		{ "overcommit_ratio", "99999999999999999999", -EINVAL, "-2147483648\n" },
		/* 21 characters may be the beginning of a longer number. */
		{ "overcommit_ratio", "000000000000000000005", -EINVAL, "-2147483648\n" },
		{ "overcommit_ratio", "50", 2, "50\n" },
		/* The rest is for the next write. */
		{ "overcommit_ratio", "7 8\n", 2, "7\n" },
		{ "overcommit_ratio", "9 x", 2, "9\n" },
		{ "overcommit_ratio", "9x", -EINVAL, "9\n" },
		{ "overcommit_ratio", "08", -EINVAL, "9\n" },
		{ "overcommit_ratio", "+8", -EINVAL, "9\n" },
		{ "overcommit_ratio", "-", -EINVAL, "9\n" },
		{ "overcommit_ratio", " \n", -EINVAL, "9\n" },
		{ "overcommit_memory", "2", 1, "2\n" },
		{ "overcommit_memory", "3", -EINVAL, "2\n" },
		{ "overcommit_memory", "-1", -EINVAL, "2\n" },
		{ "overcommit_kbytes", "18446744073709551615", 20, "18446744073709551615\n" },
		{ "overcommit_kbytes", "18446744073709551616", -EINVAL, "18446744073709551615\n" },
		{ "overcommit_kbytes", "-0", -EINVAL, "18446744073709551615\n" },
		{ "watermark_scale_factor", "0", -EINVAL, "10\n" },
		{ "watermark_scale_factor", "3001", -EINVAL, "10\n" },
		{ "percpu_pagelist_high_fraction", "7", -EINVAL, "0\n" },
		{ "percpu_pagelist_high_fraction", "8", 1, "8\n" },
		{ "dirty_bytes", "8191", -EINVAL, "0\n" },
		{ "dirty_bytes", "8192", 4, "8192\n" },
		{ "dirty_bytes", "17592186040321", -ERANGE, "8192\n" },
		{ "dirty_background_bytes", "0", -EINVAL, "0\n" },
		{ "dirty_background_bytes", "17592186040321", -ERANGE, "0\n" },
		{ "stat_interval", "8589935", -EINVAL, "1\n" },
		{ "stat_interval", "8589934", 7, "8589934\n" },
		{ "numa_zonelist_order", "zone", -EINVAL, "Node\n" },
		{ "numa_zonelist_order", "dZ", 2, "Node\n" },
		{ "stat_refresh", "anything", 8, "" },
		{ "swappiness", "201", -EINVAL, "60\n" },
		{ "swappiness", "200", 3, "200\n" },
		{ "page-cluster", "32", -EINVAL, "3\n" },
		{ "max_map_count", "-1", -EINVAL, "65530\n" },
		{ "mmap_min_addr", "65536", 5, "65536\n" },
		{ "mmap_rnd_bits", "27", -EINVAL, "28\n" },
		{ "mmap_rnd_bits", "32", 2, "32\n" },
		{ "mmap_rnd_compat_bits", "17", -EINVAL, "8\n" },
		{ "vfs_cache_pressure", "-1", -EINVAL, "100\n" },
		{ "memfd_noexec", "3", -EINVAL, "0\n" },
		{ "legacy_va_layout", "2147483647", 10, "2147483647\n" },
		{ "unprivileged_userfaultfd", "2", -EINVAL, "0\n" },
		{ "hugetlb_optimize_vmemmap", "4294967295", 10, "1\n" },
		{ "hugetlb_optimize_vmemmap", "4294967296", -EINVAL, "1\n" },
		{ "hugetlb_optimize_vmemmap", "-1", -EINVAL, "1\n" },
		{ "lowmem_reserve_ratio", "x", 1, "256\t256\t32\t0\t0\n" },
		{ "lowmem_reserve_ratio", "1 -2 x", 5, "1\t0\t32\t0\t0\n" },
		{ "lowmem_reserve_ratio", "1 2 3 4 5 6", 10, "1\t2\t3\t4\t5\n" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char path[96];

		snprintf(path, sizeof(path), VM "%s", cases[i].file);
		assert_writes(w, path, cases[i].text, cases[i].ret);
		assert_reads(w, path, cases[i].reads);
	}
	assert_true(world_logged(w, "Ignoring unsupported numa_zonelist_order value:  zone\n"));
}

static void compact_memory(void **state)
{
	struct world *w = *state, *old;

	assert_int_equal(world_stat(w, VM "compact_memory").mode, S_IFREG | 0200);
	assert_writes(w, VM "compact_memory", "1\n", 2);
	assert_writes(w, VM "compact_memory", "0", -EINVAL);
	old = world_new("kernel: 6.1\nmemory: [{start: 0, end: 0x3fffffff, node: 0}]\n");
	assert_writes(old, VM "compact_memory", "please", 6);
	assert_false(world_exists(old, VM "enable_soft_offline"));
	world_free(old);
}

static ssize_t write_at(struct world *w, struct tree_file *file, const char *text, off_t off)
{
	struct world_req r = { .done = false };

	world_req_write_at(&r, w, file, text, off);
	assert_true(r.done);
	world_req_fini(&r);
	return r.result;
}

/* Appending and going on do nothing, but count. */
static void positions(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, VM "min_slab_ratio", O_RDWR);
	struct world_req r = { .done = false };

	assert_int_equal(world_stat(w, VM "min_slab_ratio").size, 0);
	assert_int_equal(write_at(w, file, "77\n", 0), 3);
	assert_int_equal(write_at(w, file, "88\n", 1), 3);
	assert_int_equal(write_at(w, file, "junk", 3), 4);
	/* What does not fit is lost. */
	assert_file_reads(file, 1, 0, "7");
	assert_int_equal(world_file_read(&r, file, 10, 1), 0);
	assert_file_reads(file, 10, 0, "77\n");
	assert_int_equal(world_file_read(&r, file, 10, 3), 0);
	world_req_fini(&r);
	tree_release(file);
	file = world_open_good(w, VM "min_slab_ratio", O_RDWR);
	assert_int_equal(world_file_read(&r, file, 10, 1), 0);
	world_req_fini(&r);
	tree_release(file);
	/* A text goes on. */
	file = world_open_good(w, VM "numa_zonelist_order", O_RDWR);
	assert_file_reads(file, 2, 0, "No");
	assert_file_reads(file, 10, 2, "de\n");
	tree_release(file);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void watermarks(void **state)
{
	struct world *w = *state;
	uint64_t all = mm_total_managed(w->mm);
	struct mm_zone_info zone;

	assert_takes(w, VM "min_free_kbytes", "80000");
	assert_reads(w, VM "min_free_kbytes", "80000\n");
	/* 20000 pages, by the share of the zone; then a quarter of that */
	mm_zone_info(w->mm, 0, MM_ZONE_DMA32, &zone);
	assert_int_equal(zone.min, 20000 * zone.managed / all);
	assert_int_equal(zone.low - zone.min, zone.min / 4);
	assert_takes(w, VM "watermark_scale_factor", "1000");
	mm_zone_info(w->mm, 0, MM_ZONE_DMA32, &zone);
	assert_int_equal(zone.low - zone.min, zone.managed / 10);
	/* Memory that comes or goes does not lower what was set. */
	assert_takes(w, VM "watermark_scale_factor", "10");
	assert_takes(w, STATE(9), "offline");
	assert_reads(w, VM "min_free_kbytes", "80000\n");
	assert_true(world_logged(w, "because user defined value 80000 is preferred\n"));
	assert_false(world_logged(w, "raising min_free_kbytes"));
	assert_takes(w, VM "min_free_kbytes", "30000");
	assert_takes(w, STATE(9), "online");
	assert_true(world_logged(w, "raising min_free_kbytes from 30000 to "));
	assert_in_range(mm_min_free_kbytes(w->mm), 30001, 90112);
}

static void reserves(void **state)
{
	struct world *w = *state;
	struct mm_zone_info dma, dma32;

	mm_zone_info(w->mm, 0, MM_ZONE_DMA32, &dma32);
	assert_takes(w, VM "lowmem_reserve_ratio", "16");
	mm_zone_info(w->mm, 0, MM_ZONE_DMA, &dma);
	assert_int_equal(dma.reserve[MM_ZONE_DMA32], dma32.managed / 16);
	assert_takes(w, VM "lowmem_reserve_ratio", "0");
	mm_zone_info(w->mm, 0, MM_ZONE_DMA, &dma);
	assert_int_equal(dma.reserve[MM_ZONE_DMA32], 0);
}

static void drop_caches(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, "machine/workload/w0/kind", "pagecache");
	assert_takes(w, "machine/workload/w0/size", "64M");
	assert_takes(w, VM "drop_caches", "2");
	assert_reads(w, "machine/workload/w0/size", "67108864\n");
	assert_takes(w, VM "drop_caches", "3");
	assert_reads(w, "machine/workload/w0/size", "0\n");
	assert_int_equal(world_number(w, "proc/vmstat", "drop_pagecache "), 1);
	assert_int_equal(world_number(w, "proc/vmstat", "drop_slab "), 2);
	assert_writes(w, VM "drop_caches", "5", -EINVAL);
	assert_writes(w, VM "drop_caches", "0", -EINVAL);
	assert_false(world_logged(w, "drop_caches"));
	world_set_caller(4711, 0);
	assert_takes(w, VM "drop_caches", "1");
	assert_true(world_logged(w, " (4711): drop_caches: 1\n"));
	/* The write that asks for silence is the last one told. */
	assert_takes(w, VM "drop_caches", "4");
	assert_true(world_logged(w, " (4711): drop_caches: 4\n"));
	assert_takes(w, VM "drop_caches", "3");
	assert_false(world_logged(w, " (4711): drop_caches: 3\n"));
	world_set_caller(0, 0);
	/* What is in use stays. */
	assert_takes(w, "machine/workload/w0/size", "1M");
	assert_takes(w, "machine/workload/w0/busy_ms", "10");
	assert_takes(w, VM "drop_caches", "1");
	assert_reads(w, "machine/workload/w0/size", "1048576\n");
}

static void limits(void **state)
{
	struct world *w = *state;
	uint64_t kb = mm_total_managed(w->mm) * 4;

	assert_int_equal(world_number(w, "proc/meminfo", "CommitLimit:"), kb / 2 / 4 * 4);
	assert_takes(w, VM "overcommit_ratio", "200");
	assert_int_equal(world_number(w, "proc/meminfo", "CommitLimit:"), kb * 2);
	assert_takes(w, VM "overcommit_kbytes", "12345");
	assert_int_equal(world_number(w, "proc/meminfo", "CommitLimit:"), 12344);
	assert_reads(w, VM "overcommit_ratio", "0\n");
	assert_takes(w, VM "overcommit_ratio", "0");
	assert_reads(w, VM "overcommit_kbytes", "0\n");

	/* The first page of an area is its header. */
	assert_int_equal(world_mkdir(w, "machine/swap/s"), 0);
	assert_takes(w, "machine/swap/s/size", "1M");
	assert_takes(w, "machine/swap/s/on", "1");
	assert_int_equal(world_number(w, "proc/meminfo", "CommitLimit:"), 1020);
	assert_takes(w, VM "overcommit_kbytes", "4096");
	assert_int_equal(world_number(w, "proc/meminfo", "CommitLimit:"), 4096 + 1020);

	assert_takes(w, VM "dirty_bytes", "1048577");
	assert_reads(w, VM "dirty_ratio", "0\n");
	assert_int_equal(world_number(w, "proc/vmstat", "nr_dirty_threshold "), 257);
	/* The background is always below. */
	assert_int_equal(world_number(w, "proc/vmstat", "nr_dirty_background_threshold "), 128);
	assert_takes(w, VM "dirty_background_bytes", "4096");
	assert_reads(w, VM "dirty_background_ratio", "0\n");
	assert_int_equal(world_number(w, "proc/vmstat", "nr_dirty_background_threshold "), 1);
	assert_takes(w, VM "dirty_background_ratio", "0");
	assert_reads(w, VM "dirty_background_bytes", "0\n");
	/* QUIRK: the same ratio again is no change. */
	assert_takes(w, VM "dirty_ratio", "0");
	assert_reads(w, VM "dirty_bytes", "1048577\n");
	assert_takes(w, VM "dirty_ratio", "1");
	assert_reads(w, VM "dirty_bytes", "0\n");
}

static void overcommit_never(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, "machine/workload/w0/kind", "anon");
	assert_takes(w, VM "overcommit_kbytes", "8192");
	assert_takes(w, "machine/workload/w0/size", "8M");
	assert_takes(w, VM "overcommit_memory", "2");
	assert_writes(w, "machine/workload/w0/size", "12M", -ENOMEM);
	assert_true(world_logged(w, "it would exceed CommitLimit"));
	assert_reads(w, "machine/workload/w0/size", "8388608\n");
	assert_int_equal(world_number(w, "proc/meminfo", "Committed_AS:"), 8192);
	/* The limit itself cannot be reached; a 32nd of what it has is for others. */
	assert_takes(w, "machine/workload/w0/size", "0");
	assert_writes(w, "machine/workload/w0/size", "8M", -ENOMEM);
	assert_takes(w, "machine/workload/w0/size", "4M");
	assert_takes(w, "machine/workload/w0/size", "7M");
	assert_writes(w, "machine/workload/w0/size", "8000K", -ENOMEM);
	assert_takes(w, "machine/workload/w0/kind", "pinned");
	assert_takes(w, "machine/workload/w0/size", "0");
	assert_takes(w, "machine/workload/w0/kind", "pagecache");
	assert_takes(w, "machine/workload/w0/size", "16M");
}

/* They follow the free memory as long as nobody has raised them, or set them to 0. */
static void user_reserves(void **state)
{
	struct world *w = *state;
	uint64_t before = world_number(w, VM "user_reserve_kbytes", ""), after;

	assert_takes(w, STATE(9), "offline");
	assert_int_equal(world_number(w, VM "user_reserve_kbytes", ""), before);
	assert_takes(w, VM "user_reserve_kbytes", "5");
	assert_takes(w, VM "admin_reserve_kbytes", "0");
	assert_takes(w, STATE(9), "online");
	after = world_number(w, VM "user_reserve_kbytes", "");
	assert_in_range(after, before - 100, before + 100);
	assert_reads(w, VM "admin_reserve_kbytes", "0\n");
	assert_takes(w, VM "user_reserve_kbytes", "999999999");
	assert_takes(w, STATE(9), "offline");
	assert_true(world_logged(w, "vm.user_reserve_kbytes reset to "));
	assert_false(world_logged(w, "vm.admin_reserve_kbytes"));
	assert_in_range(world_number(w, VM "user_reserve_kbytes", ""), 1, before);
}

static void soft_offline(void **state)
{
	struct world *w = *state;

	assert_takes(w, VM "enable_soft_offline", "0");
	assert_writes(w, SYS_MEMORY "soft_offline_page", "0x48000000", -EOPNOTSUPP);
	assert_true(world_logged(w, "disabled by /proc/sys/vm/enable_soft_offline\n"));
	assert_takes(w, VM "enable_soft_offline", "1");
	assert_takes(w, SYS_MEMORY "soft_offline_page", "0x48000000");
}

static void numa_statistics(void **state)
{
	struct world *w = *state;

	assert_takes(w, VM "numa_stat", "1");
	assert_false(world_logged(w, "numa statistics"));
	assert_takes(w, VM "numa_stat", "0");
	assert_true(world_logged(w, "disable numa statistics, and clear numa counters\n"));
	assert_takes(w, VM "numa_stat", "1");
	assert_true(world_logged(w, "enable numa statistics\n"));
}

/* ---- huge pages ------------------------------------------------------------------------------ */

static void assert_pools(struct world *w, uint64_t node0, uint64_t node1)
{
	assert_int_equal(world_number(w, SYS_NODE "node0/meminfo", "HugePages_Total:"), node0);
	assert_int_equal(world_number(w, SYS_NODE "node1/meminfo", "HugePages_Total:"), node1);
}

/* Nodes take turns, and go on where the last write ended. */
static void pool_of_all_nodes(void **state)
{
	struct world *w = world_new(two_nodes);

	(void)state;
	assert_takes(w, VM "nr_hugepages", "5");
	assert_pools(w, 3, 2);
	assert_takes(w, VM "nr_hugepages", "6");
	assert_pools(w, 3, 3);
	assert_takes(w, VM "nr_hugepages_mempolicy", "7");
	assert_pools(w, 4, 3);
	assert_reads(w, VM "nr_hugepages", "7\n");
	/* They give in turn, too. */
	assert_takes(w, VM "nr_hugepages", "6");
	assert_pools(w, 3, 3);
	assert_takes(w, VM "nr_hugepages", "5");
	assert_pools(w, 3, 2);
	/* A node that is asked alone is also the next in turn. */
	assert_takes(w, SYS_NODE "node1/hugepages/hugepages-2048kB/nr_hugepages", "3");
	assert_pools(w, 3, 3);
	assert_takes(w, VM "nr_hugepages", "7");
	assert_pools(w, 3, 4);
	/* As many as there are. */
	assert_takes(w, VM "nr_hugepages", "18446744073709551615");
	assert_in_range(world_number(w, VM "nr_hugepages", ""), 900, 1023);
	assert_takes(w, VM "nr_hugepages", "0");
	assert_pools(w, 0, 0);
	world_free(w);
}

/* One node has fewer free than its share: the other one gives the rest. */
static void pool_of_uneven_nodes(void **state)
{
	struct world *w = world_new(two_nodes);

	(void)state;
	assert_takes(w, SYS_NODE "node0/hugepages/hugepages-2048kB/nr_hugepages", "20");
	assert_takes(w, VM "nr_hugepages", "4");
	assert_pools(w, 4, 0);
	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, "machine/workload/w0/kind", "hugetlb");
	assert_takes(w, "machine/workload/w0/size", "6M");
	/* Pages in use become surplus, and are freed later. */
	assert_takes(w, VM "nr_hugepages", "1");
	assert_reads(w, VM "nr_hugepages", "1\n");
	assert_int_equal(world_number(w, "proc/meminfo", "HugePages_Surp:"), 2);
	assert_takes(w, "machine/workload/w0/size", "0");
	assert_pools(w, 1, 0);
	world_free(w);
}

static void overcommit(void **state)
{
	struct world *w = world_new(two_nodes);

	(void)state;
	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, "machine/workload/w0/kind", "hugetlb");
	assert_takes(w, VM "nr_hugepages", "1");
	assert_writes(w, "machine/workload/w0/size", "6M", -ENOMEM);
	assert_takes(w, VM "nr_overcommit_hugepages", "1");
	assert_reads(w, VM "nr_overcommit_hugepages", "1\n");
	assert_writes(w, "machine/workload/w0/size", "6M", -ENOMEM);
	assert_int_equal(world_number(w, "proc/meminfo", "HugePages_Surp:"), 0);
	assert_int_equal(world_number(w, "proc/meminfo", "HugePages_Total:"), 1);
	assert_takes(w, VM "nr_overcommit_hugepages", "2");
	assert_takes(w, "machine/workload/w0/size", "6M");
	assert_int_equal(world_number(w, "proc/meminfo", "HugePages_Surp:"), 2);
	assert_reads(w, VM "nr_hugepages", "1\n");
	assert_takes(w, "machine/workload/w0/size", "0");
	assert_int_equal(world_number(w, "proc/meminfo", "HugePages_Total:"), 1);
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(numbers),
		WORLD_TEST(compact_memory),
		WORLD_TEST(positions),
		WORLD_TEST(watermarks),
		WORLD_TEST(reserves),
		WORLD_TEST(drop_caches),
		WORLD_TEST(limits),
		WORLD_TEST(overcommit_never),
		WORLD_TEST(user_reserves),
		WORLD_TEST(soft_offline),
		WORLD_TEST(numa_statistics),
		cmocka_unit_test(pool_of_all_nodes),
		cmocka_unit_test(pool_of_uneven_nodes),
		cmocka_unit_test(overcommit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
