// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/: files that must agree with the blocks; here zoneinfo, iomem and cmdline, in the kernel's
 * layout (mm/vmstat.c:zoneinfo_show_print(), kernel/resource.c:r_show()).
 */
#include "counters.h"
#include "tree_private.h"

static unsigned long long pageset_high(const struct mm_zone_info *zone, uint64_t share)
{
	return BASE_MAX(share, (uint64_t)zone->batch * 4);
}

static void zone_pagesets_show(const struct tree *tree, int nid, const struct mm_zone_info *zone,
			       struct base_buf *buf)
{
	bool limits =
		machine_kernel_has(&machine_spec(tree->machine)->profile, MACHINE_KERNEL(6, 16), 0);
	struct base_mask cpus, local;
	unsigned int cpu, nr;

	machine_all_cpus(tree->machine, &cpus);
	machine_node_cpus(tree->machine, nid, &local);
	nr = base_mask_weight(base_mask_empty(&local) ? &cpus : &local);
	base_buf_puts(buf, "\n  pagesets");
	BASE_MASK_FOREACH(cpu, &cpus) {
		base_buf_printf(buf,
				limits ? "\n    cpu: %u"
					 "\n              count:    0"
					 "\n              high:     0"
					 "\n              batch:    %u" :
					 "\n    cpu: %u"
					 "\n              count: 0"
					 "\n              high:  0"
					 "\n              batch: %u",
				cpu, zone->batch);
		/* zone_highsize(): what the CPUs of the node may keep of their zone */
		if (limits)
			base_buf_printf(buf,
					"\n              high_min: %llu"
					"\n              high_max: %llu",
					pageset_high(zone, zone->low / nr),
					pageset_high(zone, zone->managed / 8 / nr));
		base_buf_printf(buf, "\n  vm stats threshold: %u", zone->stat_threshold);
	}
}

static void zone_show(const struct tree *tree, int nid, enum mm_zone_type type, bool with_node,
		      struct base_buf *buf)
{
	const struct machine_spec *spec = machine_spec(tree->machine);
	struct mm_zone_info zone;
	struct tree_usage usage;
	const char *sep = "";

	mm_zone_info(tree->mm, nid, type, &zone);
	base_buf_printf(buf, "Node %d, zone %8s", nid, mm_zone_name(type));
	if (with_node) {
		base_buf_puts(buf, "\n  per-node stats");
		tree_usage_node(tree->mm, nid, &usage);
		tree_node_counters_show(spec, &usage, true, buf);
	}
	base_buf_printf(buf,
			"\n  pages free     %llu"
			"\n        boost    0"
			"\n        min      %llu"
			"\n        low      %llu"
			"\n        high     %llu",
			(unsigned long long)zone.free, (unsigned long long)zone.min,
			(unsigned long long)zone.low, (unsigned long long)zone.high);
	if (machine_kernel_has(&spec->profile, MACHINE_KERNEL(6, 12), 0))
		base_buf_printf(buf, "\n        promo    %llu", (unsigned long long)zone.promo);
	base_buf_printf(buf,
			"\n        spanned  %llu"
			"\n        present  %llu"
			"\n        managed  %llu"
			"\n        cma      %llu",
			(unsigned long long)zone.spanned, (unsigned long long)zone.present,
			(unsigned long long)zone.managed, (unsigned long long)zone.cma);
	base_buf_puts(buf, "\n        protection: (");
	for (int upper = 0; upper < MM_NR_ZONES; upper++) {
		if (!tree_zone_exists(tree->mm, upper))
			continue;
		base_buf_printf(buf, "%s%llu", sep, (unsigned long long)zone.reserve[upper]);
		sep = ", ";
	}
	base_buf_puts(buf, ")");
	if (zone.present) {
		tree_usage_zone(tree->mm, nid, type, &usage);
		tree_zone_counters_show(spec, &usage, true, buf);
		tree_numa_counters_show(spec, true, buf);
		zone_pagesets_show(tree, nid, &zone, buf);
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

			if (!tree_zone_exists(tree->mm, type))
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
	base_buf_printf(buf, "%s\n", machine_cmdline(obj->tree->machine));
	return 0;
}

#define PROC_ROW(name, fn)                                                                         \
	{                                                                                          \
		.path = "proc/" name, .mode = S_IFREG | 0444, .show = (fn)                         \
	}

static const struct tree_row proc_rows[] = {
	{ .path = "proc", .mode = S_IFDIR | 0555 },
	PROC_ROW("meminfo", tree_meminfo_show),
	PROC_ROW("zoneinfo", zoneinfo_show),
	PROC_ROW("buddyinfo", tree_buddyinfo_show),
	{ .path = "proc/pagetypeinfo", .mode = S_IFREG | 0400, .show = tree_pagetypeinfo_show },
	PROC_ROW("vmstat", tree_vmstat_show),
	{ .path = "proc/swaps",
	  .needs = MACHINE_SWAP,
	  .mode = S_IFREG | 0444,
	  .show = tree_swaps_show },
	PROC_ROW("iomem", iomem_show),
	PROC_ROW("cmdline", cmdline_show),
};

const struct tree_table tree_proc_table = TREE_TABLE(proc_rows);
