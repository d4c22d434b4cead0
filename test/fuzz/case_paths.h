/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The paths that an input of fuzz_case.c names by one character each. */
#ifndef FUZZ_CASE_PATHS_H
#define FUZZ_CASE_PATHS_H

#include "fuzz.h"

#define CASE_PATHS 256

struct case_paths {
	char *path[CASE_PATHS];
	size_t nr;
};

void case_paths_init(struct case_paths *paths, struct fuzz_world *world);
void case_paths_fini(struct case_paths *paths);

#endif
