/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations by real system calls, on a mount of memhpfs or on a real machine (`memhpsim --live`).
 *
 * On a real machine, what is written is put back at the end as far as possible.
 */
#ifndef MEMHP_SIM_LIVE_H
#define MEMHP_SIM_LIVE_H

#include "memhp/sim.h"

/** enum sim_root - what the files below a root directory belong to */
enum sim_root {
	SIM_ROOT_MOUNT,	  /* memhpfs: there is machine/ */
	SIM_ROOT_MACHINE, /* the kernel's own sysfs and procfs */
};

/**
 * sim_live_root() - find out what @root is
 * @why: gets the reason if it is neither
 *
 * Return: 0, -EINVAL.
 */
int sim_live_root(const char *root, enum sim_root *ret_kind, struct base_buf *why);

/**
 * sim_live_new() - prepare for operations on the files below @root
 * @err: gets notes about what cannot be done or put back
 *
 * From here on, SIGINT, SIGTERM and SIGHUP do not end the process but its operations: see
 * sim_live_signal().
 *
 * Return: 0, or -errno.
 */
int sim_live_new(const char *root, enum sim_root kind, FILE *err, struct sim **ret_sim);
/** sim_live_signal() - the signal that ended the operations; 0: none */
int sim_live_signal(const struct sim *sim);
/** sim_live_input() - wait until @fd can be read; false if a signal came first */
bool sim_live_input(struct sim *sim, int fd);

/**
 * sim_live_write() - prepare for writes on a real machine: note the state that can be put back
 *
 * To be called once, before the first write. Changes whether the kernel says why a block cannot go
 * offline, if it can be changed.
 */
int sim_live_write(struct sim *sim);
/**
 * sim_live_given() - find out what an operation on a real machine depended on
 * @line: the operation that has just been done (modified)
 * @ret: its result
 * @buf: gets `given` lines for blocks that have, or no longer have, pages that cannot move
 */
void sim_live_given(struct sim *sim, char *line, int ret, struct base_buf *buf);
/**
 * sim_live_restore() - put back on a real machine what was written
 *
 * Return: the number of things that are not as they were; each has a line on the notes.
 */
unsigned int sim_live_restore(struct sim *sim);
/** sim_undo_explain() - how what is written to the file @path is put back, or why it is not. */
const char *sim_undo_explain(const char *path);

#define SIM_LIVE_HOLD_USAGE                                                                        \
	"hold ID KIND BYTES NODE; on a real machine, KIND must be anon, mlock, hugetlb or shmem"

/** sim_live_holds() - whether memory of this kind can be held on a real machine */
bool sim_live_holds(const char *kind);

/**
 * struct sim_checked - what an operation does
 * @write_path: the file that it writes; NULL: it writes none
 * @text: what it writes there
 */
struct sim_checked {
	const char *write_path;
	const char *text;
};

/**
 * sim_check() - check whether an operation can be done
 * @line: the operation (modified; @ret_checked refers to it)
 * @ret_what: why it cannot be done
 *
 * Return: 0, SIM_SYNTAX.
 */
int sim_check(enum sim_root kind, char *line, struct sim_checked *ret_checked,
	      const char **ret_what);

#endif
