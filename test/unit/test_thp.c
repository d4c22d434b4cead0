// SPDX-License-Identifier: GPL-2.0-or-later
/* sys/kernel/mm: transparent huge pages, and the pools of all nodes. */
#include "world.h"

#define THP "sys/kernel/mm/transparent_hugepage/"
#define POOL "sys/kernel/mm/hugepages/hugepages-2048kB/"

static void words(void **state)
{
	static const struct {
		const char *file, *text;
		ssize_t ret;
		const char *reads;
	} cases[] = {
		{ "enabled", "madvise\n", 8, "always [madvise] never\n" },
		{ "enabled", "Always", -EINVAL, "always [madvise] never\n" },
		{ "defrag", "defer+madvise", 13, "always defer [defer+madvise] madvise never\n" },
		{ "shmem_enabled", "force", 5, "always within_size advise never deny [force]\n" },
		{ "hugepages-64kB/shmem_enabled", "inherit", -EINVAL,
		  "always inherit within_size advise [never]\n" },
		{ "shmem_enabled", "advise", 6, "always within_size [advise] never deny force\n" },
		{ "hugepages-64kB/shmem_enabled", "inherit", 7,
		  "always [inherit] within_size advise never\n" },
		{ "shmem_enabled", "force", -EINVAL,
		  "always within_size [advise] never deny force\n" },
		{ "hugepages-64kB/enabled", "inherit", 7, "always [inherit] madvise never\n" },
		{ "use_zero_page", "0", 1, "0\n" },
		{ "use_zero_page", "2", -EINVAL, "0\n" },
		{ "shrink_underused", "off", 3, "0\n" },
		{ "khugepaged/max_ptes_none", "511", 3, "511\n" },
		{ "khugepaged/max_ptes_none", "512", -EINVAL, "511\n" },
		{ "khugepaged/pages_to_scan", "0", -EINVAL, "4096\n" },
		{ "khugepaged/scan_sleep_millisecs", "4294967295", 10, "4294967295\n" },
		{ "khugepaged/scan_sleep_millisecs", "99999999999999999999", -EINVAL,
		  "4294967295\n" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char path[128];

		snprintf(path, sizeof(path), THP "%s", cases[i].file);
		assert_writes(w, path, cases[i].text, cases[i].ret);
		assert_reads(w, path, cases[i].reads);
	}
}

/* The sizes follow from that of pages. */
static void sizes(void **state)
{
	static const char memory[] = "memory: [{start: 1G, end: 0x7fffffff, node: 0}]\n";
	static const struct {
		const char *arch, *smallest, *largest;
		bool smallest_has_anon;
		const char *none;
	} cases[] = {
		{ "arch: x86_64\n", "8", "2048", false, "4096" },
		{ "arch: arm64\npage_size: 16K\n", "32", "32768", false, "16" },
		{ "arch: arm64\npage_size: 64K\n", "128", "524288", false, "64" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char yaml[256], path[128];
		struct world *w;

		snprintf(yaml, sizeof(yaml), "%s%s", cases[i].arch, memory);
		w = world_new(yaml);
		snprintf(path, sizeof(path), THP "hugepages-%skB/shmem_enabled", cases[i].smallest);
		assert_true(world_exists(w, path));
		snprintf(path, sizeof(path), THP "hugepages-%skB/enabled", cases[i].smallest);
		assert_false(world_exists(w, path));
		snprintf(path, sizeof(path), THP "hugepages-%skB/enabled", cases[i].largest);
		assert_reads(w, path, "always [inherit] madvise never\n");
		snprintf(path, sizeof(path), THP "hugepages-%skB", cases[i].none);
		assert_false(world_exists(w, path));
		world_free(w);
	}
}

/* As on the recorded machines. */
static void none_on_s390x(void **state)
{
	struct world *w =
		world_new("arch: s390x\nmemory: [{start: 0, end: 0x3fffffff, node: 0}]\n");

	(void)state;
	assert_string_equal(world_list(w, "sys/kernel/mm"), "numa ");
	world_free(w);
}

static void khugepaged(void **state)
{
	struct world *w = *state;
	uint64_t with = mm_min_free_kbytes(w->mm), without;

	assert_takes(w, THP "enabled", "never");
	without = mm_min_free_kbytes(w->mm);
	assert_true(without < with / 4);
	/* Memory that comes or goes does not bring it back. */
	assert_takes(w, SYS_MEMORY "memory9/state", "offline");
	assert_in_range(mm_min_free_kbytes(w->mm), without - without / 8, without);
	assert_takes(w, SYS_MEMORY "memory9/state", "online");
	assert_takes(w, THP "hugepages-2048kB/enabled", "madvise");
	assert_int_equal(mm_min_free_kbytes(w->mm), with);
	assert_takes(w, THP "hugepages-2048kB/enabled", "inherit");
	assert_int_equal(mm_min_free_kbytes(w->mm), without);
	assert_takes(w, THP "enabled", "madvise");
	assert_int_equal(mm_min_free_kbytes(w->mm), with);
}

static void counters(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/workload/w"), 0);
	assert_takes(w, "machine/workload/w/kind", "thp");
	assert_takes(w, "machine/workload/w/size", "6M");
	assert_takes(w, "machine/workload/w/size", "2M");
	assert_reads(w, THP "hugepages-2048kB/stats/nr_anon", "1\n");
	assert_reads(w, THP "hugepages-2048kB/stats/anon_fault_alloc", "3\n");
	assert_reads(w, THP "hugepages-1024kB/stats/anon_fault_alloc", "0\n");
	assert_int_equal(world_number(w, "proc/vmstat", "thp_fault_alloc "), 3);
}

static void pools(void **state)
{
	struct world *w = *state;

	assert_takes(w, POOL "nr_hugepages", "4\n");
	assert_reads(w, POOL "free_hugepages", "4\n");
	assert_reads(w, "proc/sys/vm/nr_hugepages", "4\n");
	assert_reads(w, SYS_NODE "node0/hugepages/hugepages-2048kB/nr_hugepages", "2\n");
	assert_takes(w, POOL "nr_overcommit_hugepages", "2");
	assert_reads(w, "proc/sys/vm/nr_overcommit_hugepages", "2\n");
	assert_writes(w, "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_overcommit_hugepages", "1",
		      -EINVAL);
	assert_writes(w, POOL "nr_hugepages", "0x4", -EINVAL);
	assert_reads(w, POOL "resv_hugepages", "0\n");
	assert_reads(w, "sys/kernel/mm/numa/demotion_enabled", "false\n");
	assert_takes(w, "sys/kernel/mm/numa/demotion_enabled", "1");
	assert_reads(w, "sys/kernel/mm/numa/demotion_enabled", "true\n");
}

/* One node's free pages first, then the other's. */
static void demote(void **state)
{
	struct world *w = world_new("possible_nodes: \"0-1\"\nmemory:\n"
				    "  - {start: 0, end: 0xffffffff, node: 0}\n"
				    "  - {start: 4G, end: 0x1ffffffff, node: 1}\n");

	(void)state;
	assert_takes(w, "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "2");
	assert_takes(w, "sys/kernel/mm/hugepages/hugepages-1048576kB/demote", "5");
	assert_reads(w, "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0\n");
	assert_reads(w, POOL "nr_hugepages", "1024\n");
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(words),	  cmocka_unit_test(sizes), cmocka_unit_test(none_on_s390x),
		WORLD_TEST(khugepaged),	  WORLD_TEST(counters),	   WORLD_TEST(pools),
		cmocka_unit_test(demote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
