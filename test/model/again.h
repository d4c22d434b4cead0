/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The external inputs of a machine, repeated on a second one: both must then show the same text in
 * every file.
 */
#ifndef TEST_AGAIN_H
#define TEST_AGAIN_H

#include "../unit/world.h"

struct again;

/* Records all inputs from now on. */
struct again *again_new(struct world *world);
/*
 * Repeats all inputs on @other, a world as @world was; returns a difference, NULL: none. Valid
 * until again_free().
 */
const char *again_compare(struct again *again, struct world *other);
/*
 * Saves the world and loads it into @fresh, which has just been made as the world was. Both must
 * then be equal, also when saved again. -EBUSY: it cannot be saved now; 0, and @ret_wrong: a
 * difference, NULL: none.
 */
int again_copy(struct again *again, struct world *fresh, const char **ret_wrong);
/* Number of inputs so far; and again_compare() for a copy that was made at that point. */
size_t again_inputs(const struct again *again);
const char *again_compare_copy(struct again *again, struct world *copy, size_t inputs);
void again_free(struct again *again);

#endif
