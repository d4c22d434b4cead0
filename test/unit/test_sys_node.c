/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys/devices/system/node: the lists of nodes, a node's files, and nodes that come and go.
 */
#include "world.h"

#define N(name) SYS_NODE name
#define HUGE_2M N("node1/hugepages/hugepages-2048kB/")
#define HUGE_1G N("node1/hugepages/hugepages-1048576kB/")

/* Two nodes with memory, one that DIMMs can add, one with a CPU only. */
static const char four_nodes[] = "possible_nodes: \"0-3\"\n" PC_LOW
				 "  - {start: 1M, end: 0x3fffffff, node: 0}\n"
				 "  - {start: 1G, end: 0x7fffffff, node: 1}\n"
				 "hotplug:\n"
				 "  - {start: 4G, end: 0x1ffffffff, node: 2}\n"
				 "cpus:\n"
				 "  - {list: \"0-1\", node: 0}\n"
				 "  - {list: \"2\", node: 1}\n"
				 "  - {list: \"3\", node: 3}\n";

static void assert_lists(struct world *w, const char *online, const char *memory,
			 const char *normal)
{
	assert_reads(w, N("online"), online);
	assert_reads(w, N("has_memory"), memory);
	assert_reads(w, N("has_normal_memory"), normal);
}

/* ---- the directory -------------------------------------------------------------------------- */

static void lists(void **state)
{
	struct world *w = world_new(four_nodes);

	assert_reads(w, N("possible"), "0-3\n");
	assert_reads(w, N("has_cpu"), "0-1,3\n");
	assert_reads(w, N("has_generic_initiator"), "\n");
	assert_reads(w, N("uevent"), "");
	assert_lists(w, "0-1,3\n", "0-1\n", "0-1\n");
	assert_true(world_exists(w, N("node3")));
	assert_false(world_exists(w, N("node2")));
	world_free(w);
}

static void lists_follow_memory(void **state)
{
	struct world *w = world_new(four_nodes);

	assert_plugs(w, "d0", "size=256M node=2");
	assert_lists(w, "0-3\n", "0-1\n", "0-1\n");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_lists(w, "0-3\n", "0-2\n", "0-1\n");
	assert_takes(w, SYS_MEMORY "memory33/state", "online_kernel");
	assert_lists(w, "0-3\n", "0-2\n", "0-2\n");
	assert_takes(w, SYS_MEMORY "memory33/state", "offline");
	assert_lists(w, "0-3\n", "0-2\n", "0-1\n");
	assert_takes(w, SYS_MEMORY "memory32/state", "offline");
	assert_lists(w, "0-3\n", "0-1\n", "0-1\n");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_lists(w, "0-1,3\n", "0-1\n", "0-1\n");
	world_free(w);
}

static void root_uevent(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);

	world_watch(w);
	assert_takes(w, N("uevent"), "change\n");
	assert_writes(w, N("uevent"), "changed", -EINVAL);
	assert_int_equal(hp_uevent_seqnum(w->hp), before);
	assert_string_equal(world_events(w), "");
	assert_non_null(strstr(base_buf_text(machine_log_text(w->machine)),
			       "\n node: uevent: failed to send synthetic uevent: -22\n"));
}

/* ---- a node --------------------------------------------------------------------------------- */

static void entries(void **state)
{
	static const char *const names[] = {
		"uevent",	  "meminfo",   "numastat", "distance",	"vmstat",
		"cpumap",	  "cpulist",   "compact",  "subsystem", "power",
		"memory_failure", "hugepages", "cpu1",	   "memory8",
	};
	struct world *w = *state;
	struct tree_attr attr;
	char path[64];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), N("node1/%s"), names[i]);
		assert_true(world_exists(w, path));
	}
	assert_false(world_exists(w, N("node1/memory7")));
	assert_false(world_exists(w, N("node1/cpu0")));
	assert_false(world_exists(w, N("node1/online")));
	attr = world_stat(w, N("node1/memory_failure/total"));
	assert_int_equal(attr.mode, S_IFREG | 0444);
	assert_reads(w, N("node1/memory_failure/total"), "0\n");
}

/* Label, order and widths are compared with a recording in test_proc. */
static void meminfo_counts(void **state)
{
	struct world *w = *state;
	uint64_t total = world_number(w, N("node1/meminfo"), "MemTotal:");
	uint64_t free = world_number(w, N("node1/meminfo"), "MemFree:");

	assert_int_equal(world_number(w, N("node1/meminfo"), "MemUsed:"), total - free);
	assert_int_equal(total + world_number(w, N("node0/meminfo"), "MemTotal:"),
			 world_number(w, "proc/meminfo", "MemTotal:"));
	assert_int_equal(free + world_number(w, N("node0/meminfo"), "MemFree:"),
			 world_number(w, "proc/meminfo", "MemFree:"));
	assert_int_equal(world_number(w, N("node1/vmstat"), "nr_free_pages"), free / 4);
	assert_plugs(w, "d0", "size=128M node=1");
	assert_int_equal(world_number(w, N("node1/meminfo"), "MemTotal:"), total);
	/* Its memmap belongs to the node. */
	free -= 2048;
	assert_int_equal(world_number(w, N("node1/meminfo"), "MemFree:"), free);
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_int_equal(world_number(w, N("node1/meminfo"), "MemTotal:"), total + 131072);
	assert_int_equal(world_number(w, N("node1/vmstat"), "nr_free_pages"), free / 4 + 32768);
	assert_takes(w, SYS_MEMORY "memory32/state", "offline");
	assert_int_equal(world_number(w, N("node1/meminfo"), "MemTotal:"), total);
}

/* Held pages count as used on their node only. */
static void held_pages_are_used(void **state)
{
	struct world *w = *state;
	uint64_t used = world_number(w, N("node1/meminfo"), "MemUsed:");
	uint64_t other = world_number(w, N("node0/meminfo"), "MemUsed:");

	assert_int_equal(world_hold(w, "w0", "node=1 size=40K"), 3);
	assert_int_equal(world_number(w, N("node1/meminfo"), "MemUsed:"), used + 40);
	assert_int_equal(world_number(w, N("node0/meminfo"), "MemUsed:"), other);
}

static void new_node(void **state)
{
	struct world *w = world_new(four_nodes);
	uint64_t ino;

	world_watch(w);
	assert_plugs(w, "d0", "size=256M node=2");
	assert_string_equal(world_events(w), "add@/devices/system/memory/memory32 "
					     "add@/devices/system/memory/memory33 "
					     "add@/devices/system/node/node2 ");
	assert_int_equal(world_number(w, N("node2/meminfo"), "MemTotal:"), 0);
	assert_int_equal(world_number(w, N("node2/meminfo"), "MemUsed:"), 0);
	assert_reads(w, N("node2/distance"), "20 20 10 20\n");
	assert_reads(w, N("node0/distance"), "10 20 20 20\n");
	assert_reads(w, N("node2/cpulist"), "\n");
	assert_reads(w, N("node2/cpumap"), "0\n");
	assert_string_equal(world_link(w, N("node2/memory33")), "../../memory/memory33");
	assert_string_equal(world_link(w, "sys/bus/node/devices/node2"),
			    "../../../devices/system/node/node2");
	ino = world_ino(w, N("node2"));
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_string_equal(world_events(w), "remove@/devices/system/memory/memory32 "
					     "remove@/devices/system/memory/memory33 "
					     "remove@/devices/system/node/node2 ");
	assert_false(world_exists(w, N("node2")));
	assert_false(world_exists(w, "sys/bus/node/devices/node2"));
	assert_reads(w, N("node0/distance"), "10 20 20\n");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "1"), 1);
	assert_true(world_ino(w, N("node2")) > ino);
	world_free(w);
}

/* A node is removed with the last of its DIMMs; one with a CPU stays. */
static void node_that_stays(void **state)
{
	struct world *w = world_new(four_nodes);

	assert_plugs(w, "d0", "size=128M node=2");
	assert_plugs(w, "d1", "size=128M node=2");
	assert_plugs(w, "d2", "size=128M node=3");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_true(world_exists(w, N("node2")));
	assert_int_equal(world_dimm_write(w, "d1", "plugged", "0"), 1);
	assert_false(world_exists(w, N("node2")));
	assert_int_equal(world_dimm_write(w, "d2", "plugged", "0"), 1);
	assert_true(world_exists(w, N("node3")));
	assert_reads(w, N("online"), "0-1,3\n");
	world_free(w);
}

static void gone_node(void **state)
{
	struct world *w = world_new(four_nodes);
	struct tree_file *file;
	struct world_req r;

	assert_plugs(w, "d0", "size=128M node=2");
	file = world_open_good(w, N("node2/meminfo"), O_RDONLY);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_file_read(&r, file, 100, 0), -ENODEV);
	tree_release(file);
	world_free(w);
}

static void distances_without_node_0(void **state)
{
	struct world *w = world_new("memory:\n  - {start: 1M, end: 0x3fffffff, node: 1}\n"
				    "  - {start: 1G, end: 0x7fffffff, node: 2}\n"
				    "cpus:\n  - {list: \"0\", node: 1}\n");

	assert_reads(w, N("online"), "1-2\n");
	assert_reads(w, N("node1/distance"), " 10 20\n");
	assert_reads(w, N("node2/distance"), " 20 10\n");
	world_free(w);
}

static void cpus(void **state)
{
	struct world *w = world_new(PC_LOW "  - {start: 1M, end: 0x3fffffff, node: 0}\n"
					   "cpus:\n"
					   "  - {list: \"0-15,32-47\", node: 0}\n"
					   "  - {list: \"16-31,48-63\", node: 1}\n");

	assert_reads(w, N("node0/cpulist"), "0-15,32-47\n");
	assert_reads(w, N("node0/cpumap"), "0000ffff,0000ffff\n");
	assert_reads(w, N("node1/cpulist"), "16-31,48-63\n");
	assert_reads(w, N("node1/cpumap"), "ffff0000,ffff0000\n");
	assert_string_equal(world_link(w, N("node1/cpu63")), "../../cpu/cpu63");
	world_free(w);
}

/* The map is as wide as the highest CPU number requires, however few there are. */
static void cpus_with_gaps(void **state)
{
	struct world *w = world_new(PC_LOW "  - {start: 1M, end: 0x3fffffff, node: 0}\n"
					   "cpus:\n"
					   "  - {list: \"0\", node: 0}\n"
					   "  - {list: \"5\", node: 1}\n");

	assert_reads(w, N("node1/cpulist"), "5\n");
	assert_reads(w, N("node0/cpumap"), "01\n");
	assert_reads(w, N("node1/cpumap"), "20\n");
	world_free(w);
}

static void compact(void **state)
{
	struct world *w = *state;

	assert_takes(w, N("node1/compact"), "1");
	assert_takes(w, N("node1/compact"), "whatever\n");
	assert_writes(w, N("node1/compact"), "", 0);
}

static void hugepages(void **state)
{
	struct world *w = *state, *arm;

	assert_string_equal(world_list(w, N("node1/hugepages")),
			    "hugepages-2048kB hugepages-1048576kB ");
	assert_reads(w, HUGE_2M "nr_hugepages", "0\n");
	assert_reads(w, HUGE_2M "free_hugepages", "0\n");
	assert_reads(w, HUGE_2M "surplus_hugepages", "0\n");
	assert_false(world_exists(w, HUGE_2M "demote"));
	assert_int_equal(world_stat(w, HUGE_1G "demote").mode, S_IFREG | 0200);
	assert_reads(w, HUGE_1G "demote_size", "2048kB\n");
	assert_takes(w, HUGE_2M "nr_hugepages", "0\n");
	assert_writes(w, HUGE_2M "nr_hugepages", "x", -EINVAL);
	assert_writes(w, HUGE_2M "nr_hugepages", "0x1", -EINVAL);
	arm = world_new("arch: arm64\nmemory:\n  - {start: 1G, end: 0x7fffffff, node: 1}\n");
	assert_string_equal(world_list(arm, N("node1/hugepages")),
			    "hugepages-2048kB hugepages-32768kB hugepages-64kB "
			    "hugepages-1048576kB ");
	world_free(arm);
}

static void node_uevent(void **state)
{
	struct world *w = *state;

	world_watch(w);
	assert_reads(w, N("node1/uevent"), "");
	assert_takes(w, N("node1/uevent"), "change\n");
	assert_writes(w, N("node1/uevent"), "change  ", -EINVAL);
	assert_string_equal(world_events(w), "change@/devices/system/node/node1 ");
	assert_non_null(strstr(base_buf_text(machine_log_text(w->machine)),
			       "node node1: uevent: failed to send synthetic uevent: -22\n"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),     cmocka_unit_test(lists_follow_memory),
		WORLD_TEST(root_uevent),     WORLD_TEST(entries),
		WORLD_TEST(meminfo_counts),  WORLD_TEST(held_pages_are_used),
		cmocka_unit_test(new_node),  cmocka_unit_test(node_that_stays),
		cmocka_unit_test(gone_node), cmocka_unit_test(distances_without_node_0),
		cmocka_unit_test(cpus),	     cmocka_unit_test(cpus_with_gaps),
		WORLD_TEST(compact),	     WORLD_TEST(hugepages),
		WORLD_TEST(node_uevent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
