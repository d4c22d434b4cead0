// SPDX-License-Identifier: GPL-2.0-or-later
/* The default area for contiguous allocations (kernel/dma/contiguous.c, mm/cma.c). */
#include <errno.h>

#include "machine_private.h"

int machine_cma_parse(struct machine *m, const char *value)
{
	struct machine_cma cma = { .size = 0 };
	const char *at = value;

	cma.size = base_memparse(at, &at);
	if (at == value)
		return -EINVAL;
	if (*at == '@') {
		cma.base = base_memparse(at + 1, &at);
		cma.limit = cma.base + cma.size;
		cma.fixed = *at != '-';
		if (!cma.fixed)
			cma.limit = base_memparse(at + 1, &at);
	}
	m->cma = cma;
	return *at ? -EINVAL : 0;
}

static int cma_failed(struct machine *m, uint64_t size)
{
	base_buf_printf(&m->log, "cma: Failed to reserve %llu MiB\n",
			(unsigned long long)(size >> 20));
	return 0;
}

/*
 * Where the area is, or 0. Without a base that it has to have, it lies low above 4 GiB, if there is
 * that much memory, else high.
 */
static uint64_t cma_place(const struct machine *m, uint64_t size, uint64_t align, uint64_t base,
			  uint64_t limit, bool fixed)
{
	uint64_t start = 0, end = 0;

	for (size_t i = 0; i < m->nr_memory; i++)
		end = BASE_MAX(end, m->memory[i].end + 1);
	if (fixed)
		return machine_memblock_find(m, size, align, base, base + size);
	if (end >= GIB(4) + size)
		start = machine_memblock_find_low(m, size, align, GIB(4), limit);
	return start ? start : machine_memblock_find(m, size, align, base, limit);
}

int machine_cma_reserve(struct machine *m)
{
	unsigned int shift = m->spec->page_shift;
	uint64_t align = mm_config(m->mm)->pageblock_pages << shift, start;
	uint64_t most = m->spec->arch->cma_limit ? m->spec->arch->cma_limit : UINT64_MAX;
	uint64_t size = BASE_ROUND_UP(m->cma.size, align);
	uint64_t base = BASE_ROUND_UP(m->cma.base, align);
	uint64_t limit = m->cma.limit ? BASE_MIN(m->cma.limit, most) : most;
	int ret;

	if (!m->cma.size)
		return 0;
	/* A size that overflows when rounded up is 0, and fits nowhere. */
	if (!size || base + size < base)
		return cma_failed(m, m->cma.size);
	if (m->cma.fixed && base != m->cma.base) {
		base_buf_printf(&m->log,
				"cma: Region at 0x%016llx must be aligned to 0x%016llx bytes\n",
				(unsigned long long)m->cma.base, (unsigned long long)align);
		return cma_failed(m, size);
	}
	start = cma_place(m, size, align, base, BASE_ROUND_DOWN(limit, align),
			  m->cma.fixed && base);
	if (!start)
		return cma_failed(m, size);
	ret = mm_cma_add(m->mm, start >> shift, size >> shift);
	if (ret)
		return ret;
	base_buf_printf(&m->log, "cma: Reserved %llu MiB at 0x%016llx\n",
			(unsigned long long)(size >> 20), (unsigned long long)start);
	return 0;
}
