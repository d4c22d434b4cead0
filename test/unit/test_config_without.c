/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a kernel behaves that is built without something: errors, and what stays. */
#include "world.h"

#define MEMORY                                                                                     \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "hotplug:\n  - {start: 0x100000000, end: 0x1ffffffff, node: 0}\n"
#define CONFIG(lines) "kernel_config:\n" lines MEMORY
#define BLOCK SYS_MEMORY "memory2/"

static struct world *world_without(const char *symbol)
{
	char yaml[512];

	snprintf(yaml, sizeof(yaml), "kernel_config:\n  %s: n\n" MEMORY, symbol);
	return world_new(yaml);
}

/* ---- MEMORY_HOTREMOVE ------------------------------------------------------------------------ */

#define STAYS CONFIG("  MEMORY_HOTREMOVE: n\n")

static void nothing_goes_offline(void **state)
{
	struct world *w = world_new(STAYS);

	assert_reads(w, BLOCK "removable", "0\n");
	assert_writes(w, BLOCK "state", "offline", -EINVAL);
	assert_writes(w, BLOCK "online", "0", -EINVAL);
	assert_reads(w, BLOCK "state", "online\n");
	assert_true(world_logged(w, "built without MEMORY_HOTREMOVE"));
	world_free(w);
	/* not EPERM: the notifier that protects boot memory is not asked */
	w = world_new("arch: arm64\nkernel_config: {MEMORY_HOTREMOVE: n}\n"
		      "memory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n");
	assert_writes(w, SYS_MEMORY "memory8/state", "offline", -EINVAL);
	world_free(w);
}

/* The DIMM leaves, its memory stays, and is there when one comes back. */
static void memory_stays(void **state)
{
	struct world *w = world_new(STAYS);

	assert_plugs(w, "d", "size=256M");
	assert_takes(w, SYS_MEMORY "memory32/state", "online");
	assert_int_equal(world_dimm_write(w, "d", "plugged", "0"), -EBUSY);
	assert_plugs(w, "e", "size=256M");
	assert_unplugs(w, "e");
	assert_reads(w, SYS_MEMORY "memory34/state", "offline\n");
	assert_false(world_exists(w, SYS_MEMORY "memory34/firmware_node"));
	assert_non_null(strstr(world_read(w, "proc/iomem"), "110000000-11fffffff : System RAM"));
	assert_int_equal(world_dimm_write(w, "e", "plugged", "1"), 1);
	assert_true(world_exists(w, SYS_MEMORY "memory34/firmware_node"));
	assert_unplugs(w, "e");
	assert_int_equal(world_dimm_write(w, "e", "plugged", "1"), 1);
	assert_takes(w, SYS_MEMORY "memory34/state", "online_movable");
	assert_int_equal(world_dimm_write(w, "e", "plugged", "0"), -EBUSY);
	world_free(w);
}

static void dax_stays(void **state)
{
	struct world *w = world_new(STAYS);

	assert_int_equal(world_mkdir(w, "machine/dax/d"), 0);
	assert_takes(w, "machine/dax/d/size", "256M");
	assert_takes(w, "machine/dax/d/plugged", "1");
	assert_takes(w, "machine/dax/d/system_ram", "1");
	assert_takes(w, "machine/dax/d/system_ram", "0");
	assert_false(world_logged(w, "cannot be hotremoved"));
	assert_true(world_exists(w, SYS_MEMORY "memory32"));
	assert_writes(w, "machine/dax/d/system_ram", "1", -EBUSY);
	world_free(w);
	w = world_new(CONFIG("  DEV_DAX_KMEM: n\n"));
	assert_int_equal(world_mkdir(w, "machine/dax/d"), 0);
	assert_takes(w, "machine/dax/d/size", "256M");
	assert_takes(w, "machine/dax/d/plugged", "1");
	assert_writes(w, "machine/dax/d/system_ram", "1", -ENODEV);
	world_free(w);
}

static void dlpar(void **state)
{
	struct world *w = world_new("arch: ppc64le\nkernel_config: {MEMORY_HOTREMOVE: n}\n"
				    "memory:\n  - {start: 0, end: 0x7fffffff, node: 0}\n"
				    "hotplug:\n  - {start: 2G, end: 0xffffffff, node: 0}\n");

	assert_writes(w, "sys/kernel/dlpar", "memory remove count 1", -EOPNOTSUPP);
	assert_writes(w, "sys/kernel/dlpar", "memory remove index 0x80000001", -EOPNOTSUPP);
	assert_writes(w, "sys/kernel/dlpar", "memory remove indexed-count 1 0x80000001",
		      -EOPNOTSUPP);
	assert_writes(w, "sys/kernel/dlpar", "memory remove sideways", -EINVAL);
	world_free(w);
}

/* ---- other symbols --------------------------------------------------------------------------- */

/* A page in use is not moved away, but page cache is dropped. */
static void soft_offline(void **state)
{
	struct world *w = world_new(CONFIG("  MIGRATION: n\n"));

	assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
	assert_takes(w, "machine/workload/a/kind", "anon");
	assert_takes(w, "machine/workload/a/block", "2");
	assert_takes(w, "machine/workload/a/size", "128M");
	assert_writes(w, SYS_MEMORY "soft_offline_page", "0x10000000", -ENOSYS);
	assert_true(world_logged(w, "page migration failed"));
	assert_takes(w, "machine/workload/a/size", "0");
	assert_takes(w, "machine/workload/a/kind", "pagecache");
	assert_takes(w, "machine/workload/a/size", "128M");
	assert_takes(w, SYS_MEMORY "soft_offline_page", "0x10000000");
	world_free(w);
}

static void no_driver(void **state)
{
	struct world *w = world_new(CONFIG("  VIRTIO_MEM: n\n"));

	assert_int_equal(world_mkdir(w, "machine/virtio-mem/v"), 0);
	assert_takes(w, "machine/virtio-mem/v/size", "1G");
	assert_takes(w, "machine/virtio-mem/v/requested_size", "512M");
	assert_takes(w, "machine/virtio-mem/v/plugged", "1");
	assert_reads(w, "machine/virtio-mem/v/plugged_size", "0\n");
	assert_takes(w, "machine/virtio-mem/v/requested_size", "0");
	assert_null(strstr(world_read(w, "proc/iomem"), "virtio"));
	assert_takes(w, "machine/virtio-mem/v/plugged", "0");
	assert_int_equal(world_rmdir(w, "machine/virtio-mem/v"), 0);
	world_free(w);
	w = world_new(CONFIG("  ACPI_HOTPLUG_MEMORY: n\n"));
	assert_plugs(w, "d", "size=256M");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_unplugs(w, "d");
	world_free(w);
}

static void kinds(void **state)
{
	static const struct {
		const char *symbol, *kind;
	} rows[] = {
		{ "HUGETLBFS", "hugetlb" },
		{ "HUGETLBFS", "gigantic" },
		{ "TRANSPARENT_HUGEPAGE", "thp" },
		{ "MEMORY_BALLOON", "balloon" },
		{ "BALLOON_COMPACTION", "balloon_compaction" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		struct world *w = world_without(rows[i].symbol);

		assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
		assert_writes(w, "machine/workload/a/kind", rows[i].kind, -EINVAL);
		assert_true(world_logged(w, rows[i].symbol));
		world_free(w);
	}
}

/* Pageblocks are as large as huge pages, of either kind, or as the allocator's largest chunk. */
static void pageblocks(void **state)
{
	static const struct {
		const char *head, *order;
	} rows[] = {
		{ "kernel_config: {HUGETLBFS: n}\n", "Page block order: 9\n" },
		{ "kernel_config: {TRANSPARENT_HUGEPAGE: n}\n", "Page block order: 9\n" },
		{ "kernel_config: {HUGETLBFS: n, TRANSPARENT_HUGEPAGE: n}\n",
		  "Page block order: 10\n" },
		{ "kernel: 6.10\nkernel_config: {HUGETLBFS: n}\n", "Page block order: 9\n" },
		{ "kernel: 6.9\nkernel_config: {HUGETLBFS: n}\n", "Page block order: 10\n" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		char yaml[512];
		struct world *w;

		snprintf(yaml, sizeof(yaml), "%s" MEMORY, rows[i].head);
		w = world_new(yaml);
		assert_non_null(strstr(world_read(w, "proc/pagetypeinfo"), rows[i].order));
		world_free(w);
	}
}

/* Without a way to allocate them, x86 has no gigantic pages, and others no more of them. */
static void gigantic(void **state)
{
	struct world *w = world_new(CONFIG("  COMPACTION: n\n  CMA: n\n"));

	assert_true(world_exists(w, SYS_NODE "node0/hugepages/hugepages-2048kB"));
	assert_false(world_exists(w, SYS_NODE "node0/hugepages/hugepages-1048576kB"));
	world_free(w);
	w = world_new("arch: arm64\nkernel_config: {COMPACTION: n, CMA: n}\n"
		      "memory:\n  - {start: 1G, end: 0x17fffffff, node: 0}\n");
	assert_writes(w, SYS_NODE "node0/hugepages/hugepages-1048576kB/nr_hugepages", "1", -EINVAL);
	assert_takes(w, SYS_NODE "node0/hugepages/hugepages-1048576kB/nr_hugepages", "0");
	assert_takes(w, SYS_NODE "node0/hugepages/hugepages-2048kB/nr_hugepages", "1");
	world_free(w);
}

/* khugepaged raises min_free_kbytes, if it is there. */
static void watermarks(void **state)
{
	struct world *w = world_new(MEMORY), *without = world_without("TRANSPARENT_HUGEPAGE");

	assert_true(mm_min_free_kbytes(without->mm) < mm_min_free_kbytes(w->mm));
	world_free(w);
	world_free(without);
}

/* The kernel does not know the words of what it is built without. */
static void words(void **state)
{
	struct world *w = world_new_cmdline(
		CONFIG("  MEMORY_HOTREMOVE: n\n  CRASH_DUMP: n\n  DMA_CMA: n\n  NUMA: n\n"),
		"movable_node crashkernel=64M cma=16M memory_hotplug.auto_movable_numa_aware=N");
	struct base_buf remarks;

	assert_true(world_logged(w, "Unknown kernel command line parameters \"movable_node "
				    "crashkernel=64M cma=16M\", will be passed to user space.\n"));
	assert_false(hp_params(w->hp)->movable_node);
	assert_null(strstr(world_read(w, "proc/iomem"), "Crash"));
	assert_int_equal(world_number(w, "proc/meminfo", "CmaTotal:"), 0);
	base_buf_init(&remarks);
	assert_int_equal(machine_cmdline_check(w->spec, "cma=16M", &remarks), 0);
	assert_string_equal(base_buf_text(&remarks), "\"cma=16M\" has no effect (the kernel is "
						     "built without DMA_CMA)\n");
	base_buf_fini(&remarks);
	world_free(w);
}

/* Nodes have no devices, thus no events, at boot and later. */
static void node_events(void **state)
{
	struct world *w = world_new(MEMORY);
	uint64_t seqnum = hp_uevent_seqnum(w->hp);

	world_free(w);
	w = world_new(CONFIG("  NUMA: n\n"));
	assert_int_equal(hp_uevent_seqnum(w->hp), seqnum - 1);
	world_watch(w);
	assert_plugs(w, "d", "size=128M");
	assert_string_equal(world_events(w), "add@/devices/system/memory/memory32 ");
	assert_false(world_logged(w, "Policy zone"));
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_goes_offline),
		cmocka_unit_test(memory_stays),
		cmocka_unit_test(dax_stays),
		cmocka_unit_test(dlpar),
		cmocka_unit_test(soft_offline),
		cmocka_unit_test(no_driver),
		cmocka_unit_test(kinds),
		cmocka_unit_test(pageblocks),
		cmocka_unit_test(gigantic),
		cmocka_unit_test(watermarks),
		cmocka_unit_test(words),
		cmocka_unit_test(node_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
