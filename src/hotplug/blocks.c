// SPDX-License-Identifier: GPL-2.0-or-later
/* All memory blocks, by their numbers. */
#include <stdlib.h>

#include "hp_private.h"

struct hp_block *hp_block_find(const struct hp *hp, uint64_t id)
{
	return base_map_find(&hp->blocks, id);
}

struct hp_block *hp_block_next(const struct hp *hp, uint64_t id)
{
	return base_map_next(&hp->blocks, id);
}

uint64_t hp_block_id(const struct hp_block *block)
{
	return block->id;
}

uint64_t hp_block_pages(const struct hp *hp)
{
	return hp->config.block_size >> mm_config(hp->mm)->page_shift;
}

uint64_t hp_block_start_pfn(const struct hp *hp, const struct hp_block *block)
{
	return block->id * hp_block_pages(hp);
}

int hp_block_nid(const struct hp_block *block)
{
	return block->nid;
}

bool hp_block_on_node(const struct hp *hp, const struct hp_block *block, int nid)
{
	return block->nodes ? base_mask_test(block->nodes, nid) : block->nid == nid;
}

enum hp_state hp_block_state(const struct hp_block *block)
{
	return block->state;
}

bool hp_block_is_online(const struct hp_block *block)
{
	return !block->offline;
}

struct hp_block *hp_block_create(struct hp *hp, uint64_t id, int nid, struct hp_group *group)
{
	struct hp_block *block = calloc(1, sizeof(*block));

	if (!block)
		return NULL;
	*block = (struct hp_block){
		.id = id,
		.serial = ++hp->last_serial,
		.nid = (int16_t)nid,
		.state = HP_STATE_OFFLINE,
		.zone = MM_NR_ZONES,
		.remembered = HP_OFFLINE,
		.offline = true,
		.group = group,
	};
	if (base_map_insert(&hp->blocks, id, block)) {
		free(block);
		return NULL;
	}
	return block;
}

void hp_block_destroy(struct hp *hp, struct hp_block *block)
{
	base_map_erase(&hp->blocks, block->id);
	free(block->nodes);
	free(block);
}
