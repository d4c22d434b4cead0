// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Offlining and removing memory in one step, for drivers whose device has already taken it back
 * (offline_and_remove_memory()).
 */
#include <errno.h>
#include <stdlib.h>

#include "hp_private.h"

/* 0, 1 (was offline), or -errno; -EBUSY when a page would require waiting. */
static int offline_now(struct hp *hp, struct hp_block *block)
{
	int ret = hp_block_device_offline(hp, block, HP_OFFLINE_AT_ONCE);

	return ret == -EINTR ? -EBUSY : ret;
}

int hp_offline_and_remove_memory(struct hp *hp, uint64_t start, uint64_t size)
{
	uint64_t first = start / hp->config.block_size, nr = size / hp->config.block_size;
	enum hp_type *was = calloc(nr, sizeof(*was));
	int ret = 0;

	if (!was)
		return -ENOMEM;
	hp->offlined_types = was;
	for (uint64_t i = 0; ret >= 0 && i < nr; i++) {
		struct hp_block *block = hp_block_find(hp, first + i);
		bool movable = block && block->zone == MM_ZONE_MOVABLE;

		was[i] = HP_OFFLINE;
		ret = block ? offline_now(hp, block) : 1;
		if (!ret)
			was[i] = movable ? HP_ONLINE_MOVABLE : HP_ONLINE_KERNEL;
	}
	if (ret >= 0)
		ret = hp_remove_memory(hp, start, size);
	for (uint64_t i = 0; ret < 0 && i < nr; i++) {
		struct hp_block *block = hp_block_find(hp, first + i);

		if (!block || was[i] == HP_OFFLINE)
			continue;
		block->remembered = was[i];
		(void)hp_block_device_online(hp, block);
	}
	hp->offlined_types = NULL;
	free(was);
	return ret;
}
