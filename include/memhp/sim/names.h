/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names in a directory, in the order of case files (names.c). */
#ifndef MEMHP_SIM_NAMES_H
#define MEMHP_SIM_NAMES_H

#include "memhp/base.h"

/** struct sim_names - the names that begin with @prefix; @failed: out of memory */
struct sim_names {
	const char *prefix;
	char **name;
	size_t nr;
	size_t room;
	bool failed;
};

/** sim_names_add() - add a name unless it is "." or ".."; false when out of memory. */
bool sim_names_add(struct sim_names *names, const char *name);
/** sim_names_sort() - sort the names; 0, or -ENOMEM if one could not be added. */
int sim_names_sort(struct sim_names *names);
void sim_names_fini(struct sim_names *names);
/** sim_names_end() - add the sorted names to @buf unless @ret is an error; returns that error. */
int sim_names_end(struct sim_names *names, int ret, struct base_buf *buf);

#endif
