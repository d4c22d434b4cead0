// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the hypervisor puts devices that bring memory (QEMU's memory_device_get_free_addr()): the
 * lowest free address in the windows for them.
 */
#include <errno.h>

#include "machine_private.h"

/* A plugged device that overlaps [start, start + size). */
static const struct machine_region *region_overlapping(const struct machine *m, uint64_t start,
						       uint64_t size)
{
	const struct machine_region *region;

	TAILQ_FOREACH(region, &m->regions, link) {
		if (start < region->start + region->size && region->start < start + size)
			return region;
	}
	return NULL;
}

/* Where devices may lie: the windows; without any, all from the first GiB above memory on. */
static bool window(const struct machine *m, size_t index, uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t end = 0;

	if (index < m->spec->nr_hotplug) {
		*ret_start = m->spec->hotplug[index].start;
		*ret_end = m->spec->hotplug[index].end + 1;
		return true;
	}
	if (index || m->spec->nr_hotplug)
		return false;
	for (size_t i = 0; i < m->spec->nr_memory; i++)
		end = BASE_MAX(end, m->spec->memory[i].end + 1);
	for (size_t i = 0; i < m->spec->nr_standby; i++)
		end = BASE_MAX(end, m->spec->standby[i].end + 1);
	*ret_start = BASE_ROUND_UP(end, 1ULL << 30);
	*ret_end = 1ULL << m->spec->phys_bits;
	return true;
}

bool machine_region_inside(const struct machine *m, uint64_t addr)
{
	uint64_t start, end;

	for (size_t i = 0; window(m, i, &start, &end); i++) {
		if (addr >= start && addr < end)
			return true;
	}
	return false;
}

uint64_t machine_region_bytes(const struct machine *m)
{
	uint64_t start, end, bytes = 0;

	for (size_t i = 0; window(m, i, &start, &end); i++)
		bytes += end - start;
	return bytes;
}

int machine_region_place(const struct machine *m, uint64_t want, uint64_t size, uint64_t align,
			 struct machine_region *ret_region)
{
	uint64_t start, end, addr;

	for (size_t i = 0; window(m, i, &start, &end); i++) {
		const struct machine_region *other;

		if (want != MACHINE_DIMM_AUTO) {
			if (want < start || want >= end || size > end - want)
				continue;
			if (region_overlapping(m, want, size))
				return -EEXIST;
			ret_region->start = want;
			ret_region->size = size;
			return 0;
		}
		addr = BASE_ROUND_UP(start, align);
		while (addr < end && size <= end - addr) {
			other = region_overlapping(m, addr, size);
			if (!other) {
				ret_region->start = addr;
				ret_region->size = size;
				return 0;
			}
			addr = BASE_ROUND_UP(other->start + other->size, align);
		}
	}
	return want == MACHINE_DIMM_AUTO ? -ENOSPC : -EINVAL;
}

/* ---- as bytes -------------------------------------------------------------------------------- */

#define REGION_ROWS(ROW)                                                                           \
	ROW(NUMBER, start)                                                                         \
	ROW(NUMBER, size)                                                                          \
	ROW(SKIP, link, "of those plugged")
BASE_SAVE_STRUCT(region_save, struct machine_region, struct machine, REGION_ROWS)

void machine_region_save(struct machine *m, struct base_save *s, struct machine_region *region,
			 bool plugged)
{
	BASE_SAVE_ONE(s, region_save, region, m);
	/* In whatever order: only whether one of them overlaps is ever asked. */
	if (plugged && base_save_loads(s))
		TAILQ_INSERT_TAIL(&m->regions, region, link);
}
