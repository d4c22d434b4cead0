/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes to swap when memory is short, before anything is killed, and how it comes back. */
#include "swap.h"

#define GIB_KB 1048576

/* ---- what goes there ------------------------------------------------------------------------- */

/* One node of 1 GiB. */
static void oldest_first(void **state)
{
	struct world *w = world_new(RAM "swap: 512M\n");
	uint64_t rest;

	(void)state;
	make(w, "a", "anon");
	make(w, "b", "anon");
	assert_takes(w, A("size"), "600M");
	assert_reads(w, A("swapped"), "0\n");
	assert_takes(w, B("size"), "600M");
	rest = kb(w, A("swapped"));
	assert_true(rest > 200 * 1024 && rest < 300 * 1024);
	assert_reads(w, A("size"), "629145600\n");
	assert_reads(w, B("swapped"), "0\n");
	assert_int_equal(meminfo(w, "AnonPages:"), 1200 * 1024 - rest);
	assert_int_equal(vmstat(w, "pswpout") * 4, rest);
	assert_int_equal(vmstat(w, "pgsteal_anon") * 4, rest);
	assert_int_equal(vmstat(w, "pgscan_direct") * 4, rest);
	assert_agrees(w);
	/* What goes is freed without coming back. */
	assert_takes(w, A("size"), "100M");
	assert_reads(w, A("swapped"), "104857600\n");
	assert_agrees(w);
	assert_int_equal(world_rmdir(w, "machine/workload/a"), 0);
	assert_int_equal(meminfo(w, "SwapFree:"), meminfo(w, "SwapTotal:"));
	assert_int_equal(vmstat(w, "pswpin"), 0);
	world_free(w);
}

/* More than there is memory, and then more than there is swap: nothing changes, or OOM. */
static void as_long_as_there_is_room(void **state)
{
	struct world *w = world_new(RAM "swap: 1G\n");
	uint64_t swapped;

	(void)state;
	make(w, "a", "anon");
	assert_takes(w, A("size"), "1900M");
	swapped = kb(w, A("swapped"));
	assert_true(swapped > 900 * 1024);
	assert_agrees(w);
	make(w, "b", "anon");
	assert_writes(w, B("size"), "600M", -ENOMEM);
	assert_true(world_logged(w, "; swap has "));
	assert_reads(w, B("size"), "0\n");
	assert_int_equal(kb(w, A("swapped")), swapped);
	assert_takes(w, B("oom"), "kill");
	assert_takes(w, B("size"), "50M");
	assert_false(world_logged(w, "Out of memory"));
	assert_reads(w, A("size"), "1992294400\n");
	assert_takes(w, B("size"), "600M");
	assert_true(world_logged(w, "Out of memory: Killed process (a) total-vm:1945600kB\n"));
	assert_reads(w, A("size"), "0\n");
	assert_agrees(w);
	world_free(w);
}

static void kinds(void **state)
{
	static const struct {
		const char *kind;
		bool swaps;
	} cases[] = {
		{ "anon", true },	{ "thp", true },      { "shmem", true },
		{ "mlock", false },	{ "kernel", false },  { "slab", false },
		{ "pinned", false },	{ "balloon", false }, { "balloon_compaction", false },
		{ "pagetable", false },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new(RAM "swap: 1G\n");

		make(w, "a", cases[i].kind);
		assert_takes(w, A("size"), "800M");
		make(w, "b", "mlock");
		assert_writes(w, B("size"), "400M", cases[i].swaps ? 4 : -ENOMEM);
		assert_int_equal(kb(w, A("swapped")) > 0, cases[i].swaps);
		assert_writes(w, A("swapped"), "800M", cases[i].swaps ? 4 : -EINVAL);
		assert_int_equal(vmstat(w, "thp_swpout"), strcmp(cases[i].kind, "thp") ? 0 : 400);
		world_free(w);
	}
}

static void page_cache_first(void **state)
{
	struct world *w = world_new(RAM "swap: 1G\n");

	(void)state;
	make(w, "a", "anon");
	make(w, "b", "pagecache");
	make(w, "c", "kernel");
	assert_takes(w, A("size"), "500M");
	assert_takes(w, B("size"), "300M");
	assert_takes(w, "machine/workload/c/size", "400M");
	assert_reads(w, A("swapped"), "0\n");
	assert_true(kb(w, B("size")) < 100 * 1024);
	assert_takes(w, "machine/workload/c/size", "600M");
	assert_reads(w, B("size"), "0\n");
	assert_true(kb(w, A("swapped")) > 0);
	assert_agrees(w);
	world_free(w);
}

/* A holder's policy limits which nodes reclaim; without one, all give the same. */
static void nodes(void **state)
{
	static const char machine[] = "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"
				      "  - {start: 1G, end: 0x7fffffff, node: 1}\n"
				      "swap: 4G\n";
	struct world *w = world_new(machine);
	uint64_t anon0;

	(void)state;
	make(w, "a", "anon");
	assert_takes(w, A("size"), "1700M");
	anon0 = world_number(w, SYS_NODE "node0/meminfo", "AnonPages:");
	make(w, "b", "mlock");
	assert_takes(w, B("node"), "1");
	assert_takes(w, B("size"), "600M");
	assert_true(kb(w, A("swapped")) > 200 * 1024);
	assert_int_equal(world_number(w, SYS_NODE "node0/meminfo", "AnonPages:"), anon0);
	world_free(w);

	w = world_new(machine);
	make(w, "a", "anon");
	make(w, "b", "mlock");
	assert_takes(w, A("size"), "1900M");
	assert_takes(w, B("size"), "600M");
	assert_in_range(world_number(w, SYS_NODE "node0/meminfo", "Mlocked:"), 250 * 1024,
			350 * 1024);
	assert_in_range(world_number(w, SYS_NODE "node1/meminfo", "Mlocked:"), 250 * 1024,
			350 * 1024);
	assert_agrees(w);
	world_free(w);
}

/* The area with the highest priority first; those of the same priority alike. */
static void order_of_areas(void **state)
{
	struct world *w = world_new(RAM "swap:\n  - {size: 100M}\n"
					"  - {size: 100M, priority: 7}\n"
					"  - {size: 200M, priority: 7}\n");

	(void)state;
	make(w, "a", "anon");
	assert_takes(w, A("size"), "400M");
	assert_takes(w, A("swapped"), "150M");
	assert_reads(w, SWAP0("used"), "0\n");
	assert_reads(w, "machine/swap/swap1/used", "78643200\n");
	assert_reads(w, "machine/swap/swap2/used", "78643200\n");
	assert_takes(w, A("swapped"), "350M");
	assert_reads(w, "machine/swap/swap1/used", "104853504\n");
	assert_reads(w, "machine/swap/swap2/used", "209711104\n");
	assert_agrees(w);
	assert_writes(w, A("swapped"), "400M", -ENOMEM);
	assert_takes(w, A("swapped"), "0");
	assert_agrees(w);
	world_free(w);
}

/* ---- and back -------------------------------------------------------------------------------- */

static void touched(void **state)
{
	struct world *w = world_new(RAM "swap: 512M\n");
	uint64_t out;

	(void)state;
	make(w, "a", "anon");
	assert_takes(w, A("size"), "300M");
	assert_takes(w, A("swapped"), "200M");
	assert_reads(w, A("swapped"), "209715200\n");
	assert_int_equal(meminfo(w, "AnonPages:"), 100 * 1024);
	assert_non_null(
		strstr(world_read(w, "machine/spec"), "size: 314572800, swapped: 209715200"));
	assert_int_equal(vmstat(w, "pgsteal_anon"), 0);
	assert_writes(w, A("swapped"), "301M", -EINVAL);
	assert_takes(w, A("swapped"), "50M");
	assert_int_equal(meminfo(w, "AnonPages:"), 250 * 1024);
	assert_int_equal(vmstat(w, "pgmajfault"), 150 * 256);
	assert_agrees(w);
	/* What is touched drives out what is not, even if swap has less room than that. */
	assert_takes(w, A("size"), "600M");
	make(w, "b", "anon");
	assert_takes(w, B("size"), "800M");
	out = kb(w, A("swapped"));
	assert_true(out > 400 * 1024 && meminfo(w, "SwapFree:") < out / 2);
	assert_takes(w, A("swapped"), "0");
	assert_reads(w, A("swapped"), "0\n");
	assert_int_equal(kb(w, B("swapped")), out);
	assert_int_equal((vmstat(w, "pswpout") - vmstat(w, "pswpin")) * 4, out);
	assert_agrees(w);
	world_free(w);
}

/* Pages in swap keep their page tables, which an OOM kill frees. */
static void page_tables(void **state)
{
	struct world *w = world_new(RAM "swap: 1G\n");

	(void)state;
	make(w, "a", "anon");
	assert_takes(w, A("size"), "400M");
	assert_takes(w, A("swapped"), "399M");
	assert_int_equal(meminfo(w, "PageTables:"), 200 * 4);
	assert_takes(w, A("size"), "600M");
	assert_int_equal(meminfo(w, "PageTables:"), 300 * 4);
	assert_takes(w, A("size"), "100M");
	assert_int_equal(meminfo(w, "PageTables:"), 50 * 4);
	assert_takes(w, A("size"), "900M");
	make(w, "b", "pagetable");
	assert_takes(w, B("oom"), "kill");
	assert_takes(w, B("size"), "900M");
	assert_false(world_logged(w, "Out of memory"));
	assert_int_equal(meminfo(w, "PageTables:"), 900 * 1024 + 450 * 4);
	make(w, "c", "mlock");
	assert_takes(w, "machine/workload/c/oom", "kill");
	assert_takes(w, "machine/workload/c/size", "200M");
	assert_true(world_logged(w, "Out of memory"));
	assert_int_equal(meminfo(w, "PageTables:"),
			 kb(w, B("size")) + kb(w, A("size")) / 512 + 100 * 4);
	assert_agrees(w);
	world_free(w);
}

static void pinned(void **state)
{
	struct world *w = world_new(RAM "swap: 512M\n");

	(void)state;
	make(w, "a", "anon");
	assert_takes(w, A("size"), "600M");
	assert_takes(w, A("swapped"), "300M");
	make(w, "b", "mlock");
	assert_takes(w, B("size"), "500M");
	assert_writes(w, A("kind"), "pinned", -ENOMEM);
	assert_takes(w, B("size"), "0");
	assert_takes(w, A("kind"), "pinned");
	assert_reads(w, A("swapped"), "0\n");
	assert_agrees(w);
	world_free(w);
}

static void swapoff(void **state)
{
	struct world *w = world_new(RAM "swap: 512M\n");

	(void)state;
	make(w, "a", "anon");
	make(w, "b", "anon");
	assert_takes(w, A("size"), "600M");
	assert_takes(w, B("size"), "700M");
	assert_writes(w, SWAP0("on"), "0", -ENOMEM);
	assert_true(world_logged(w, "free memory, or add another swap area first\n"));
	assert_agrees(w);
	/* Another area takes it. */
	assert_int_equal(world_mkdir(w, "machine/swap/x"), 0);
	assert_takes(w, "machine/swap/x/size", "1G");
	assert_takes(w, "machine/swap/x/on", "1");
	assert_takes(w, SWAP0("on"), "0");
	assert_int_equal(meminfo(w, "SwapTotal:"), GIB_KB - 4);
	assert_int_equal(vmstat(w, "pgmajfault"), 0);
	assert_true(vmstat(w, "pswpin") > 0);
	assert_agrees(w);
	assert_takes(w, B("size"), "100M");
	assert_takes(w, "machine/swap/x/on", "0");
	assert_reads(w, A("swapped"), "0\n");
	assert_reads(w, "proc/swaps", HEADER);
	assert_agrees(w);
	world_free(w);
}

/* nodeN/reclaim, which chooses by its swappiness what it takes. */
static void proactive(void **state)
{
	static const char path[] = SYS_NODE "node0/reclaim";
	struct world *w = world_new("kernel: 6.18\n" RAM "swap: 64M\n");

	(void)state;
	make(w, "a", "anon");
	make(w, "b", "pagecache");
	assert_takes(w, A("size"), "100M");
	assert_takes(w, B("size"), "8M");
	assert_takes(w, path, "4M swappiness=max");
	assert_reads(w, A("swapped"), "4194304\n");
	assert_reads(w, B("size"), "8388608\n");
	assert_takes(w, path, "4M");
	assert_reads(w, B("size"), "4194304\n");
	assert_writes(w, path, "8M swappiness=0", -EAGAIN);
	assert_reads(w, B("size"), "0\n");
	assert_reads(w, A("swapped"), "4194304\n");
	assert_takes(w, path, "8M swappiness=60");
	assert_reads(w, A("swapped"), "12582912\n");
	assert_writes(w, path, "60M", -EAGAIN);
	assert_int_equal(vmstat(w, "pgsteal_proactive"), vmstat(w, "pswpout"));
	assert_int_equal(vmstat(w, "pgscan_anon"), vmstat(w, "pswpout"));
	assert_int_equal(vmstat(w, "pgsteal_direct"), 0);
	assert_agrees(w);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oldest_first), cmocka_unit_test(as_long_as_there_is_room),
		cmocka_unit_test(kinds),	cmocka_unit_test(page_cache_first),
		cmocka_unit_test(nodes),	cmocka_unit_test(order_of_areas),
		cmocka_unit_test(touched),	cmocka_unit_test(pinned),
		cmocka_unit_test(swapoff),	cmocka_unit_test(proactive),
		cmocka_unit_test(page_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
