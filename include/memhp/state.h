/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file from which a machine goes on where it was.
 */
#ifndef CMD_STATE_H
#define CMD_STATE_H

#include "memhp/loop.h"
#include "memhp/tree.h"

struct state;

/**
 * state_open() - open @path, or make it, and be the only one who has it open
 * @machine: the machine file, NULL: the default; @cmdline: words added to its command line. A file
 *	     that is there has to be of the same ones.
 *
 * Return: 0; -errno, said on stderr.
 */
int state_open(const char *path, const char *machine, const char *cmdline,
	       struct state **ret_state);
/**
 * state_resume() - do again what is in the file, and write down what comes from now on
 * @tree: of a machine that has just booted; @pace: its clock, not started
 *
 * Writes that nobody was told the end of end as if their writers had been killed.
 *
 * Return: 0; -errno, said on stderr.
 */
int state_resume(struct state *state, struct tree *tree, struct loop_pace *pace);
/** state_wrong() - the first input that is not as it was, of a state that could not go on; or 0. */
uint64_t state_wrong(const struct state *state);

/**
 * typedef state_try_fn - state_open() and state_resume() of @path, with a new machine
 * @ret_wrong: as state_wrong()
 *
 * Context: in a process of its own, which ends then.
 */
typedef int state_try_fn(void *ctx, const char *path, uint64_t *ret_wrong);
/**
 * state_recover() - make the file at @path one that state_resume() takes: without the first input
 *		     that is not as it was, and all behind it
 *
 * When something has to go, it is said on stderr, and the old file is kept as @path.before-recover,
 * or with a number behind that.
 *
 * Context: before there is a machine, or a thread.
 *
 * Return: 0, also when nothing was wrong; -errno, said on stderr.
 */
int state_recover(const char *path, state_try_fn *fn, void *ctx);
/**
 * state_close() - before the tree goes; harmless for NULL
 *
 * Return: false when a write of the file is still under way, which keeps the tree in use.
 */
bool state_close(struct state *state);

#endif
