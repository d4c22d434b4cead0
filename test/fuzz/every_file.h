/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every file of a tree, read in every manner; and that nothing takes for ever. */
#ifndef FUZZ_EVERY_FILE_H
#define FUZZ_EVERY_FILE_H

#include "dice.h"
#include "fuzz.h"

/**
 * every_file_walk() - looks up, lists and reads all that there is
 *
 * Files give the same text in pieces of any size, and from any place on; directories the same names
 * however few are asked for at a time; links lead somewhere. Nothing changes meanwhile.
 */
void every_file_walk(struct fuzz_world *world, struct dice *dice);
/**
 * every_file_views() - all views of memory agree, and those of blocks and nodes
 * @busy: something is under way
 */
void every_file_views(struct fuzz_world *world, bool busy);

#endif
