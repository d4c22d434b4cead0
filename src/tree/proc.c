// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/: the files that must agree with the blocks, in the kernel's layout (fs/proc/meminfo.c,
 * mm/vmstat.c:zoneinfo_show_print(), kernel/resource.c:r_show()).
 */
#include "tree_private.h"

/* What a line of meminfo says; everything that the engine has no pages of is 0. */
enum {
	MEMINFO_ZERO,
	MEMINFO_TOTAL,
	MEMINFO_FREE,
	MEMINFO_AVAILABLE,
	MEMINFO_COMMIT_LIMIT,
	MEMINFO_VMALLOC_TOTAL,
	MEMINFO_DIRECT_2M,
	MEMINFO_NR,
};

#define KB "%8llu kB"
#define COUNT "%5llu"
#define VMALLOC_TOTAL_KB 13743895347199ULL /* four-level page tables */

static const struct {
	const char *label;
	const char *format;
	int what;
	bool is_pc_only;
} meminfo_lines[] = {
	{ "MemTotal:       ", KB, MEMINFO_TOTAL },
	{ "MemFree:        ", KB, MEMINFO_FREE },
	{ "MemAvailable:   ", KB, MEMINFO_AVAILABLE },
	{ "Buffers:        ", KB },
	{ "Cached:         ", KB },
	{ "SwapCached:     ", KB },
	{ "Active:         ", KB },
	{ "Inactive:       ", KB },
	{ "Active(anon):   ", KB },
	{ "Inactive(anon): ", KB },
	{ "Active(file):   ", KB },
	{ "Inactive(file): ", KB },
	{ "Unevictable:    ", KB },
	{ "Mlocked:        ", KB },
	{ "SwapTotal:      ", KB },
	{ "SwapFree:       ", KB },
	{ "Dirty:          ", KB },
	{ "Writeback:      ", KB },
	{ "AnonPages:      ", KB },
	{ "Mapped:         ", KB },
	{ "Shmem:          ", KB },
	{ "KReclaimable:   ", KB },
	{ "Slab:           ", KB },
	{ "SReclaimable:   ", KB },
	{ "SUnreclaim:     ", KB },
	{ "KernelStack:    ", KB },
	{ "PageTables:     ", KB },
	{ "SecPageTables:  ", KB },
	{ "NFS_Unstable:   ", KB },
	{ "Bounce:         ", KB },
	{ "WritebackTmp:   ", KB },
	{ "CommitLimit:    ", KB, MEMINFO_COMMIT_LIMIT },
	{ "Committed_AS:   ", KB },
	{ "VmallocTotal:   ", KB, MEMINFO_VMALLOC_TOTAL },
	{ "VmallocUsed:    ", KB },
	{ "VmallocChunk:   ", KB },
	{ "Percpu:         ", KB },
	{ "HardwareCorrupted: ", "%5llu kB" },
	{ "AnonHugePages:  ", KB },
	{ "ShmemHugePages: ", KB },
	{ "ShmemPmdMapped: ", KB },
	{ "FileHugePages:  ", KB },
	{ "FilePmdMapped:  ", KB },
	{ "CmaTotal:       ", KB },
	{ "CmaFree:        ", KB },
	{ "HugePages_Total:   ", COUNT },
	{ "HugePages_Free:    ", COUNT },
	{ "HugePages_Rsvd:    ", COUNT },
	{ "HugePages_Surp:    ", COUNT },
	{ "Hugepagesize:       2048 kB", "" },
	{ "Hugetlb:        ", KB },
	{ "DirectMap4k:    ", KB, .is_pc_only = true },
	{ "DirectMap2M:    ", KB, MEMINFO_DIRECT_2M, .is_pc_only = true },
	{ "DirectMap1G:    ", KB, .is_pc_only = true },
};

static int meminfo_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct mm *mm = obj->tree->mm;
	const struct machine_arch *arch = machine_spec(obj->tree->machine)->arch;
	unsigned int kb_shift = mm_config(mm)->page_shift - 10;
	uint64_t managed = mm_total_managed(mm);
	const uint64_t value[MEMINFO_NR] = {
		[MEMINFO_TOTAL] = managed << kb_shift,
		[MEMINFO_FREE] = mm_total_free(mm) << kb_shift,
		[MEMINFO_AVAILABLE] = mm_available(mm) << kb_shift,
		/* vm.overcommit_ratio is 50. */
		[MEMINFO_COMMIT_LIMIT] = (managed * 50 / 100) << kb_shift,
		[MEMINFO_VMALLOC_TOTAL] = VMALLOC_TOTAL_KB,
		/* Every page that has a struct page is mapped: 64 bytes each. */
		[MEMINFO_DIRECT_2M] = (mm_memmap_pages(mm) + mm_memmap_boot_pages(mm))
				      << (2 * mm_config(mm)->page_shift - 6 - 10),
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(meminfo_lines); i++) {
		if (meminfo_lines[i].is_pc_only && !arch->is_pc)
			continue;
		base_buf_puts(buf, meminfo_lines[i].label);
		base_buf_printf(buf, meminfo_lines[i].format,
				(unsigned long long)value[meminfo_lines[i].what]);
		base_buf_puts(buf, "\n");
	}
	return 0;
}

static void zone_pagesets_show(const struct tree *tree, const struct mm_zone_info *zone,
			       struct base_buf *buf)
{
	struct base_mask cpus;
	unsigned int cpu;

	machine_all_cpus(tree->machine, &cpus);
	base_buf_puts(buf, "\n  pagesets");
	BASE_MASK_FOREACH(cpu, &cpus)
		base_buf_printf(buf,
				"\n    cpu: %u"
				"\n              count: 0"
				"\n              high:  0"
				"\n              batch: %u"
				"\n  vm stats threshold: %u",
				cpu, zone->batch, zone->stat_threshold);
}

/* Whether the architecture has the zone at all: an empty one is shown, a missing one is not. */
static bool zone_exists(const struct mm *mm, int type)
{
	return type >= MM_ZONE_NORMAL || mm_config(mm)->zone_end_pfn[type];
}

static void zone_show(const struct tree *tree, int nid, enum mm_zone_type type, bool with_node,
		      struct base_buf *buf)
{
	struct mm_zone_info zone;

	mm_zone_info(tree->mm, nid, type, &zone);
	base_buf_printf(buf, "Node %d, zone %8s", nid, mm_zone_name(type));
	if (with_node) {
		base_buf_puts(buf, "\n  per-node stats");
		tree_node_items_show(true, buf);
	}
	base_buf_printf(buf,
			"\n  pages free     %llu"
			"\n        boost    0"
			"\n        min      %llu"
			"\n        low      %llu"
			"\n        high     %llu"
			"\n        promo    %llu"
			"\n        spanned  %llu"
			"\n        present  %llu"
			"\n        managed  %llu"
			"\n        cma      %llu",
			(unsigned long long)zone.free, (unsigned long long)zone.min,
			(unsigned long long)zone.low, (unsigned long long)zone.high,
			(unsigned long long)zone.promo, (unsigned long long)zone.spanned,
			(unsigned long long)zone.present, (unsigned long long)zone.managed,
			(unsigned long long)zone.cma);
	base_buf_puts(buf, "\n        protection: (");
	for (int upper = 0; upper < MM_NR_ZONES; upper++) {
		if (zone_exists(tree->mm, upper))
			base_buf_printf(buf, "%llu%s", (unsigned long long)zone.reserve[upper],
					upper + 1 < MM_NR_ZONES ? ", " : ")");
	}
	if (zone.present) {
		tree_zone_items_show(zone.free, true, buf);
		tree_numa_items_show(true, buf);
		zone_pagesets_show(tree, &zone, buf);
		base_buf_printf(buf,
				"\n  node_unreclaimable:  0"
				"\n  start_pfn:           %llu",
				(unsigned long long)zone.start_pfn);
	}
	base_buf_puts(buf, "\n");
}

static int zoneinfo_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct tree *tree = obj->tree;
	unsigned int nid;

	BASE_MASK_FOREACH(nid, hp_nodes_online(tree->hp)) {
		bool node_shown = false;

		for (int type = 0; type < MM_NR_ZONES; type++) {
			bool first = !node_shown && mm_zone_populated(tree->mm, (int)nid, type);

			if (!zone_exists(tree->mm, type))
				continue;
			zone_show(tree, (int)nid, type, first, buf);
			node_shown |= first;
		}
	}
	return 0;
}

static void iomem_line(void *ctx, unsigned int depth, uint64_t start, uint64_t end,
		       const char *name)
{
	base_buf_printf(ctx, "%*s%08llx-%08llx : %s\n", (int)(2 * depth), "",
			(unsigned long long)start, (unsigned long long)end, name);
}

static int iomem_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	hp_resource_walk(obj->tree->hp, iomem_line, buf);
	return 0;
}

static int cmdline_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", machine_spec(obj->tree->machine)->cmdline);
	return 0;
}

#define PROC_ROW(name)                                                                             \
	{ .path = "proc/" #name, .mode = S_IFREG | 0444, .show = name##_show }

static const struct tree_row proc_rows[] = {
	{ TREE_DIR_ROW("proc") },
	PROC_ROW(meminfo),
	PROC_ROW(zoneinfo),
	PROC_ROW(iomem),
	PROC_ROW(cmdline),
};

const struct tree_table tree_proc_table = TREE_TABLE(proc_rows);
