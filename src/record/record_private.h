/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recording a machine: from a real machine's files, live, in a directory or in an archive, to the
 * text of a machine file that shows the same.
 *
 * read.c finds the files and tells take.c of each; that puts together what they say (struct record)
 * and checks it; write.c makes a machine file of it.
 */
#ifndef RECORD_PRIVATE_H
#define RECORD_PRIVATE_H

#include <bsd/sys/tree.h>
#include <stdio.h>

#include "memhp/base.h"
#include "memhp/machine.h"
#include "memhp/record.h"

/** RECORD_SPEC - where a mount of memhpfs has its machine file. */
#define RECORD_SPEC "machine/spec"

/** struct record_options - what the files themselves may not say; NULL, 0: guess */
struct record_options {
	const char *arch;
	uint64_t page_size;
};

/* Words of a block's files; longer ones are cut, and then not known. */
enum record_file {
	RECORD_STATE,
	RECORD_ZONES,
	RECORD_REMOVABLE,
	RECORD_PHYS_INDEX,
	RECORD_PHYS_DEVICE,
	RECORD_NR_FILES,
};

/**
 * struct record_block - a memory block
 * @has: the files that were there, bits by enum record_file
 * @nodes: those that it has links to
 * @linked: those that have a link to it
 * @show_zones: valid_zones has to be said, the emulated kernel does not say it by itself
 */
struct record_block {
	uint64_t id;
	unsigned int has;
	char text[RECORD_NR_FILES][32];
	struct base_mask *nodes;
	struct base_mask *linked;
	bool show_zones;
	RB_ENTRY(record_block) link;
};
RB_HEAD(record_blocks, record_block);

/** struct record_ram - a line "System RAM" of /proc/iomem */
struct record_ram {
	uint64_t start;
	uint64_t end;
};

/**
 * struct record - a machine as its files show it
 * @source: what errors call it
 * @nodes: those that have a directory; @cpus: their CPUs
 * @spec: of a mount of memhpfs, which says all of it, devices as well
 */
struct record {
	const char *source;
	FILE *err;
	unsigned int nr_errors;
	bool failed; /* out of memory */
	struct record_blocks blocks;
	uint64_t block_size;
	char auto_online[16];
	char arch[16];
	char policy[16];
	char memmap_on_memory[8];
	uint64_t page_size;
	struct base_mask nodes;
	struct base_mask cpus[BASE_MASK_BITS];
	struct record_ram *ram;
	size_t nr_ram;
	char *spec;
};

int record_block_cmp(const struct record_block *a, const struct record_block *b);
RB_PROTOTYPE(record_blocks, record_block, link, record_block_cmp)

/** record_error() - says what is wrong with the source. */
void record_error(struct record *record, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- take.c -------------------------------------------------------------------------------- */

/** record_wants() - whether a path below the root says anything. */
bool record_wants(const char *path);
/** record_file() - a file and what is in it, NUL-terminated. */
void record_file(struct record *record, const char *path, const char *text);
/** record_link() - a symbolic link. */
void record_link(struct record *record, const char *path, const char *target);
/** record_directory() - a directory. */
void record_directory(struct record *record, const char *path);
/** record_check() - what is missing, or does not go together; and guesses what nothing says. */
void record_check(struct record *record, const struct record_options *options);

/* ---- read.c -------------------------------------------------------------------------------- */

/** record_read() - all files of a root directory or an archive; 0 or -errno, said. */
int record_read(struct record *record, const char *source);

/* ---- write.c ------------------------------------------------------------------------------- */

/** record_write() - the machine file; 0, -EINVAL (said) or -ENOMEM. */
int record_write(struct record *record, struct base_buf *buf);

#endif
