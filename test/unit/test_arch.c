// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Differences between architectures, row by row with their place in the kernel (6.12), as shown by
 * a booted machine.
 */
#include "world.h"

#define BOOT(arch, keys)                                                                           \
	"arch: " arch "\n" keys "memory:\n  - {start: 0, end: 0x7fffffff, node: 0}\n"

struct arch_row {
	const char *yaml;
	uint64_t section_mib;	/* SECTION_SIZE_BITS in arch/.../sparsemem.h */
	uint64_t block_mib;	/* memory_block_size_bytes() */
	uint64_t pageblock_kib; /* pageblock_order: HUGETLB_PAGE_ORDER, HPAGE_PMD_ORDER */
	unsigned int max_order; /* ARCH_FORCE_MAX_ORDER in arch/.../Kconfig */
	const char *zone;	/* of memory at 1 GiB: zone_sizes_init(), paging_init() */
	int offline;		/* prevent_bootmem_remove_notifier() in arch/arm64/mm/mmu.c */
	bool probe;		/* ARCH_MEMORY_PROBE */
	bool crash_hotplug;	/* CRASH_HOTPLUG */
	bool dlpar;		/* arch/powerpc/platforms/pseries/dlpar.c */
	uint64_t memmap_pages;	/* of a block with force: arch_supports_memmap_on_memory() */
};

static const struct arch_row rows[] = {
	/* arch/x86: sparsemem.h 27; init_64.c; the recorded kernel has ARCH_MEMORY_PROBE */
	{ BOOT("x86_64", ""), 128, 128, 2048, 10, "DMA32\n", 7, true, true, false, 512 },
	{ BOOT("x86_64", "block_size: 2G\n"), 128, 2048, 2048, 10, NULL, 0, true, true, false,
	  8192 },
	/* arch/arm64: sparsemem.h 27, 29 with 64K; Kconfig; the PMD is as large as the pageblock */
	{ BOOT("arm64", ""), 128, 128, 2048, 10, "DMA\n", -EPERM, false, false, false, 512 },
	{ BOOT("arm64", "page_size: 16K\n"), 128, 128, 32768, 11, "DMA\n", -EPERM, false, false,
	  false, 0 },
	{ BOOT("arm64", "page_size: 64K\n"), 512, 512, 524288, 13, "DMA\n", -EPERM, false, false,
	  false, 0 },
	/* arch/powerpc: sparsemem.h 24; LMBs; Kconfig; the recorded kernel has the hash MMU */
	{ BOOT("ppc64le", ""), 16, 256, 2048, 8, "Normal\n", 7, true, true, true, 0 },
	{ BOOT("ppc64le", "page_size: 4K\n"), 16, 256, 2048, 12, "Normal\n", 7, true, true, true,
	  0 },
	/* arch/ia64 (gone in 6.7): sparsemem.h 30; Kconfig; HPAGE_SHIFT_DEFAULT 28 */
	{ "arch: ia64\nmemory:\n  - {start: 0, end: 0xffffffff, node: 0}\n", 1024, 1024, 262144, 16,
	  "DMA32\n", 7, true, false, false, 0 },
	/* arch/s390: sparsemem.h 28; sclp_cmd.c; huge pages of a segment, 1 MiB */
	{ BOOT("s390x", ""), 256, 256, 1024, 10, "DMA\n", 7, false, false, false, 1024 },
	{ BOOT("s390x", "increment: 512M\n"), 256, 512, 1024, 10, "DMA\n", 7, false, false, false,
	  2048 },
	/* sparsemem.h 27 since 6.13 */
	{ BOOT("s390x", "kernel: 6.18\n"), 128, 128, 1024, 10, "DMA\n", 7, false, false, false,
	  512 },
};

static unsigned int orders_shown(struct world *w)
{
	const char *line = strstr(world_read(w, "proc/buddyinfo"), "zone") + strlen("zone ");
	unsigned int nr = 0;
	int used;

	line += strspn(line, " ");
	line += strcspn(line, " ");
	for (; sscanf(line, "%*u%n", &used) >= 0; line += used) {
		if (*line == '\n' || line[1] == '\n')
			break;
		nr++;
	}
	return nr;
}

static void check_blocks(struct world *w, const struct arch_row *row)
{
	uint64_t block = row->block_mib << 20, page = 1ULL << mm_config(w->mm)->page_shift;
	char path[80], text[40];

	snprintf(text, sizeof(text), "%" PRIx64 "\n", block);
	assert_reads(w, SYS_MEMORY "block_size_bytes", text);
	assert_int_equal(mm_config(w->mm)->section_pages * page, row->section_mib << 20);
	snprintf(text, sizeof(text), "Pages per block:  %" PRIu64 "\n",
		 (row->pageblock_kib << 10) / page);
	assert_non_null(strstr(world_read(w, "proc/pagetypeinfo"), text));
	assert_int_equal(orders_shown(w), row->max_order + 1);
	if (!row->zone)
		return;
	snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/valid_zones", GIB(1) / block);
	assert_reads(w, path, row->zone);
	snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/state", GIB(1) / block);
	assert_writes(w, path, "offline", row->offline);
}

static void architectures(void **state)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		const struct arch_row *row = &rows[i];
		struct world *w = world_new(row->yaml);

		check_blocks(w, row);
		assert_int_equal(world_exists(w, SYS_MEMORY "probe"), row->probe);
		assert_int_equal(world_exists(w, SYS_MEMORY "crash_hotplug"), row->crash_hotplug);
		assert_int_equal(world_exists(w, "sys/kernel/dlpar"), row->dlpar);
		world_free(w);
	}
}

/* MemTotal grows by an added block's memory minus its own memmap. */
static void memmap_on_memory(void **state)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		const struct arch_row *row = &rows[i];
		struct world *w = world_new_cmdline(row->yaml,
						    "memory_hotplug.memmap_on_memory=force "
						    "memhp_default_state=online");
		uint64_t page = 1ULL << mm_config(w->mm)->page_shift;
		uint64_t before = world_number(w, "proc/meminfo", "MemTotal:");
		char config[64];

		snprintf(config, sizeof(config), "size=%" PRIu64 "M node=0 addr=0x100000000",
			 row->block_mib);
		assert_plugs(w, "d", config);
		assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:") - before,
				 (row->block_mib << 10) - row->memmap_pages * (page >> 10));
		world_free(w);
	}
}

/* probe_memory_block_size() in arch/x86/mm/init_64.c, under a hypervisor */
static void x86_block_sizes(void **state)
{
	static const struct {
		const char *end;
		uint64_t block_mib;
	} ends[] = {
		{ "0x7ffffffff", 128 },	  { "0xf7fffffff", 128 },   { "0xff7ffffff", 128 },
		{ "0xfffffffff", 2048 },  { "0x1000ffffff", 128 },  { "0x100fffffff", 256 },
		{ "0x101fffffff", 512 },  { "0x103fffffff", 1024 }, { "0x107fffffff", 2048 },
		{ "0x10ffffffff", 2048 },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(ends); i++) {
		char yaml[200], text[40];
		struct world *w;

		snprintf(yaml, sizeof(yaml), "memory:\n  - {start: 0, end: %s, node: 0}\n",
			 ends[i].end);
		w = world_new(yaml);
		snprintf(text, sizeof(text), "%" PRIx64 "\n", ends[i].block_mib << 20);
		assert_reads(w, SYS_MEMORY "block_size_bytes", text);
		world_free(w);
	}
}

/* drivers/s390/char/sclp_cmd.c: standby memory is added at boot, by the block, on node 0 */
static void standby(void **state)
{
	static const char yaml[] = BOOT("s390x", "increment: 64M\nstandby:\n"
						 "  - {start: 2G, end: 0x9fffffff, node: 0}\n");
	struct world *w = world_new(yaml);

	assert_reads(w, SYS_MEMORY "memory8/state", "offline\n");
	assert_reads(w, SYS_MEMORY "memory9/phys_device", "36\n");
	assert_reads(w, SYS_MEMORY "memory9/valid_zones", "Normal Movable\n");
	assert_takes(w, SYS_MEMORY "memory9/state", "online_movable");
	assert_takes(w, SYS_MEMORY "memory9/state", "offline");
	world_free(w);
	/* it follows the policy for added memory */
	w = world_new_cmdline(yaml, "memhp_default_state=online_movable");
	assert_reads(w, SYS_MEMORY "memory8/state", "online\n");
	assert_reads(w, SYS_MEMORY "memory8/valid_zones", "Movable\n");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(architectures),
		cmocka_unit_test(memmap_on_memory),
		cmocka_unit_test(x86_block_sizes),
		cmocka_unit_test(standby),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
