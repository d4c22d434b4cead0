/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record: creates machine files from the files of real machines. */
#ifndef MEMHP_RECORD_H
#define MEMHP_RECORD_H

#include <stdbool.h>
#include <stdio.h>

struct base_buf;
struct machine_spec;

/** record_is_source() - whether @path is a directory or an archive, rather than a machine file. */
bool record_is_source(const char *path);
/**
 * record_load() - load a machine file, or the description of a recorded machine
 * @what: its path, or the name of a machine (see machine_name_find())
 * @err: gets the errors
 *
 * Return: 0, or -errno (-EINVAL: invalid contents) after an explanation on @err.
 */
int record_load(const char *what, FILE *err, struct machine_spec **ret_spec);
/**
 * record_print() - add the description of the machine whose files are below a root directory
 * @err: gets the errors
 *
 * Describes what the machine booted with as well: kernel, command line, nodes and windows of the
 * firmware. Of a mount of memhpfs, it is machine/spec.
 *
 * Return: as record_load().
 */
int record_print(const char *root, FILE *err, struct base_buf *buf);
/** record_main() - run memhpfs record; returns the exit status. */
int record_main(int argc, char **argv);

#endif
