/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record: creates machine files from the files of real machines. */
#ifndef MEMHP_RECORD_H
#define MEMHP_RECORD_H

#include <stdbool.h>
#include <stdio.h>

struct machine_spec;

/** record_is_source() - whether @path is a directory or an archive, rather than a machine file. */
bool record_is_source(const char *path);
/**
 * record_load() - load a machine file, or the description of a recorded machine
 * @err: gets the errors
 *
 * Return: 0, or -errno (-EINVAL: invalid contents) after an explanation on @err.
 */
int record_load(const char *path, FILE *err, struct machine_spec **ret_spec);
/** record_main() - run memhpfs record; returns the exit status. */
int record_main(int argc, char **argv);

#endif
