// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that is reserved for a crash kernel (kernel/crash_reserve.c). */
#include <errno.h>

#include "machine_private.h"

#define CRASH_ALIGN MIB(16)

/* The highest free range below @limit, or @at. */
static uint64_t crash_place(const struct machine *m, uint64_t at, uint64_t size, uint64_t limit)
{
	unsigned int shift = m->spec->page_shift;

	for (size_t i = m->nr_memory; i-- > 0;) {
		const struct machine_range *r = &m->memory[i];
		uint64_t end = BASE_ROUND_DOWN(BASE_MIN(r->end + 1, limit), CRASH_ALIGN);
		struct mm_use use;

		if (at) {
			if (at >= r->start && at <= r->end && size - 1 <= r->end - at &&
			    !mm_use_find(m->mm, at >> shift, (at + size) >> shift, &use))
				return at;
			continue;
		}
		/* Continue below the obstacle. */
		while (end >= size && end - size >= r->start) {
			uint64_t start = end - size;

			if (!mm_use_find(m->mm, start >> shift, end >> shift, &use))
				return start;
			end = BASE_ROUND_DOWN(use.start_pfn << shift, CRASH_ALIGN);
		}
	}
	return 0;
}

int machine_crash_reserve(struct machine *m)
{
	unsigned int shift = m->spec->page_shift;
	uint64_t start, limit = m->spec->arch->crash_limit;

	if (!m->crash_size)
		return 0;
	m->crash_size = BASE_ROUND_UP(m->crash_size, 1ULL << shift);
	/* A size that overflows when rounded up is 0, and fits nowhere. */
	start = m->crash_size ? crash_place(m, m->crash_start, m->crash_size, limit) : 0;
	if (!start) {
		base_buf_puts(&m->log,
			      "crashkernel reservation failed - No suitable area found.\n");
		m->crash_size = 0;
		return 0;
	}
	m->crash_start = start;
	base_buf_printf(&m->log, "crashkernel reserved: 0x%016llx - 0x%016llx (%llu MB)\n",
			(unsigned long long)start, (unsigned long long)(start + m->crash_size),
			(unsigned long long)(m->crash_size >> 20));
	return mm_reserve_boot(m->mm, start >> shift, m->crash_size >> shift, "crash kernel");
}

/* On s390x, kdump swaps low memory with the reserved memory to run the crash kernel there. */
static int kdump_call(struct hp_notifier *notifier, enum hp_action action,
		      const struct hp_notify *arg)
{
	const struct machine *m = base_container_of(notifier, struct machine, kdump);

	if (action != HP_GOING_OFFLINE)
		return 0;
	return arg->start_pfn < m->crash_size >> m->spec->page_shift ? -EPERM : 0;
}

int machine_crash_boot(struct machine *m)
{
	m->kdump.name = "kdump, which needs as much low memory as its kernel has,";
	m->kdump.call = kdump_call;
	if (!m->crash_size)
		return 0;
	if (m->spec->arch->kdump_swaps)
		hp_notifier_register(m->hp, &m->kdump);
	return hp_resource_insert(m->hp, m->crash_start, m->crash_start + m->crash_size - 1,
				  "Crash kernel", true);
}
