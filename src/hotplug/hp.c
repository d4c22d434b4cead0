// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hotplug state of a machine: construction and boot.
 */
#include <errno.h>
#include <stdlib.h>

#include "hp_private.h"

const char *const hp_type_names[HP_NR_TYPES] = { "offline", "online", "online_kernel",
						 "online_movable" };
const char *const hp_state_names[] = {
	[HP_STATE_ONLINE] = "online",
	[HP_STATE_GOING_OFFLINE] = "going-offline",
	[HP_STATE_OFFLINE] = "offline",
};
const char *const hp_policy_names[HP_NR_POLICIES] = { "contig-zones", "auto-movable" };

const struct hp_params hp_default_params = {
	.auto_online = HP_OFFLINE,
	.policy = HP_POLICY_CONTIG_ZONES,
	.auto_movable_ratio = 301,
	.auto_movable_numa_aware = true,
	.enable_soft_offline = true,
	.clock_rate_ppm = BASE_CLOCK_PPM,
};

struct hp *hp_new(struct mm *mm, const struct hp_config *config)
{
	struct hp *hp = calloc(1, sizeof(*hp));

	if (!hp)
		return NULL;
	hp->mm = mm;
	hp->config = *config;
	hp->params = hp_default_params;
	TAILQ_INIT(&hp->groups);
	TAILQ_INIT(&hp->ranges);
	TAILQ_INIT(&hp->waiters);
	base_map_init(&hp->blocks);
	hp_resource_init(hp);
	hp_late_init(hp);
	hp_notify_init(hp);
	hp_poison_filter_init(&hp->poison_filter);
	hp_fail_alloc_init(&hp->fail_alloc);
	if (hp_lock_init(hp)) {
		hp_free(hp);
		return NULL;
	}
	return hp;
}

void hp_clear(struct hp *hp)
{
	struct hp_block *block;
	struct hp_range *range;
	struct hp_group *group;

	while ((block = hp_block_next(hp, 0)))
		hp_block_destroy(hp, block);
	base_map_fini(&hp->blocks);
	while ((range = TAILQ_FIRST(&hp->ranges))) {
		TAILQ_REMOVE(&hp->ranges, range, link);
		mm_holder_free(hp->mm, range->memmap);
		free(range);
	}
	while ((group = TAILQ_FIRST(&hp->groups)))
		hp_group_free(hp, group);
}

void hp_free(struct hp *hp)
{
	if (!hp)
		return;
	hp_lock_fini(hp);
	hp_late_fini(hp);
	hp_clear(hp);
	hp_resource_fini(hp);
	free(hp->offlined_types);
	free(hp);
}

void hp_set_observer(struct hp *hp, const struct hp_observer *observer, void *ctx)
{
	hp->observer = observer;
	hp->observer_ctx = ctx;
}

struct mm *hp_mm(const struct hp *hp)
{
	return hp->mm;
}

const struct hp_config *hp_config(const struct hp *hp)
{
	return &hp->config;
}

struct hp_params *hp_params(struct hp *hp)
{
	return &hp->params;
}

void hp_set_clock_rate(struct hp *hp, uint64_t ppm)
{
	struct base_clock *clock = hp->config.clock;

	hp->params.clock_rate_ppm = ppm;
	if (clock->set_rate)
		clock->set_rate(clock, ppm);
}

const struct base_mask *hp_nodes_online(const struct hp *hp)
{
	return &hp->nodes_online;
}

/* A node claims a boot block; the first one decides its zone (memory_block_add_nid()). */
static int boot_block_add_nid(struct hp *hp, struct hp_block *block, int nid)
{
	if (block->nid == nid)
		return 0;
	if (block->nid == MM_NODE_NONE) {
		block->zone = mm_zone_early(hp->mm, nid, hp_block_start_pfn(hp, block),
					    hp_block_pages(hp));
		block->nid = (int16_t)nid;
		return 0;
	}
	if (!block->nodes) {
		block->nodes = calloc(1, sizeof(*block->nodes));
		if (!block->nodes)
			return -ENOMEM;
		base_mask_set(block->nodes, block->nid);
	}
	base_mask_set(block->nodes, nid);
	block->zone = MM_NR_ZONES;
	/* The kernel goes node by node, wherever their memory lies. */
	block->nid = (int16_t)BASE_MAX(block->nid, nid);
	return 0;
}

static int boot_blocks(struct hp *hp)
{
	uint64_t pages = hp_block_pages(hp), pfn = 0, start, end;
	int nid;

	while (mm_boot_range(hp->mm, pfn, &start, &end, &nid)) {
		uint64_t id = BASE_MAX(start, pfn) / pages;
		struct hp_block *block = hp_block_find(hp, id);
		int ret;

		if (!block) {
			block = hp_block_create(hp, id, MM_NODE_NONE, NULL);
			if (!block)
				return -ENOMEM;
			block->state = HP_STATE_ONLINE;
			block->offline = false;
			hp->seqnum++;
		}
		ret = boot_block_add_nid(hp, block, nid);
		if (ret)
			return ret;
		pfn = BASE_MIN(end, (id + 1) * pages);
	}
	return 0;
}

int hp_boot(struct hp *hp)
{
	uint64_t start, end;
	unsigned int nid;
	int boot_nid;

	while (mm_boot_range(hp->mm, hp->max_pfn, &start, &end, &boot_nid))
		hp->max_pfn = end;
	/* CPUs bring up their node even without memory; nodes with memory are already up. */
	BASE_MASK_FOREACH(nid, &hp->config.cpu_nodes) {
		int ret = mm_node_bring_up(hp->mm, nid);

		if (ret)
			return ret;
	}
	for (int n = mm_node_next(hp->mm, 0); n >= 0; n = mm_node_next(hp->mm, n + 1)) {
		base_mask_set(&hp->nodes_online, n);
		hp->seqnum += !hp->config.no_numa;
	}
	return boot_blocks(hp);
}
