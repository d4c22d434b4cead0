// SPDX-License-Identifier: GPL-2.0-or-later
/* Recorded machines: a block keeps showing its recorded state until it changes. */
#include <string.h>

#include "machine_private.h"

static const struct machine_recorded *recorded_find(const struct machine *m, uint64_t id)
{
	size_t low = 0, high = m->spec->nr_recorded;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct machine_recorded *recorded = &m->spec->recorded[mid];

		if (id < recorded->first)
			high = mid;
		else if (id > recorded->last)
			low = mid + 1;
		else
			return recorded;
	}
	return NULL;
}

const struct machine_recorded *machine_recorded(const struct machine *m,
						const struct hp_block *block)
{
	return hp_block_is_as_booted(block) ? recorded_find(m, hp_block_id(block)) : NULL;
}

static void ignore_result(struct hp_call *call, int ret)
{
}

void machine_recorded_restore(struct machine *m, uint64_t id)
{
	const struct machine_recorded *recorded = recorded_find(m, id);
	const struct hp_block *block = hp_block_find(m->hp, id);
	struct hp_call call = { .done = ignore_result };
	bool movable;

	if (!recorded || !block)
		return;
	movable = recorded->zones && !strncmp(recorded->zones, "Movable", strlen("Movable"));
	if (hp_block_is_online(block) != recorded->online)
		hp_store_state(m->hp, block,
			       !recorded->online ? HP_OFFLINE :
			       movable		 ? HP_ONLINE_MOVABLE :
						   HP_ONLINE_KERNEL,
			       &call);
}
