/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads every file of a tree in every manner, and checks that nothing takes for ever. */
#ifndef FUZZ_EVERY_FILE_H
#define FUZZ_EVERY_FILE_H

#include "dice.h"
#include "fuzz.h"

/**
 * every_file_walk() - look up, list and read everything
 *
 * Checks that files have the same text in pieces of any size and from any offset, directories the
 * same names in steps of any number, and that link targets exist. Nothing may change meanwhile.
 */
void every_file_walk(struct fuzz_world *world, struct dice *dice);
/**
 * every_file_views() - check that all views of memory, blocks and nodes agree
 * @busy: an operation is in progress
 */
void every_file_views(struct fuzz_world *world, bool busy);

#endif
