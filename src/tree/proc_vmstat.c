// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/vmstat, in the kernel's layout (mm/vmstat.c:vmstat_text[]): the counters of all zones and
 * nodes, thresholds, and events. Of these, only some are emulated, as those of swap; others are 0.
 */
#include <ctype.h>

#include "counters.h"
#include "tree_private.h"

/*
 * @value: how often it has occurred; NULL: as @counted says, if it is emulated
 * @needs: MACHINE_... features; @since, @until: the kernel versions that have it
 */
struct event {
	const char *name;
	uint64_t (*value)(const struct mm *mm);
	enum machine_event counted;
	uint64_t needs;
	unsigned int since;
	unsigned int until;
};

static uint64_t swapped_in(const struct mm *mm)
{
	return mm_swap_events(mm, MM_SWAP_IN);
}

static uint64_t swapped_out(const struct mm *mm)
{
	return mm_swap_events(mm, MM_SWAP_OUT);
}

/* These two are in KiB, and there is no other disk. */
static uint64_t read_in(const struct mm *mm)
{
	return swapped_in(mm) << (mm_config(mm)->page_shift - 10);
}

static uint64_t written_out(const struct mm *mm)
{
	return swapped_out(mm) << (mm_config(mm)->page_shift - 10);
}

static uint64_t faults(const struct mm *mm)
{
	return mm_swap_events(mm, MM_SWAP_FAULTS);
}

static uint64_t reclaimed(const struct mm *mm)
{
	return mm_swap_events(mm, MM_SWAP_RECLAIMED);
}

static uint64_t reclaimed_early(const struct mm *mm)
{
	return mm_swap_events(mm, MM_SWAP_PROACTIVE);
}

static uint64_t reclaimed_all(const struct mm *mm)
{
	return reclaimed(mm) + reclaimed_early(mm);
}

static uint64_t thps_out(const struct mm *mm)
{
	return mm_swap_events(mm, MM_SWAP_THP_OUT);
}

static const struct event io_events[] = {
	{ "pgpgin", read_in },
	{ "pgpgout", written_out },
	{ "pswpin", swapped_in },
	{ "pswpout", swapped_out },
};

/* One each per zone of the architecture: "pgalloc_dma32". */
static const char *const zone_events[] = {
	"pgalloc",
	"allocstall",
	"pgskip",
};

static const struct event events[] = {
	{ "pgfree" },
	{ "pgactivate" },
	{ "pgdeactivate" },
	{ "pglazyfree" },
	{ "pgfault" },
	{ "pgmajfault", faults },
	{ "pglazyfreed" },
	{ "pgrefill" },
	{ "pgreuse" },
	{ "pgsteal_kswapd" },
	{ "pgsteal_direct", reclaimed },
	{ "pgsteal_khugepaged", .since = MACHINE_KERNEL(6, 2) },
	{ "pgsteal_proactive", reclaimed_early, .since = MACHINE_KERNEL(6, 16) },
	{ "pgdemote_kswapd", .until = MACHINE_KERNEL(6, 8) },
	{ "pgdemote_direct", .until = MACHINE_KERNEL(6, 8) },
	{ "pgdemote_khugepaged", .since = MACHINE_KERNEL(6, 2), .until = MACHINE_KERNEL(6, 8) },
	{ "pgscan_kswapd" },
	{ "pgscan_direct", reclaimed },
	{ "pgscan_khugepaged", .since = MACHINE_KERNEL(6, 2) },
	{ "pgscan_proactive", reclaimed_early, .since = MACHINE_KERNEL(6, 16) },
	{ "pgscan_direct_throttle" },
	{ "pgscan_anon", reclaimed_all },
	{ "pgscan_file" },
	{ "pgsteal_anon", reclaimed_all },
	{ "pgsteal_file" },
	{ "zone_reclaim_success", .needs = MACHINE_NUMA, .since = MACHINE_KERNEL(6, 12) },
	{ "zone_reclaim_failed", .needs = MACHINE_NUMA },
	{ "pginodesteal" },
	{ "slabs_scanned" },
	{ "kswapd_inodesteal" },
	{ "kswapd_low_wmark_hit_quickly" },
	{ "kswapd_high_wmark_hit_quickly" },
	{ "pageoutrun" },
	{ "pgrotated" },
	{ "drop_pagecache", .counted = MACHINE_EVENT_DROP_PAGECACHE },
	{ "drop_slab", .counted = MACHINE_EVENT_DROP_SLAB },
	{ "oom_kill" },
	{ "numa_pte_updates", .needs = MACHINE_NUMA_BALANCING },
	{ "numa_huge_pte_updates", .needs = MACHINE_NUMA_BALANCING },
	{ "numa_hint_faults", .needs = MACHINE_NUMA_BALANCING },
	{ "numa_hint_faults_local", .needs = MACHINE_NUMA_BALANCING },
	{ "numa_pages_migrated", .needs = MACHINE_NUMA_BALANCING },
	{ "pgmigrate_success", .needs = MACHINE_MIGRATION },
	{ "pgmigrate_fail", .needs = MACHINE_MIGRATION },
	{ "thp_migration_success", .needs = MACHINE_MIGRATION },
	{ "thp_migration_fail", .needs = MACHINE_MIGRATION },
	{ "thp_migration_split", .needs = MACHINE_MIGRATION },
	{ "compact_migrate_scanned", .needs = MACHINE_COMPACTION },
	{ "compact_free_scanned", .needs = MACHINE_COMPACTION },
	{ "compact_isolated", .needs = MACHINE_COMPACTION },
	{ "compact_stall", .needs = MACHINE_COMPACTION },
	{ "compact_fail", .needs = MACHINE_COMPACTION },
	{ "compact_success", .needs = MACHINE_COMPACTION },
	{ "compact_daemon_wake", .needs = MACHINE_COMPACTION },
	{ "compact_daemon_migrate_scanned", .needs = MACHINE_COMPACTION },
	{ "compact_daemon_free_scanned", .needs = MACHINE_COMPACTION },
	{ "htlb_buddy_alloc_success", .needs = MACHINE_HUGETLB },
	{ "htlb_buddy_alloc_fail", .needs = MACHINE_HUGETLB },
	{ "cma_alloc_success", .needs = MACHINE_CMA },
	{ "cma_alloc_fail", .needs = MACHINE_CMA },
	{ "unevictable_pgs_culled" },
	{ "unevictable_pgs_scanned" },
	{ "unevictable_pgs_rescued" },
	{ "unevictable_pgs_mlocked" },
	{ "unevictable_pgs_munlocked" },
	{ "unevictable_pgs_cleared" },
	{ "unevictable_pgs_stranded" },
	{ "thp_fault_alloc", .counted = MACHINE_EVENT_THP_FAULT_ALLOC, .needs = MACHINE_THP },
	{ "thp_fault_fallback", .needs = MACHINE_THP },
	{ "thp_fault_fallback_charge", .needs = MACHINE_THP },
	{ "thp_collapse_alloc", .needs = MACHINE_THP },
	{ "thp_collapse_alloc_failed", .needs = MACHINE_THP },
	{ "thp_file_alloc", .needs = MACHINE_THP },
	{ "thp_file_fallback", .needs = MACHINE_THP },
	{ "thp_file_fallback_charge", .needs = MACHINE_THP },
	{ "thp_file_mapped", .needs = MACHINE_THP },
	{ "thp_split_page", .needs = MACHINE_THP },
	{ "thp_split_page_failed", .needs = MACHINE_THP },
	{ "thp_deferred_split_page", .needs = MACHINE_THP },
	{ "thp_underused_split_page", .needs = MACHINE_THP, .since = MACHINE_KERNEL(6, 12) },
	{ "thp_split_pmd", .needs = MACHINE_THP },
	{ "thp_scan_exceed_none_pte", .needs = MACHINE_THP },
	{ "thp_scan_exceed_swap_pte", .needs = MACHINE_THP },
	{ "thp_scan_exceed_share_pte", .needs = MACHINE_THP },
	{ "thp_split_pud", .needs = MACHINE_THP | MACHINE_THP_PUD },
	{ "thp_zero_page_alloc", .needs = MACHINE_THP },
	{ "thp_zero_page_alloc_failed", .needs = MACHINE_THP },
	{ "thp_swpout", thps_out, .needs = MACHINE_THP },
	{ "thp_swpout_fallback", .needs = MACHINE_THP },
	{ "balloon_inflate", .needs = MACHINE_BALLOON },
	{ "balloon_deflate", .needs = MACHINE_BALLOON },
	{ "balloon_migrate", .needs = MACHINE_BALLOON_COMPACTION },
	{ "swap_ra", .needs = MACHINE_SWAP },
	{ "swap_ra_hit", .needs = MACHINE_SWAP },
	{ "swpin_zero", .needs = MACHINE_SWAP, .since = MACHINE_KERNEL(6, 12) },
	{ "swpout_zero", .needs = MACHINE_SWAP, .since = MACHINE_KERNEL(6, 12) },
	{ "ksm_swpin_copy", .needs = MACHINE_SWAP | MACHINE_KSM },
	{ "cow_ksm", .needs = MACHINE_KSM },
	{ "zswpin", .needs = MACHINE_ZSWAP },
	{ "zswpout", .needs = MACHINE_ZSWAP },
	{ "zswpwb", .needs = MACHINE_ZSWAP },
};

static const struct event direct_map_events[] = {
	{ "direct_map_level2_splits" },
	{ "direct_map_level3_splits" },
	{ "direct_map_level2_collapses", .since = MACHINE_KERNEL(6, 16) },
	{ "direct_map_level3_collapses", .since = MACHINE_KERNEL(6, 16) },
};

static void events_show(const struct machine *machine, const struct event *list, size_t nr,
			struct base_buf *buf)
{
	const struct machine_spec *spec = machine_spec(machine);
	const struct mm *mm = machine_mm(machine);

	for (size_t i = 0; i < nr; i++) {
		uint64_t value = list[i].value ? list[i].value(mm) :
						 machine_event_count(machine, list[i].counted);

		if (machine_spec_has(spec, list[i].needs) &&
		    machine_kernel_has(&spec->profile, list[i].since, list[i].until))
			base_buf_printf(buf, "%s %llu\n", list[i].name, (unsigned long long)value);
	}
}

static void zone_events_show(const struct mm *mm, const char *name, struct base_buf *buf)
{
	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (!tree_zone_exists(mm, type))
			continue;
		base_buf_printf(buf, "%s_", name);
		for (const char *c = mm_zone_name(type); *c; c++)
			base_buf_printf(buf, "%c", tolower((unsigned char)*c));
		base_buf_puts(buf, " 0\n");
	}
}

static void all_events_show(const struct machine *machine, struct base_buf *buf)
{
	const struct mm *mm = machine_mm(machine);

	events_show(machine, io_events, BASE_ARRAY_SIZE(io_events), buf);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(zone_events); i++)
		zone_events_show(mm, zone_events[i], buf);
	events_show(machine, events, BASE_ARRAY_SIZE(events), buf);
	if (machine_spec(machine)->arch->direct_map_events)
		events_show(machine, direct_map_events, BASE_ARRAY_SIZE(direct_map_events), buf);
}

static uint64_t dirty_limit(const struct machine *machine)
{
	uint64_t limit, background;

	machine_dirty_limits(machine, &limit, &background);
	return limit;
}

static uint64_t dirty_background_limit(const struct machine *machine)
{
	uint64_t limit, background;

	machine_dirty_limits(machine, &limit, &background);
	return background;
}

static uint64_t memmap_pages(const struct machine *machine)
{
	return mm_memmap_pages(machine_mm(machine));
}

static uint64_t memmap_boot_pages(const struct machine *machine)
{
	return mm_memmap_boot_pages(machine_mm(machine));
}

static const struct {
	const char *name;
	uint64_t (*value)(const struct machine *machine);
	unsigned int since;
} totals[] = {
	{ "nr_dirty_threshold", dirty_limit },
	{ "nr_dirty_background_threshold", dirty_background_limit },
	{ "nr_memmap_pages", memmap_pages, .since = MACHINE_KERNEL(6, 11) },
	{ "nr_memmap_boot_pages", memmap_boot_pages, .since = MACHINE_KERNEL(6, 11) },
};

int tree_vmstat_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct machine *machine = obj->tree->machine;
	const struct machine_spec *spec = machine_spec(machine);
	const struct mm *mm = obj->tree->mm;
	struct tree_usage usage;

	tree_usage_node(mm, MM_NODE_NONE, &usage);
	tree_zone_counters_show(spec, &usage, false, buf);
	tree_numa_counters_show(spec, false, buf);
	tree_node_counters_show(spec, &usage, false, buf);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(totals); i++) {
		if (machine_kernel_has(&spec->profile, totals[i].since, 0))
			base_buf_printf(buf, "%s %llu\n", totals[i].name,
					(unsigned long long)totals[i].value(machine));
	}
	if (machine_spec_has(spec, MACHINE_VM_EVENTS))
		all_events_show(machine, buf);
	base_buf_puts(buf, "nr_unstable 0\n");
	return 0;
}
