/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel is built with: what is missing, which errors there are, and what is refused. */
#include "world.h"
#include "machine_file.h"

#define MEMORY                                                                                     \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "hotplug:\n  - {start: 0x100000000, end: 0x1ffffffff, node: 0}\n"
#define CONFIG(lines) "kernel_config:\n" lines MEMORY
#define BLOCK SYS_MEMORY "memory2/"
#define DEBUG "sys/kernel/debug/"

/* A file that a machine has unless its kernel is built without a symbol. */
static const struct {
	const char *symbol;
	const char *path;
} files[] = {
	{ "MEMORY_HOTREMOVE", BLOCK "valid_zones" },
	{ "MIGRATION", BLOCK "valid_zones" },
	{ "ARCH_MEMORY_PROBE", SYS_MEMORY "probe" },
	{ "MEMORY_FAILURE", SYS_MEMORY "soft_offline_page" },
	{ "MEMORY_FAILURE", SYS_MEMORY "hard_offline_page" },
	{ "MEMORY_FAILURE", SYS_NODE "node0/memory_failure" },
	{ "MEMORY_FAILURE", DEBUG "hwpoison" },
	{ "HWPOISON_INJECT", DEBUG "hwpoison" },
	{ "MEMCG", DEBUG "hwpoison/corrupt-filter-memcg" },
	{ "NUMA", "sys/devices/system/node" },
	{ "NUMA", "sys/bus/node" },
	{ "NUMA", BLOCK "node0" },
	{ "NUMA", "sys/devices/system/cpu/cpu0/node0" },
	{ "NUMA", SYS_PARAM "auto_movable_numa_aware" },
	{ "HUGETLBFS", SYS_NODE "node0/hugepages" },
	{ "HUGETLB_PAGE", SYS_NODE "node0/hugepages" },
	{ "COMPACTION", SYS_NODE "node0/compact" },
	{ "MHP_MEMMAP_ON_MEMORY", SYS_PARAM "memmap_on_memory" },
	{ "VIRTIO_MEM", "sys/module/virtio_mem" },
	{ "MEMORY_HOTREMOVE", "sys/module/virtio_mem" },
	{ "ACPI_HOTPLUG_MEMORY", "sys/firmware/acpi/hotplug/memory" },
	{ "CRASH_DUMP", "sys/kernel/kexec_crash_size" },
	{ "KEXEC_CORE", "sys/kernel/kexec_crash_size" },
	{ "CRASH_HOTPLUG", SYS_MEMORY "crash_hotplug" },
	{ "KEXEC_CORE", SYS_MEMORY "crash_hotplug" },
	{ "PM", BLOCK "power" },
	{ "MODULES", "sys/module/memory_hotplug/uevent" },
	{ "FIRMWARE_MEMMAP", "sys/firmware/memmap" },
	{ "UEVENT_HELPER", "sys/kernel/uevent_helper" },
	{ "DEBUG_FS", "sys/kernel/debug" },
	{ "NOTIFIER_ERROR_INJECTION", DEBUG "notifier-error-inject" },
	{ "MEMORY_NOTIFIER_ERROR_INJECT", DEBUG "notifier-error-inject/memory" },
	{ "FAULT_INJECTION", DEBUG "fail_page_alloc" },
	{ "FAIL_PAGE_ALLOC", DEBUG "fail_page_alloc" },
	{ "FAULT_INJECTION_DEBUG_FS", DEBUG "fail_page_alloc" },
	{ "SWAP", "proc/swaps" },
	{ "SWAP", "machine/swap" },
};

/* A counter or line that a kernel has if it is built with a symbol. */
static const struct {
	const char *symbol;
	const char *path;
	const char *label;
} lines[] = {
	{ "MEMORY_FAILURE", "proc/meminfo", "HardwareCorrupted:" },
	{ "TRANSPARENT_HUGEPAGE", "proc/meminfo", "AnonHugePages:" },
	{ "COMPACTION", "proc/meminfo", "FilePmdMapped:" },
	{ "TRANSPARENT_HUGEPAGE", SYS_NODE "node0/meminfo", "AnonHugePages:" },
	{ "HUGETLBFS", "proc/meminfo", "HugePages_Total:" },
	{ "HUGETLBFS", "proc/meminfo", "Hugetlb:" },
	{ "HUGETLBFS", SYS_NODE "node0/meminfo", "HugePages_Total:" },
	{ "CMA", "proc/meminfo", "CmaTotal:" },
	{ "CMA", "proc/pagetypeinfo", " CMA" },
	{ "NUMA", "proc/vmstat", "numa_hit" },
	{ "NUMA", "proc/vmstat", "zone_reclaim_failed" },
	{ "NUMA", "proc/zoneinfo", "numa_local" },
	{ "NUMA_BALANCING", "proc/vmstat", "numa_hint_faults" },
	{ "NUMA_BALANCING", "proc/zoneinfo", "pgpromote_success" },
	{ "MIGRATION", "proc/vmstat", "pgmigrate_success" },
	{ "COMPACTION", "proc/vmstat", "compact_stall" },
	{ "TRANSPARENT_HUGEPAGE", "proc/vmstat", "thp_split_page" },
	{ "HUGETLBFS", "proc/vmstat", "htlb_buddy_alloc_fail" },
	{ "CMA", "proc/vmstat", "cma_alloc_success" },
	{ "MEMORY_BALLOON", "proc/vmstat", "balloon_inflate" },
	{ "BALLOON_COMPACTION", "proc/vmstat", "balloon_migrate" },
	{ "KSM", "proc/vmstat", "cow_ksm" },
	{ "VM_EVENT_COUNTERS", "proc/vmstat", "pgfault" },
	{ "VM_EVENT_COUNTERS", "proc/vmstat", "direct_map_level2_splits" },
	{ "ZONE_DMA", "proc/vmstat", "pgalloc_dma " },
	{ "ZONE_DMA", "proc/zoneinfo", "zone      DMA\n" },
	{ "ZONE_DEVICE", "proc/vmstat", "pgalloc_device" },
	{ "IOMMU_SUPPORT", "proc/vmstat", "nr_iommu_pages" },
	{ "SWAP", "proc/vmstat", "nr_swapcached" },
	{ "SWAP", SYS_NODE "node0/vmstat", "nr_swapcached" },
	{ "SWAP", "proc/vmstat", "swap_ra_hit" },
	{ "SWAP", "proc/vmstat", "swpout_zero" },
	{ "SWAP", "proc/vmstat", "ksm_swpin_copy" },
	{ "KSM", "proc/vmstat", "ksm_swpin_copy" },
	{ "ZSWAP", "proc/vmstat", "zswpout" },
	{ "ZSWAP", "proc/meminfo", "Zswapped:" },
	{ "ZSMALLOC", SYS_NODE "node0/vmstat", "nr_zspages" },
};

static struct world *world_with(const char *symbol, const char *value)
{
	char yaml[1024];

	snprintf(yaml, sizeof(yaml), "kernel_config:\n  %s: %s\n" MEMORY, symbol, value);
	return world_new(yaml);
}

static void what_is_missing(void **state)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(files); i++) {
		for (int with = 0; with < 2; with++) {
			struct world *w = world_with(files[i].symbol, with ? "y" : "n");

			if (world_exists(w, files[i].path) != with)
				fail_msg("%s: %s", files[i].symbol, files[i].path);
			world_free(w);
		}
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(lines); i++) {
		for (int with = 0; with < 2; with++) {
			struct world *w = world_with(lines[i].symbol, with ? "y" : "n");
			const char *text = world_read(w, lines[i].path);

			if ((strstr(text, lines[i].label) != NULL) != with)
				fail_msg("%s: %s", lines[i].symbol, lines[i].label);
			world_free(w);
		}
	}
}

static void online_type(void **state)
{
	static const struct {
		const char *line, *type;
	} types[] = {
		{ "MHP_DEFAULT_ONLINE_TYPE: online_kernel", "online_kernel\n" },
		{ "MHP_DEFAULT_ONLINE_TYPE_ONLINE_MOVABLE: y", "online_movable\n" },
		{ "CONFIG_MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO: y", "online\n" },
		{ "MEMORY_HOTPLUG_DEFAULT_ONLINE: y", "online\n" },
		{ "MEMORY_HOTPLUG_DEFAULT_ONLINE: n", "offline\n" },
		{ "MHP_DEFAULT_ONLINE_TYPE_OFFLINE: y", "offline\n" },
	};
	struct world *w;
	char yaml[512];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(types); i++) {
		snprintf(yaml, sizeof(yaml), "kernel_config: {%s}\n" MEMORY, types[i].line);
		w = world_new(yaml);
		assert_reads(w, SYS_MEMORY "auto_online_blocks", types[i].type);
		world_free(w);
	}
	w = world_new_cmdline(CONFIG("  MHP_DEFAULT_ONLINE_TYPE: online\n"),
			      "memhp_default_state=offline");
	assert_reads(w, SYS_MEMORY "auto_online_blocks", "offline\n");
	world_free(w);
}

static const struct bad_file bad[] = {
	{ CONFIG("  NUMMA: n\n"), "m.yaml:2: kernel_config.NUMMA: unknown symbol (known: "
				  "MEMORY_HOTPLUG, SPARSEMEM, " },
	{ CONFIG("  NUMA: maybe\n"),
	  "m.yaml:2: kernel_config.NUMA: \"maybe\" is not a valid value (y, n)" },
	{ CONFIG("  NUMA: m\n"),
	  "m.yaml:2: kernel_config.NUMA: \"m\" is not a valid value (y, n)" },
	{ CONFIG("  VIRTIO_MEM: 1\n"),
	  "m.yaml:2: kernel_config.VIRTIO_MEM: \"1\" is not a valid value (y, n, m)" },
	{ CONFIG("  MHP_DEFAULT_ONLINE_TYPE: y\n"),
	  "m.yaml:2: kernel_config.MHP_DEFAULT_ONLINE_TYPE: \"y\" is not a valid value (offline, "
	  "online, online_kernel, online_movable)" },
	{ CONFIG("  MEMORY_HOTPLUG: n\n"),
	  "m.yaml:2: kernel_config.MEMORY_HOTPLUG: cannot be n: without it there are neither" },
	{ CONFIG("  MEMORY_ISOLATION: n\n"),
	  "m.yaml:2: kernel_config.MEMORY_ISOLATION: cannot be n: MEMORY_HOTPLUG selects it" },
	{ CONFIG("  KASAN: y\n"),
	  "m.yaml:2: kernel_config.KASAN: is not set here (write kasan: true)" },
	{ CONFIG("  MIGRATION: n\n  MEMORY_HOTREMOVE: y\n"),
	  "m.yaml:3: kernel_config.MEMORY_HOTREMOVE: cannot be y without MIGRATION, which it "
	  "depends on or selects" },
	{ CONFIG("  MIGRATION: n\n  ZONE_DEVICE: y\n"),
	  "m.yaml:3: kernel_config.ZONE_DEVICE: cannot be y without MEMORY_HOTREMOVE" },
	{ CONFIG("  VIRTIO_MEM: y\n  COMPACTION: n\n  CMA: n\n"),
	  "m.yaml:2: kernel_config.VIRTIO_MEM: cannot be y without COMPACTION or CMA" },
	{ CONFIG("  HUGETLBFS: y\n  HUGETLB_PAGE: n\n"),
	  "m.yaml:3: kernel_config.HUGETLB_PAGE: contradicts HUGETLBFS: y" },
	{ CONFIG("  MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO: y\n"
		 "  MHP_DEFAULT_ONLINE_TYPE_OFFLINE: y\n"),
	  "m.yaml:3: kernel_config.MHP_DEFAULT_ONLINE_TYPE_OFFLINE: added memory is online "
	  "already" },
	{ CONFIG("  NUMA: n\n  NUMA: n\n"), "m.yaml:3: kernel_config.NUMA: given twice" },
	{ CONFIG("  NUMA: [n]\n"), "m.yaml:2: kernel_config.NUMA: must be a single value" },
	{ "kernel_config: n\n" MEMORY, "m.yaml:1: kernel_config: must be a mapping" },
	{ "arch: s390x\n" CONFIG("  ARCH_MEMORY_PROBE: y\n"),
	  "m.yaml:3: kernel_config.ARCH_MEMORY_PROBE: is n on every kernel of s390x" },
	{ "arch: ppc64le\n" CONFIG("  ARCH_MEMORY_PROBE: n\n"),
	  "m.yaml:3: kernel_config.ARCH_MEMORY_PROBE: is y on every kernel of ppc64le" },
	{ CONFIG("  ZONE_DMA32: n\n"), "m.yaml:2: kernel_config.ZONE_DMA32: is y on every" },
	{ CONFIG("  SWAP: n\n  ZSWAP: y\n"),
	  "m.yaml:3: kernel_config.ZSWAP: cannot be y without SWAP" },
	{ "kernel_config: {SWAP: n}\nswap: 1G\n" MEMORY,
	  "m.yaml:2: swap: there is no swap without SWAP (left out; or kernel_config with "
	  "SWAP: y)" },
	{ "kernel_config: {NUMA: n}\nmemory:\n  - {start: 1M, end: 0x3fffffff, node: 1}\n",
	  "m.yaml:3: memory[0].node: there is no node 1 without NUMA" },
};

static void refused(void **state)
{
	assert_refused(bad, BASE_ARRAY_SIZE(bad));
}

/* What follows from other symbols is left out; the prefix is not written. */
static void written(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ MEMORY, NULL },
		{ "kernel_config: {}\n" MEMORY, NULL },
		{ CONFIG("  NUMA: y\n"), NULL },
		{ CONFIG("  CONFIG_MIGRATION: n\n"), "kernel_config:\n  MIGRATION: n\nmemory:" },
		{ CONFIG("  HUGETLB_PAGE: n\n  VIRTIO_MEM: m\n  NUMA_BALANCING: y\n"),
		  "kernel_config:\n  NUMA_BALANCING: y\n  HUGETLBFS: n\nmemory:" },
		{ CONFIG("  MHP_DEFAULT_ONLINE_TYPE_ONLINE_KERNEL: y\n"),
		  "kernel_config:\n  MHP_DEFAULT_ONLINE_TYPE: online_kernel\nmemory:" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct machine_spec *spec = machine_file_good(cases[i].text), *again;
		struct base_buf buf;

		base_buf_init(&buf);
		machine_spec_write(spec, &buf);
		if (!cases[i].wanted)
			assert_null(strstr(base_buf_text(&buf), "kernel_config"));
		else if (!strstr(base_buf_text(&buf), cases[i].wanted))
			fail_msg("%s", base_buf_text(&buf));
		again = machine_file_good(base_buf_text(&buf));
		assert_true(again->lacks == spec->lacks && again->auto_online == spec->auto_online);
		machine_spec_free(again);
		machine_spec_free(spec);
		base_buf_fini(&buf);
	}
}

/* A configuration as in /proc/config.gz. */
static void taken(void **state)
{
	struct machine_spec *spec = machine_file_good(MEMORY);
	const uint64_t has = MACHINE_NUMA | MACHINE_VIRTIO_MEM | MACHINE_ZONE_DMA32;

	machine_spec_take_config(spec, "#\nCONFIG_NUMA=y\nCONFIG_VIRTIO_MEM=m\n"
				       "# CONFIG_PM is not set\nCONFIG_CMA_AREAS=7\n");
	assert_true(machine_spec_has(spec, has | MACHINE_THP_PUD));
	assert_false(machine_spec_has(spec, MACHINE_PM));
	assert_false(machine_spec_has(spec, MACHINE_CMA));
	machine_spec_take_config(spec, NULL);
	assert_true(spec->lacks == spec->arch->lacks);
	machine_spec_free(spec);
}

/* The manual page has each symbol. */
static void documented(void **state)
{
	FILE *in = fopen(MEMHP_SOURCE_DIR "/man/memhpfs-machine.5", "r");
	char *page = NULL, line[80];
	size_t size = 0;

	assert_non_null(in);
	assert_true(getdelim(&page, &size, '\0', in) > 0);
	fclose(in);
	for (size_t i = 0; machine_config_symbol(i); i++) {
		snprintf(line, sizeof(line), "\n%s\t", machine_config_symbol(i));
		if (!strstr(page, line))
			fail_msg("the manual page lacks %s", machine_config_symbol(i));
	}
	free(page);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing), cmocka_unit_test(online_type),
		cmocka_unit_test(refused),	   cmocka_unit_test(written),
		cmocka_unit_test(documented),	   cmocka_unit_test(taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
