// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hugetlb_free_vmemmap: the memmap of huge pages is free as long as they exist; without memory for
 * it they are not dissolved.
 */
#include "world.h"

#define VM PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n" ONE_CPU
#define POOL SYS_NODE "node0/hugepages/hugepages-2048kB/"
#define HUGE_KB 2048u
#define SPARED_KB 28u /* 7 of the 8 pages of memmap */

static uint64_t kb(struct world *w, const char *label)
{
	return world_number(w, "proc/meminfo", label);
}

static int setup(void **state)
{
	*state = world_new_cmdline(VM, "hugetlb_free_vmemmap=on");
	return 0;
}

/* Kernel memory until there is no more. */
static void fill(struct world *w)
{
	uint64_t have = 0;
	char text[32];

	assert_int_equal(world_mkdir(w, "machine/workload/k"), 0);
	assert_takes(w, "machine/workload/k/kind", "kernel");
	for (uint64_t step = 1u << 20; step >= 4; step /= 2) {
		snprintf(text, sizeof(text), "%" PRIu64 "K", have + step);
		while (world_write(w, "machine/workload/k/size", text) > 0) {
			have += step;
			snprintf(text, sizeof(text), "%" PRIu64 "K", have + step);
		}
	}
}

static void comes_and_goes(void **state)
{
	struct world *w = *state, *plain = world_new(VM);
	uint64_t total = kb(w, "MemTotal:"), free = kb(w, "MemFree:");
	uint64_t boot = world_number(w, "proc/vmstat", "nr_memmap_boot_pages");

	assert_int_equal(total, kb(plain, "MemTotal:"));
	assert_takes(w, POOL "nr_hugepages", "100");
	assert_takes(plain, POOL "nr_hugepages", "100");
	/* memory reserved at boot now belongs to the allocator */
	assert_int_equal(kb(w, "MemTotal:") - total, 100 * SPARED_KB);
	assert_int_equal(free - kb(w, "MemFree:"), 100 * (HUGE_KB - SPARED_KB));
	assert_int_equal(boot - world_number(w, "proc/vmstat", "nr_memmap_boot_pages"),
			 100 * SPARED_KB / 4);
	assert_int_equal(kb(plain, "MemTotal:"), total);
	assert_takes(w, POOL "nr_hugepages", "40");
	assert_int_equal(kb(w, "MemTotal:") - total, 100 * SPARED_KB);
	assert_int_equal(free - kb(w, "MemFree:"), 40 * (HUGE_KB - SPARED_KB));
	assert_takes(w, POOL "nr_hugepages", "60");
	assert_takes(w, POOL "nr_hugepages", "0");
	/* it came back as ordinary pages of the kernel */
	assert_int_equal(kb(w, "MemTotal:") - total, 100 * SPARED_KB);
	assert_int_equal(kb(w, "MemFree:"), free);
	assert_int_equal(boot - world_number(w, "proc/vmstat", "nr_memmap_boot_pages"),
			 100 * SPARED_KB / 4);
	world_free(plain);
}

/* The memmap of added memory is freed likewise, and removed with the memory. */
static void added_memory(void **state)
{
	struct world *w = *state;
	uint64_t free = kb(w, "MemFree:"), memmap;

	assert_plugs(w, "d0", "size=128M node=0");
	memmap = free - kb(w, "MemFree:");
	assert_int_equal(memmap, 2048);
	assert_takes(w, SYS_MEMORY "memory8/state", "online_movable");
	/* 64 in the block, the others in boot memory */
	assert_takes(w, POOL "nr_hugepages", "100");
	assert_int_equal(free - kb(w, "MemFree:"),
			 memmap - (128 << 10) + 100 * (HUGE_KB - SPARED_KB));
	assert_takes(w, POOL "nr_hugepages", "0");
	assert_int_equal(free - kb(w, "MemFree:"), memmap - (128 << 10));
	assert_takes(w, SYS_MEMORY "memory8/state", "offline");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(kb(w, "MemFree:"), free);
}

/* No memory for the memmap: the pool keeps its pages, and its memory stays online. */
static void no_room(void **state)
{
	struct world *w = *state;

	assert_takes(w, POOL "nr_hugepages", "300");
	fill(w);
	assert_takes(w, POOL "nr_hugepages", "250");
	assert_reads(w, POOL "nr_hugepages", "300\n");
	assert_reads(w, POOL "surplus_hugepages", "50\n");
	for (unsigned int block = 1; block < 8; block++) {
		char path[64];

		snprintf(path, sizeof(path), SYS_MEMORY "memory%u/state", block);
		assert_true(world_write(w, path, "offline") < 0);
		assert_reads(w, path, "online\n");
	}
	assert_non_null(strstr(world_read(w, "machine/log"), "failure to dissolve huge pages"));
	/* With room, all can be freed but surplus pages, which the kernel does not count. */
	assert_int_equal(world_rmdir(w, "machine/workload/k"), 0);
	assert_takes(w, POOL "nr_hugepages", "0");
	assert_reads(w, POOL "nr_hugepages", "50\n");
	assert_reads(w, POOL "surplus_hugepages", "50\n");
}

/* A page in use migrates; the page it leaves becomes surplus without memory for its memmap. */
static void vacated(void **state)
{
	struct world *w = *state;

	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online_movable");
	assert_plugs(w, "d0", "size=256M node=0");
	assert_takes(w, POOL "nr_hugepages", "1");
	assert_int_equal(world_mkdir(w, "machine/workload/db"), 0);
	assert_takes(w, "machine/workload/db/kind", "hugetlb");
	assert_takes(w, "machine/workload/db/size", "2M");
	fill(w);
	assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	assert_takes(w, "machine/fault/f/phase", "dissolve");
	assert_takes(w, "machine/fault/f/enabled", "1");
	assert_writes(w, SYS_MEMORY "memory8/state", "offline", -EBUSY);
	assert_reads(w, POOL "nr_hugepages", "2\n");
	assert_reads(w, POOL "free_hugepages", "1\n");
	assert_reads(w, POOL "surplus_hugepages", "1\n");
	/* the program's page is in the other block */
	assert_non_null(strstr(world_read(w, "machine/map"),
			       "     9    0 Movable online            32256         0"
			       "         0         0       512\n"));
}

static void dissolved(void **state)
{
	struct world *w = *state;
	uint64_t free;

	assert_takes(w, POOL "nr_hugepages", "400");
	free = kb(w, "MemFree:");
	assert_takes(w, SYS_MEMORY "memory5/state", "offline");
	assert_takes(w, SYS_MEMORY "memory5/state", "online");
	/* 64 of them are free pages now, and their memmap is in use */
	assert_reads(w, POOL "nr_hugepages", "336\n");
	assert_int_equal(kb(w, "MemFree:") - free, 64 * (HUGE_KB - SPARED_KB));
}

static void parsing(void **state)
{
	struct world *w = world_new_cmdline(VM, "hugetlb_free_vmemmap=off");
	uint64_t total = kb(w, "MemTotal:");

	(void)state;
	assert_takes(w, POOL "nr_hugepages", "10");
	assert_int_equal(kb(w, "MemTotal:"), total);
	world_free(w);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(comes_and_goes), TEST(added_memory), TEST(no_room),
		TEST(vacated),	      TEST(dissolved),	  cmocka_unit_test(parsing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
