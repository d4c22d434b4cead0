/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuse: mounts a tree with libfuse3's low-level interface. It has no loop of its own: the program
 * watches memfuse_fd() and calls memfuse_dispatch().
 */
#ifndef MEMHP_FUSE_H
#define MEMHP_FUSE_H

#include <stdbool.h>

#include "memhp/base.h"
#include "memhp/tree.h"

struct memfuse;

/**
 * struct memfuse_calls - callbacks to the program from within memfuse_dispatch()
 * @ready: the handshake with the kernel is complete, and the mount point can be used
 * @closed: the file system was unmounted, or the connection to the kernel was aborted;
 *	    memfuse_fd() reports nothing more, and must no longer be watched
 *
 * Each is called at most once, and must not call memfuse_free().
 */
struct memfuse_calls {
	void (*ready)(void *ctx);
	void (*closed)(void *ctx);
};

/**
 * memfuse_new() - mount @tree at @mountpoint
 * @clock: for rechecking a waiting process that got a signal
 * @options: comma-separated mount options as for -o, "" for none; "cache" is an additional one: the
 *	     kernel caches what does not change until it is removed
 * @why: gets the reason for an error, a text without a newline, unless libfuse has explained it on
 *	 stderr
 *
 * Requests are answered only within memfuse_dispatch(), so this thread must not access the mount
 * point.
 *
 * Return: 0; -errno; -EBUSY when a tree is already mounted there. Nothing is left mounted after an
 * error.
 */
int memfuse_new(struct tree *tree, struct base_clock *clock, const char *mountpoint,
		const char *options, const struct memfuse_calls *calls, void *ctx,
		struct base_buf *why, struct memfuse **ret_fuse);

/**
 * memfuse_free() - interrupt pending requests as if their processes were killed, unmount, free
 *
 * Open files do not prevent this: their users get ENOTCONN from then on.
 *
 * Return: whether the tree has finished all requests; if not, it still refers to memory that
 * is therefore not freed, and must not be freed itself.
 */
bool memfuse_free(struct memfuse *fuse);

/** memfuse_fd() - readable when memfuse_dispatch() has something to do. */
int memfuse_fd(const struct memfuse *fuse);

/** memfuse_command() - get a process's name, for tree_set_command(); "" if it no longer exists. */
void memfuse_command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE]);

/** memfuse_dispatch() - handle a limited number of requests; returns at once if there are none. */
void memfuse_dispatch(struct memfuse *fuse);

#endif
