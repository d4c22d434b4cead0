// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory whose blocks are there since boot, offline: the kernel adds it block by block
 * (drivers/s390/char/sclp_cmd.c:sclp_add_standby_memory()), and nobody ever removes it. And
 * machines that were recorded, which show what they showed until something changes.
 */
#include <errno.h>
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

/* As it was when it was recorded, whatever the kernel would do with it now. */
static void set_state(struct machine *m, uint64_t id, const struct machine_recorded *recorded)
{
	struct hp_call call = { .done = ignore_result };
	bool movable = recorded->zones && !strncmp(recorded->zones, "Movable", strlen("Movable"));
	const struct hp_block *block = hp_block_find(m->hp, id);

	if (block && hp_block_is_online(block) != recorded->online)
		hp_store_state(m->hp, block,
			       !recorded->online ? HP_OFFLINE :
			       movable		 ? HP_ONLINE_MOVABLE :
						   HP_ONLINE_KERNEL,
			       &call);
}

static int standby_add(struct machine *m, const struct machine_range *range)
{
	uint64_t size = m->spec->block_size;
	int ret = 0;

	for (uint64_t start = range->start; !ret && start < range->end; start += size) {
		const struct machine_recorded *recorded = recorded_find(m, start / size);
		const struct hp_add add = {
			.start = start,
			.size = size,
			.nid = (int)range->node,
			.name = "System RAM",
			.memmap_on_memory = true,
		};

		ret = hp_add_memory(m->hp, &add);
		if (!ret && recorded)
			set_state(m, start / size, recorded);
	}
	return ret;
}

int machine_standby_boot(struct machine *m)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < m->spec->nr_standby; i++)
		ret = standby_add(m, &m->spec->standby[i]);
	hp_blocks_booted(m->hp);
	return ret;
}

uint64_t machine_phys_device(const struct machine *m, const struct hp_block *block)
{
	uint64_t start = hp_block_id(block) * m->spec->block_size;

	return m->spec->increment ? start / m->spec->increment : 0;
}
