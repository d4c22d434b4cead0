/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys/kernel/debug/fail_page_alloc: its files, and which allocations of adding and onlining memory
 * it fails.
 */
#include "world.h"

#define F "sys/kernel/debug/fail_page_alloc/"

static void files(void **state)
{
	static const struct {
		const char *file, *text;
		int ret;
		const char *reads;
	} rows[] = {
		{ F "probability", "0", 1, "0\n" },
		{ F "probability", "250", 3, "250\n" },
		{ F "probability", "-1", -EINVAL, "250\n" },
		{ F "probability", "", -EINVAL, "250\n" },
		{ F "interval", "0x10\n", 5, "16\n" },
		{ F "times", "-1\n", 3, "-1\n" },
		{ F "times", "4294967298", 10, "2\n" },
		{ F "space", "-5", 2, "-5\n" },
		{ F "min-order", "4294967297", 10, "1\n" },
		{ F "task-filter", "1", 1, "Y\n" },
		{ F "task-filter", "nonsense", 8, "N\n" },
		{ F "task-filter", "perhaps", 7, "N\n" },
		{ F "ignore-gfp-wait", "off", 3, "N\n" },
	};
	struct world *w = *state;

	assert_reads(w, F "interval", "1\n");
	assert_reads(w, F "times", "1\n");
	assert_reads(w, F "verbose", "2\n");
	assert_reads(w, F "verbose_ratelimit_burst", "10\n");
	assert_reads(w, F "ignore-gfp-wait", "Y\n");
	assert_reads(w, F "ignore-gfp-highmem", "Y\n");
	assert_reads(w, F "min-order", "1\n");
	assert_int_equal(world_stat(w, F "times").mode, S_IFREG | 0600);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		assert_writes(w, rows[i].file, rows[i].text, rows[i].ret);
		assert_reads(w, rows[i].file, rows[i].reads);
	}
}

/* A DIMM of one block: whether its memory is added. */
static bool is_added(struct world *w)
{
	bool added;

	assert_plugs(w, "d", "size=128M node=1");
	added = world_exists(w, SYS_MEMORY "memory32");
	assert_int_equal(world_dimm_write(w, "d", "plugged", "0"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/d"), 0);
	return added;
}

static void memmap(void **state)
{
	struct world *w = *state;
	uint64_t free = world_number(w, "proc/meminfo", "MemFree:");

	assert_takes(w, F "probability", "100");
	assert_takes(w, F "times", "-1");
	/* all allocations may wait */
	assert_true(is_added(w));
	assert_takes(w, F "ignore-gfp-wait", "N");
	/* the huge page fails, single pages succeed */
	assert_true(is_added(w));
	assert_non_null(strstr(world_read(w, "machine/log"),
			       "FAULT_INJECTION: forcing a failure.\nname fail_page_alloc, "
			       "interval 1, probability 100, space 0, times -1\n"));
	assert_takes(w, F "min-order", "0");
	assert_false(is_added(w));
	/* one failure is spent on the huge page, the next on the first page that replaces it */
	assert_takes(w, F "times", "1");
	assert_true(is_added(w));
	assert_reads(w, F "times", "0\n");
	assert_true(is_added(w));
	assert_takes(w, F "times", "2");
	assert_false(is_added(w));
	/* that many pages succeed first: the huge page of 512 */
	assert_takes(w, F "times", "-1");
	assert_takes(w, F "space", "513");
	assert_true(is_added(w));
	assert_reads(w, F "space", "1\n");
	assert_false(is_added(w));
	assert_takes(w, F "task-filter", "Y");
	assert_true(is_added(w));
	assert_takes(w, F "task-filter", "N");
	/* every third allocation of a huge page fails, and this is the first */
	assert_takes(w, F "space", "0");
	assert_takes(w, F "min-order", "1");
	assert_takes(w, F "interval", "3");
	assert_true(is_added(w));
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free);
}

/* A memmap in the added memory itself needs no page. */
static void altmap(void **state)
{
	struct world *w = world_new_cmdline(NULL, "memory_hotplug.memmap_on_memory=1");

	(void)state;
	assert_takes(w, F "probability", "100");
	assert_takes(w, F "times", "-1");
	assert_takes(w, F "ignore-gfp-wait", "N");
	assert_takes(w, F "min-order", "0");
	assert_true(is_added(w));
	world_free(w);
}

/* Onlining the first normal memory of a node allocates pages. */
static void onlining(void **state)
{
	struct world *w =
		world_new(PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"
				 "hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 1}\n" ONE_CPU);

	(void)state;
	assert_plugs(w, "d0", "size=256M node=1");
	assert_takes(w, F "probability", "100");
	assert_takes(w, F "times", "-1");
	assert_takes(w, F "ignore-gfp-wait", "N");
	assert_takes(w, F "min-order", "0");
	assert_writes(w, SYS_MEMORY "memory32/state", "online_kernel", -ENOMEM);
	assert_reads(w, SYS_MEMORY "memory32/state", "offline\n");
	assert_takes(w, SYS_MEMORY "memory33/state", "online_movable");
	assert_takes(w, F "probability", "0");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_kernel");
	world_free(w);
}

static void command_line(void **state)
{
	struct world *w = world_new_cmdline(NULL, "fail_page_alloc=3,50,600,-1");

	(void)state;
	assert_reads(w, F "interval", "3\n");
	assert_reads(w, F "probability", "50\n");
	assert_reads(w, F "space", "600\n");
	assert_reads(w, F "times", "-1\n");
	world_free(w);
	w = world_new_cmdline(NULL, "fail_page_alloc=3,50");
	assert_reads(w, F "interval", "1\n");
	assert_non_null(strstr(world_read(w, "machine/log"),
			       "FAULT_INJECTION: failed to parse arguments\n"));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(files),
		WORLD_TEST(memmap),
		cmocka_unit_test(altmap),
		cmocka_unit_test(onlining),
		cmocka_unit_test(command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
