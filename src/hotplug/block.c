// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory block devices (the kernel's drivers/base/memory.c and the on/offline part of core.c).
 *
 * Two layers differ on purpose: the device layer reports "already in that state" (1 instead of 0),
 * and the stores of `state` and `online` interpret it differently.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "hp_private.h"

void hp_block_uevent(struct hp *hp, const struct hp_block *block, const char *action)
{
	char devpath[64];

	snprintf(devpath, sizeof(devpath), "/devices/system/memory/memory%llu",
		 (unsigned long long)block->id);
	hp_uevent_block(hp, block, action, devpath);
}

bool hp_block_is_as_booted(const struct hp_block *block)
{
	return block->as_booted;
}

void hp_blocks_booted(struct hp *hp)
{
	for (struct hp_block *b = hp_block_next(hp, 0); b; b = hp_block_next(hp, b->id + 1))
		b->as_booted = true;
}

unsigned int hp_block_valid_zones(const struct hp *hp, const struct hp_block *block,
				  enum mm_zone_type ret_zones[3])
{
	static const enum hp_type type[] = { HP_ONLINE, HP_ONLINE_KERNEL, HP_ONLINE_MOVABLE };
	uint64_t start = hp_block_start_pfn(hp, block), nr = hp_block_pages(hp);
	unsigned int n = 0;

	if (block->state == HP_STATE_ONLINE) {
		if (block->zone == MM_NR_ZONES)
			return 0;
		ret_zones[0] = block->zone;
		return 1;
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(type); i++) {
		enum mm_zone_type zone =
			hp_zone_for_range(hp, type[i], block->nid, block->group, start, nr);

		/* The default comes first; the others are listed only if they differ from it. */
		if (i == 0 || zone != ret_zones[0])
			ret_zones[n++] = zone;
	}
	return n;
}

void hp_block_print_zones(const struct hp *hp, const struct hp_block *block, struct base_buf *buf)
{
	enum mm_zone_type zones[3];
	unsigned int nr = hp_block_valid_zones(hp, block, zones);

	base_buf_puts(buf, nr ? "" : "none");
	for (unsigned int i = 0; i < nr; i++)
		base_buf_printf(buf, "%s%s", i ? " " : "", mm_zone_name(zones[i]));
}

static void block_set_state(struct hp *hp, struct hp_block *block, enum hp_state state)
{
	block->state = state;
	if (hp->observer)
		hp->observer->block_changed(hp->observer_ctx, block);
}

/* memory_subsys_online() with memory_block_change_state() */
static int block_subsys_online(struct hp *hp, struct hp_block *block)
{
	int ret;

	if (block->remembered == HP_OFFLINE)
		block->remembered = HP_ONLINE;
	ret = hp_block_pages_online(hp, block);
	if (!ret)
		block_set_state(hp, block, HP_STATE_ONLINE);
	block->remembered = HP_OFFLINE;
	return ret;
}

static void waiters_wake(struct hp *hp, const struct hp_block *block)
{
	struct hp_waiter *waiter, *next;

	TAILQ_FOREACH_SAFE(waiter, &hp->waiters, link, next) {
		if (waiter->block != block)
			continue;
		TAILQ_REMOVE(&hp->waiters, waiter, link);
		waiter->fn(waiter);
	}
}

int hp_block_device_online(struct hp *hp, struct hp_block *block)
{
	int ret;

	if (!block->offline)
		return 1;
	hp->onlining = block;
	ret = block_subsys_online(hp, block);
	if (!ret) {
		block->as_booted = false;
		hp_block_uevent(hp, block, "online");
		block->offline = false;
	}
	hp->onlining = NULL;
	waiters_wake(hp, block);
	return ret;
}

bool hp_block_is_locked(const struct hp *hp, const struct hp_block *block)
{
	return block == hp->offlining.block || block == hp->onlining;
}

void hp_block_wait(struct hp *hp, const struct hp_block *block, struct hp_waiter *waiter)
{
	waiter->block = block;
	TAILQ_INSERT_TAIL(&hp->waiters, waiter, link);
}

void hp_block_wait_cancel(struct hp *hp, struct hp_waiter *waiter)
{
	TAILQ_REMOVE(&hp->waiters, waiter, link);
}

int hp_block_device_offline(struct hp *hp, struct hp_block *block, enum hp_offline_mode mode)
{
	int ret;

	if (block->offline)
		return 1;
	block_set_state(hp, block, HP_STATE_GOING_OFFLINE);
	hp->offlining = (struct hp_offlining){ .block = block, .mode = mode };
	ret = hp_block_pages_offline(hp, block);
	block_set_state(hp, block, ret ? HP_STATE_ONLINE : HP_STATE_OFFLINE);
	if (!ret) {
		block->as_booted = false;
		hp_block_uevent(hp, block, "offline");
		block->offline = true;
	}
	hp->offlining.block = NULL;
	waiters_wake(hp, block);
	return ret;
}
