/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuse: a tree behind a mount point, on libfuse3's low-level interface. It runs no loop of its
 * own: the program watches memfuse_fd() and calls memfuse_dispatch().
 */
#ifndef MEMHP_FUSE_H
#define MEMHP_FUSE_H

#include <stdbool.h>

#include "memhp/base.h"

struct tree;
struct memfuse;

/**
 * struct memfuse_calls - news for the program, given from within memfuse_dispatch()
 * @ready: the kernel's greeting is answered: whoever uses the mount point gets answers
 * @closed: the mount is gone, by whomever, or the connection to the kernel was cut; nothing more
 *	    comes on memfuse_fd(), which must not be watched any longer
 *
 * Each is called at most once, and must not call memfuse_free().
 */
struct memfuse_calls {
	void (*ready)(void *ctx);
	void (*closed)(void *ctx);
};

/**
 * memfuse_new() - mount @tree at @mountpoint
 * @clock: for looking again at a waiting process that a signal came to
 * @options: comma-separated mount options as -o takes them, "" for none; "cache" is our own: the
 *	     kernel keeps what does not change until it is gone
 *
 * The mount answers only while memfuse_dispatch() is called, so that nothing in this thread may
 * touch the mount point.
 *
 * Return: 0; -errno with a line on stderr that says what is wrong: -EBUSY when a tree is mounted
 * there already. Nothing is left mounted after an error.
 */
int memfuse_new(struct tree *tree, struct base_clock *clock, const char *mountpoint,
		const char *options, const struct memfuse_calls *calls, void *ctx,
		struct memfuse **ret_fuse);

/**
 * memfuse_free() - interrupt what is pending as a killed process would, unmount, free
 *
 * Open files do not keep the mount: whoever holds one gets ENOTCONN from then on.
 *
 * Return: whether the tree has finished all requests; when not, it still refers to memory that
 * is therefore not freed, and must not be freed itself.
 */
bool memfuse_free(struct memfuse *fuse);

/** memfuse_fd() - readable when memfuse_dispatch() has something to do. */
int memfuse_fd(const struct memfuse *fuse);

/** memfuse_dispatch() - take a bounded number of requests; returns at once when there is none. */
void memfuse_dispatch(struct memfuse *fuse);

#endif
