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
	bool boot; /* describe what the machine booted with, too */
};

/** RECORD_MAX_BYTES - of a file, more is ignored. */
#define RECORD_MAX_BYTES (1u << 20)

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
 * @booted: the firmware says that its memory was there at boot
 * @show_zones: valid_zones must be stored, as the emulated kernel would show something else
 */
struct record_block {
	uint64_t id;
	unsigned int has;
	char text[RECORD_NR_FILES][32];
	struct base_mask *nodes;
	struct base_mask *linked;
	bool booted;
	bool show_zones;
	RB_ENTRY(record_block) link;
};
RB_HEAD(record_blocks, record_block);

/** struct record_ram - a line "System RAM" of /proc/iomem; @end is inclusive */
struct record_ram {
	uint64_t start;
	uint64_t end;
};

/** struct record_affinity - memory in the firmware's SRAT; @end is inclusive */
struct record_affinity {
	uint64_t start;
	uint64_t end;
	unsigned int node;
	bool hotplug;
};

/**
 * struct record - a machine as shown by its files
 * @source: its name in errors
 * @boot: what it booted with is described: the members from @kernel on
 * @kernel_known: it is one that machine files can have
 * @domains: the firmware's numbers of nodes, in the order in which the kernel counts them
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
	bool boot;
	char *kernel;
	bool kernel_known;
	char *cmdline;
	struct base_mask possible;
	struct record_affinity *affinity;
	size_t nr_affinity;
	struct machine_domain domains[BASE_MASK_BITS];
	size_t nr_domains;
};

int record_block_cmp(const struct record_block *a, const struct record_block *b);
RB_PROTOTYPE(record_blocks, record_block, link, record_block_cmp)

/** record_error() - report an error in the source (error.c). */
void record_error(struct record *record, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- files of a machine (take.c) ------------------------------------------------------------- */

/** record_tops - what of a machine is read, with all that is below; a NULL at the end */
extern const char *const record_tops[];
/** record_own_path() - the path on the machine in one of an archive; NULL: not of a machine. */
const char *record_own_path(const char *path);
/** record_wants() - whether the file at a path below the root is of use. */
bool record_wants(const char *path);
/** record_file() - take a file of @len bytes; a NUL follows its contents. */
void record_file(struct record *record, const char *path, const char *text, size_t len);
/** record_link() - take a symbolic link. */
void record_link(struct record *record, const char *path, const char *target);
/** record_directory() - take a directory. */
void record_directory(struct record *record, const char *path);
/** record_check() - report what is missing or inconsistent, and guess what is unknown. */
void record_check(struct record *record, const struct record_options *options);

/* ---- what it booted with (boot.c) ------------------------------------------------------------ */

/** record_wants_boot() - like record_wants() */
bool record_wants_boot(const char *path);
/** record_boot_file() - take a file; the others are ignored */
void record_boot_file(struct record *record, const char *path, const char *text, size_t len);
/** record_booted() - whether the firmware says that memory in [start, end] was there at boot */
bool record_booted(const struct record *record, uint64_t start, uint64_t end);
/** record_boot_describe() - add it to a description; @notes gets comments. */
void record_boot_describe(struct record *record, struct machine_spec *spec, struct base_buf *notes);
void record_boot_fini(struct record *record);

/* ---- sources of files (read.c) --------------------------------------------------------------- */

/**
 * record_read() - read all files of a root directory or an archive
 *
 * Return: 0, or -errno after reporting the error.
 */
int record_read(struct record *record, const char *source);
/** record_read_archive() - like record_read() (archive.c, or no_archive.c without libarchive) */
int record_read_archive(struct record *record, const char *source);
/** record_unpack() - what is in a file compressed by gzip; NULL: no memory, or no archives. */
char *record_unpack(const char *text, size_t len);

/* ---- the machine file (write.c) -------------------------------------------------------------- */

/**
 * record_write() - write the machine file
 *
 * Return: 0; -EINVAL after reporting the error; -ENOMEM.
 */
int record_write(struct record *record, struct base_buf *buf);

#endif
