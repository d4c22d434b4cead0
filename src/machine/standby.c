// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Standby memory: the kernel adds it block by block at boot, offline
 * (drivers/s390/char/sclp_cmd.c:sclp_add_standby_memory()), and never removes it. Parts of blocks
 * at its ends are not used (align_to_block_size()).
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

/* add_memory_merged(): the whole blocks in [start, end) */
static int standby_add(struct machine *m, uint64_t start, uint64_t end, int nid)
{
	uint64_t size = m->spec->block_size, first = BASE_ROUND_UP(start, size);
	uint64_t last = BASE_MAX(BASE_ROUND_DOWN(end, size), first);
	int ret = 0;

	if (m->spec->arch->sclp)
		base_buf_printf(&m->log,
				"sclp_cmd: Standby memory at 0x%llx (%lluM of %lluM usable)\n",
				(unsigned long long)start, (unsigned long long)(last - first) >> 20,
				(unsigned long long)(end - start) >> 20);
	for (; !ret && first < last; first += size) {
		const struct hp_add add = {
			.start = first,
			.size = size,
			.nid = nid,
			.name = "System RAM",
			.memmap_on_memory = true,
		};

		ret = hp_add_memory(m->hp, &add);
		if (!ret)
			machine_recorded_restore(m, first / size);
	}
	return ret;
}

int machine_standby_boot(struct machine *m)
{
	const struct machine_range *range = m->spec->standby;
	int ret = 0;

	for (size_t i = 0; !ret && i < m->spec->nr_standby; i++) {
		uint64_t start = range[i].start;

		/* Increments that follow each other are added together. */
		while (i + 1 < m->spec->nr_standby && range[i + 1].start == range[i].end + 1 &&
		       range[i + 1].node == range[i].node)
			i++;
		if (start < standby_end(m, &range[i]))
			ret = standby_add(m, start, standby_end(m, &range[i]), (int)range[i].node);
	}
	hp_blocks_booted(m->hp);
	return ret;
}

uint64_t machine_phys_device(const struct machine *m, const struct hp_block *block)
{
	uint64_t start = hp_block_id(block) * m->spec->block_size;

	return m->spec->increment ? start / m->spec->increment : 0;
}
