// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Onlining and offlining the pages of a block: memory_block_online() and memory_block_offline()
 * with online_pages() and offline_pages(), their checks and their ways back in the kernel's order.
 */
#include <errno.h>

#include "hp_private.h"

static void group_account(struct hp_group *group, enum mm_zone_type zone, uint64_t nr_pages,
			  bool add)
{
	uint64_t *present;

	if (!group)
		return;
	present = zone == MM_ZONE_MOVABLE ? &group->present_movable : &group->present_kernel;
	*present = add ? *present + nr_pages : *present - nr_pages;
}

/* The nodes with memory, nearest first; ties by number, those above @nid before those below. */
static void log_fallback_order(struct hp *hp, int nid)
{
	const struct base_mask *nodes = mm_nodes_with_memory(hp->mm);
	struct base_buf line;
	unsigned int n;

	base_buf_init(&line);
	base_buf_printf(&line, "Fallback order for Node %d: ", nid);
	if (base_mask_test(nodes, nid))
		base_buf_printf(&line, "%d ", nid);
	for (int below = 0; below < 2; below++) {
		BASE_MASK_FOREACH(n, nodes) {
			if ((int)n != nid && ((int)n < nid) == below)
				base_buf_printf(&line, "%u ", n);
		}
	}
	if (!line.failed)
		hp_log(hp, "%s", base_buf_text(&line));
	base_buf_fini(&line);
}

/* What build_all_zonelists() prints. */
static void log_zonelists(struct hp *hp)
{
	enum mm_zone_type policy = MM_ZONE_DMA;
	unsigned int lists = 0;
	uint64_t total = 0;

	for (int nid = mm_node_next(hp->mm, 0); nid >= 0; nid = mm_node_next(hp->mm, nid + 1)) {
		log_fallback_order(hp, nid);
		lists++;
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_zone_info zone;

			mm_zone_info(hp->mm, nid, type, &zone);
			if (zone.managed > zone.high)
				total += zone.managed - zone.high;
			if (zone.present && type <= MM_ZONE_NORMAL && type > (int)policy)
				policy = type;
		}
	}
	hp_log(hp, "Built %u zonelists, mobility grouping on.  Total pages: %llu", lists,
	       (unsigned long long)total);
	hp_log(hp, "Policy zone: %s", mm_zone_name(policy));
}

static int pages_online(struct hp *hp, struct hp_block *block, enum mm_zone_type zone,
			const struct hp_notify *arg)
{
	bool populated = mm_zone_populated(hp->mm, block->nid, zone);
	int ret;

	ret = mm_zone_take_range(hp->mm, block->nid, zone, arg->start_pfn, arg->nr_pages);
	if (ret)
		return ret;
	ret = hp_notify(hp, HP_GOING_ONLINE, arg);
	if (ret) {
		hp_notify(hp, HP_CANCEL_ONLINE, arg);
		mm_zone_drop_range(hp->mm, block->nid, zone, arg->start_pfn, arg->nr_pages);
		return ret;
	}
	mm_zone_add_pages(hp->mm, block->nid, zone, arg->start_pfn, arg->nr_pages);
	group_account(block->group, zone, arg->nr_pages, true);
	if (!populated)
		log_zonelists(hp);
	mm_wmark_update(hp->mm);
	hp_notify(hp, HP_ONLINED, arg);
	return 0;
}

int hp_block_pages_online(struct hp *hp, struct hp_block *block)
{
	struct hp_notify arg = {
		.start_pfn = hp_block_start_pfn(hp, block),
		.nr_pages = hp_block_pages(hp),
	};
	enum mm_zone_type zone = hp_zone_for_range(hp, block->remembered, block->nid, block->group,
						   arg.start_pfn, arg.nr_pages);
	int ret;

	ret = hp_notify(hp, HP_PREPARE_ONLINE, &arg);
	if (ret)
		return ret;
	ret = pages_online(hp, block, zone, &arg);
	if (ret) {
		hp_notify(hp, HP_FINISH_OFFLINE, &arg);
		return ret;
	}
	block->zone = zone;
	return 0;
}

/* The kernel prints this at debug level only; here it is what people come for. */
static int offline_failed(struct hp *hp, const struct hp_notify *arg, const char *reason, int err)
{
	unsigned int shift = mm_config(hp->mm)->page_shift;

	hp_log(hp, "memory offlining [mem 0x%08llx-0x%08llx] failed due to %s",
	       (unsigned long long)(arg->start_pfn << shift),
	       (unsigned long long)(((arg->start_pfn + arg->nr_pages) << shift) - 1), reason);
	return err;
}

/* The first page that cannot be isolated; in Movable only boot allocations count. */
static bool find_unmovable(const struct hp *hp, enum mm_zone_type zone,
			   const struct hp_notify *arg, struct mm_hold_info *ret_info)
{
	uint64_t end = arg->start_pfn + arg->nr_pages;

	for (uint64_t pfn = arg->start_pfn; mm_hold_find(hp->mm, pfn, end, ret_info);
	     pfn = ret_info->start_pfn + ret_info->nr_pages) {
		if (zone != MM_ZONE_MOVABLE || ret_info->kind == MM_HOLD_RESERVED)
			return true;
	}
	return false;
}

static int offline_checks(struct hp *hp, const struct hp_block *block, const struct hp_notify *arg)
{
	unsigned int shift = mm_config(hp->mm)->page_shift;
	struct mm_hold_info held;

	/* A boot block of several zones or nodes; the kernel says nothing at all. */
	if (block->zone == MM_NR_ZONES)
		return -EINVAL;
	if (!hp_resource_is_ram(hp, arg->start_pfn << shift, arg->nr_pages << shift))
		return offline_failed(hp, arg, "memory holes", -EINVAL);
	if (find_unmovable(hp, block->zone, arg, &held)) {
		hp_log(hp, "page: pfn:0x%llx held by %s, %llu pages",
		       (unsigned long long)held.start_pfn, held.owner,
		       (unsigned long long)held.nr_pages);
		hp_log(hp, "page dumped because: unmovable page");
		return offline_failed(hp, arg, "failure to isolate range", -EBUSY);
	}
	return 0;
}

static void offline_finish(struct hp *hp, struct hp_block *block, const struct hp_notify *arg)
{
	mm_zone_remove_pages(hp->mm, block->nid, block->zone, arg->start_pfn, arg->nr_pages);
	group_account(block->group, block->zone, arg->nr_pages, false);
	mm_wmark_update(hp->mm);
	if (!mm_zone_populated(hp->mm, block->nid, block->zone))
		log_zonelists(hp);
	hp_notify(hp, HP_OFFLINED, arg);
	mm_zone_drop_range(hp->mm, block->nid, block->zone, arg->start_pfn, arg->nr_pages);
	block->zone = MM_NR_ZONES;
	hp_notify(hp, HP_FINISH_OFFLINE, arg);
}

void hp_block_pages_offline(struct hp *hp, struct hp_block *block, struct hp_then *then)
{
	struct hp_notify arg = {
		.start_pfn = hp_block_start_pfn(hp, block),
		.nr_pages = hp_block_pages(hp),
	};
	int ret;

	ret = offline_checks(hp, block, &arg);
	if (ret) {
		then->fn(then, ret);
		return;
	}
	ret = hp_notify(hp, HP_GOING_OFFLINE, &arg);
	if (ret) {
		offline_failed(hp, &arg, "notifier failure", ret);
		hp_notify(hp, HP_CANCEL_OFFLINE, &arg);
		then->fn(then, ret);
		return;
	}
	offline_finish(hp, block, &arg);
	then->fn(then, 0);
}
