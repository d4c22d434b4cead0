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
 * struct state_machine - which machine it is
 * @file: the machine file; NULL: the default machine
 * @cmdline: words added to its kernel command line
 * @kernel: the version of Linux that replaces the file's; "": none
 */
struct state_machine {
	const char *file;
	const char *cmdline;
	const char *kernel;
};

/**
 * state_open() - open or create @path exclusively
 *
 * If the file exists, @machine must be the one it was created with.
 *
 * Return: 0, or -errno after an explanation on stderr.
 */
int state_open(const char *path, const struct state_machine *machine, struct state **ret_state);
/**
 * state_resume() - replay the file, and journal all input from now on
 * @tree: the tree of a machine that has just booted
 * @pace: its clock, which has not been started
 *
 * Unanswered writes are replayed as killed.
 *
 * Return: 0, or -errno after an explanation on stderr.
 */
int state_resume(struct state *state, struct tree *tree, struct loop_pace *pace);
/** state_wrong() - the first input whose replay differed, so that the state is unusable; or 0. */
uint64_t state_wrong(const struct state *state);

/**
 * typedef state_try_fn - call state_open() and state_resume() for @path, with a new machine
 * @ret_wrong: set to state_wrong()
 *
 * Context: called in a process of its own, which ends afterwards.
 */
typedef int state_try_fn(void *ctx, const char *path, uint64_t *ret_wrong);
/**
 * state_recover() - make the file at @path usable for state_resume(), by removing the first input
 *		     whose replay differs and all input after it
 *
 * If anything is removed, this is reported on stderr, and the old file is kept as
 * @path.before-recover, possibly followed by a number.
 *
 * Context: called before there is a machine or a thread.
 *
 * Return: 0, also if nothing was wrong; or -errno after an explanation on stderr.
 */
int state_recover(const char *path, state_try_fn *fn, void *ctx);
/**
 * state_close() - close the file, before the tree is freed; a no-op for NULL
 *
 * Return: false when a write of the file is still in progress, which keeps the tree in use.
 */
bool state_close(struct state *state);

#endif
