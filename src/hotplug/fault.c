// SPDX-License-Identifier: GPL-2.0-or-later
/* Fault injection into the steps of operations. */
#include "hp_private.h"

const char *const hp_fault_names[HP_NR_FAULTS] = {
	[HP_FAULT_PREPARE_ONLINE] = "prepare_online",
	[HP_FAULT_GOING_ONLINE] = "going_online",
	[HP_FAULT_GOING_OFFLINE] = "going_offline",
	[HP_FAULT_ISOLATE] = "isolate",
	[HP_FAULT_MIGRATE] = "migrate",
	[HP_FAULT_DISSOLVE] = "dissolve",
	[HP_FAULT_MEMMAP_ALLOC] = "memmap_alloc",
	[HP_FAULT_NODE_ALLOC] = "node_alloc",
	[HP_FAULT_PLUG] = "plug",
	[HP_FAULT_EJECT] = "eject",
};

void hp_set_fault(struct hp *hp, hp_fault_fn *fn, void *ctx)
{
	hp->fault = fn;
	hp->fault_ctx = ctx;
}

static int fault_ask(struct hp *hp, enum hp_fault fault, const struct hp_fault_at *at)
{
	uint64_t delay_ns = 0;
	int ret;

	if (!hp->fault)
		return 0;
	ret = hp->fault(hp->fault_ctx, fault, at, &delay_ns);
	if (delay_ns)
		(void)hp_sleep(hp, delay_ns, HP_WAIT_DELAY);
	return ret;
}

int hp_fault_block(struct hp *hp, enum hp_fault fault, const struct hp_block *block,
		   enum mm_zone_type zone)
{
	const struct hp_fault_at at = { block->id, block->id, block->nid, zone };

	return fault_ask(hp, fault, &at);
}

int hp_fault_range(struct hp *hp, enum hp_fault fault, uint64_t start, uint64_t size, int nid)
{
	const struct hp_fault_at at = {
		.first_block = start / hp->config.block_size,
		.last_block = (start + size - 1) / hp->config.block_size,
		.nid = nid,
		.zone = MM_NR_ZONES,
	};

	return fault_ask(hp, fault, &at);
}
