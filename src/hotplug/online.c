// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Onlining the pages of a block: memory_block_online() with online_pages(), with its checks and
 * roll-back in the kernel's order.
 */
#include <errno.h>

#include "hp_private.h"

static int pages_online(struct hp *hp, struct hp_block *block, enum mm_zone_type zone,
			const struct hp_notify *arg)
{
	uint64_t start_pfn = hp_block_start_pfn(hp, block), nr_pages = hp_block_pages(hp);
	bool populated = mm_zone_populated(hp->mm, block->nid, zone);
	int ret;

	/* The struct pages are reinitialized; older kernels do not exclude poisoned ones. */
	if (!hp->config.poison_stays_offline)
		mm_poison_lose(hp->mm, block->nid, start_pfn, nr_pages);
	/* Includes its own memmap, which is also part of the zone. */
	mm_zone_take_range(hp->mm, block->nid, zone, start_pfn, nr_pages);
	ret = hp_fault_block(hp, HP_FAULT_GOING_ONLINE, block, zone);
	if (!ret)
		ret = hp_fail_alloc_online(hp, block->nid, zone);
	if (!ret)
		ret = hp_notify(hp, HP_GOING_ONLINE, arg);
	if (!ret)
		ret = mm_zone_add_pages(hp->mm, block->nid, zone, start_pfn, nr_pages);
	if (ret) {
		hp_notify(hp, HP_CANCEL_ONLINE, arg);
		goto out_range;
	}
	ret = hp_notify(hp, HP_ONLINE_PAGES, arg);
	if (!ret && block->altmap_pages)
		ret = mm_altmap_take(hp->mm, start_pfn, block->altmap_pages);
	if (ret) {
		mm_zone_remove_pages(hp->mm, block->nid, zone, start_pfn, nr_pages);
		hp_notify(hp, HP_CANCEL_ONLINE, arg);
		goto out_range;
	}
	hp_group_account(block->group, zone, nr_pages, true);
	if (!populated)
		hp_build_zonelists(hp);
	/* undo_isolate_page_range() */
	mm_unisolate(hp->mm, start_pfn, nr_pages);
	hp_wmark_update(hp);
	hp_notify(hp, HP_ONLINED, arg);
	return 0;

out_range:
	mm_zone_drop_range(hp->mm, block->nid, zone, start_pfn, nr_pages);
	return ret;
}

int hp_block_pages_online(struct hp *hp, struct hp_block *block)
{
	uint64_t start_pfn = hp_block_start_pfn(hp, block), nr_pages = hp_block_pages(hp);
	struct hp_notify arg = hp_block_range(hp, block);
	enum mm_zone_type zone = hp_zone_for_range(hp, block->remembered, block->nid, block->group,
						   start_pfn, nr_pages);
	int ret;

	if (hp->config.poison_stays_offline && mm_has_poison(hp->mm, start_pfn, nr_pages)) {
		hp_explain(hp, block->id, "it has a broken page, with which it cannot go online");
		return -EHWPOISON;
	}
	ret = hp_fault_block(hp, HP_FAULT_PREPARE_ONLINE, block, zone);
	if (!ret)
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
