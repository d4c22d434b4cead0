/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readiness. A poll request may carry a handle, which is good for one wake-up; the latest one is
 * kept, and used when the tree reports a change.
 */
#include <poll.h>

#include "fuse_private.h"

static void memfuse_poll_wake(void *ctx)
{
	struct memfuse_file *file = ctx;

	if (file->poll)
		fuse_lowlevel_notify_poll(file->poll);
	memfuse_poll_drop(file);
}

static unsigned int memfuse_poll_ask(struct memfuse_file *file)
{
	return tree_poll(file->file, file->poll ? memfuse_poll_wake : NULL, file);
}

void memfuse_op_poll(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi,
		     struct fuse_pollhandle *handle)
{
	struct memfuse_file *file = memfuse_file_of(fi);

	if (handle) {
		memfuse_poll_drop(file);
		file->poll = handle;
	}
	fuse_reply_poll(req, memfuse_poll_ask(file));
}

/* An edge-triggered waiter does not poll again: this read tells it to wait. */
bool memfuse_poll_would_wait(struct memfuse_file *file, off_t off)
{
	return tree_file_is_stream(file->file) && !(memfuse_poll_ask(file) & POLLIN) &&
	       !tree_file_seeks(file->file, off);
}

void memfuse_poll_drop(struct memfuse_file *file)
{
	if (file->poll)
		fuse_pollhandle_destroy(file->poll);
	file->poll = NULL;
}
