// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stores of `state`, `online` and `probe` after parsing, with the lock held (state_store(),
 * online_store(), probe_store()).
 */
#include <errno.h>

#include "hp_private.h"

/* The block is already in the requested state, which is an error for some stores only. */
static int store_already(const struct hp_call *call)
{
	if (call->already)
		hp_explain(call->hp, call->arg, "it is %s already",
			   call->type == HP_OFFLINE ? "offline" : "online");
	return call->already;
}

/* The block for which the call was made, not a new one of the same name. */
static struct hp_block *store_block(const struct hp_call *call)
{
	struct hp_block *block = hp_block_find(call->hp, call->arg);

	return block && block->serial == call->serial ? block : NULL;
}

static int store_state_run(struct hp_call *call)
{
	struct hp_block *block = store_block(call);
	int ret;

	if (!block)
		return -ENODEV;
	if (call->type == HP_OFFLINE) {
		ret = hp_block_device_offline(call->hp, block, HP_OFFLINE_INTERRUPTIBLE);
	} else {
		/* QUIRK: the type is remembered before the block is found to be online already. */
		block->remembered = call->type;
		ret = hp_block_device_online(call->hp, block);
	}
	return ret > 0 ? store_already(call) : ret;
}

void hp_store_state(struct hp *hp, const struct hp_block *block, enum hp_type type,
		    struct hp_call *call)
{
	call->run = store_state_run;
	call->arg = block->id;
	call->serial = block->serial;
	call->type = type;
	call->already = -EINVAL;
	hp_submit(hp, call);
}

static int store_online_run(struct hp_call *call)
{
	struct hp_block *block = store_block(call);
	int ret;

	if (!block)
		return -ENODEV;
	ret = call->type == HP_OFFLINE ?
		      hp_block_device_offline(call->hp, block, HP_OFFLINE_INTERRUPTIBLE) :
		      hp_block_device_online(call->hp, block);
	return ret > 0 ? store_already(call) : ret;
}

void hp_store_online(struct hp *hp, const struct hp_block *block, bool online, struct hp_call *call)
{
	call->run = store_online_run;
	call->arg = block->id;
	call->serial = block->serial;
	call->type = online ? HP_ONLINE : HP_OFFLINE;
	call->already = 0;
	hp_submit(hp, call);
}

static int store_probe_run(struct hp_call *call)
{
	struct hp *hp = call->hp;
	struct hp_add add = {
		.start = call->arg,
		.size = hp->config.block_size,
		.nid = hp->config.add_nid(hp->config.add_nid_ctx, call->arg),
		.name = "System RAM",
	};

	return hp_add_memory(hp, &add);
}

void hp_store_probe(struct hp *hp, uint64_t addr, struct hp_call *call)
{
	call->run = store_probe_run;
	call->arg = addr;
	hp_submit(hp, call);
}
