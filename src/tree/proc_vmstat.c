// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/vmstat, in the kernel's layout (mm/vmstat.c:vmstat_text[]): the counters of all zones and
 * nodes, thresholds, and events. Events are not emulated and are 0.
 */
#include <ctype.h>

#include "counters.h"
#include "tree_private.h"

#define DIRTY_RATIO 20
#define DIRTY_BACKGROUND_RATIO 10

/* @needs: enum machine_feature; @since, @until: the kernel versions that have it */
struct event {
	const char *name;
	unsigned int needs;
	unsigned int since;
	unsigned int until;
};

static const char *const io_events[] = {
	"pgpgin",
	"pgpgout",
	"pswpin",
	"pswpout",
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
	{ "pgmajfault" },
	{ "pglazyfreed" },
	{ "pgrefill" },
	{ "pgreuse" },
	{ "pgsteal_kswapd" },
	{ "pgsteal_direct" },
	{ "pgsteal_khugepaged", .since = MACHINE_KERNEL(6, 2) },
	{ "pgsteal_proactive", .since = MACHINE_KERNEL(6, 18) },
	{ "pgdemote_kswapd", .until = MACHINE_KERNEL(6, 8) },
	{ "pgdemote_direct", .until = MACHINE_KERNEL(6, 8) },
	{ "pgdemote_khugepaged", .since = MACHINE_KERNEL(6, 2), .until = MACHINE_KERNEL(6, 8) },
	{ "pgscan_kswapd" },
	{ "pgscan_direct" },
	{ "pgscan_khugepaged", .since = MACHINE_KERNEL(6, 2) },
	{ "pgscan_proactive", .since = MACHINE_KERNEL(6, 18) },
	{ "pgscan_direct_throttle" },
	{ "pgscan_anon" },
	{ "pgscan_file" },
	{ "pgsteal_anon" },
	{ "pgsteal_file" },
	{ "zone_reclaim_success" },
	{ "zone_reclaim_failed" },
	{ "pginodesteal" },
	{ "slabs_scanned" },
	{ "kswapd_inodesteal" },
	{ "kswapd_low_wmark_hit_quickly" },
	{ "kswapd_high_wmark_hit_quickly" },
	{ "pageoutrun" },
	{ "pgrotated" },
	{ "drop_pagecache" },
	{ "drop_slab" },
	{ "oom_kill" },
	{ "pgmigrate_success" },
	{ "pgmigrate_fail" },
	{ "thp_migration_success" },
	{ "thp_migration_fail" },
	{ "thp_migration_split" },
	{ "compact_migrate_scanned" },
	{ "compact_free_scanned" },
	{ "compact_isolated" },
	{ "compact_stall" },
	{ "compact_fail" },
	{ "compact_success" },
	{ "compact_daemon_wake" },
	{ "compact_daemon_migrate_scanned" },
	{ "compact_daemon_free_scanned" },
	{ "htlb_buddy_alloc_success" },
	{ "htlb_buddy_alloc_fail" },
	{ "cma_alloc_success" },
	{ "cma_alloc_fail" },
	{ "unevictable_pgs_culled" },
	{ "unevictable_pgs_scanned" },
	{ "unevictable_pgs_rescued" },
	{ "unevictable_pgs_mlocked" },
	{ "unevictable_pgs_munlocked" },
	{ "unevictable_pgs_cleared" },
	{ "unevictable_pgs_stranded" },
	{ "thp_fault_alloc" },
	{ "thp_fault_fallback" },
	{ "thp_fault_fallback_charge" },
	{ "thp_collapse_alloc" },
	{ "thp_collapse_alloc_failed" },
	{ "thp_file_alloc" },
	{ "thp_file_fallback" },
	{ "thp_file_fallback_charge" },
	{ "thp_file_mapped" },
	{ "thp_split_page" },
	{ "thp_split_page_failed" },
	{ "thp_deferred_split_page" },
	{ "thp_underused_split_page", .since = MACHINE_KERNEL(6, 12) },
	{ "thp_split_pmd" },
	{ "thp_scan_exceed_none_pte" },
	{ "thp_scan_exceed_swap_pte" },
	{ "thp_scan_exceed_share_pte" },
	{ "thp_split_pud", .needs = MACHINE_ZONE_DEVICE },
	{ "thp_zero_page_alloc" },
	{ "thp_zero_page_alloc_failed" },
	{ "thp_swpout" },
	{ "thp_swpout_fallback" },
	{ "balloon_inflate" },
	{ "balloon_deflate" },
	{ "balloon_migrate" },
	{ "swap_ra" },
	{ "swap_ra_hit" },
	{ "swpin_zero", .since = MACHINE_KERNEL(6, 12) },
	{ "swpout_zero", .since = MACHINE_KERNEL(6, 12) },
	{ "ksm_swpin_copy" },
	{ "cow_ksm" },
};

static const struct event direct_map_events[] = {
	{ "direct_map_level2_splits" },
	{ "direct_map_level3_splits" },
	{ "direct_map_level2_collapses", .since = MACHINE_KERNEL(6, 18) },
	{ "direct_map_level3_collapses", .since = MACHINE_KERNEL(6, 18) },
};

static void event_show(const char *name, struct base_buf *buf)
{
	base_buf_printf(buf, "%s 0\n", name);
}

static void events_show(const struct machine_spec *spec, const struct event *list, size_t nr,
			struct base_buf *buf)
{
	for (size_t i = 0; i < nr; i++) {
		if (!(list[i].needs & spec->arch->lacks) &&
		    machine_kernel_has(&spec->profile, list[i].since, list[i].until))
			event_show(list[i].name, buf);
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

/* @ratio percent of dirtyable memory, rounded as domain_dirty_limits() does. */
static uint64_t dirty_threshold(const struct mm *mm, unsigned int ratio)
{
	uint64_t page_size = 1ULL << mm_config(mm)->page_shift;

	return ratio * page_size / 100 * mm_dirtyable(mm) / page_size;
}

static uint64_t dirty_limit(const struct mm *mm)
{
	return dirty_threshold(mm, DIRTY_RATIO);
}

static uint64_t dirty_background_limit(const struct mm *mm)
{
	return dirty_threshold(mm, DIRTY_BACKGROUND_RATIO);
}

static const struct {
	const char *name;
	uint64_t (*value)(const struct mm *mm);
	unsigned int since;
} totals[] = {
	{ "nr_dirty_threshold", dirty_limit },
	{ "nr_dirty_background_threshold", dirty_background_limit },
	{ "nr_memmap_pages", mm_memmap_pages, .since = MACHINE_KERNEL(6, 11) },
	{ "nr_memmap_boot_pages", mm_memmap_boot_pages, .since = MACHINE_KERNEL(6, 11) },
};

int tree_vmstat_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct machine_spec *spec = machine_spec(obj->tree->machine);
	const struct machine_kernel *kernel = &spec->profile;
	const struct mm *mm = obj->tree->mm;
	struct tree_usage usage;

	tree_usage_node(mm, MM_NODE_NONE, &usage);
	tree_zone_counters_show(kernel, &usage, false, buf);
	tree_numa_counters_show(kernel, false, buf);
	tree_node_counters_show(kernel, &usage, false, buf);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(totals); i++) {
		if (machine_kernel_has(kernel, totals[i].since, 0))
			base_buf_printf(buf, "%s %llu\n", totals[i].name,
					(unsigned long long)totals[i].value(mm));
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(io_events); i++)
		event_show(io_events[i], buf);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(zone_events); i++)
		zone_events_show(mm, zone_events[i], buf);
	events_show(spec, events, BASE_ARRAY_SIZE(events), buf);
	if (spec->arch->direct_map_events)
		events_show(spec, direct_map_events, BASE_ARRAY_SIZE(direct_map_events), buf);
	event_show("nr_unstable", buf);
	return 0;
}
