// SPDX-License-Identifier: GPL-2.0-or-later
/* Fault injection into the steps of operations. */
#include "hp_private.h"

#define NAME(member, name, errnos, what) [HP_FAULT_##member] = (name),
const char *const hp_fault_names[HP_NR_FAULTS] = { HP_FAULTS(NAME) };

#define INFO(member, name, errnos, what) [HP_FAULT_##member] = { (name), (errnos), (what) },
const struct hp_fault_info hp_fault_infos[HP_NR_FAULTS] = { HP_FAULTS(INFO) };

void hp_set_fault(struct hp *hp, hp_fault_fn *fn, void *ctx)
{
	hp->fault = fn;
	hp->fault_ctx = ctx;
}

static int fault_ask(struct hp *hp, enum hp_fault fault, const struct hp_fault_at *at,
		     uint64_t *ret_delay_ns)
{
	*ret_delay_ns = 0;
	if (hp->observer)
		hp->observer->step(hp->observer_ctx, hp_fault_names[fault], at);
	return hp->fault ? hp->fault(hp->fault_ctx, fault, at, ret_delay_ns) : 0;
}

static int fault_pass(struct hp *hp, enum hp_fault fault, const struct hp_fault_at *at)
{
	uint64_t delay_ns;
	int ret = fault_ask(hp, fault, at, &delay_ns);

	if (delay_ns)
		(void)hp_sleep(hp, delay_ns, HP_WAIT_DELAY);
	return ret;
}

int hp_fault_block(struct hp *hp, enum hp_fault fault, const struct hp_block *block,
		   enum mm_zone_type zone)
{
	const struct hp_fault_at at = { block->id, block->id, block->nid, zone };

	return fault_pass(hp, fault, &at);
}

int hp_fault_range(struct hp *hp, enum hp_fault fault, uint64_t start, uint64_t size, int nid)
{
	const struct hp_fault_at at = {
		.first_block = start / hp->config.block_size,
		.last_block = (start + size - 1) / hp->config.block_size,
		.nid = nid,
		.zone = MM_NR_ZONES,
	};

	return fault_pass(hp, fault, &at);
}

int hp_fault_uevent(struct hp *hp, const struct hp_block *block, uint64_t *ret_delay_ns)
{
	const struct hp_fault_at at = { block->id, block->id, block->nid, block->zone };

	return fault_ask(hp, HP_FAULT_UEVENT, &at, ret_delay_ns);
}

int hp_fault_message(struct hp *hp)
{
	const struct hp_fault_at at = { 0, 0, MM_NODE_NONE, MM_NR_ZONES };
	uint64_t delay_ns;

	return hp->fault ? hp->fault(hp->fault_ctx, HP_FAULT_QMP, &at, &delay_ns) : 0;
}
