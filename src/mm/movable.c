// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where ZONE_MOVABLE begins on each node at boot (the kernel's find_zone_movable_pfns_for_nodes()):
 * at the memory that firmware marks hot-pluggable, at the memory that is not mirrored, or above the
 * requested amount of kernel memory, which is spread evenly over the nodes.
 */
#include "mm_private.h"

void mm_boot_zone_limits(const struct mm *mm, enum mm_zone_type type, uint64_t *ret_low,
			 uint64_t *ret_high)
{
	uint64_t boot_end = mm->nr_boot ? mm->boot[mm->nr_boot - 1].end : 0;
	uint64_t max_pfn = BASE_MAX(boot_end, mm->config.max_low_pfn);
	uint64_t low = 0, high = mm->nr_boot ? mm->boot[0].start : 0;

	for (int i = 0; i <= (int)type; i++) {
		uint64_t end = i == MM_ZONE_NORMAL ? max_pfn : mm->config.zone_end_pfn[i];

		low = high;
		high = BASE_MAX(low, BASE_MIN(end, max_pfn));
	}
	*ret_low = low;
	*ret_high = high;
}

/* The start of memory that can be in Movable; memory below is kernel memory on every node. */
static uint64_t usable_start(const struct mm *mm)
{
	uint64_t low = 0, high;

	for (int type = MM_ZONE_NORMAL; type >= 0; type--) {
		mm_boot_zone_limits(mm, type, &low, &high);
		if (low < high)
			break;
	}
	return low;
}

static void mark_lowest(struct mm *mm, const struct mm_range *range)
{
	uint64_t *mark = &mm->node[range->nid]->movable_start;

	*mark = *mark ? BASE_MIN(*mark, range->start) : range->start;
}

static void place_hotpluggable(struct mm *mm)
{
	for (size_t i = 0; i < mm->nr_boot; i++) {
		if (mm->boot[i].hotpluggable)
			mark_lowest(mm, &mm->boot[i]);
	}
}

static void place_mirrored(struct mm *mm)
{
	uint64_t limit = (4ULL << 30) >> mm->config.page_shift;
	bool any = false;

	for (size_t i = 0; i < mm->nr_boot; i++)
		any = any || mm->boot[i].mirrored;
	for (size_t i = 0; any && i < mm->nr_boot; i++) {
		if (!mm->boot[i].mirrored && mm->boot[i].start >= limit)
			mark_lowest(mm, &mm->boot[i]);
	}
}

/* @required: kernel memory still to be placed; @low: usable_start() */
struct spread {
	struct mm *mm;
	uint64_t required;
	uint64_t low;
};

static uint64_t less(uint64_t from, uint64_t amount)
{
	return from - BASE_MIN(from, amount);
}

/* Makes up to @share more pages of the node kernel memory. */
static void spread_node(struct spread *spread, struct mm_node *node, uint64_t share)
{
	const struct mm *mm = spread->mm;

	for (size_t i = 0; i < mm->nr_boot; i++) {
		uint64_t start = BASE_MAX(mm->boot[i].start, node->movable_start);
		uint64_t end = mm->boot[i].end, pages;

		if (mm->boot[i].nid != node->nid || start >= end)
			continue;
		if (start < spread->low) {
			pages = BASE_MIN(end, spread->low) - start;
			share = less(share, pages);
			spread->required = less(spread->required, pages);
			start = BASE_MIN(end, spread->low);
		}
		pages = BASE_MIN(end - start, share);
		/* Recorded so that the next round does not count it again. */
		node->movable_start = start + pages;
		spread->required = less(spread->required, pages);
		share -= pages;
		/* QUIRK: memory below @low is counted to its end, regardless of the share. */
		if (!share && end > spread->low)
			return;
	}
}

static void place_spread(struct mm *mm, uint64_t required)
{
	struct spread spread = { .mm = mm, .required = required, .low = usable_start(mm) };
	uint64_t nodes = base_mask_weight(&mm->up);

	/* QUIRK: a remainder of no more pages than there are nodes left is never placed. */
	do {
		uint64_t share = spread.required / nodes;

		for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1)) {
			if (spread.required < share)
				share = spread.required / nodes;
			spread_node(&spread, mm->node[nid], share);
		}
		nodes--;
	} while (nodes && spread.required > nodes);
}

/* Pages of kernel memory that the parameters request; 0: no Movable at all. */
static uint64_t required_core(const struct mm *mm)
{
	const struct mm_movable *want = &mm->movable;
	uint64_t total = 0, core = want->kernelcore, movable = want->movablecore;

	for (size_t i = 0; i < mm->nr_boot; i++)
		total += mm->boot[i].end - mm->boot[i].start;
	if (want->kernelcore_percent)
		core = total * 100 * want->kernelcore_percent / 10000;
	if (want->movablecore_percent)
		movable = total * 100 * want->movablecore_percent / 10000;
	if (movable) {
		movable = BASE_MIN(BASE_ROUND_UP(movable, 1ULL << mm->config.max_order), total);
		core = BASE_MAX(core, total - movable);
	}
	return core < total ? core : 0;
}

void mm_movable_place(struct mm *mm)
{
	uint64_t core;

	if (mm->movable.movable_node) {
		place_hotpluggable(mm);
	} else if (mm->movable.mirror) {
		place_mirrored(mm);
	} else {
		core = required_core(mm);
		if (core)
			place_spread(mm, core);
	}
	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1)) {
		struct mm_node *node = mm->node[nid];

		if (!node->movable_start)
			continue;
		node->movable_start =
			BASE_ROUND_UP(node->movable_start, 1ULL << mm->config.max_order);
		if (node->movable_start >= node->start_pfn + node->spanned)
			node->movable_start = 0;
	}
}
