// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What some kernels keep of memory for themselves, beside the memmap: the shadow of KASAN
 * (mm/kasan/shadow.c), and memory for a crash kernel (kernel/crash_reserve.c).
 */
#include <errno.h>
#include <stdlib.h>

#include "machine_private.h"

#define CRASH_ALIGN (16ULL << 20)
#define KASAN_SHARE 8 /* a byte of shadow for as many bytes */

/* ---- KASAN ----------------------------------------------------------------------------------- */

/* The shadow of memory that came online after boot. */
struct shadow {
	uint64_t start_pfn;
	struct mm_hold *hold;
	TAILQ_ENTRY(shadow) link;
};

static void shadow_free(struct machine *m, struct shadow *shadow)
{
	TAILQ_REMOVE(&m->shadows, shadow, link);
	mm_hold_free(m->mm, shadow->hold);
	free(shadow);
}

static int shadow_new(struct machine *m, const struct hp_notify *arg)
{
	const struct hp_block *block = hp_block_next(m->hp, arg->start_pfn / hp_block_pages(m->hp));
	const struct mm_want want = {
		.nid = hp_block_nid(block),
		.not_nid = MM_NODE_NONE,
		.nr_pages = arg->nr_pages / KASAN_SHARE,
	};
	struct shadow *shadow = calloc(1, sizeof(*shadow));

	if (!shadow)
		return -EPERM;
	shadow->start_pfn = arg->start_pfn;
	TAILQ_INSERT_TAIL(&m->shadows, shadow, link);
	shadow->hold = mm_hold_new(m->mm, "kasan shadow", MM_KIND_KERNEL);
	if (shadow->hold && !mm_hold_grow(m->mm, shadow->hold, &want))
		return 0;
	shadow_free(m, shadow);
	/* NOTIFY_BAD, whatever was the matter */
	return -EPERM;
}

static int kasan_call(struct hp_notifier *notifier, enum hp_action action,
		      const struct hp_notify *arg)
{
	struct machine *m = base_container_of(notifier, struct machine, kasan);
	struct shadow *shadow;

	/* Boot memory has its shadow since boot, and for ever. */
	if (mm_early_section(m->mm, arg->start_pfn))
		return 0;
	if (action == HP_GOING_ONLINE)
		return shadow_new(m, arg);
	if (action != HP_CANCEL_ONLINE && action != HP_OFFLINED)
		return 0;
	TAILQ_FOREACH(shadow, &m->shadows, link) {
		if (shadow->start_pfn != arg->start_pfn)
			continue;
		shadow_free(m, shadow);
		break;
	}
	return 0;
}

uint64_t machine_shadow_bytes(const struct machine *m, int nid)
{
	uint64_t bytes = 0;

	for (size_t i = 0; m->spec->kasan && i < m->nr_memory; i++) {
		if ((int)m->memory[i].node == nid)
			bytes += (m->memory[i].end + 1 - m->memory[i].start) / KASAN_SHARE;
	}
	return bytes;
}

/* ---- the crash kernel ------------------------------------------------------------------------ */

/* The highest free place below @limit, or @at. */
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
		/* Below what is in the way, which may be much. */
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
	/* (A size that is no number any more once it is rounded fits nowhere.) */
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

/* kdump starts a kernel of s390x in low memory, which it swaps with what was reserved. */
static int kdump_call(struct hp_notifier *notifier, enum hp_action action,
		      const struct hp_notify *arg)
{
	const struct machine *m = base_container_of(notifier, struct machine, kdump);

	if (action != HP_GOING_OFFLINE)
		return 0;
	return arg->start_pfn < m->crash_size >> m->spec->page_shift ? -EPERM : 0;
}

/* ---- both ------------------------------------------------------------------------------------ */

int machine_overhead_boot(struct machine *m)
{
	m->kasan.name = "KASAN, which finds no room for its shadow,";
	m->kasan.call = kasan_call;
	if (m->spec->kasan)
		hp_notifier_register(m->hp, &m->kasan);
	m->kdump.name = "kdump, which needs as much low memory as its kernel has,";
	m->kdump.call = kdump_call;
	if (m->crash_size && m->spec->arch->kdump_swaps)
		hp_notifier_register(m->hp, &m->kdump);
	if (!m->crash_size)
		return 0;
	return hp_resource_insert(m->hp, m->crash_start, m->crash_start + m->crash_size - 1,
				  "Crash kernel", true);
}

void machine_overhead_free(struct machine *m)
{
	struct shadow *shadow;

	while ((shadow = TAILQ_FIRST(&m->shadows)))
		shadow_free(m, shadow);
}

/* ---- as bytes -------------------------------------------------------------------------------- */

static void shadow_hold(struct base_save *s, struct shadow *shadow, struct machine *m)
{
	mm_hold_save(m->mm, s, &shadow->hold);
}

#define SHADOW_ROWS(ROW)                                                                           \
	ROW(NUMBER, start_pfn)                                                                     \
	ROW(WITH, hold, shadow_hold)                                                               \
	ROW(SKIP, link, "the list's")
BASE_SAVE_STRUCT(shadow_save, struct shadow, struct machine, SHADOW_ROWS)

static struct shadow *shadow_make(struct machine *m)
{
	struct shadow *shadow = calloc(1, sizeof(*shadow));

	if (shadow)
		TAILQ_INSERT_TAIL(&m->shadows, shadow, link);
	return shadow;
}

void machine_shadows_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->shadows, link, shadow_save, m, shadow_make(m));
}
