// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the booting kernel finds memory for itself (mm/memblock.c). */
#include "machine_private.h"

/*
 * No memory of the node that contains the kernel image is hot-pluggable, regardless of firmware
 * (numa_clear_kernel_node_hotplug()).
 */
bool machine_boot_hotpluggable(const struct machine *m, const struct machine_range *range)
{
	return range->hotpluggable && range->node != m->memory[0].node;
}

/* memblock avoids memory that can be removed; it allocates on another node instead. */
bool machine_memblock_spares(const struct machine *m, const struct machine_range *r)
{
	return r->nomap || (m->movable.movable_node && machine_boot_hotpluggable(m, r));
}

uint64_t machine_memblock_find(const struct machine *m, uint64_t size, uint64_t align, uint64_t low,
			       uint64_t high)
{
	unsigned int shift = m->spec->page_shift;

	for (size_t i = m->nr_memory; i-- > 0;) {
		const struct machine_range *r = &m->memory[i];
		uint64_t from = BASE_MAX(r->start, low), to = BASE_MIN(r->end + 1, high);
		struct mm_use use;

		/* Continue below the obstacle. */
		while (!machine_memblock_spares(m, r) && to >= size && to - size >= from) {
			uint64_t start = BASE_ROUND_DOWN(to - size, align);

			if (start < from)
				break;
			if (start &&
			    !mm_use_find(m->mm, start >> shift, (start + size) >> shift, &use))
				return start;
			to = start ? use.start_pfn << shift : 0;
		}
	}
	return 0;
}

uint64_t machine_memblock_find_low(const struct machine *m, uint64_t size, uint64_t align,
				   uint64_t low, uint64_t high)
{
	unsigned int shift = m->spec->page_shift;

	for (size_t i = 0; i < m->nr_memory; i++) {
		const struct machine_range *r = &m->memory[i];
		uint64_t start = BASE_ROUND_UP(BASE_MAX(r->start, low), align);
		uint64_t to = BASE_MIN(r->end + 1, high);
		struct mm_use use;

		/* Continue above the obstacle. */
		while (!machine_memblock_spares(m, r) && start <= to && to - start >= size) {
			if (!mm_use_find(m->mm, start >> shift, (start + size) >> shift, &use))
				return start;
			start = BASE_ROUND_UP((use.start_pfn + use.nr_pages) << shift, align);
		}
	}
	return 0;
}
