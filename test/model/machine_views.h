/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of a tree say of its memory, against each other and against the owner of every
 * page.
 */
#ifndef TEST_MACHINE_VIEWS_H
#define TEST_MACHINE_VIEWS_H

#include "../unit/world.h"

#define VIEWS_BLOCKS 64
#define VIEWS_OWNERS 128

/*
 * struct views - what was last seen
 * @used: pages that somebody has, by block; @hole: that are no memory
 * @owner, @pages: who has how many
 * @wrong: what does not agree
 */
struct views {
	uint64_t used[VIEWS_BLOCKS], hole[VIEWS_BLOCKS];
	char owner[VIEWS_OWNERS][32];
	uint64_t pages[VIEWS_OWNERS];
	unsigned int nr_owners;
	struct base_buf wrong;
};

void views_init(struct views *views);
void views_fini(struct views *views);
/* NULL when all agree, else what does not. */
const char *views_check(struct views *views, struct world *world);
/* Pages of an owner as of the last check. */
uint64_t views_owned(const struct views *views, const char *owner);

#endif
