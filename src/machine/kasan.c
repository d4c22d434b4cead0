// SPDX-License-Identifier: GPL-2.0-or-later
/* The shadow of KASAN, which uses memory in addition to the memmap (mm/kasan/shadow.c). */
#include <errno.h>
#include <stdlib.h>

#include "machine_private.h"

#define KASAN_SHARE 8 /* bytes of memory for one byte of shadow */

/* The shadow of memory that came online after boot. */
struct shadow {
	uint64_t start_pfn;
	struct mm_holder *hold;
	TAILQ_ENTRY(shadow) link;
};

static void shadow_free(struct machine *m, struct shadow *shadow)
{
	TAILQ_REMOVE(&m->shadows, shadow, link);
	mm_holder_free(m->mm, shadow->hold);
	free(shadow);
}

static int shadow_new(struct machine *m, const struct hp_notify *arg)
{
	const struct hp_block *block = hp_block_next(m->hp, arg->start_pfn / hp_block_pages(m->hp));
	const struct mm_alloc_request want = {
		.nid = hp_block_nid(block),
		.not_nid = MM_NODE_NONE,
		.nr_pages = arg->nr_pages / KASAN_SHARE,
	};
	struct shadow *shadow = calloc(1, sizeof(*shadow));

	if (!shadow)
		return -EPERM;
	shadow->start_pfn = arg->start_pfn;
	TAILQ_INSERT_TAIL(&m->shadows, shadow, link);
	shadow->hold = mm_holder_new(m->mm, "kasan shadow", MM_KIND_KERNEL);
	if (shadow->hold && !mm_holder_grow(m->mm, shadow->hold, &want))
		return 0;
	shadow_free(m, shadow);
	/* NOTIFY_BAD, whatever the reason */
	return -EPERM;
}

static int kasan_call(struct hp_notifier *notifier, enum hp_action action,
		      const struct hp_notify *arg)
{
	struct machine *m = base_container_of(notifier, struct machine, kasan);
	struct shadow *shadow;

	/* The shadow of boot memory is never freed. */
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

void machine_kasan_boot(struct machine *m)
{
	m->kasan.name = "KASAN, which finds no room for its shadow,";
	m->kasan.call = kasan_call;
	if (m->spec->kasan)
		hp_notifier_register(m->hp, &m->kasan);
}

void machine_kasan_free(struct machine *m)
{
	struct shadow *shadow;

	while ((shadow = TAILQ_FIRST(&m->shadows)))
		shadow_free(m, shadow);
}

/* ---- saving and loading ---------------------------------------------------------------------- */

static void shadow_hold(struct base_save *s, struct shadow *shadow, struct machine *m)
{
	mm_holder_save(m->mm, s, &shadow->hold);
}

#define SHADOW_ROWS(ROW)                                                                           \
	ROW(NUMBER, start_pfn)                                                                     \
	ROW(WITH, hold, shadow_hold)                                                               \
	ROW(SKIP, link, "linkage of the list")
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
