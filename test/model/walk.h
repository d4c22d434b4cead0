/* SPDX-License-Identifier: GPL-2.0-or-later */
/* walk: an engine and its model, driven through the same steps. */
#ifndef TEST_WALK_H
#define TEST_WALK_H

#include "model.h"
#include "seeds.h"

#define WALK_HOLDS 8

/*
 * @touch_boot: boot memory goes offline, too
 * @boot_zone, @boot_managed: the values at boot
 */
struct walk {
	struct engine e;
	struct model m;
	struct seeds_trial *trial;
	bool touch_boot;
	struct hp_notifier listener;
	struct mm_holder *hold[WALK_HOLDS];
	uint64_t held[WALK_HOLDS];
	struct mm_zone_info boot_zone[MODEL_NODES][MM_NR_ZONES];
	uint64_t boot_managed;
	unsigned int nr_ok, nr_refused;
};

#define CHECK(w, ok) walk_check(w, ok, #ok, __FILE__, __LINE__)
#define EQUAL(w, got, want)                                                                        \
	walk_check_equal(w, (uint64_t)(got), (uint64_t)(want), #got, __FILE__, __LINE__)

#define DOING(w, ...) seeds_doing((w)->trial, __VA_ARGS__)

void walk_check(struct walk *w, bool ok, const char *text, const char *file, int line);
void walk_check_equal(struct walk *w, uint64_t got, uint64_t want, const char *what,
		      const char *file, int line);
/** walk_check_all() - the invariants after each step. */
void walk_check_all(struct walk *w);
/** walk_check_end() - all added memory is gone, and boot memory is back. */
void walk_check_end(struct walk *w);

#endif
