/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory mem= of the kernel command line leaves. */
#include "world.h"

/* The highest block, or -1, and the memory in the nodes' zones. */
static void assert_memory(const char *yaml, const char *cmdline, const char *iomem, int top_block,
			  const char *has_memory)
{
	struct world *w = world_new_cmdline(yaml, cmdline);
	char path[64];

	assert_non_null(strstr(world_read(w, "proc/iomem"), iomem));
	snprintf(path, sizeof(path), SYS_MEMORY "memory%d", top_block);
	assert_true(world_exists(w, path));
	snprintf(path, sizeof(path), SYS_MEMORY "memory%d", top_block + 1);
	assert_false(world_exists(w, path));
	assert_reads(w, SYS_NODE "has_memory", has_memory);
	world_free(w);
}

/* On x86 everything above an address is removed. */
static void mem_address(void **state)
{
	static const char all[] = "\n00100000-7ffdffff : System RAM\n";

	assert_memory(NULL, "mem=1G", "\n00100000-3fffffff : System RAM\n", 7, "0\n");
	assert_memory(NULL, "mem=0x48000000", "\n00100000-47ffffff : System RAM\n", 8, "0-1\n");
	assert_memory(NULL, "mem=1100m", "\n00100000-44bfffff : System RAM\n", 8, "0-1\n");
	assert_memory(NULL, "mem=0x40001000", "\n00100000-40000fff : System RAM\n", 8, "0-1\n");
	assert_memory(NULL, "mem=512M", "\n00100000-1fffffff : System RAM\n", 3, "0\n");
	assert_memory(NULL, "mem=640K", "00001000-0009fbff : System RAM\n", 0, "0\n");
	assert_memory(NULL, "mem=1T", all, 15, "0-1\n");
	assert_memory(NULL, "mem=0x7ffe0000", all, 15, "0-1\n");
	assert_memory(NULL, "mem=nopentium", all, 15, "0-1\n");
	assert_memory(NULL, "mem=0", all, 15, "0-1\n");
	assert_memory(NULL, "mem", all, 15, "0-1\n");
	assert_memory(NULL, "mem=", all, 15, "0-1\n");
}

/* Elsewhere everything above an amount is removed, in whichever range. */
static void mem_amount(void **state)
{
	static const char yaml[] = "arch: arm64\nmemory:\n"
				   "  - {start: 0x40000000, end: 0x4fffffff, node: 0}\n"
				   "  - {start: 0x80000000, end: 0x9fffffff, node: 1}\n";

	assert_memory(yaml, "mem=128M", "40000000-47ffffff : System RAM\n", 8, "0\n");
	assert_memory(yaml, "mem=256M", "40000000-4fffffff : System RAM\n", 9, "0\n");
	assert_memory(yaml, "mem=384M", "\n80000000-87ffffff : System RAM\n", 16, "0-1\n");
	assert_memory(yaml, "mem=768M", "\n80000000-9fffffff : System RAM\n", 19, "0-1\n");
	assert_memory(yaml, "mem=8G", "\n80000000-9fffffff : System RAM\n", 19, "0-1\n");
	assert_memory(yaml, "mem=8G mem=128M", "40000000-47ffffff : System RAM\n", 8, "0\n");
	assert_memory(yaml, "mem=128M mem=nonsense", "40000000-47ffffff : System RAM\n", 8, "0\n");
}

static void mem_leaves_nothing(void **state)
{
	assert_int_equal(world_boot(NULL, "mem=1"), -EINVAL);
	assert_int_equal(world_boot(NULL, "mem=4096"), -EINVAL);
	/* less than one page */
	assert_int_equal(world_boot(NULL, "mem=8191"), -EINVAL);
	assert_int_equal(world_boot("arch: arm64\nmemory:\n"
				    "  - {start: 0x40000000, end: 0x4fffffff, node: 0}\n",
				    "mem=4095"),
			 -EINVAL);
	assert_int_equal(world_boot(NULL, "mem=64M"), 0);
}

/* A node that lost its memory keeps its directory for its CPU; memory can be added to it again. */
static void mem_empties_a_node(void **state)
{
	struct world *w = world_new_cmdline(NULL, "mem=1G");

	assert_reads(w, SYS_NODE "online", "0-1\n");
	assert_int_equal(world_number(w, SYS_NODE "node1/meminfo", "MemTotal:"), 0);
	assert_plugs(w, "d0", "size=128M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online");
	assert_int_equal(world_number(w, SYS_NODE "node1/meminfo", "MemTotal:"), 131072);
	/* The limit applies only during boot. */
	assert_takes(w, SYS_MEMORY "probe", "0x40000000");
	assert_true(world_exists(w, SYS_MEMORY "memory8"));
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(mem_address),
		cmocka_unit_test(mem_amount),
		cmocka_unit_test(mem_leaves_nothing),
		cmocka_unit_test(mem_empties_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
