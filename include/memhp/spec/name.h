/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machines that are called by their names, such as "vm-8g": machine files that come with memhpfs,
 * or that lie in the directory which the environment variable MEMHP_MACHINES names.
 */
#ifndef MEMHP_SPEC_NAME_H
#define MEMHP_SPEC_NAME_H

#include <stdio.h>

#include "memhp/base/buf.h"

/**
 * machine_name_find() - find the machine file that a user means
 * @what: the name of a machine, or a path; a word with a dot or a slash is always a path
 * @err: gets the reason if there is neither, and the names that there are
 * @ret_path: the path, to be freed by the caller
 *
 * Return: 0, -ENOENT, -ENOMEM.
 */
int machine_name_find(const char *what, FILE *err, char **ret_path);
/**
 * machine_name_list() - add a line for each machine that has a name: the name, a tab, and the first
 *			 sentence of the comment in its file
 */
void machine_name_list(struct base_buf *buf);

#endif
