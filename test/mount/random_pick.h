/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choices of a random client: numbers that follow from a seed, paths of the mount, and texts that
 * its files may accept.
 */
#ifndef MEMHP_TEST_RANDOM_PICK_H
#define MEMHP_TEST_RANDOM_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PICK_TEXT_MAX (256 * 1024)

/*
 * struct pick - @state: of the generator
 * @paths: what a walk found, below the root of the mount
 */
struct pick {
	uint64_t state;
	char **paths;
	size_t nr_paths;
	size_t room;
};

/* A number below @limit. */
uint64_t pick_below(struct pick *pick, uint64_t limit);
bool pick_percent(struct pick *pick, unsigned int percent);
/* Walks the mount again, from the working directory; 0 or -errno. */
int pick_walk(struct pick *pick);
void pick_fini(struct pick *pick);

/* A path that existed at the last walk. */
const char *pick_path(struct pick *pick);
/* A path whose last component is @leaf; any path if there is none. */
const char *pick_path_of(struct pick *pick, const char *leaf);
/* Sets @path to that of an object that mkdir may create or rmdir may remove. */
void pick_object(struct pick *pick, char *path, size_t size);
/*
 * Sets @text, of PICK_TEXT_MAX bytes, to a text to write to @path, mostly one that the file
 * accepts. Returns its length.
 */
size_t pick_text(struct pick *pick, const char *path, char *text);

#endif
