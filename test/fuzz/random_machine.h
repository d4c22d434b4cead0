/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines, and changes of them, by chance. */
#ifndef FUZZ_RANDOM_MACHINE_H
#define FUZZ_RANDOM_MACHINE_H

#include "dice.h"
#include "fuzz.h"

#define RANDOM_PENDING 4

/**
 * random_machine() - the text of a machine file: any architecture, sizes, nodes, holes, devices,
 * and a command line of any words that are understood
 */
void random_machine(struct dice *dice, struct base_buf *text);

/** random_value() - something that the files of a machine may take, or nonsense */
void random_value(struct dice *dice, const struct machine_spec *spec, struct base_buf *text);

/**
 * struct random_changes - what is done to a machine
 * @dice: decides
 * @paths: of files that can be written, as of @age changes ago
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

/** random_change() - one write to any file, an object of machine/ made or removed, or time */
void random_change(struct random_changes *changes);
/** random_changes_pending() - whether a write has no answer yet */
bool random_changes_pending(const struct random_changes *changes);
/** random_changes_end() - every writer gets an answer. */
void random_changes_end(struct random_changes *changes);

#endif
