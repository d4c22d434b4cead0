/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where boot memory becomes Movable: kernelcore=, movablecore=, mirrored and hot-pluggable memory.
 * Numbers marked with a node's first pfn come from real kernels (kernelcore=512M and so on), the
 * others from the rule: kernel memory is spread evenly over nodes, the start rounded up to 4 MiB.
 */
#include "world.h"

#define NR_NODES 3
#define NONE 0

/* 2 GiB as on real x86: node 1 begins at 1 GiB. */
#define PC_2G                                                                                      \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "  - {start: 0x40000000, end: 0x7ffdffff, node: 1}\n" ONE_CPU
/* Node 0 below 4 GiB, node 1 above: with memory there Movable starts above 4 GiB. */
#define PC_6G                                                                                      \
	PC_LOW "  - {start: 0x100000, end: 0x7fffffff, node: 0}\n"                                 \
	       "  - {start: 0x100000000, end: 0x1ffffffff, node: 1}\n" ONE_CPU
/* A small node between large ones. */
#define UNEVEN                                                                                     \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "  - {start: 0x40000000, end: 0x47ffffff, node: 1}\n"                               \
	       "  - {start: 0x48000000, end: 0x9fffffff, node: 2}\n" ONE_CPU
#define HOTPLUGGABLE                                                                               \
	PC_LOW                                                                                     \
	"  - {start: 0x100000, end: 0x3fffffff, node: 0, hotpluggable: true}\n"                    \
	"  - {start: 0x40000000, end: 0x4fffffff, node: 1}\n"                                      \
	"  - {start: 0x50100000, end: 0x7fffffff, node: 1, hotpluggable: true}\n"                  \
	"  - {start: 0x80000000, end: 0x9fffffff, node: 2, hotpluggable: true}\n" ONE_CPU
#define MIRRORED                                                                                   \
	PC_LOW "  - {start: 0x100000, end: 0x7fffffff, node: 0}\n"                                 \
	       "  - {start: 0x100000000, end: 0x13fffffff, node: 0, mirrored: true}\n"             \
	       "  - {start: 0x140000000, end: 0x17fffffff, node: 0}\n"                             \
	       "  - {start: 0x180000000, end: 0x1bfffffff, node: 0, mirrored: true}\n" ONE_CPU

#define PFN(addr) ((addr) >> 12)

static const struct {
	const char *machine;
	const char *cmdline;
	uint64_t start[NR_NODES];
} cases[] = {
	{ PC_2G, "kernelcore=512M", { PFN(0x10400000), PFN(0x50000000) } },
	/* 65438 pages each; with the remaining one, node 0's would begin later */
	{ PC_2G, "kernelcore=523508K", { PFN(0x10000000), PFN(0x50000000) } },
	{ PC_2G, "kernelcore=25%", { PFN(0x10400000), PFN(0x50000000) } },
	{ PC_2G, "movablecore=300M", { PFN(0x36c00000), PFN(0x76c00000) } },
	{ PC_2G, "kernelcore=1536M movablecore=1G", { PFN(0x30400000), PFN(0x70000000) } },
	{ PC_2G, "kernelcore=mirror", { NONE, NONE } },
	{ PC_2G, "kernelcore=x,mirror,y", { NONE, NONE } },
	{ PC_2G, "movable_node", { NONE, NONE } },
	{ PC_2G, "movable_node kernelcore=512M", { NONE, NONE } },
	{ PC_2G, "kernelcore=mirror movablecore=1G", { NONE, NONE } },
	/* more than exists, or nothing for the kernel */
	{ PC_2G, "kernelcore=64G", { NONE, NONE } },
	{ PC_2G, "movablecore=64G", { NONE, NONE } },
	{ PC_2G, "movablecore=100%", { NONE, NONE } },
	{ PC_2G, "kernelcore=0", { NONE, NONE } },
	{ PC_2G, "kernelcore=0%", { NONE, NONE } },
	{ PC_2G, "kernelcore", { NONE, NONE } },
	/* the last size, but a percentage overrides an earlier size */
	{ PC_2G, "kernelcore=1G kernelcore=512M", { PFN(0x10400000), PFN(0x50000000) } },
	{ PC_2G, "kernelcore=1G kernelcore=25%", { PFN(0x10400000), PFN(0x50000000) } },
	{ PC_2G, "kernelcore=25% kernelcore=0x20000000", { PFN(0x10400000), PFN(0x50000000) } },
	{ PC_2G, "kernelcore=04000000000", { PFN(0x10400000), PFN(0x50000000) } },
	{ PC_2G, "kernelcore=512Mrubbish", { PFN(0x10400000), PFN(0x50000000) } },
	{ PC_2G, "kernelcore=512M kernelcore=0%", { PFN(0x10400000), PFN(0x50000000) } },
	/* Node 0 lies entirely below 4 GiB and counts in full: nothing is left for node 1. */
	{ PC_6G, "kernelcore=1G", { NONE, PFN(0x100000000) } },
	/* It has 114 pages less than its half, which are added to the other's. */
	{ PC_6G, "kernelcore=4G", { NONE, PFN(0x180400000) } },
	/* 235520 pages; node 1 gives its 32768, the others 101376 each; node 0 has a hole of 98. */
	{ UNEVEN, "kernelcore=920M", { PFN(0x19000000), NONE, PFN(0x60c00000) } },
	/* The node of the kernel image is never hot-pluggable. */
	{ HOTPLUGGABLE, "movable_node", { NONE, PFN(0x50400000), PFN(0x80000000) } },
	{ HOTPLUGGABLE, "", { NONE, NONE, NONE } },
	{ MIRRORED, "kernelcore=mirror", { PFN(0x140000000) } },
};

static void placement(void **state)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new_cmdline(cases[i].machine, cases[i].cmdline);

		for (int nid = 0; nid < NR_NODES; nid++) {
			struct mm_zone_info zone;

			mm_zone_info(w->mm, nid, MM_ZONE_MOVABLE, &zone);
			if (zone.start_pfn != cases[i].start[nid])
				fail_msg("%s: node %d: 0x%" PRIx64 ", not 0x%" PRIx64,
					 cases[i].cmdline, nid, zone.start_pfn << 12,
					 cases[i].start[nid] << 12);
		}
		world_free(w);
	}
}

/* Mirrored memory in the middle of Movable is Normal, and absent from Movable. */
static void mirror(void **state)
{
	struct world *w = world_new_cmdline(MIRRORED, "kernelcore=mirror");
	struct mm_zone_info normal, movable;

	mm_zone_info(w->mm, 0, MM_ZONE_NORMAL, &normal);
	mm_zone_info(w->mm, 0, MM_ZONE_MOVABLE, &movable);
	assert_int_equal(normal.start_pfn, PFN(0x100000000));
	assert_int_equal(normal.spanned, PFN(GIB(3)));
	assert_int_equal(normal.present, PFN(GIB(2)));
	assert_int_equal(movable.spanned, PFN(GIB(2)));
	assert_int_equal(movable.present, PFN(GIB(1)));
	/* Blocks in the span of both have no zone of their own. */
	assert_reads(w, SYS_MEMORY "memory32/valid_zones", "Normal\n");
	assert_reads(w, SYS_MEMORY "memory40/valid_zones", "none\n");
	assert_reads(w, SYS_MEMORY "memory48/valid_zones", "none\n");
	assert_non_null(strstr(base_buf_text(machine_log_text(w->machine)),
			       "This configuration results in unmirrored kernel memory.\n"
			       "Movable zone start for each node\n"
			       "  Node 0: 0x0000000140000000\n"));
	world_free(w);
}

/* Boot allocations avoid hot-pluggable memory: all of node 2 can go offline. */
static void spared(void **state)
{
	struct world *w = world_new_cmdline(HOTPLUGGABLE, "movable_node");
	char path[64];

	for (int id = 16; id < 20; id++) {
		snprintf(path, sizeof(path), SYS_MEMORY "memory%d/state", id);
		assert_takes(w, path, "offline");
	}
	assert_reads(w, SYS_NODE "has_memory", "0-1\n");
	world_free(w);
}

static void logged(void **state)
{
	struct world *w = world_new_cmdline(PC_2G, "kernelcore=mirror kernelcore");

	assert_string_equal(base_buf_text(machine_log_text(w->machine)),
			    "Malformed early option 'kernelcore'\n"
			    "The system has no mirror memory, ignore kernelcore=mirror.\n");
	world_free(w);
}

/* A hole keeps memory online in Movable, too. */
static void hole_in_movable(void **state)
{
	struct world *w = world_new_cmdline(
		PC_LOW
		"  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"
		"  - {start: 0x40000000, end: 0x47ffffff, node: 1, hotpluggable: true}\n"
		"  - {start: 0x48100000, end: 0x4fffffff, node: 1, hotpluggable: true}\n" ONE_CPU,
		"movable_node");
	uint64_t free = mm_total_free(w->mm), block = PFN(MIB(128));
	struct mm_use use;

	assert_reads(w, SYS_MEMORY "memory9/valid_zones", "Movable\n");
	assert_int_equal(mm_isolate(w->mm, 9 * block, block, &use), -EBUSY);
	assert_int_equal(use.kind, MM_KIND_HOLE);
	assert_int_equal(use.start_pfn, 9 * block);
	assert_int_equal(use.nr_pages, PFN(MIB(1)));
	assert_int_equal(mm_total_free(w->mm), free);
	assert_writes(w, SYS_MEMORY "memory9/state", "offline", -EINVAL);
	assert_takes(w, SYS_MEMORY "memory8/state", "offline");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placement),	   cmocka_unit_test(mirror),
		cmocka_unit_test(hole_in_movable), cmocka_unit_test(spared),
		cmocka_unit_test(logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
