// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Adding and removing memory: add_memory_resource() and try_remove_memory(), with the order of
 * events that user space sees: all blocks, then the node, then the links, then onlining by default.
 */
#include <errno.h>
#include <stdlib.h>

#include "hp_private.h"

static int check_mappable(struct hp *hp, uint64_t start, uint64_t size)
{
	uint64_t end = start + size;

	if (start < end && end - 1 <= hp->config.max_mappable)
		return 0;
	hp_log(hp, "Hotplug memory [0x%llx-0x%llx] exceeds maximum addressable range [0x0-0x%llx]",
	       (unsigned long long)start, (unsigned long long)end,
	       (unsigned long long)hp->config.max_mappable);
	return -E2BIG;
}

static int check_aligned(struct hp *hp, uint64_t start, uint64_t size)
{
	uint64_t block = hp->config.block_size;

	if (size && BASE_ALIGNED(start, block) && BASE_ALIGNED(size, block))
		return 0;
	hp_log(hp, "Block size [0x%llx] unaligned hotplug range: start 0x%llx, size 0x%llx",
	       (unsigned long long)block, (unsigned long long)start, (unsigned long long)size);
	return -EINVAL;
}

/* The memmap is kernel memory of the node, allocated before the new memory can be used. */
static struct mm_holder *memmap_new(struct hp *hp, int nid, uint64_t size)
{
	const struct mm_config *mm = mm_config(hp->mm);
	uint64_t page = 1ULL << mm->page_shift, sections = (size / page) / mm->section_pages;
	struct mm_alloc_request want = {
		/* Each section has pages of its own for it (sparse_add_section()). */
		.nr_pages = sections *
			    (BASE_ROUND_UP(mm->section_pages * MM_STRUCT_PAGE_BYTES, page) / page),
		.nid = hp->config.memmap_in_boot_memory ? MM_NODE_NONE : nid,
		.not_nid = MM_NODE_NONE,
		.boot_only = hp->config.memmap_in_boot_memory,
	};
	struct mm_holder *memmap;

	if (hp_fail_alloc_memmap(hp, want.nr_pages))
		return NULL;
	memmap = mm_holder_new(hp->mm, "memmap", MM_KIND_MEMMAP);
	if (memmap && mm_holder_grow(hp->mm, memmap, &want)) {
		mm_holder_free(hp->mm, memmap);
		memmap = NULL;
	}
	return memmap;
}

/* x86 maps each whole GiB of a range that is added at once with one page (phys_pud_init()). */
void hp_direct_map_add(struct hp *hp, const struct hp_range *range, int sign)
{
	uint64_t first = BASE_ROUND_UP(range->start, GIB(1));
	uint64_t end = BASE_ROUND_DOWN(range->start + range->size, GIB(1));
	uint64_t giant = first < end ? end - first : 0;

	/* Blocks that hold their own memmap are added one at a time. */
	if (!range->memmap && hp->config.block_size < GIB(1))
		giant = 0;
	hp->direct_map.bytes += sign * (int64_t)range->size;
	hp->direct_map.giant_bytes += sign * (int64_t)giant;
}

/* @altmap: the blocks hold their own memmap */
static int range_new(struct hp *hp, int nid, uint64_t start, uint64_t size, bool altmap)
{
	struct hp_range *range = calloc(1, sizeof(*range));

	if (!range)
		return -ENOMEM;
	range->start = start;
	range->size = size;
	range->memmap = altmap ? NULL : memmap_new(hp, nid, size);
	if (!range->memmap && !altmap) {
		hp_explain(hp, start / hp->config.block_size,
			   "no room for the page structures of "
			   "%llu MiB%s",
			   (unsigned long long)(size >> 20),
			   hp->config.memmap_in_boot_memory ? " in boot memory" : "");
		free(range);
		return -ENOMEM;
	}
	if (range->memmap)
		mm_memmap_describe(hp->mm, range->memmap, start >> mm_config(hp->mm)->page_shift,
				   size >> mm_config(hp->mm)->page_shift);
	TAILQ_INSERT_TAIL(&hp->ranges, range, link);
	hp_direct_map_add(hp, range, 1);
	hp->max_pfn = BASE_MAX(hp->max_pfn, (start + size) >> mm_config(hp->mm)->page_shift);
	return 0;
}

void hp_ranges_free(struct hp *hp, uint64_t start, uint64_t size)
{
	struct hp_range *range, *tmp;

	TAILQ_FOREACH_SAFE(range, &hp->ranges, link, tmp) {
		if (range->start < start || range->start + range->size > start + size)
			continue;
		TAILQ_REMOVE(&hp->ranges, range, link);
		hp_direct_map_add(hp, range, -1);
		mm_holder_free(hp->mm, range->memmap);
		free(range);
	}
}

static void block_remove(struct hp *hp, struct hp_block *block)
{
	hp_altmap_remove(hp, block);
	mm_poison_forget(hp->mm, block->nid, hp_block_start_pfn(hp, block), hp_block_pages(hp));
	hp_block_uevent(hp, block, "remove");
	if (hp->observer)
		hp->observer->block_removed(hp->observer_ctx, block);
	hp_block_destroy(hp, block);
}

static void blocks_remove(struct hp *hp, uint64_t first, uint64_t end)
{
	struct hp_block *block;

	while ((block = hp_block_next(hp, first)) && block->id < end)
		block_remove(hp, block);
}

static int blocks_create(struct hp *hp, const struct hp_add *add, int nid, bool altmap)
{
	uint64_t first = add->start / hp->config.block_size;
	uint64_t end = (add->start + add->size) / hp->config.block_size;

	for (uint64_t id = first; id < end; id++) {
		struct hp_block *block;
		int ret = -EEXIST;

		block = hp_block_find(hp, id);
		if (!block) {
			ret = -ENOMEM;
			block = hp_block_create(hp, id, nid, add->group);
			if (block) {
				if (altmap)
					hp_altmap_add(hp, block);
				if (hp->observer)
					hp->observer->block_added(hp->observer_ctx, block);
				hp_block_uevent(hp, block, "add");
				continue;
			}
		}
		if (ret == -EEXIST)
			hp_explain(hp, id, "it is there already");
		blocks_remove(hp, first, id);
		return ret;
	}
	return 0;
}

/* add_memory_resource() up to onlining */
static int add_range(struct hp *hp, const struct hp_add *add)
{
	int nid = add->group ? add->group->nid : add->nid, ret;
	bool new_node = !mm_node_is_up(hp->mm, nid);
	bool altmap = add->memmap_on_memory && hp_altmap_pages(hp) &&
		      (hp->config.memmap_in_each_block || add->size == hp->config.block_size);

	ret = check_aligned(hp, add->start, add->size);
	if (ret)
		return ret;
	if (nid < 0 || !base_mask_test(&hp->config.possible_nodes, (unsigned int)nid)) {
		hp_log(hp, "node %d was absent from the node_possible_map", nid);
		return -EINVAL;
	}
	ret = new_node ? hp_fault_range(hp, HP_FAULT_NODE_ALLOC, add->start, add->size, nid) : 0;
	if (!ret)
		ret = mm_node_bring_up(hp->mm, nid);
	if (ret)
		return ret;
	/* hotadd_init_pgdat() */
	if (new_node)
		(void)mm_zonelists_update(hp->mm);
	ret = hp_fault_range(hp, HP_FAULT_MEMMAP_ALLOC, add->start, add->size, nid);
	if (!ret)
		ret = range_new(hp, nid, add->start, add->size, altmap);
	if (ret)
		goto out_node;
	ret = blocks_create(hp, add, nid, altmap);
	if (ret)
		goto out_range;
	if (new_node) {
		base_mask_set(&hp->nodes_online, nid);
		if (hp->observer)
			hp->observer->node_added(hp->observer_ctx, nid);
		hp_node_uevent(hp, nid, "add");
	}
	return 0;

out_range:
	hp_ranges_free(hp, add->start, add->size);
out_node:
	if (new_node)
		mm_node_take_down(hp->mm, nid);
	return ret;
}

/* Stops at the first block that fails; the memory stays, and there is no retry. */
static void online_by_default(struct hp *hp, const struct hp_add *add)
{
	uint64_t end = (add->start + add->size) / hp->config.block_size;
	struct hp_block *block = hp_block_next(hp, add->start / hp->config.block_size);

	if (hp->params.auto_online == HP_OFFLINE)
		return;
	for (; block && block->id < end; block = hp_block_next(hp, block->id + 1)) {
		block->remembered = hp->params.auto_online;
		if (hp_block_device_online(hp, block))
			return;
	}
}

int hp_add_memory(struct hp *hp, const struct hp_add *add)
{
	int ret;

	ret = check_mappable(hp, add->start, add->size);
	if (ret)
		return ret;
	ret = hp_resource_request(hp, add->start, add->size, add->name);
	if (ret) {
		hp_explain_taken(hp, add->start, add->size);
		return ret;
	}
	ret = add_range(hp, add);
	if (ret) {
		/* A no-op if it has already been released. */
		hp_resource_release(hp, add->start, add->size);
		return ret;
	}
	if (add->merge)
		hp_resource_merge(hp, add->start, add->size);
	online_by_default(hp, add);
	return 0;
}

/* try_offline_node(): no span, no block, no CPU. */
static void node_try_remove(struct hp *hp, int nid)
{
	if (mm_node_spanned(hp->mm, nid) || base_mask_test(&hp->config.cpu_nodes, nid))
		return;
	for (struct hp_block *b = hp_block_next(hp, 0); b; b = hp_block_next(hp, b->id + 1)) {
		if (b->nid == nid)
			return;
	}
	base_mask_clear(&hp->nodes_online, nid);
	hp_node_uevent(hp, nid, "remove");
	if (hp->observer)
		hp->observer->node_removed(hp->observer_ctx, nid);
	mm_node_take_down(hp->mm, nid);
}

int hp_remove_memory(struct hp *hp, uint64_t start, uint64_t size)
{
	uint64_t first = start / hp->config.block_size;
	uint64_t end = (start + size) / hp->config.block_size;
	int nid = MM_NODE_NONE;

	if (hp->config.no_hotremove)
		return -EBUSY;
	for (struct hp_block *block = hp_block_next(hp, first); block && block->id < end;
	     block = hp_block_next(hp, block->id + 1)) {
		nid = block->nid;
		if (block->state == HP_STATE_OFFLINE)
			continue;
		hp_log(hp, "removing memory fails, because memory [0x%08llx-0x%08llx] is onlined",
		       (unsigned long long)(block->id * hp->config.block_size),
		       (unsigned long long)((block->id + 1) * hp->config.block_size - 1));
		return -EBUSY;
	}
	if (hp->params.memmap_on_memory != HP_MEMMAP_N && hp_altmaps_in(hp, first, end) < 0) {
		hp_explain(hp, first,
			   "some blocks from here on have their page structures in "
			   "them, others not: they cannot be removed together");
		return -EINVAL;
	}
	/* The order is not visible, but observers of the blocks find the resource released. */
	hp_resource_release(hp, start, size);
	blocks_remove(hp, first, end);
	hp_ranges_free(hp, start, size);
	if (nid != MM_NODE_NONE)
		node_try_remove(hp, nid);
	return 0;
}

struct hp_direct_map hp_direct_map(const struct hp *hp)
{
	return hp->direct_map;
}
