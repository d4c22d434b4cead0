/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came into a machine from outside, and the same done to a second one: both must then say the
 * same in every file.
 */
#ifndef TEST_AGAIN_H
#define TEST_AGAIN_H

#include "../unit/world.h"

struct again;

/* Everything from now on. */
struct again *again_new(struct world *world);
/*
 * Does all of it to @other, a world as @world was; what differs, NULL: nothing. Lives until
 * again_free().
 */
const char *again_compare(struct again *again, struct world *other);
/*
 * Saves the world and loads it into @fresh, which has just been made as the world was. Both must
 * then be the same, and saved, again. -EBUSY: it cannot be saved now; 0, and @ret_wrong: what
 * differs, NULL: nothing.
 */
int again_copy(struct again *again, struct world *fresh, const char **ret_wrong);
/* How much has come in by now; and again_compare() for a copy that was made then. */
size_t again_inputs(const struct again *again);
const char *again_compare_copy(struct again *again, struct world *copy, size_t inputs);
void again_free(struct again *again);

#endif
