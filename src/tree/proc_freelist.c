// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/buddyinfo and proc/pagetypeinfo, in the kernel's layout (mm/vmstat.c: frag_show(),
 * pagetypeinfo_show()). Zones without pages are left out.
 */
#include "tree_private.h"

#define FREE_COUNT_LIMIT 100000 /* where the kernel stops counting */

/* @needs: MACHINE_... features */
static const struct {
	const char *name;
	uint64_t needs;
} types[MM_NR_MIGRATE_TYPES] = {
	[MM_MIGRATE_UNMOVABLE] = { "Unmovable" },     [MM_MIGRATE_MOVABLE] = { "Movable" },
	[MM_MIGRATE_RECLAIMABLE] = { "Reclaimable" }, [MM_MIGRATE_HIGHATOMIC] = { "HighAtomic" },
	[MM_MIGRATE_CMA] = { "CMA", MACHINE_CMA },    [MM_MIGRATE_ISOLATE] = { "Isolate" },
};

static bool has_type(const struct tree *tree, int mt)
{
	return machine_spec_has(machine_spec(tree->machine), types[mt].needs);
}

int tree_buddyinfo_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct mm *mm = obj->tree->mm;
	unsigned int nid, max_order = mm_config(mm)->max_order;
	struct mm_free_lists lists;

	BASE_MASK_FOREACH(nid, hp_nodes_online(obj->tree->hp)) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			if (!mm_zone_populated(mm, (int)nid, type))
				continue;
			mm_zone_free_lists(mm, (int)nid, type, &lists);
			base_buf_printf(buf, "Node %u, zone %8s ", nid, mm_zone_name(type));
			for (unsigned int order = 0; order <= max_order; order++) {
				uint64_t nr = 0;

				for (int mt = 0; mt < MM_NR_MIGRATE_TYPES; mt++)
					nr += lists.chunks[mt][order];
				base_buf_printf(buf, "%6llu ", (unsigned long long)nr);
			}
			base_buf_puts(buf, "\n");
		}
	}
	return 0;
}

static void pagetype_header_show(const struct mm *mm, struct base_buf *buf)
{
	uint64_t pages = mm_config(mm)->pageblock_pages;
	unsigned int order = 0, max_order = mm_config(mm)->max_order;

	while (1ULL << order < pages)
		order++;
	base_buf_printf(buf, "Page block order: %u\nPages per block:  %llu\n\n", order,
			(unsigned long long)pages);
	base_buf_printf(buf, "%-43s ", "Free pages count per migrate type at order");
	for (order = 0; order <= max_order; order++)
		base_buf_printf(buf, "%6u ", order);
	base_buf_puts(buf, "\n");
}

static void pagetype_zone_show(const struct tree *tree, int nid, enum mm_zone_type type,
			       const struct mm_free_lists *lists, struct base_buf *buf)
{
	unsigned int max_order = mm_config(tree->mm)->max_order;

	for (int mt = 0; mt < MM_NR_MIGRATE_TYPES; mt++) {
		if (!has_type(tree, mt))
			continue;
		base_buf_printf(buf, "Node %4d, zone %8s, type %12s ", nid, mm_zone_name(type),
				types[mt].name);
		for (unsigned int order = 0; order <= max_order; order++) {
			uint64_t nr = lists->chunks[mt][order];

			base_buf_printf(buf, "%s%6llu ", nr >= FREE_COUNT_LIMIT ? ">" : "",
					(unsigned long long)BASE_MIN(nr, FREE_COUNT_LIMIT));
		}
		base_buf_puts(buf, "\n");
	}
}

static void pagetype_node_show(const struct tree *tree, int nid, struct base_buf *buf)
{
	const struct mm *mm = tree->mm;
	struct mm_free_lists lists[MM_NR_ZONES];

	pagetype_header_show(mm, buf);
	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (!mm_zone_populated(mm, nid, type))
			continue;
		mm_zone_free_lists(mm, nid, type, &lists[type]);
		pagetype_zone_show(tree, nid, type, &lists[type], buf);
	}
	base_buf_printf(buf, "\n%-23s", "Number of blocks type ");
	for (int mt = 0; mt < MM_NR_MIGRATE_TYPES; mt++) {
		if (has_type(tree, mt))
			base_buf_printf(buf, "%12s ", types[mt].name);
	}
	base_buf_puts(buf, "\n");
	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (!mm_zone_populated(mm, nid, type))
			continue;
		base_buf_printf(buf, "Node %d, zone %8s ", nid, mm_zone_name(type));
		for (int mt = 0; mt < MM_NR_MIGRATE_TYPES; mt++) {
			if (has_type(tree, mt))
				base_buf_printf(buf, "%12llu ",
						(unsigned long long)lists[type].blocks[mt]);
		}
		base_buf_puts(buf, "\n");
	}
}

int tree_pagetypeinfo_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	unsigned int nid;

	/* QUIRK: the header is repeated for every node, and nodes without memory have none. */
	BASE_MASK_FOREACH(nid, hp_nodes_online(obj->tree->hp)) {
		if (base_mask_test(mm_nodes_with_memory(obj->tree->mm), nid))
			pagetype_node_show(obj->tree, (int)nid, buf);
	}
	return 0;
}
