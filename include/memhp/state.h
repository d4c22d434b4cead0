/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State files, from which a machine continues where it stopped.
 */
#ifndef MEMHP_STATE_H
#define MEMHP_STATE_H

#include "memhp/loop.h"
#include "memhp/tree.h"

struct state;

/**
 * state_open() - open or create @path exclusively
 * @machine: the machine file, NULL: the default; @cmdline: words added to its command line. Both
 *	     must match an existing file.
 *
 * Return: 0; -errno, explained on stderr.
 */
int state_open(const char *path, const char *machine, const char *cmdline,
	       struct state **ret_state);
/**
 * state_resume() - replay the file, and journal all input from now on
 * @tree: of a machine that has just booted; @pace: its clock, not started
 *
 * Unanswered writes are replayed as killed.
 *
 * Return: 0; -errno, explained on stderr.
 */
int state_resume(struct state *state, struct tree *tree, struct loop_pace *pace);
/** state_wrong() - the first input whose replay differed, if the state cannot continue; or 0. */
uint64_t state_wrong(const struct state *state);

/**
 * typedef state_try_fn - state_open() and state_resume() of @path, with a new machine
 * @ret_wrong: set to state_wrong()
 *
 * Context: in a process of its own, which ends afterwards.
 */
typedef int state_try_fn(void *ctx, const char *path, uint64_t *ret_wrong);
/**
 * state_recover() - make the file at @path usable for state_resume(), by removing the first input
 *		     whose replay differs and all input after it
 *
 * If anything is removed, this is reported on stderr, and the old file is kept as
 * @path.before-recover, possibly followed by a number.
 *
 * Context: before there is a machine, or a thread.
 *
 * Return: 0, also when nothing was wrong; -errno, explained on stderr.
 */
int state_recover(const char *path, state_try_fn *fn, void *ctx);
/**
 * state_close() - close the file before the tree is freed; harmless for NULL
 *
 * Return: false when a write of the file is still in progress, which keeps the tree in use.
 */
bool state_close(struct state *state);

#endif
