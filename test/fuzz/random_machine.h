/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random machines, and random changes of them. */
#ifndef FUZZ_RANDOM_MACHINE_H
#define FUZZ_RANDOM_MACHINE_H

#include "dice.h"
#include "fuzz.h"

#define RANDOM_PENDING 4

/**
 * random_machine() - the text of a machine file: any architecture, sizes, nodes, holes, devices,
 * and a command line of any known words
 */
void random_machine(struct dice *dice, struct base_buf *text);

/** random_value() - a value that the files of a machine may accept, or nonsense */
void random_value(struct dice *dice, const struct machine_spec *spec, struct base_buf *text);

/**
 * struct random_changes - changes of a machine
 * @dice: source of choices
 * @paths: of writable files, as of @age changes ago
 * @pending: writes that have not been answered yet
 */
struct random_changes {
	struct fuzz_world *world;
	struct dice *dice;
	struct random_path {
		char *path, *kind;
	} * paths;
	size_t nr_paths;
	unsigned int age;
	struct random_write {
		struct tree_file *file;
		struct fuzz_io io;
		char path[512];
	} pending[RANDOM_PENDING];
};

/** random_change() - write to any file, create or remove an object of machine/, or let time pass */
void random_change(struct random_changes *changes);
/** random_changes_pending() - whether a write is unanswered */
bool random_changes_pending(const struct random_changes *changes);
/** random_changes_end() - let every writer get an answer. */
void random_changes_end(struct random_changes *changes);

#endif
