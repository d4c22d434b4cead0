/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of memhpfs. */
#ifndef MEMHPFS_ARGS_H
#define MEMHPFS_ARGS_H

#include <stdbool.h>

#include "memhp/base.h"

enum memhpfs_status {
	MEMHPFS_OK = 0,
	MEMHPFS_FAILED = 1,
	MEMHPFS_REFUSED = 2, /* the machine file or the command line is wrong */
};

/**
 * struct memhpfs_args - the parsed command line
 * @qmp: where clients of the monitor connect; NULL: nowhere
 * @trace_changes: opens and reads are not in @trace
 * @source: what is mounted, if mount(8) has started the program
 * @rmdir: remove the mount point at the end
 * @ready_fd: the descriptor of --ready-fd; -1: none
 * @exit_with: a pidfd of the process of --exit-with; -1: none
 */
struct memhpfs_args {
	const char *machine;
	const char *state;
	const char *qmp;
	const char *trace;
	bool trace_changes;
	struct base_buf cmdline;
	const char *kernel;
	struct base_buf options;
	const char *source;
	const char *mountpoint;
	bool foreground;
	bool state_recover;
	bool rmdir;
	int ready_fd;
	int exit_with;
};

/** memhpfs_args_parse() - parse a command line; an invalid one ends the program. */
void memhpfs_args_parse(struct memhpfs_args *args, int argc, char **argv);

#endif
