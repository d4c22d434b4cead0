// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every file that shows amounts of memory counts: items, most of them sets of kinds of pages
 * in use; and the counters of /proc/zoneinfo, nodeK/vmstat and /proc/vmstat, by name and in the
 * kernel's order (mm/vmstat.c). Events, and pages of kinds that the engine does not model, stay 0.
 *
 * Pages of programs are as if just faulted in: none was ever seen active.
 */
#include <string.h>

#include "counters.h"
#include "tree_private.h"

#define KIND(name) (1u << MM_KIND_##name)

static const uint32_t item_kinds[TREE_NR_ITEMS] = {
	[TREE_ANON] = KIND(ANON) | KIND(THP) | KIND(MLOCK) | KIND(PINNED),
	[TREE_ANON_HUGE] = KIND(THP),
	[TREE_INACTIVE] = KIND(ANON) | KIND(THP) | KIND(PINNED) | KIND(SHMEM) | KIND(PAGECACHE),
	[TREE_INACTIVE_ANON] = KIND(ANON) | KIND(THP) | KIND(PINNED) | KIND(SHMEM),
	[TREE_INACTIVE_FILE] = KIND(PAGECACHE),
	[TREE_UNEVICTABLE] = KIND(MLOCK),
	[TREE_FILE] = KIND(PAGECACHE) | KIND(SHMEM),
	[TREE_SHMEM] = KIND(SHMEM),
	[TREE_SLAB] = KIND(SLAB),
	[TREE_PAGETABLE] = KIND(PAGETABLE),
	[TREE_HUGETLB] = KIND(HUGETLB) | KIND(HUGETLB_FREE) | KIND(GIGANTIC) | KIND(GIGANTIC_FREE) |
			 KIND(CONT_PTE_FREE) | KIND(CONT_PMD_FREE),
	[TREE_BALLOON] = KIND(BALLOON) | KIND(BALLOON_MOVABLE),
};

/*
 * @needs: MACHINE_... features; @since, @until: kernel versions that have it, see
 * machine_kernel_has()
 */
struct counter {
	const char *name;
	enum tree_item item;
	uint64_t needs;
	unsigned int since;
	unsigned int until;
};

static const struct counter zone_counters[] = {
	{ "nr_free_pages", TREE_FREE },
	{ "nr_free_pages_blocks", TREE_FREE_BLOCKS, .since = MACHINE_KERNEL(6, 16) },
	{ "nr_zone_inactive_anon", TREE_INACTIVE_ANON },
	{ "nr_zone_active_anon" },
	{ "nr_zone_inactive_file", TREE_INACTIVE_FILE },
	{ "nr_zone_active_file" },
	{ "nr_zone_unevictable", TREE_UNEVICTABLE },
	{ "nr_zone_write_pending" },
	{ "nr_mlock", TREE_UNEVICTABLE },
	{ "nr_bounce", .until = MACHINE_KERNEL(6, 18) },
	{ "nr_zspages", .needs = MACHINE_ZSMALLOC },
	{ "nr_free_cma", TREE_FREE_CMA },
};

static const struct counter numa_counters[] = {
	{ "numa_hit", .needs = MACHINE_NUMA },	   { "numa_miss", .needs = MACHINE_NUMA },
	{ "numa_foreign", .needs = MACHINE_NUMA }, { "numa_interleave", .needs = MACHINE_NUMA },
	{ "numa_local", .needs = MACHINE_NUMA },   { "numa_other", .needs = MACHINE_NUMA },
};

static const struct counter node_counters[] = {
	{ "nr_inactive_anon", TREE_INACTIVE_ANON },
	{ "nr_active_anon" },
	{ "nr_inactive_file", TREE_INACTIVE_FILE },
	{ "nr_active_file" },
	{ "nr_unevictable", TREE_UNEVICTABLE },
	{ "nr_slab_reclaimable" },
	{ "nr_slab_unreclaimable", TREE_SLAB },
	{ "nr_isolated_anon" },
	{ "nr_isolated_file" },
	{ "workingset_nodes" },
	{ "workingset_refault_anon" },
	{ "workingset_refault_file" },
	{ "workingset_activate_anon" },
	{ "workingset_activate_file" },
	{ "workingset_restore_anon" },
	{ "workingset_restore_file" },
	{ "workingset_nodereclaim" },
	{ "nr_anon_pages", TREE_ANON },
	{ "nr_mapped", TREE_SHMEM },
	{ "nr_file_pages", TREE_FILE },
	{ "nr_dirty" },
	{ "nr_writeback" },
	{ "nr_writeback_temp", .until = MACHINE_KERNEL(6, 18) },
	{ "nr_shmem", TREE_SHMEM },
	{ "nr_shmem_hugepages" },
	{ "nr_shmem_pmdmapped" },
	{ "nr_file_hugepages" },
	{ "nr_file_pmdmapped" },
	{ "nr_anon_transparent_hugepages", TREE_THPS },
	{ "nr_vmscan_write" },
	{ "nr_vmscan_immediate_reclaim" },
	{ "nr_dirtied" },
	{ "nr_written" },
	{ "nr_throttled_written" },
	{ "nr_kernel_misc_reclaimable" },
	{ "nr_foll_pin_acquired" },
	{ "nr_foll_pin_released" },
	{ "nr_kernel_stack" },
	{ "nr_page_table_pages", TREE_PAGETABLE },
	{ "nr_sec_page_table_pages" },
	{ "nr_iommu_pages", .needs = MACHINE_IOMMU, .since = MACHINE_KERNEL(6, 11) },
	{ "nr_swapcached", .needs = MACHINE_SWAP },
	{ "pgpromote_success", .needs = MACHINE_NUMA_BALANCING },
	{ "pgpromote_candidate", .needs = MACHINE_NUMA_BALANCING },
	{ "pgpromote_candidate_nrl", .needs = MACHINE_NUMA_BALANCING,
	  .since = MACHINE_KERNEL(6, 18) },
	{ "pgdemote_kswapd", .since = MACHINE_KERNEL(6, 8) },
	{ "pgdemote_direct", .since = MACHINE_KERNEL(6, 8) },
	{ "pgdemote_khugepaged", .since = MACHINE_KERNEL(6, 8) },
	{ "pgdemote_proactive", .since = MACHINE_KERNEL(6, 16) },
	{ "nr_hugetlb", TREE_HUGETLB, MACHINE_HUGETLB, .since = MACHINE_KERNEL(6, 16) },
	{ "nr_balloon_pages", TREE_BALLOON, .since = MACHINE_KERNEL(6, 16) },
	{ "nr_kernel_file_pages", .since = MACHINE_KERNEL(6, 18) },
};

static void add_kinds(const struct mm *mm, const uint64_t *kind_pages, struct tree_usage *usage)
{
	for (int item = 0; item < TREE_NR_ITEMS; item++) {
		for (int kind = 0; kind < MM_NR_KINDS; kind++) {
			if (item_kinds[item] & 1u << kind)
				usage->amount[item] += kind_pages[kind];
		}
	}
	if (mm_config(mm)->thp_pages)
		usage->amount[TREE_THPS] = usage->amount[TREE_ANON_HUGE] / mm_config(mm)->thp_pages;
}

static void add_zone(const struct mm *mm, int nid, enum mm_zone_type type, struct tree_usage *usage)
{
	struct mm_zone_info zone;
	struct mm_usage pages;

	mm_zone_info(mm, nid, type, &zone);
	usage->amount[TREE_TOTAL] += zone.managed;
	usage->amount[TREE_FREE] += zone.free;
	usage->amount[TREE_USED] += zone.managed - zone.free;
	usage->amount[TREE_CMA] += zone.cma;
	if (!zone.cma)
		return;
	mm_zone_usage(mm, nid, type, &pages);
	usage->amount[TREE_FREE_CMA] += pages.free_cma;
}

void tree_usage_zone(const struct mm *mm, int nid, enum mm_zone_type type,
		     struct tree_usage *ret_usage)
{
	struct mm_usage pages;

	*ret_usage = (struct tree_usage){ .mm = mm, .nid = nid, .type = type };
	add_zone(mm, nid, type, ret_usage);
	mm_zone_usage(mm, nid, type, &pages);
	add_kinds(mm, pages.kind, ret_usage);
}

void tree_usage_node(const struct mm *mm, int nid, struct tree_usage *ret_usage)
{
	uint64_t kind_pages[MM_NR_KINDS];

	*ret_usage = (struct tree_usage){ .mm = mm, .nid = nid, .type = MM_NR_ZONES };
	for (int n = mm_node_next(mm, 0); n >= 0; n = mm_node_next(mm, n + 1)) {
		for (int type = 0; type < MM_NR_ZONES && (nid == n || nid == MM_NODE_NONE); type++)
			add_zone(mm, n, type, ret_usage);
	}
	/* The engine maintains these counts: no need to search for the pages. */
	for (int kind = 0; kind < MM_NR_KINDS; kind++)
		kind_pages[kind] = mm_kind_pages(mm, nid, kind);
	add_kinds(mm, kind_pages, ret_usage);
}

static void counters_show(const struct machine_spec *spec, const struct counter *counters,
			  size_t nr, const struct tree_usage *usage, bool aligned,
			  struct base_buf *buf)
{
	for (size_t i = 0; i < nr; i++) {
		if (!machine_spec_has(spec, counters[i].needs) ||
		    !machine_kernel_has(&spec->profile, counters[i].since, counters[i].until))
			continue;
		base_buf_printf(buf, aligned ? "\n      %-12s %llu" : "%s %llu\n", counters[i].name,
				(unsigned long long)usage->amount[counters[i].item]);
	}
}

/* Free pages in pageblocks that are free as a whole (NR_FREE_PAGES_BLOCKS). */
static uint64_t free_blocks_of_zone(const struct mm *mm, int nid, enum mm_zone_type type)
{
	struct mm_free_lists lists;
	uint64_t pages = 0;

	mm_zone_free_lists(mm, nid, type, &lists);
	for (int migrate = 0; migrate < MM_NR_MIGRATE_TYPES; migrate++) {
		for (int order = 0; order < MM_NR_ORDERS; order++) {
			if (1ULL << order >= mm_config(mm)->pageblock_pages)
				pages += lists.chunks[migrate][order] << order;
		}
	}
	return pages;
}

static uint64_t free_blocks(const struct tree_usage *usage)
{
	uint64_t pages = 0;

	for (int n = mm_node_next(usage->mm, 0); n >= 0; n = mm_node_next(usage->mm, n + 1)) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			if ((usage->nid == MM_NODE_NONE || usage->nid == n) &&
			    (usage->type == MM_NR_ZONES || usage->type == type))
				pages += free_blocks_of_zone(usage->mm, n, type);
		}
	}
	return pages;
}

void tree_zone_counters_show(const struct machine_spec *spec, const struct tree_usage *usage,
			     bool aligned, struct base_buf *buf)
{
	struct tree_usage more = *usage;

	if (machine_kernel_has(&spec->profile, MACHINE_KERNEL(6, 16), 0))
		more.amount[TREE_FREE_BLOCKS] = free_blocks(usage);
	counters_show(spec, zone_counters, BASE_ARRAY_SIZE(zone_counters), &more, aligned, buf);
}

void tree_numa_counters_show(const struct machine_spec *spec, bool aligned, struct base_buf *buf)
{
	static const struct tree_usage none;

	counters_show(spec, numa_counters, BASE_ARRAY_SIZE(numa_counters), &none, aligned, buf);
}

void tree_node_counters_show(const struct machine_spec *spec, const struct tree_usage *usage,
			     bool aligned, struct base_buf *buf)
{
	counters_show(spec, node_counters, BASE_ARRAY_SIZE(node_counters), usage, aligned, buf);
}

bool tree_zone_exists(const struct mm *mm, enum mm_zone_type type)
{
	if (type == MM_ZONE_DEVICE)
		return !mm_config(mm)->no_zone_device;
	return type >= MM_ZONE_NORMAL || mm_config(mm)->zone_end_pfn[type];
}
