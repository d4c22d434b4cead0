/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhp: what people and scripts do with a machine, as commands: plug, unplug, resize, wait, ...
 * Everything takes place through the machine's files.
 */
#ifndef MEMHP_CMD_H
#define MEMHP_CMD_H

#include <stdbool.h>

enum memhp_status { MEMHP_OK = 0, MEMHP_FAILED = 1, MEMHP_USAGE = 2 };

/**
 * struct memhp_args - what a command was given
 * @root: where the machine is mounted; NULL: the real machine
 * @kind: --kind, a directory of machine/
 * @follow: --follow
 * @word, @nr: the words after the options
 */
struct memhp_args {
	const char *root;
	const char *kind;
	bool follow;
	char **word;
	unsigned int nr;
};

/* Each command returns the exit status, after reporting errors. */
int memhp_plug(const struct memhp_args *args);
int memhp_unplug(const struct memhp_args *args);
int memhp_resize(const struct memhp_args *args);
int memhp_wait(const struct memhp_args *args);
int memhp_dump(const struct memhp_args *args);
int memhp_log(const struct memhp_args *args);
int memhp_machines(const struct memhp_args *args);

/** memhp_need_root() - check that there is an emulated machine; false after reporting an error. */
bool memhp_need_root(const struct memhp_args *args);
/** memhp_copy() - copy the rest of a file to standard output or error; 0 or -1 with errno. */
int memhp_copy(int from, int to);

#endif
