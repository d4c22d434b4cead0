// SPDX-License-Identifier: GPL-2.0-or-later
/* What the hypervisor knows of its machine without asking the guest. */
#include "machine_private.h"

/* Firmware keeps less than this at the borders of the machine's RAM. */
#define RAM_UNIT MIB(1)

void machine_set_monitor(struct machine *m, const struct machine_monitor *monitor, void *ctx)
{
	m->monitor = monitor;
	m->monitor_ctx = ctx;
}

uint64_t machine_ram(const struct machine *m, int nid)
{
	uint64_t bytes = 0, next = 0;

	for (size_t i = 0; i < m->spec->nr_memory; i++) {
		const struct machine_range *r = &m->spec->memory[i];
		uint64_t start = BASE_ROUND_DOWN(r->start, RAM_UNIT);
		uint64_t end = BASE_ROUND_UP(r->end + 1, RAM_UNIT);

		/* The hole for video memory is RAM as well. */
		if (i && start - next <= RAM_UNIT && r->node == r[-1].node)
			start = next;
		if (nid < 0 || r->node == (unsigned int)nid)
			bytes += end - BASE_MAX(start, next);
		next = end;
	}
	return bytes;
}

bool machine_window(const struct machine *m, uint64_t *ret_start, uint64_t *ret_size)
{
	const struct machine_spec *spec = m->spec;

	if (!spec->nr_hotplug)
		return false;
	*ret_start = spec->hotplug[0].start;
	*ret_size = spec->hotplug[spec->nr_hotplug - 1].end + 1 - *ret_start;
	return true;
}
