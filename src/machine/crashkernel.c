// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that is reserved for a crash kernel: kernel/crash_reserve.c, reserve_crashkernel() of
 * s390x, and kernel/crash_core.c, which frees it again.
 */
#include <errno.h>

#include "crashkernel.h"
#include "machine_private.h"

#define CRASH_RESOURCE "Crash kernel"

static uint64_t crash_place(const struct machine *m, uint64_t size, uint64_t low, uint64_t high)
{
	return machine_memblock_find(m, size, m->spec->arch->crash_align, low, high);
}

/* Sizes are rounded up to this (KEXEC_CRASH_MEM_ALIGN). */
static uint64_t crash_unit(const struct machine *m)
{
	const struct machine_arch *arch = m->spec->arch;

	return arch->kdump_swaps ? arch->crash_align : 1ULL << m->spec->page_shift;
}

static uint64_t boot_bytes(const struct machine *m)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < m->nr_memory; i++)
		bytes += m->memory[i].end - m->memory[i].start + 1;
	return bytes;
}

/* On s390x, boot memory and standby memory below the limit of mem= (ident_map_size). */
static uint64_t ident_map_size(const struct machine *m)
{
	return machine_max_low_pfn(m) << m->spec->page_shift;
}

static int crash_failed(struct machine *m, const char *why)
{
	base_buf_printf(&m->log, "crashkernel reservation failed: %s\n", why);
	return 0;
}

/* The crash kernel is swapped with the lowest memory, so it cannot lie there. */
static int place_swapped(struct machine *m, const struct crash_request *r, uint64_t *ret_start)
{
	uint64_t low = r->base ? r->base : r->size;
	uint64_t high = r->base ? r->base + r->size : UINT64_MAX;

	if (m->memory[0].end - m->memory[0].start + 1 < r->size)
		return crash_failed(m, "first memory chunk must be at least crashkernel size");
	if (r->base && r->base < r->size)
		return crash_failed(m, "crash_base too low");
	*ret_start = crash_place(m, r->size, low, high);
	if (!*ret_start)
		return crash_failed(m, "no suitable area found");
	base_buf_printf(
		&m->log,
		"Reserving %lluMB of memory at %lluMB for crashkernel (System RAM: %lluMB)\n",
		(unsigned long long)(r->size >> 20), (unsigned long long)(*ret_start >> 20),
		(unsigned long long)((boot_bytes(m) - r->size) >> 20));
	return 0;
}

/* Low memory first, then high, or the other way round; then low memory for devices. */
static uint64_t place_generic(struct machine *m, const struct crash_request *r)
{
	uint64_t limit = m->spec->arch->crash_limit, low_size = r->low_size, start;

	if (r->base) {
		start = crash_place(m, r->size, r->base, r->base + r->size);
		if (!start)
			base_buf_puts(&m->log,
				      "crashkernel reservation failed - memory is in use.\n");
		return start;
	}
	start = r->high ? crash_place(m, r->size, limit, UINT64_MAX) : 0;
	if (!start)
		start = crash_place(m, r->size, 0, limit);
	if (!start && !r->high && limit != UINT64_MAX) {
		start = crash_place(m, r->size, limit, UINT64_MAX);
		low_size = m->spec->arch->crash_low_size;
	}
	if (!start) {
		base_buf_printf(&m->log, "cannot allocate crashkernel (size:0x%llx)\n",
				(unsigned long long)r->size);
		return 0;
	}
	if (start < limit || !low_size)
		return start;
	m->crash_low.start = crash_place(m, low_size, 0, limit);
	if (!m->crash_low.start) {
		base_buf_printf(&m->log, "cannot allocate crashkernel low memory (size:0x%llx).\n",
				(unsigned long long)low_size);
		return 0;
	}
	m->crash_low.size = low_size;
	base_buf_printf(&m->log, "crashkernel low memory reserved: 0x%08llx - 0x%08llx (%llu MB)\n",
			(unsigned long long)m->crash_low.start,
			(unsigned long long)(m->crash_low.start + low_size),
			(unsigned long long)(low_size >> 20));
	return start;
}

static int crash_reserve(struct machine *m, const struct machine_crash *crash)
{
	unsigned int shift = m->spec->page_shift;

	return mm_reserve_boot(m->mm, crash->start >> shift, crash->size >> shift, "crash kernel");
}

int machine_crash_reserve(struct machine *m)
{
	const struct machine_arch *arch = m->spec->arch;
	uint64_t ram = arch->kdump_swaps ? ident_map_size(m) : boot_bytes(m), start = 0;
	uint64_t unit = crash_unit(m);
	struct crash_request r;
	int ret;

	if (!machine_spec_has(m->spec, MACHINE_CRASH_DUMP))
		return 0;
	if (machine_crash_parse(m->cmdline, ram, arch->crash_low_size, &r, &m->log))
		return 0;
	r.size = BASE_ROUND_UP(r.size, unit);
	if (arch->kdump_swaps) {
		r.base = BASE_ROUND_UP(r.base, unit);
		place_swapped(m, &r, &start);
	} else {
		start = place_generic(m, &r);
		if (start)
			base_buf_printf(&m->log,
					"crashkernel reserved: 0x%016llx - 0x%016llx (%llu MB)\n",
					(unsigned long long)start,
					(unsigned long long)(start + r.size),
					(unsigned long long)(r.size >> 20));
	}
	if (!start)
		return 0;
	m->crash = (struct machine_crash){ .start = start, .size = r.size };
	ret = crash_reserve(m, &m->crash);
	return ret || !m->crash_low.size ? ret : crash_reserve(m, &m->crash_low);
}

/* On s390x, kdump swaps low memory with the reserved memory to run the crash kernel there. */
static int kdump_call(struct hp_notifier *notifier, enum hp_action action,
		      const struct hp_notify *arg)
{
	const struct machine *m = base_container_of(notifier, struct machine, kdump);

	if (action != HP_GOING_OFFLINE)
		return 0;
	return arg->start_pfn < m->crash.size >> m->spec->page_shift ? -EPERM : 0;
}

static int crash_resource(struct machine *m, const struct machine_crash *crash)
{
	if (!crash->size)
		return 0;
	return hp_resource_insert(m->hp, crash->start, crash->start + crash->size - 1,
				  CRASH_RESOURCE, true);
}

int machine_crash_boot(struct machine *m)
{
	int ret;

	m->kdump.name = "kdump, which needs as much low memory as its kernel has,";
	m->kdump.call = kdump_call;
	if (m->crash.size && m->spec->arch->kdump_swaps)
		hp_notifier_register(m->hp, &m->kdump);
	ret = crash_resource(m, &m->crash);
	return ret ? ret : crash_resource(m, &m->crash_low);
}

uint64_t machine_crash_size(const struct machine *m)
{
	return m->crash.size + m->crash_low.size;
}

/* Frees what exceeds @size, as System RAM (__crash_shrink_memory()). */
static int crash_shrink(struct machine *m, struct machine_crash *crash, uint64_t size)
{
	uint64_t start = crash->start + size, end = crash->start + crash->size;
	unsigned int shift = m->spec->page_shift;
	int ret;

	ret = mm_free_reserved(m->mm, start >> shift, (end - start) >> shift);
	if (ret)
		return ret;
	hp_resource_unreserve(m->hp, crash->start, crash->size, CRASH_RESOURCE);
	crash->size = size;
	ret = crash_resource(m, crash);
	return ret ? ret : hp_resource_insert(m->hp, start, end - 1, "System RAM", true);
}

int machine_crash_set_size(struct machine *m, uint64_t size)
{
	uint64_t unit = crash_unit(m);
	uint64_t low = m->crash_low.size, old = machine_crash_size(m);
	int ret;

	size = BASE_ROUND_UP(size, unit);
	if (size >= old)
		return size == old ? 0 : -EINVAL;
	if (low <= size)
		return crash_shrink(m, &m->crash, size - low);
	ret = crash_shrink(m, &m->crash, 0);
	if (!ret)
		ret = crash_shrink(m, &m->crash_low, size);
	/* What is left of low memory is the crash kernel's only memory then. */
	m->crash = m->crash_low;
	m->crash_low = (struct machine_crash){ .size = 0 };
	return ret;
}
