/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share: a machine with its tree and a virtual clock, requests that are
 * waited for, and what must hold of any machine at any time. What does not hold ends the program.
 *
 * A target is one function of libFuzzer's; replay.c calls the same function for stored inputs.
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

/** FUZZ_REQUIRE() - what must be so whatever the input is. */
#define FUZZ_REQUIRE(what) fuzz_require((what), #what, __FILE__, __LINE__)
void fuzz_require(bool holds, const char *what, const char *file, int line);

/**
 * fuzz_watch() - what is done now; NULL: nothing
 *
 * It may take some seconds of CPU time; then the program ends. Whatever ends it says what it was.
 */
void fuzz_watch(const char *what, const char *path);

struct fuzz_world {
	struct machine_spec *spec;
	struct base_clock *clock;
	struct machine *machine;
	struct tree *tree;
};

/** struct fuzz_io - one request; @text: what a read got, what a write writes */
struct fuzz_io {
	struct tree_req req;
	struct base_buf text;
	bool reading;
	bool pending;
	ssize_t result;
};

/** fuzz_spec_small() - a machine of 7 blocks in two nodes, a third node for DIMMs. */
struct machine_spec *fuzz_spec_small(void);
/** fuzz_world_init() - takes @spec over; false when the machine does not boot. */
bool fuzz_world_init(struct fuzz_world *world, struct machine_spec *spec);
void fuzz_world_fini(struct fuzz_world *world);
/** fuzz_world_check() - counters of zones agree with each other and with who holds pages. */
void fuzz_world_check(const struct fuzz_world *world);

/**
 * fuzz_world_find() - walk a path of plain names
 *
 * Return: 0 with a reference to the inode, -errno.
 */
int fuzz_world_find(struct fuzz_world *world, const char *path, struct tree_attr *ret_attr);
/**
 * fuzz_world_visit() - call @fn for all inodes below @ino, directories before what is in them
 * @path: that of @ino, "" for the root
 * @most: stop after so many
 *
 * Every entry is looked up, and must be what the listing said. @fn may change anything.
 */
typedef void fuzz_visit_fn(struct fuzz_world *world, const char *path, const struct tree_attr *attr,
			   void *ctx);
void fuzz_world_visit(struct fuzz_world *world, uint64_t ino, const char *path, fuzz_visit_fn *fn,
		      void *ctx, size_t *most);
/** fuzz_world_names() - the names in a directory, each before a blank; none if it is not there */
void fuzz_world_names(struct fuzz_world *world, const char *path, struct base_buf *names);
/** fuzz_first_name() - the first of such names */
void fuzz_first_name(const char *names, char *name, size_t size);

/** fuzz_world_make() - mkdir; whether there is such a thing now that was not there before */
bool fuzz_world_make(struct fuzz_world *world, const char *dir, const char *name);
/** fuzz_world_kinds() - call @fn for each directory of machine/ in which something can be made */
typedef void fuzz_kind_fn(struct fuzz_world *world, const char *dir, void *ctx);
void fuzz_world_kinds(struct fuzz_world *world, fuzz_kind_fn *fn, void *ctx);

void fuzz_io_init(struct fuzz_io *io);
void fuzz_io_fini(struct fuzz_io *io);
/** fuzz_io_read(), fuzz_io_write() - begin one; it may be pending when they return. */
void fuzz_io_read(struct fuzz_io *io, struct tree_file *file, size_t size, off_t off);
void fuzz_io_write(struct fuzz_io *io, struct tree_file *file, const void *data, size_t len);
/** fuzz_io_wait() - let time pass until @io is finished, then kill the one who waits. */
void fuzz_io_wait(struct fuzz_world *world, struct fuzz_io *io);

/** fuzz_world_cat() - open, read all, release; files that cannot be read are passed over. */
void fuzz_world_cat(struct fuzz_world *world, uint64_t ino);
/** fuzz_world_text() - the text of a file, added to @text; what read(2) says at the end of it */
ssize_t fuzz_world_text(struct fuzz_world *world, const char *path, struct base_buf *text);
/** fuzz_world_echo() - open, write once, release; likewise. */
void fuzz_world_echo(struct fuzz_world *world, uint64_t ino, const void *data, size_t len);

#endif
