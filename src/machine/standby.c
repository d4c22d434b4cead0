// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Standby memory: the kernel adds it block by block at boot, offline
 * (drivers/s390/char/sclp_cmd.c:sclp_add_standby_memory()), and never removes it.
 */
#include "machine_private.h"

/* Standby memory above the limit of mem= does not exist for the kernel (ident_map_size). */
static uint64_t standby_end(const struct machine *m, const struct machine_range *range)
{
	return BASE_MIN(range->end + 1, m->mem_limit);
}

uint64_t machine_max_low_pfn(const struct machine *m)
{
	uint64_t end = 0;

	for (size_t i = 0; i < m->nr_memory; i++)
		end = BASE_MAX(end, m->memory[i].end + 1);
	for (size_t i = 0; i < m->spec->nr_standby; i++)
		end = BASE_MAX(end, standby_end(m, &m->spec->standby[i]));
	return end >> m->spec->page_shift;
}

static int standby_add(struct machine *m, const struct machine_range *range)
{
	uint64_t size = m->spec->block_size, end = BASE_ROUND_DOWN(standby_end(m, range), size);
	int ret = 0;

	for (uint64_t start = range->start; !ret && start < end; start += size) {
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
