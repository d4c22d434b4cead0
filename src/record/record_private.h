/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recording a machine: from a real machine's files, live, in a directory or in an archive, to the
 * text of a machine file that shows the same.
 *
 * read.c finds the files and passes each to take.c, which collects their contents (struct record)
 * and checks them; write.c creates a machine file from them.
 */
#ifndef RECORD_PRIVATE_H
#define RECORD_PRIVATE_H

#include <bsd/sys/tree.h>
#include <stdio.h>

#include "memhp/base.h"
#include "memhp/machine.h"
#include "memhp/record.h"

/** RECORD_SPEC - path of the machine file in a mount of memhpfs. */
#define RECORD_SPEC "machine/spec"
/** RECORD_CONFIG - path of the kernel's configuration, which is compressed. */
#define RECORD_CONFIG "proc/config.gz"

/** struct record_options - properties that the files may not show; NULL or 0: guess */
struct record_options {
	const char *arch;
	uint64_t page_size;
};

/* The files of a block. Words that are too long are truncated, and thus not recognized. */
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
 * @has: the files that exist, as bits by enum record_file
 * @nodes: the nodes that it has links to
 * @linked: the nodes that have a link to it
 * @show_zones: valid_zones must be stored, as the emulated kernel would show something else
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

/** struct record_ram - a line "System RAM" of /proc/iomem; @end is inclusive */
struct record_ram {
	uint64_t start;
	uint64_t end;
};

/**
 * struct record - a machine as shown by its files
 * @source: its name in errors
 * @nodes: the nodes that have a directory; @cpus: their CPUs
 * @config: the kernel's configuration; NULL: unknown
 * @spec: in a mount of memhpfs, the complete description, including devices
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
	char *config;
	char *spec;
};

int record_block_cmp(const struct record_block *a, const struct record_block *b);
RB_PROTOTYPE(record_blocks, record_block, link, record_block_cmp)

/** record_error() - report an error in the source. */
void record_error(struct record *record, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- files of a machine (take.c) ------------------------------------------------------------- */

/** record_wants() - whether the file at a path below the root is of use. */
bool record_wants(const char *path);
/** record_file() - take a file; its contents are NUL-terminated. */
void record_file(struct record *record, const char *path, const char *text);
/** record_link() - take a symbolic link. */
void record_link(struct record *record, const char *path, const char *target);
/** record_directory() - take a directory. */
void record_directory(struct record *record, const char *path);
/** record_check() - report what is missing or inconsistent, and guess what is unknown. */
void record_check(struct record *record, const struct record_options *options);

/* ---- sources of files (read.c) --------------------------------------------------------------- */

/**
 * record_read() - read all files of a root directory or an archive
 *
 * Return: 0, or -errno after reporting the error.
 */
int record_read(struct record *record, const char *source);

/* ---- the machine file (write.c) -------------------------------------------------------------- */

/**
 * record_write() - write the machine file
 *
 * Return: 0; -EINVAL after reporting the error; -ENOMEM.
 */
int record_write(struct record *record, struct base_buf *buf);

#endif
