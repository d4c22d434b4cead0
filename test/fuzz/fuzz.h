/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the fuzz targets: a machine with its tree and a virtual clock, requests that are waited
 * for, and invariants of any machine at any time. A violation ends the program.
 *
 * A target is one function called by libFuzzer; replay.c calls the same function for stored inputs.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "memhp/machine.h"
#include "memhp/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** FUZZ_REQUIRE() - what must hold for any input. */
#define FUZZ_REQUIRE(what) fuzz_require((what), #what, __FILE__, __LINE__)
void fuzz_require(bool holds, const char *what, const char *file, int line);

/**
 * fuzz_watch() - set the current action; NULL: none
 *
 * An action that takes more than some seconds of CPU time ends the program. Failures print the
 * action.
 */
void fuzz_watch(const char *what, const char *path);

struct fuzz_world {
	struct machine_spec *spec;
	struct base_clock *clock;
	struct machine *machine;
	struct tree *tree;
};

/** struct fuzz_io - one request; @text: the data read or written */
struct fuzz_io {
	struct tree_req req;
	struct base_buf text;
	bool reading;
	bool pending;
	ssize_t result;
};

/** fuzz_spec_small() - a machine of 7 blocks in two nodes, a third node for DIMMs. */
struct machine_spec *fuzz_spec_small(void);
/** fuzz_world_init() - takes over @spec; false if the machine does not boot. */
bool fuzz_world_init(struct fuzz_world *world, struct machine_spec *spec);
void fuzz_world_fini(struct fuzz_world *world);
/** fuzz_world_check() - check that zone counters agree with each other and with the pages held. */
void fuzz_world_check(const struct fuzz_world *world);

/**
 * fuzz_world_find() - walk a path of plain names
 *
 * Return: 0 with a reference to the inode, -errno.
 */
int fuzz_world_find(struct fuzz_world *world, const char *path, struct tree_attr *ret_attr);
/**
 * fuzz_world_visit() - call @fn for all inodes below @ino, directories before their entries
 * @path: that of @ino, "" for the root
 * @most: maximum number of inodes
 *
 * Every entry is looked up and must match the listing. @fn may change anything.
 */
typedef void fuzz_visit_fn(struct fuzz_world *world, const char *path, const struct tree_attr *attr,
			   void *ctx);
void fuzz_world_visit(struct fuzz_world *world, uint64_t ino, const char *path, fuzz_visit_fn *fn,
		      void *ctx, size_t *most);
/** fuzz_world_names() - the names in a directory, each followed by a blank; "" if it is missing */
void fuzz_world_names(struct fuzz_world *world, const char *path, struct base_buf *names);
/** fuzz_first_name() - the first of such names */
void fuzz_first_name(const char *names, char *name, size_t size);

/** fuzz_world_make() - mkdir; whether this created the object */
bool fuzz_world_make(struct fuzz_world *world, const char *dir, const char *name);
/** fuzz_world_kinds() - call @fn for each directory of machine/ that accepts mkdir */
typedef void fuzz_kind_fn(struct fuzz_world *world, const char *dir, void *ctx);
void fuzz_world_kinds(struct fuzz_world *world, fuzz_kind_fn *fn, void *ctx);

void fuzz_io_init(struct fuzz_io *io);
void fuzz_io_fini(struct fuzz_io *io);
/** fuzz_io_read(), fuzz_io_write() - begin one; it may be pending when they return. */
void fuzz_io_read(struct fuzz_io *io, struct tree_file *file, size_t size, off_t off);
void fuzz_io_write(struct fuzz_io *io, struct tree_file *file, const void *data, size_t len);
/** fuzz_io_wait() - advance the clock until @io is finished, or else kill its caller. */
void fuzz_io_wait(struct fuzz_world *world, struct fuzz_io *io);

/** fuzz_world_cat() - open, read all, release; unreadable files are skipped. */
void fuzz_world_cat(struct fuzz_world *world, uint64_t ino);
/** fuzz_world_text() - append the text of a file to @text; returns the result of the last read */
ssize_t fuzz_world_text(struct fuzz_world *world, const char *path, struct base_buf *text);
/** fuzz_world_echo() - open, write once, release; unwritable files are skipped. */
void fuzz_world_echo(struct fuzz_world *world, uint64_t ino, const void *data, size_t len);

#endif
