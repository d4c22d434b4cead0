// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Standby memory: the kernel adds it block by block at boot, offline
 * (drivers/s390/char/sclp_cmd.c:sclp_add_standby_memory()), and never removes it.
 */
#include "machine_private.h"

static int standby_add(struct machine *m, const struct machine_range *range)
{
	uint64_t size = m->spec->block_size;
	int ret = 0;

	for (uint64_t start = range->start; !ret && start < range->end; start += size) {
		const struct hp_add add = {
			.start = start,
			.size = size,
			.nid = (int)range->node,
			.name = "System RAM",
			.memmap_on_memory = true,
		};

		ret = hp_add_memory(m->hp, &add);
		if (!ret)
			machine_recorded_restore(m, start / size);
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
