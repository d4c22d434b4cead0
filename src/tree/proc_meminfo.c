// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/meminfo, in the kernel's layout (fs/proc/meminfo.c, mm/hugetlb.c:hugetlb_report_meminfo()).
 */
#include <stdio.h>

#include "counters.h"
#include "tree_private.h"

/* Values specific to this file, in addition to the shared items; ready to print. */
enum {
	MEMINFO_AVAILABLE = TREE_NR_ITEMS,
	MEMINFO_COMMIT_LIMIT,
	MEMINFO_COMMITTED,
	MEMINFO_SWAP_TOTAL,
	MEMINFO_SWAP_FREE,
	MEMINFO_VMALLOC_TOTAL,
	MEMINFO_CORRUPTED,
	MEMINFO_HUGE_TOTAL,
	MEMINFO_HUGE_FREE,
	MEMINFO_HUGE_SURPLUS,
	MEMINFO_HUGE_SIZE,
	MEMINFO_HUGE_ALL,
	MEMINFO_NR,
};

#define KB "%8llu kB"
#define GIANT_KB (1u << 20)
#define COUNT "%5llu"
#define VMALLOC_TOTAL_KB 13743895347199ULL /* four-level page tables */

static const struct {
	const char *label;
	const char *format;
	int what;
	uint64_t needs;
	unsigned int since;
} lines[] = {
	{ "MemTotal:       ", KB, TREE_TOTAL },
	{ "MemFree:        ", KB, TREE_FREE },
	{ "MemAvailable:   ", KB, MEMINFO_AVAILABLE },
	{ "Buffers:        ", KB },
	{ "Cached:         ", KB, TREE_FILE },
	{ "SwapCached:     ", KB },
	{ "Active:         ", KB },
	{ "Inactive:       ", KB, TREE_INACTIVE },
	{ "Active(anon):   ", KB },
	{ "Inactive(anon): ", KB, TREE_INACTIVE_ANON },
	{ "Active(file):   ", KB },
	{ "Inactive(file): ", KB, TREE_INACTIVE_FILE },
	{ "Unevictable:    ", KB, TREE_UNEVICTABLE },
	{ "Mlocked:        ", KB, TREE_UNEVICTABLE },
	{ "SwapTotal:      ", KB, MEMINFO_SWAP_TOTAL },
	{ "SwapFree:       ", KB, MEMINFO_SWAP_FREE },
	{ "Zswap:          ", KB, .needs = MACHINE_ZSWAP },
	{ "Zswapped:       ", KB, .needs = MACHINE_ZSWAP },
	{ "Dirty:          ", KB },
	{ "Writeback:      ", KB },
	{ "AnonPages:      ", KB, TREE_ANON },
	{ "Mapped:         ", KB, TREE_SHMEM },
	{ "Shmem:          ", KB, TREE_SHMEM },
	{ "KReclaimable:   ", KB },
	{ "Slab:           ", KB, TREE_SLAB },
	{ "SReclaimable:   ", KB },
	{ "SUnreclaim:     ", KB, TREE_SLAB },
	{ "KernelStack:    ", KB },
	{ "PageTables:     ", KB, TREE_PAGETABLE },
	{ "SecPageTables:  ", KB },
	{ "NFS_Unstable:   ", KB },
	{ "Bounce:         ", KB },
	{ "WritebackTmp:   ", KB },
	{ "CommitLimit:    ", KB, MEMINFO_COMMIT_LIMIT },
	{ "Committed_AS:   ", KB, MEMINFO_COMMITTED },
	{ "VmallocTotal:   ", KB, MEMINFO_VMALLOC_TOTAL },
	{ "VmallocUsed:    ", KB },
	{ "VmallocChunk:   ", KB },
	{ "Percpu:         ", KB },
	{ "HardwareCorrupted: ", "%5llu kB", MEMINFO_CORRUPTED, MACHINE_MEMORY_FAILURE },
	{ "AnonHugePages:  ", KB, TREE_ANON_HUGE, MACHINE_THP },
	{ "ShmemHugePages: ", KB, .needs = MACHINE_THP },
	{ "ShmemPmdMapped: ", KB, .needs = MACHINE_THP },
	{ "FileHugePages:  ", KB, .needs = MACHINE_THP },
	{ "FilePmdMapped:  ", KB, .needs = MACHINE_THP },
	{ "CmaTotal:       ", KB, TREE_CMA, MACHINE_CMA },
	{ "CmaFree:        ", KB, TREE_FREE_CMA, MACHINE_CMA },
	{ "Balloon:        ", KB, TREE_BALLOON, .since = MACHINE_KERNEL(6, 16) },
	{ "HugePages_Total:   ", COUNT, MEMINFO_HUGE_TOTAL, MACHINE_HUGETLB },
	{ "HugePages_Free:    ", COUNT, MEMINFO_HUGE_FREE, MACHINE_HUGETLB },
	{ "HugePages_Rsvd:    ", COUNT, .needs = MACHINE_HUGETLB },
	{ "HugePages_Surp:    ", COUNT, MEMINFO_HUGE_SURPLUS, MACHINE_HUGETLB },
	{ "Hugepagesize:   ", KB, MEMINFO_HUGE_SIZE, MACHINE_HUGETLB },
	{ "Hugetlb:        ", KB, MEMINFO_HUGE_ALL, MACHINE_HUGETLB },
};

static void fill_huge(const struct mm *mm, uint64_t *values)
{
	struct mm_huge_info pool;

	for (int size = 0; size < MM_NR_HUGE; size++) {
		mm_huge_info(mm, MM_NODE_NONE, size, &pool);
		values[MEMINFO_HUGE_ALL] += pool.nr * mm_huge_kb(mm, size);
	}
	mm_huge_info(mm, MM_NODE_NONE, MM_HUGE_PMD, &pool);
	values[MEMINFO_HUGE_TOTAL] = pool.nr;
	values[MEMINFO_HUGE_FREE] = pool.free;
	values[MEMINFO_HUGE_SURPLUS] = pool.surplus;
	values[MEMINFO_HUGE_SIZE] = mm_huge_kb(mm, MM_HUGE_PMD);
}

static void fill(const struct machine *machine, uint64_t *values)
{
	const struct mm *mm = machine_mm(machine);
	unsigned int page_shift = mm_config(mm)->page_shift, kb_shift = page_shift - 10;
	struct tree_usage usage;
	uint64_t swap = mm_swap_total(mm), swap_free = mm_swap_free(mm);

	tree_usage_node(mm, MM_NODE_NONE, &usage);
	for (int item = 0; item < TREE_NR_ITEMS; item++)
		values[item] = usage.amount[item] << kb_shift;
	fill_huge(mm, values);
	values[MEMINFO_AVAILABLE] = mm_available(mm) << kb_shift;
	values[MEMINFO_COMMIT_LIMIT] = machine_commit_limit(machine) << kb_shift;
	values[MEMINFO_COMMITTED] = machine_committed(machine) << kb_shift;
	values[MEMINFO_SWAP_TOTAL] = swap << kb_shift;
	values[MEMINFO_SWAP_FREE] = swap_free << kb_shift;
	values[MEMINFO_VMALLOC_TOTAL] = VMALLOC_TOTAL_KB;
	values[MEMINFO_CORRUPTED] = mm_poisoned_pages(mm) << kb_shift;
}

/* Every page of boot memory that has a struct page is mapped, and what is added. */
static void direct_map_show(const struct tree *tree, const struct machine_arch *arch,
			    struct base_buf *buf)
{
	static const char units[] = "kMG";
	struct hp_direct_map added = hp_direct_map(tree->hp);
	uint64_t boot = machine_boot_bytes(tree->machine), giant = 0;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(arch->direct_map_kb); i++) {
		if (arch->direct_map_kb[i] == GIANT_KB)
			giant = added.giant_bytes;
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(arch->direct_map_kb); i++) {
		unsigned int kb = arch->direct_map_kb[i], unit = kb >= 1 << 20 ? 2 : kb >= 1 << 10;
		uint64_t bytes = kb == GIANT_KB ? giant : 0;
		char label[24];

		if (i == arch->direct_map_usual)
			bytes = boot + added.bytes - giant;
		if (!kb)
			continue;
		snprintf(label, sizeof(label), "DirectMap%u%c:", kb >> 10 * unit, units[unit]);
		base_buf_printf(buf, "%-16s%8llu kB\n", label, (unsigned long long)(bytes >> 10));
	}
}

int tree_meminfo_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct machine_spec *spec = machine_spec(obj->tree->machine);
	const struct machine_arch *arch = spec->arch;
	uint64_t values[MEMINFO_NR] = { 0 };

	fill(obj->tree->machine, values);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(lines); i++) {
		if (!machine_spec_has(spec, lines[i].needs) ||
		    !machine_kernel_has(&spec->profile, lines[i].since, 0))
			continue;
		base_buf_puts(buf, lines[i].label);
		base_buf_printf(buf, lines[i].format, (unsigned long long)values[lines[i].what]);
		base_buf_puts(buf, "\n");
	}
	direct_map_show(obj->tree, arch, buf);
	return 0;
}
