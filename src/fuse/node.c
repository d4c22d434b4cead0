/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names and attributes.
 *
 * What the kernel may cache: names and attributes that the tree calls fixed, and names that can
 * never exist, practically for ever (with -o cache also what tell.c reports); anything else not at
 * all. So nothing that changes is ever cached, an answer is as up to date as sysfs's, and no
 * invalidation has to reach the kernel before an operation that changed something is answered. The
 * price is a request per path component that may come and go.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "fuse_private.h"

/* Invalidates only the attributes, which takes no lock in the kernel and so cannot deadlock. */
void memfuse_changed(void *ctx, uint64_t ino)
{
	struct memfuse *fuse = ctx;

	if (!fuse->closed)
		fuse_lowlevel_notify_inval_inode(fuse->session, ino, -1, 0);
}

#define MEMFUSE_FOR_EVER_S (365.0 * 86400)

static struct memfuse *memfuse_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static double memfuse_timeout(bool fixed)
{
	return fixed ? MEMFUSE_FOR_EVER_S : 0;
}

/*
 * The kernel has a copy for each of several nodes of an inode: only the first one's may be cached.
 */
static double memfuse_attr_timeout(const struct tree_attr *attr, fuse_ino_t node)
{
	return memfuse_timeout(attr->attr_fixed && node == attr->ino);
}

static void memfuse_stat(const struct tree_attr *attr, struct stat *ret_st)
{
	*ret_st = (struct stat){
		.st_ino = attr->ino,
		.st_mode = attr->mode,
		.st_nlink = attr->nlink,
		.st_uid = attr->uid,
		.st_gid = attr->gid,
		.st_size = attr->size,
		.st_blksize = attr->blksize,
		.st_atim = attr->atime,
		.st_mtim = attr->mtime,
		.st_ctim = attr->ctime,
	};
}

/* Takes over the reference that comes with @attr. */
static void memfuse_reply_entry(fuse_req_t req, const struct tree_attr *attr)
{
	struct memfuse *fuse = memfuse_of(req);
	struct fuse_entry_param entry = {
		.ino = memfuse_node_take(fuse, attr->ino, fuse_req_ctx(req)->pid),
		.entry_timeout = memfuse_timeout(attr->name_fixed || attr->name_kept),
	};

	entry.attr_timeout = memfuse_attr_timeout(attr, entry.ino);
	memfuse_stat(attr, &entry.attr);
	if (fuse_reply_entry(req, &entry) == -ENOENT)
		memfuse_node_forget(fuse, entry.ino, 1);
}

static void memfuse_reply_attr(fuse_req_t req, fuse_ino_t node, const struct tree_attr *attr)
{
	struct stat st;

	memfuse_stat(attr, &st);
	fuse_reply_attr(req, &st, memfuse_attr_timeout(attr, node));
}

void memfuse_op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param never = { .entry_timeout = MEMFUSE_FOR_EVER_S };
	struct memfuse *fuse = memfuse_of(req);
	struct tree_attr attr;
	bool fixed = false;
	int err;

	err = tree_lookup(fuse->tree, memfuse_node_ino(fuse, parent), name, &attr, &fixed);
	if (!err)
		memfuse_reply_entry(req, &attr);
	else if (err == -ENOENT && fixed)
		fuse_reply_entry(req, &never);
	else
		fuse_reply_err(req, -err);
}

void memfuse_op_forget(fuse_req_t req, fuse_ino_t node, uint64_t nr)
{
	struct memfuse *fuse = memfuse_of(req);

	memfuse_node_forget(fuse, node, nr);
	fuse_reply_none(req);
}

void memfuse_op_forget_multi(fuse_req_t req, size_t nr, struct fuse_forget_data *forgets)
{
	struct memfuse *fuse = memfuse_of(req);

	for (size_t i = 0; i < nr; i++)
		memfuse_node_forget(fuse, forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

void memfuse_op_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct memfuse *fuse = memfuse_of(req);
	struct tree_attr attr;
	int err = tree_getattr(fuse->tree, memfuse_node_ino(fuse, node), &attr);

	if (err)
		fuse_reply_err(req, -err);
	else
		memfuse_reply_attr(req, node, &attr);
}

/*
 * A size is accepted without effect, except that the file counts as modified, as in kernfs after
 * O_TRUNC and ftruncate(2). (truncate(2), which does not do that, cannot be distinguished.)
 */
static unsigned int memfuse_set_times(const struct stat *st, int to_set, struct tree_attr *attr)
{
	unsigned int valid = 0;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (to_set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW)) {
		attr->atime = to_set & FUSE_SET_ATTR_ATIME_NOW ? now : st->st_atim;
		valid |= TREE_SET_ATIME;
	}
	if (to_set & (FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW)) {
		bool given = (to_set & FUSE_SET_ATTR_MTIME) && !(to_set & FUSE_SET_ATTR_MTIME_NOW);

		attr->mtime = given ? st->st_mtim : now;
		valid |= TREE_SET_MTIME;
	}
	return valid;
}

void memfuse_op_setattr(fuse_req_t req, fuse_ino_t node, struct stat *st, int to_set,
			struct fuse_file_info *fi)
{
	struct memfuse *fuse = memfuse_of(req);
	uint64_t ino = memfuse_node_ino(fuse, node);
	struct tree_attr attr = {
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
	};
	unsigned int valid = memfuse_set_times(st, to_set, &attr);
	int err;

	if (to_set & FUSE_SET_ATTR_MODE)
		valid |= TREE_SET_MODE;
	if (to_set & FUSE_SET_ATTR_UID)
		valid |= TREE_SET_UID;
	if (to_set & FUSE_SET_ATTR_GID)
		valid |= TREE_SET_GID;
	err = tree_setattr(fuse->tree, ino, &attr, valid);
	if (!err && node != ino)
		memfuse_changed(fuse, ino);
	if (!err)
		err = tree_getattr(fuse->tree, ino, &attr);
	if (err)
		fuse_reply_err(req, -err);
	else
		memfuse_reply_attr(req, node, &attr);
}

void memfuse_op_readlink(fuse_req_t req, fuse_ino_t node)
{
	struct memfuse *fuse = memfuse_of(req);
	struct base_buf text;
	int err;

	base_buf_init(&text);
	err = tree_readlink(fuse->tree, memfuse_node_ino(fuse, node), &text);
	if (!err && text.failed)
		err = -ENOMEM;
	if (err)
		fuse_reply_err(req, -err);
	else
		fuse_reply_readlink(req, base_buf_text(&text));
	base_buf_fini(&text);
}

static void memfuse_mkdir_done(struct tree_req *tree_req, ssize_t result)
{
	struct memfuse_io *io = base_container_of(tree_req, struct memfuse_io, tree);

	if (result)
		memfuse_reply_error(io->req, result);
	else
		memfuse_reply_entry(io->req, &tree_req->attr);
	memfuse_io_free(io);
}

static void memfuse_rmdir_done(struct tree_req *tree_req, ssize_t result)
{
	struct memfuse_io *io = base_container_of(tree_req, struct memfuse_io, tree);

	memfuse_reply_error(io->req, result);
	memfuse_io_free(io);
}

static void memfuse_make(fuse_req_t req, enum tree_op op, fuse_ino_t parent, const char *name,
			 void (*done)(struct tree_req *, ssize_t))
{
	struct memfuse_io *io = memfuse_io_new(req, op, parent, done);

	if (!io)
		return;
	io->tree.name = name;
	memfuse_io_submit(io);
}

void memfuse_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	memfuse_make(req, TREE_OP_MKDIR, parent, name, memfuse_mkdir_done);
}

void memfuse_op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	memfuse_make(req, TREE_OP_RMDIR, parent, name, memfuse_rmdir_done);
}
