/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the sources of machine_views.h. */
#ifndef TEST_VIEWS_PRIVATE_H
#define TEST_VIEWS_PRIVATE_H

#include "machine_views.h"

static inline uint64_t block_pages(const struct views *v)
{
	return hp_block_pages(v->hp);
}

/* Whether the kernel is built with features, MACHINE_... */
static inline bool views_has(const struct views *v, uint64_t features)
{
	return machine_spec_has(machine_spec(v->machine), features);
}

/* A number for printf(). */
static inline unsigned long long ull(uint64_t value)
{
	return value;
}

/* Calls @take with each line of a text. */
void views_each_line(const char *text, void (*take)(const char *line, void *arg), void *arg);
/* machine/map: @zone_free and @present are the pages in the counters of zones (page_views.c). */
void views_check_map(struct views *v, uint64_t zone_free, uint64_t present);
void views_check_iomem(struct views *v);

#endif
