/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files. Reads and writes bypass the page cache, so that each write(2) arrives as one request,
 * which is one store. (With -o cache, reads of texts that stay the same do not.) The tree may take
 * its time over any of them; each is answered once, by memfuse_io_done(), or for the tree when the
 * mount goes away first.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuse_private.h"

struct memfuse_file *memfuse_file_of(const struct fuse_file_info *fi)
{
	return (struct memfuse_file *)(uintptr_t)fi->fh;
}

/* Of Linux 6.2, which may be newer than the headers that we are built with. */
#ifndef FOPEN_PARALLEL_DIRECT_WRITES
#define FOPEN_PARALLEL_DIRECT_WRITES (1 << 6)
#endif

/*
 * As fuse_reply_open() of a libfuse that knows parallel writes (3.15): those who write to one file
 * at a time need not wait for each other in the kernel, where nothing reaches them, no SIGKILL.
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

	if (tree_file_is_stream(file->file))
		out.open_flags |= FOPEN_NONSEEKABLE;
	return fuse_reply_iov(req, &iov, 1);
}

static void memfuse_open(struct memfuse_io *io)
{
	struct fuse_file_info *fi = &io->fi;
	fuse_req_t req = io->req;
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_file *file = malloc(sizeof(*file));
	int err = -ENOMEM;

	if (!file)
		goto out_err;
	*file = (struct memfuse_file){ .file = NULL };
	/* whether a read may wait is decided when it comes */
	err = tree_open(fuse->tree, memfuse_node_ino(fuse, io->node), fi->flags & ~O_NONBLOCK,
			&file->file);
	if (err)
		goto out_free;
	LIST_INSERT_HEAD(&fuse->files, file, link);
	file->keeps = fuse->cache && (fi->flags & O_ACCMODE) == O_RDONLY &&
		      tree_file_is_fixed(file->file);
	if (memfuse_reply_open(req, file) == -ENOENT)
		memfuse_file_close(file);
	return;

out_free:
	free(file);
out_err:
	fuse_reply_err(req, -err);
}

void memfuse_op_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	memfuse_pass(req, TREE_OP_OPEN, node, NULL, fi, memfuse_open);
}

void memfuse_file_close(struct memfuse_file *file)
{
	LIST_REMOVE(file, link);
	tree_release(file->file);
	memfuse_poll_drop(file);
	free(file);
}

/*
 * The kernel takes a short read through the page cache for the end of the file, and its size for
 * that of the text. So let it ask again.
 */
void memfuse_op_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_file *file = memfuse_file_of(fi);

	if (file->cached)
		fuse_lowlevel_notify_inval_inode(fuse->session, node, -1, 0);
	memfuse_file_close(file);
	fuse_reply_err(req, 0);
}

/* The kernel has its answer, or will not get one. */
static void memfuse_io_over(struct memfuse_io *io)
{
	memfuse_interrupt_fini(&io->interrupt);
	LIST_REMOVE(io, link);
	if (io->written_ino)
		LIST_REMOVE(io, write_link);
}

static void memfuse_io_free(struct memfuse_io *io)
{
	memfuse_io_over(io);
	free(io->name);
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
 * The kernel's side of FUSE takes no errno from 512 on, which an injected error may be. The largest
 * it takes is as unknown to programs.
 */
#define FUSE_MAX_ERRNO 511

static void memfuse_reply_error(fuse_req_t req, ssize_t result)
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

/* answers the request itself when there is no memory */
static struct memfuse_io *memfuse_io_new(fuse_req_t req, void (*done)(struct tree_req *, ssize_t))
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_io *io = malloc(sizeof(*io));

	if (!io) {
		fuse_reply_err(req, ENOMEM);
		return NULL;
	}
	*io = (struct memfuse_io){ .req = req, .tree.done = done };
	memfuse_interrupt_init(&io->interrupt, fuse->clock, fuse_req_ctx(req)->pid,
			       memfuse_io_interrupt);
	LIST_INSERT_HEAD(&fuse->ios, io, link);
	fuse_req_interrupt_func(req, memfuse_io_interrupted, io);
	return io;
}

static void memfuse_passed(struct tree_req *tree_req, ssize_t result)
{
	struct memfuse_io *io = base_container_of(tree_req, struct memfuse_io, tree);

	if (result < 0)
		memfuse_reply_error(io->req, result);
	else
		io->pass(io);
	memfuse_io_free(io);
}

void memfuse_pass(fuse_req_t req, enum tree_op op, fuse_ino_t node, const char *name,
		  const struct fuse_file_info *fi, void (*fn)(struct memfuse_io *io))
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_io now = { .req = req, .node = node, .name = (char *)name }, *io;

	if (fi)
		now.fi = *fi;
	memfuse_caller(req);
	if (!tree_has_gates(fuse->tree)) {
		fn(&now);
		return;
	}
	io = memfuse_io_new(req, memfuse_passed);
	if (!io)
		return;
	if (name) {
		io->name = strdup(name);
		if (!io->name) {
			memfuse_passed(&io->tree, -ENOMEM);
			return;
		}
	}
	io->pass = fn;
	io->node = node;
	io->fi = now.fi;
	tree_pass(fuse->tree, &io->tree, op, memfuse_node_ino(fuse, node), name);
}

void memfuse_op_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	struct memfuse_file *file = memfuse_file_of(fi);
	struct memfuse_io *io;

	/* the flags of this very call: fcntl(2) may have changed those of open(2) */
	if ((fi->flags & O_NONBLOCK) && memfuse_poll_would_wait(file)) {
		fuse_reply_err(req, EAGAIN);
		return;
	}
	/* only read(2) and its like have an owner; this is for sendfile(2), splice(2) or mmap(2) */
	if (!fi->lock_owner && !file->keeps)
		file->cached = true;
	memfuse_caller(req);
	io = memfuse_io_new(req, memfuse_read_done);
	if (!io)
		return;
	/* a page is locked meanwhile, for which the thread may wait */
	io->at_once = !fi->lock_owner;
	tree_read(file->file, &io->tree, size, off);
}

void memfuse_op_write(fuse_req_t req, fuse_ino_t node, const char *data, size_t size, off_t off,
		      struct fuse_file_info *fi)
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_io *io;

	memfuse_caller(req);
	io = memfuse_io_new(req, memfuse_write_done);
	if (!io)
		return;
	io->written_ino = memfuse_node_ino(fuse, node);
	if (io->written_ino)
		LIST_INSERT_HEAD(&fuse->writes, io, write_link);
	tree_write(memfuse_file_of(fi)->file, &io->tree, data, size);
}

/* SEEK_DATA and SEEK_HOLE only; the kernel does the others by itself */
void memfuse_op_lseek(fuse_req_t req, fuse_ino_t node, off_t off, int whence,
		      struct fuse_file_info *fi)
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct tree_attr attr;
	int err = tree_lseek_check(memfuse_file_of(fi)->file);

	if (!err)
		err = tree_getattr(fuse->tree, memfuse_node_ino(fuse, node), &attr);
	if (!err && (off < 0 || off >= attr.size))
		err = -ENXIO;
	if (err)
		fuse_reply_err(req, -err);
	else
		fuse_reply_lseek(req, whence == SEEK_HOLE ? attr.size : off);
}
