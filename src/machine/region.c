// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hypervisor places a memory device at the lowest free address in the windows for devices
 * (QEMU's memory_device_get_free_addr()).
 */
#include <errno.h>

#include "machine_private.h"

/* The lowest plugged device that overlaps [start, end). */
static const struct machine_region *region_next(const struct machine *m, uint64_t start,
						uint64_t end)
{
	const struct machine_region *region, *first = NULL;

	TAILQ_FOREACH(region, &m->regions, link) {
		if (region->start < end && region->start + region->size > start &&
		    (!first || region->start < first->start))
			first = region;
	}
	return first;
}

/* Devices go into the windows; without windows, above the first GiB boundary after memory. */
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

static bool window_node(const struct machine *m, size_t index, unsigned int *ret_nid)
{
	if (index >= m->spec->nr_hotplug)
		return false;
	*ret_nid = m->spec->hotplug[index].node;
	return true;
}

/* The largest free range that starts at a multiple of @align, and its window. */
static uint64_t largest_free(const struct machine *m, uint64_t align, size_t *ret_index)
{
	uint64_t largest = 0, start, end;

	for (size_t i = 0; window(m, i, &start, &end); i++) {
		for (uint64_t addr = BASE_ROUND_UP(start, align); addr < end;) {
			const struct machine_region *next = region_next(m, addr, end);
			uint64_t to = next ? BASE_MAX(next->start, addr) : end;

			if (to - addr > largest) {
				largest = to - addr;
				*ret_index = i;
			}
			addr = next ? BASE_ROUND_UP(next->start + next->size, align) : end;
		}
	}
	return largest;
}

uint64_t machine_region_room(const struct machine *m)
{
	size_t index;

	return largest_free(m, 1, &index);
}

static int refuse_no_room(struct machine *m, uint64_t size, uint64_t align)
{
	size_t index = 0;
	uint64_t free = largest_free(m, align, &index);
	unsigned int nid;

	if (!free)
		return machine_refuse(m, -ENOSPC,
				      "%s does not fit: no part of the hotplug windows is free",
				      base_size_text(size).s);
	if (!window_node(m, index, &nid))
		return machine_refuse(m, -ENOSPC, "%s does not fit: the largest free range is %s",
				      base_size_text(size).s, base_size_text(free).s);
	return machine_refuse(m, -ENOSPC,
			      "%s does not fit: the largest free range of the hotplug windows is "
			      "%s at node %u",
			      base_size_text(size).s, base_size_text(free).s, nid);
}

static int refuse_outside(struct machine *m, uint64_t want, uint64_t size)
{
	struct base_buf windows;
	uint64_t start, end;

	base_buf_init(&windows);
	for (size_t i = 0; i < 4 && window(m, i, &start, &end); i++)
		base_buf_printf(&windows, "%s%#llx-%#llx", i ? ", " : "", (unsigned long long)start,
				(unsigned long long)end - 1);
	machine_refuse(m, -EINVAL, "%s at %#llx is not inside a hotplug window: there is %s",
		       base_size_text(size).s, (unsigned long long)want, base_buf_text(&windows));
	base_buf_fini(&windows);
	return -EINVAL;
}

static int refuse_taken(struct machine *m, uint64_t want, uint64_t size,
			const struct machine_region *other)
{
	return machine_refuse(m, -EEXIST, "%s at %#llx overlaps what is plugged at %#llx-%#llx",
			      base_size_text(size).s, (unsigned long long)want,
			      (unsigned long long)other->start,
			      (unsigned long long)(other->start + other->size - 1));
}

int machine_region_place(struct machine *m, uint64_t want, uint64_t size, uint64_t align,
			 struct machine_region *ret_region)
{
	uint64_t start, end, addr;

	for (size_t i = 0; window(m, i, &start, &end); i++) {
		const struct machine_region *other;

		if (want != MACHINE_DIMM_AUTO) {
			if (want < start || want >= end || size > end - want)
				continue;
			other = region_next(m, want, want + size);
			if (other)
				return refuse_taken(m, want, size, other);
			ret_region->start = want;
			ret_region->size = size;
			return 0;
		}
		addr = BASE_ROUND_UP(start, align);
		while (addr < end && size <= end - addr) {
			other = region_next(m, addr, addr + size);
			if (!other) {
				ret_region->start = addr;
				ret_region->size = size;
				return 0;
			}
			addr = BASE_ROUND_UP(other->start + other->size, align);
		}
	}
	return want == MACHINE_DIMM_AUTO ? refuse_no_room(m, size, align) :
					   refuse_outside(m, want, size);
}

/* ---- saving and loading ---------------------------------------------------------------------- */

#define REGION_ROWS(ROW)                                                                           \
	ROW(NUMBER, start)                                                                         \
	ROW(NUMBER, size)                                                                          \
	ROW(SKIP, link, "linkage of the plugged regions")
BASE_SAVE_STRUCT(region_save, struct machine_region, struct machine, REGION_ROWS)

void machine_region_save(struct machine *m, struct base_save *s, struct machine_region *region,
			 bool plugged)
{
	BASE_SAVE_ONE(s, region_save, region, m);
	/* The order does not matter: only the lowest region of a range is ever looked up. */
	if (plugged && base_save_loads(s))
		TAILQ_INSERT_TAIL(&m->regions, region, link);
}
