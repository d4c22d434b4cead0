/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of workload changes in /proc/meminfo, and pools of huge pages through the files of
 * their node.
 */
#include "world.h"

#define W0 "machine/workload/w0/"
#define MEMINFO "proc/meminfo"
#define HUGE1 SYS_NODE "node1/hugepages/hugepages-2048kB/"
#define HUGE0 SYS_NODE "node0/hugepages/hugepages-2048kB/"
#define MAX_LINES 64

struct meminfo {
	char label[MAX_LINES][24];
	int64_t value[MAX_LINES];
	unsigned int nr;
};

static struct meminfo meminfo(struct world *w)
{
	const char *at = world_read(w, MEMINFO);
	struct meminfo info = { .nr = 0 };
	long long value;

	while (*at) {
		assert_true(info.nr < MAX_LINES);
		assert_int_equal(sscanf(at, "%23[^:]: %lld", info.label[info.nr], &value), 2);
		info.value[info.nr++] = value;
		at = strchr(at, '\n') + 1;
	}
	return info;
}

static void workload(struct world *w, const char *kind, const char *size)
{
	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, W0 "kind", kind);
	assert_takes(w, W0 "node", "1");
	assert_takes(w, W0 "size", size);
}

/*
 * Each line of @labels changes by @kb, PageTables by @tables_kb, MemFree decreases by both,
 * MemAvailable changes by @available_kb, and others stay.
 */
static void assert_changed(struct world *w, const struct meminfo *before, const char *labels,
			   int64_t kb, int64_t tables_kb, int64_t available_kb)
{
	struct meminfo after = meminfo(w);
	char word[32];

	assert_int_equal(after.nr, before->nr);
	for (unsigned int i = 0; i < after.nr; i++) {
		int64_t change = after.value[i] - before->value[i], wanted = 0;

		snprintf(word, sizeof(word), " %s ", after.label[i]);
		if (!strcmp(after.label[i], "MemFree"))
			wanted = -kb - tables_kb;
		else if (!strcmp(after.label[i], "MemAvailable"))
			wanted = available_kb;
		else if (strstr(labels, word))
			wanted = kb;
		else if (!strcmp(after.label[i], "PageTables"))
			wanted = tables_kb;
		if (change != wanted)
			fail_msg("%s: %" PRId64 " instead of %" PRId64, after.label[i], change,
				 wanted);
	}
}

/* Clean page cache is available, except for half of it, or the low watermarks. */
static int64_t cache_kept_kb(struct world *w, int64_t kb)
{
	int64_t low = 0;

	for (int nid = 0; nid < 2; nid++) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_zone_info zone;

			mm_zone_info(w->mm, nid, type, &zone);
			low += (int64_t)zone.low * 4;
		}
	}
	return kb / 2 < low ? kb / 2 : low;
}

static void lines(void **state)
{
	static const struct {
		const char *kind, *labels;
		int64_t tables_kb;
	} cases[] = {
		{ "anon", " AnonPages Inactive Inactive(anon) Committed_AS ", 128 },
		{ "pinned", " AnonPages Inactive Inactive(anon) Committed_AS ", 128 },
		{ "thp", " AnonPages AnonHugePages Inactive Inactive(anon) Committed_AS ", 128 },
		{ "mlock", " AnonPages Unevictable Mlocked Committed_AS ", 128 },
		{ "shmem", " Cached Shmem Mapped Inactive Inactive(anon) Committed_AS ", 128 },
		{ "pagecache", " Cached Inactive Inactive(file) " },
		{ "slab", " Slab SUnreclaim " },
		{ "pagetable", " PageTables " },
		{ "kernel", " " },
		{ "balloon", " " },
		{ "balloon_compaction", " " },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new(NULL);
		struct meminfo before = meminfo(w);
		int64_t kb = 65536, available = -kb - cases[i].tables_kb;

		workload(w, cases[i].kind, "64M");
		if (!strcmp(cases[i].kind, "pagecache"))
			available = -cache_kept_kb(w, kb);
		assert_changed(w, &before, cases[i].labels, kb, cases[i].tables_kb, available);
		/* the node's own file shows the same for its pages */
		assert_int_equal(world_number(w, SYS_NODE "node0/meminfo", "AnonPages:"), 0);
		assert_takes(w, W0 "size", "0");
		assert_changed(w, &before, " ", 0, 0, 0);
		world_free(w);
	}
}

/* Where each is a whole page, whatever sizes of huge pages there are. */
static void page_tables(void **state)
{
	static const struct {
		const char *machine;
		unsigned int kb;
	} cases[] = {
		{ "arch: ppc64le\n", 0 },
		{ "arch: s390x\n", 0 },
		{ "arch: arm64\npage_size: 16384\n", 2 * 16 },
		{ "kernel_config: {HUGETLBFS: n, TRANSPARENT_HUGEPAGE: n}\n", 128 },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		char machine[160];
		struct world *w;

		snprintf(machine, sizeof(machine),
			 "%smemory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n", cases[i].machine);
		w = world_new(machine);

		assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
		assert_takes(w, W0 "kind", "anon");
		assert_takes(w, W0 "size", "64M");
		assert_int_equal(world_number(w, MEMINFO, "PageTables:"), cases[i].kb);
		world_free(w);
	}
}

/* There is no room for the page tables: the pages that they were to map are freed again. */
static void no_room_for_page_tables(void **state)
{
	struct world *w = *state;
	uint64_t kb = 0, free;
	char size[24];

	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, W0 "kind", "kernel");
	for (uint64_t step = 4 << 20; step >= 4; step /= 2) {
		snprintf(size, sizeof(size), "%" PRIu64 "K", kb + step);
		if (world_write(w, W0 "size", size) > 0)
			kb += step;
	}
	assert_int_equal(world_mkdir(w, "machine/workload/w1"), 0);
	assert_takes(w, "machine/workload/w1/kind", "anon");
	/* One page is left over: for the page, but not for its table. */
	snprintf(size, sizeof(size), "%" PRIu64 "K", kb - 4);
	assert_takes(w, W0 "size", size);
	free = world_number(w, MEMINFO, "MemFree:");
	assert_writes(w, "machine/workload/w1/size", "4K", -ENOMEM);
	assert_int_equal(world_number(w, MEMINFO, "MemFree:"), free);
	assert_int_equal(world_number(w, MEMINFO, "PageTables:"), 0);
}

static void huge_lines(void **state)
{
	struct world *w = *state;
	struct meminfo before = meminfo(w);
	uint64_t limit = world_number(w, MEMINFO, "CommitLimit:");
	uint64_t free = world_number(w, MEMINFO, "MemFree:");

	assert_takes(w, HUGE1 "nr_hugepages", "10");
	assert_int_equal(world_number(w, MEMINFO, "MemFree:"), free - 20480);
	assert_int_equal(world_number(w, MEMINFO, "Hugetlb:"), 20480);
	assert_int_equal(world_number(w, MEMINFO, "HugePages_Total:"), 10);
	assert_int_equal(world_number(w, MEMINFO, "HugePages_Free:"), 10);
	assert_int_equal(world_number(w, MEMINFO, "CommitLimit:"), limit - 10240);
	/* Using them changes nothing else. */
	workload(w, "hugetlb", "3M");
	assert_reads(w, W0 "size", "4194304\n");
	assert_int_equal(world_number(w, MEMINFO, "HugePages_Free:"), 8);
	assert_int_equal(world_number(w, MEMINFO, "HugePages_Total:"), 10);
	assert_int_equal(world_number(w, MEMINFO, "MemFree:"), free - 20480);
	assert_int_equal(world_number(w, MEMINFO, "AnonPages:"), 0);
	assert_int_equal(world_number(w, MEMINFO, "Committed_AS:"), 0);
	assert_int_equal(world_number(w, SYS_NODE "node1/meminfo", "HugePages_Free:"), 8);
	assert_int_equal(world_number(w, SYS_NODE "node0/meminfo", "HugePages_Total:"), 0);
	assert_takes(w, HUGE1 "nr_hugepages", "1\n");
	assert_int_equal(world_number(w, MEMINFO, "HugePages_Surp:"), 1);
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
	assert_takes(w, HUGE1 "nr_hugepages", "0");
	assert_changed(w, &before, " ", 0, 0, 0);
}

static void assert_files(struct world *w, const char *nr, const char *free, const char *surplus)
{
	assert_reads(w, HUGE1 "nr_hugepages", nr);
	assert_reads(w, HUGE1 "free_hugepages", free);
	assert_reads(w, HUGE1 "surplus_hugepages", surplus);
}

static void pool_files(void **state)
{
	struct world *w = *state;

	assert_takes(w, HUGE1 "nr_hugepages", "7\n");
	assert_files(w, "7\n", "7\n", "0\n");
	assert_reads(w, HUGE0 "nr_hugepages", "0\n");
	/* decimal only, and nothing but a number */
	assert_writes(w, HUGE1 "nr_hugepages", "0x5", -EINVAL);
	assert_writes(w, HUGE1 "nr_hugepages", "-1", -EINVAL);
	assert_writes(w, HUGE1 "nr_hugepages", "5 5", -EINVAL);
	assert_writes(w, HUGE1 "nr_hugepages", "18446744073709551616", -ERANGE);
	assert_writes(w, HUGE1 "free_hugepages", "5", -EACCES);
	assert_writes(w, HUGE1 "surplus_hugepages", "5", -EACCES);
	assert_files(w, "7\n", "7\n", "0\n");
	assert_takes(w, HUGE1 "nr_hugepages", "010");
	assert_files(w, "10\n", "10\n", "0\n");
	workload(w, "hugetlb", "12M");
	assert_files(w, "10\n", "4\n", "0\n");
	/* A size that exceeds the pool has no effect. */
	assert_writes(w, W0 "size", "22M", -ENOMEM);
	assert_reads(w, W0 "size", "12582912\n");
	assert_files(w, "10\n", "4\n", "0\n");
	assert_takes(w, HUGE1 "nr_hugepages", "2");
	assert_files(w, "6\n", "0\n", "4\n");
	assert_takes(w, W0 "size", "6M");
	assert_files(w, "3\n", "0\n", "1\n");
	assert_takes(w, W0 "size", "0");
	assert_files(w, "2\n", "2\n", "0\n");
	/* As many as possible, without an error. */
	assert_takes(w, HUGE1 "nr_hugepages", "18446744073709551615");
	assert_true(world_number(w, HUGE1 "nr_hugepages", "") > 450);
	assert_takes(w, HUGE1 "nr_hugepages", "0");
	assert_files(w, "0\n", "0\n", "0\n");
}

/* The pool permanently loses the free pages of a block that went offline. */
static void pool_offline(void **state)
{
	struct world *w = *state;
	unsigned long huge;
	const char *line;
	char left[16];

	/* Pools fill the node from below: some in block 8, the rest in block 9. */
	assert_takes(w, HUGE1 "nr_hugepages", "100");
	line = strstr(world_read(w, "machine/map"), "\n     8 ");
	assert_non_null(line);
	assert_int_equal(sscanf(line, "%*d 1 DMA32 online %*d 0 0 0 %lu", &huge), 1);
	assert_true(huge >= 30 * 512 && huge <= 64 * 512);
	snprintf(left, sizeof(left), "%lu\n", 100 - huge / 512);
	assert_takes(w, SYS_MEMORY "memory8/state", "offline");
	assert_files(w, left, left, "0\n");
	assert_takes(w, SYS_MEMORY "memory8/state", "online");
	assert_files(w, left, left, "0\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(page_tables),
		WORLD_TEST(no_room_for_page_tables),
		WORLD_TEST(huge_lines),
		WORLD_TEST(pool_files),
		WORLD_TEST(pool_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
