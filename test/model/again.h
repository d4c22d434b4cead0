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
void again_free(struct again *again);

#endif
