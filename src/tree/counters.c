// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The counters of /proc/zoneinfo and nodeK/vmstat, by name and in the kernel's order (mm/vmstat.c).
 * The engine moves no pages of programs, so that all but the free pages stay 0.
 */
#include "tree_private.h"

static const char *const zone_items[] = {
	"nr_free_pages",	 "nr_zone_inactive_anon", "nr_zone_active_anon",
	"nr_zone_inactive_file", "nr_zone_active_file",	  "nr_zone_unevictable",
	"nr_zone_write_pending", "nr_mlock",		  "nr_bounce",
	"nr_free_cma",
};

static const char *const numa_items[] = {
	"numa_hit",	   "numa_miss",	 "numa_foreign",
	"numa_interleave", "numa_local", "numa_other",
};

static const char *const node_items[] = {
	"nr_inactive_anon",
	"nr_active_anon",
	"nr_inactive_file",
	"nr_active_file",
	"nr_unevictable",
	"nr_slab_reclaimable",
	"nr_slab_unreclaimable",
	"nr_isolated_anon",
	"nr_isolated_file",
	"workingset_nodes",
	"workingset_refault_anon",
	"workingset_refault_file",
	"workingset_activate_anon",
	"workingset_activate_file",
	"workingset_restore_anon",
	"workingset_restore_file",
	"workingset_nodereclaim",
	"nr_anon_pages",
	"nr_mapped",
	"nr_file_pages",
	"nr_dirty",
	"nr_writeback",
	"nr_writeback_temp",
	"nr_shmem",
	"nr_shmem_hugepages",
	"nr_shmem_pmdmapped",
	"nr_file_hugepages",
	"nr_file_pmdmapped",
	"nr_anon_transparent_hugepages",
	"nr_vmscan_write",
	"nr_vmscan_immediate_reclaim",
	"nr_dirtied",
	"nr_written",
	"nr_throttled_written",
	"nr_kernel_misc_reclaimable",
	"nr_foll_pin_acquired",
	"nr_foll_pin_released",
	"nr_kernel_stack",
	"nr_page_table_pages",
	"nr_sec_page_table_pages",
	"nr_swapcached",
	"pgdemote_kswapd",
	"pgdemote_direct",
	"pgdemote_khugepaged",
};

static void items_show(const char *const *names, size_t nr, uint64_t first, bool aligned,
		       struct base_buf *buf)
{
	for (size_t i = 0; i < nr; i++)
		base_buf_printf(buf, aligned ? "\n      %-12s %llu" : "%s %llu\n", names[i],
				(unsigned long long)(i ? 0 : first));
}

void tree_zone_items_show(uint64_t free_pages, bool aligned, struct base_buf *buf)
{
	items_show(zone_items, BASE_ARRAY_SIZE(zone_items), free_pages, aligned, buf);
}

void tree_numa_items_show(bool aligned, struct base_buf *buf)
{
	items_show(numa_items, BASE_ARRAY_SIZE(numa_items), 0, aligned, buf);
}

void tree_node_items_show(bool aligned, struct base_buf *buf)
{
	items_show(node_items, BASE_ARRAY_SIZE(node_items), 0, aligned, buf);
}
