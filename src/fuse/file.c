/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files. Reads and writes bypass the page cache, so that each write(2) arrives as one request,
 * which is one store. (With -o cache, reads of texts that never change use it.) The tree may take
 * arbitrarily long for any of them; each is answered once, by memfuse_io_done(), or on the tree's
 * behalf when the mount goes away first.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuse_private.h"

/* New in Linux 6.2; the installed headers may be older. */
#ifndef FOPEN_PARALLEL_DIRECT_WRITES
#define FOPEN_PARALLEL_DIRECT_WRITES (1 << 6)
#endif

/*
 * Like fuse_reply_open() in a libfuse that knows parallel writes (3.15): concurrent writers of a
 * file need not wait for each other in the kernel, where nothing reaches them, not even SIGKILL.
 */
static int memfuse_reply_open(fuse_req_t req, const struct memfuse_file *file)
{
	struct fuse_open_out out = {
		.fh = (uintptr_t)file,
		.open_flags = FOPEN_NOFLUSH |
			      (file->keeps ? FOPEN_KEEP_CACHE :
					     FOPEN_DIRECT_IO | FOPEN_PARALLEL_DIRECT_WRITES),
	};
	struct iovec iov = { .iov_base = &out, .iov_len = sizeof(out) };

	if (tree_file_is_stream(file->file) && !tree_file_seeks(file->file, -1))
		out.open_flags |= FOPEN_NONSEEKABLE;
	return fuse_reply_iov(req, &iov, 1);
}

void memfuse_file_close(struct memfuse *fuse, struct memfuse_file *file)
{
	LIST_REMOVE(file, link);
	memfuse_node_close(fuse, file->node, file->writes);
	tree_release(file->file);
	memfuse_poll_drop(file);
	free(file);
}

/*
 * The kernel takes a short read through the page cache for the end of the file, and its size for
 * that of the text. Invalidating the inode makes it ask again.
 */
void memfuse_op_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_file *file = memfuse_file_of(fi);

	if (file->cached)
		fuse_lowlevel_notify_inval_inode(fuse->session, node, -1, 0);
	memfuse_file_close(fuse, file);
	fuse_reply_err(req, 0);
}

/* The kernel has been answered, or no longer can be. */
static void memfuse_io_over(struct memfuse_io *io)
{
	memfuse_interrupt_fini(&io->interrupt);
	LIST_REMOVE(io, link);
	if (io->written_ino)
		LIST_REMOVE(io, write_link);
}

void memfuse_io_free(struct memfuse_io *io)
{
	memfuse_io_over(io);
	free(io);
}

static void memfuse_io_abandon_done(struct tree_req *tree_req, ssize_t result)
{
}

void memfuse_io_abandon(struct memfuse_io *io)
{
	fuse_reply_err(io->req, EINTR);
	memfuse_io_over(io);
	io->tree.done = memfuse_io_abandon_done;
}

/*
 * FUSE in the kernel rejects errnos above 511, which an injected error may be. The largest accepted
 * one is equally unknown to programs.
 */
#define FUSE_MAX_ERRNO 511

void memfuse_reply_error(fuse_req_t req, ssize_t result)
{
	fuse_reply_err(req, (int)BASE_MIN(-result, FUSE_MAX_ERRNO));
}

static void memfuse_read_done(struct tree_req *tree_req, ssize_t result)
{
	struct memfuse_io *io = base_container_of(tree_req, struct memfuse_io, tree);
	struct memfuse *fuse = fuse_req_userdata(io->req);

	if (result >= 0 && !io->at_once && memfuse_teller_busy(fuse->teller))
		result = memfuse_answer_read(fuse, io->req, tree_req->data, (size_t)result);
	else if (result >= 0)
		fuse_reply_buf(io->req, tree_req->data, (size_t)result);
	if (result < 0)
		memfuse_reply_error(io->req, result);
	memfuse_io_free(io);
}

static void memfuse_write_done(struct tree_req *tree_req, ssize_t result)
{
	struct memfuse_io *io = base_container_of(tree_req, struct memfuse_io, tree);
	struct memfuse *fuse = fuse_req_userdata(io->req);

	if (result >= 0 && memfuse_teller_busy(fuse->teller))
		result = memfuse_answer_write(fuse, io->req, (size_t)result);
	else if (result >= 0)
		fuse_reply_write(io->req, (size_t)result);
	if (result < 0)
		memfuse_reply_error(io->req, result);
	memfuse_io_free(io);
}

static void memfuse_io_interrupt(struct memfuse_interrupt *interrupt, bool fatal)
{
	struct memfuse_io *io = base_container_of(interrupt, struct memfuse_io, interrupt);

	tree_interrupt(&io->tree, fatal);
}

static void memfuse_io_interrupted(fuse_req_t req, void *data)
{
	struct memfuse_io *io = data;

	memfuse_interrupt_raise(&io->interrupt);
}

struct memfuse_io *memfuse_io_new(fuse_req_t req, enum tree_op op, fuse_ino_t node,
				  void (*done)(struct tree_req *, ssize_t))
{
	struct memfuse *fuse = fuse_req_userdata(req);
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	struct memfuse_io *io = malloc(sizeof(*io));

	if (!io) {
		fuse_reply_err(req, ENOMEM);
		return NULL;
	}
	*io = (struct memfuse_io){ .req = req, .node = node };
	io->tree = (struct tree_req){
		.done = done,
		.op = op,
		.caller = { .pid = ctx->pid, .uid = ctx->uid },
		.ino = memfuse_node_ino(fuse, node),
	};
	memfuse_interrupt_init(&io->interrupt, fuse->clock, ctx->pid, memfuse_io_interrupt);
	LIST_INSERT_HEAD(&fuse->ios, io, link);
	fuse_req_interrupt_func(req, memfuse_io_interrupted, io);
	return io;
}

void memfuse_io_submit(struct memfuse_io *io)
{
	struct memfuse *fuse = fuse_req_userdata(io->req);

	tree_submit(fuse->tree, &io->tree);
}

static bool memfuse_io_writes(const struct memfuse_io *io)
{
	return (io->tree.flags & O_ACCMODE) != O_RDONLY;
}

static int memfuse_opened(struct memfuse_io *io)
{
	struct memfuse *fuse = fuse_req_userdata(io->req);
	struct memfuse_file *file = malloc(sizeof(*file));

	if (!file) {
		tree_release(io->tree.file);
		return -ENOMEM;
	}
	*file = (struct memfuse_file){
		.file = io->tree.file,
		.node = io->node,
		.writes = memfuse_io_writes(io),
	};
	LIST_INSERT_HEAD(&fuse->files, file, link);
	file->keeps = fuse->cache && !file->writes && tree_file_is_fixed(file->file);
	if (memfuse_reply_open(io->req, file) == -ENOENT)
		memfuse_file_close(fuse, file);
	return 0;
}

static void memfuse_open_done(struct tree_req *tree_req, ssize_t result)
{
	struct memfuse_io *io = base_container_of(tree_req, struct memfuse_io, tree);

	if (!result)
		result = memfuse_opened(io);
	if (result) {
		memfuse_node_close(fuse_req_userdata(io->req), io->node, memfuse_io_writes(io));
		memfuse_reply_error(io->req, result);
	}
	memfuse_io_free(io);
}

void memfuse_op_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_io *io = memfuse_io_new(req, TREE_OP_OPEN, node, memfuse_open_done);
	int err;

	if (!io)
		return;
	/* whether a read may wait is decided when it arrives */
	io->tree.flags = fi->flags & ~O_NONBLOCK;
	err = memfuse_node_open(fuse, node, io->tree.caller.pid, memfuse_io_writes(io));
	if (err) {
		fuse_reply_err(req, -err);
		memfuse_io_free(io);
		return;
	}
	memfuse_io_submit(io);
}

void memfuse_op_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	struct memfuse_file *file = memfuse_file_of(fi);
	struct memfuse_io *io;

	/* the flags of this call: fcntl(2) may have changed those of open(2) */
	if ((fi->flags & O_NONBLOCK) && memfuse_poll_would_wait(file, off)) {
		fuse_reply_err(req, EAGAIN);
		return;
	}
	/* only read(2) and the like have an owner; this is for sendfile(2), splice(2) or mmap(2) */
	if (!fi->lock_owner && !file->keeps)
		file->cached = true;
	io = memfuse_io_new(req, TREE_OP_READ, node, memfuse_read_done);
	if (!io)
		return;
	/* a page is locked until the answer, and the notifying thread may wait for it */
	io->at_once = !fi->lock_owner;
	io->tree.file = file->file;
	io->tree.len = size;
	io->tree.off = off;
	io->tree.flags = fi->flags & O_NONBLOCK;
	memfuse_io_submit(io);
}

void memfuse_op_write(fuse_req_t req, fuse_ino_t node, const char *data, size_t size, off_t off,
		      struct fuse_file_info *fi)
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_io *io = memfuse_io_new(req, TREE_OP_WRITE, node, memfuse_write_done);

	if (!io)
		return;
	io->tree.file = memfuse_file_of(fi)->file;
	io->tree.data = data;
	io->tree.len = size;
	io->tree.off = off;
	io->written_ino = io->tree.ino;
	if (io->written_ino)
		LIST_INSERT_HEAD(&fuse->writes, io, write_link);
	memfuse_io_submit(io);
}

/* Only for SEEK_DATA and SEEK_HOLE; the kernel handles the others itself. */
void memfuse_op_lseek(fuse_req_t req, fuse_ino_t node, off_t off, int whence,
		      struct fuse_file_info *fi)
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct tree_file *file = memfuse_file_of(fi)->file;
	struct tree_attr attr;
	int err = tree_lseek_check(file);

	if (!err && tree_file_seek_data(file, off, whence == SEEK_HOLE, &err)) {
		if (err)
			fuse_reply_err(req, -err);
		else
			fuse_reply_lseek(req, 0);
		return;
	}
	if (!err)
		err = tree_getattr(fuse->tree, memfuse_node_ino(fuse, node), &attr);
	if (!err && (off < 0 || off >= attr.size))
		err = -ENXIO;
	if (err)
		fuse_reply_err(req, -err);
	else
		fuse_reply_lseek(req, whence == SEEK_HOLE ? attr.size : off);
}
