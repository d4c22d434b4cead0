/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine file as text in the right places: its keys are known and each is there once, but what
 * the values mean is up to spec_read.c.
 */
#ifndef MACHINE_SPEC_YAML_H
#define MACHINE_SPEC_YAML_H

#include <stdio.h>

#include "memhp/base.h"

struct machine_yaml;

/** struct machine_yaml_range - an entry of memory or hotplug; NULL for keys that are absent. */
struct machine_yaml_range {
	char *start;
	char *end;
	char *node;
	char *nomap;
	char *hotpluggable;
	char *mirrored;
};

struct machine_yaml_cpus {
	char *list;
	char *node;
};

struct machine_yaml_recorded {
	char *blocks;
	char *state;
	char *zones;
	char *removable;
};

struct machine_yaml_fault {
	char *name;
	char *phase;
	char *block;
	char *error;
	char *after;
	char *count;
	char *probability;
	char *seed;
	char *delay_ms;
};

/** struct machine_yaml_text - the values of a machine file; NULL for an optional key left out. */
struct machine_yaml_text {
	char *kernel;
	char *arch;
	char *cmdline;
	char *block_size;
	char *page_size;
	char *phys_bits;
	char *possible_nodes;
	char *increment;
	char *kasan;
	char *kernel_pages;
	struct machine_yaml_range *memory;
	unsigned int nr_memory;
	struct machine_yaml_range *hotplug;
	unsigned int nr_hotplug;
	struct machine_yaml_range *standby;
	unsigned int nr_standby;
	struct machine_yaml_cpus *cpus;
	unsigned int nr_cpus;
	struct machine_yaml_recorded *recorded;
	unsigned int nr_recorded;
	struct machine_yaml_fault *faults;
	unsigned int nr_faults;
};

/**
 * struct machine_yaml_at - a place in the file: "arch", "memory[1]" or "memory[1].end"
 * @list: NULL for a key of the machine itself
 * @key: NULL for an entry as a whole
 */
struct machine_yaml_at {
	const char *list;
	size_t index;
	const char *key;
};

#define MACHINE_YAML_KEY(name) ((struct machine_yaml_at){ .key = (name) })
#define MACHINE_YAML_ENTRY(name, i, name_within)                                                   \
	((struct machine_yaml_at){ .list = (name), .index = (i), .key = (name_within) })

/**
 * machine_yaml_new() - read the text of a machine file
 * @path, @first_line: what errors call the text and its first line; @path must outlive the result
 * @err: gets a line per error
 *
 * Return: 0; -EINVAL or -ENOMEM, said on @err.
 */
int machine_yaml_new(const char *text, size_t len, const char *path, unsigned int first_line,
		     FILE *err, struct machine_yaml **ret_yaml);
void machine_yaml_free(struct machine_yaml *yaml);
const struct machine_yaml_text *machine_yaml_text(const struct machine_yaml *yaml);

/** machine_yaml_line() - the line of a place, or of what would hold it. */
unsigned int machine_yaml_line(struct machine_yaml *yaml, struct machine_yaml_at at);
/** machine_yaml_error() - say what is wrong at a place. */
void machine_yaml_error(struct machine_yaml *yaml, struct machine_yaml_at at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** machine_yaml_nr_errors() - how often that was done. */
unsigned int machine_yaml_nr_errors(const struct machine_yaml *yaml);

#endif
