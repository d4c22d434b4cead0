/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories. Entries carry no attributes (no readdirplus): listing thousands of blocks takes no
 * reference to any of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "fuse_private.h"

struct memfuse_listing {
	fuse_req_t req;
	char *data;
	size_t size;
	size_t used;
};

static struct memfuse_dir *memfuse_dir_of(const struct fuse_file_info *fi)
{
	return (struct memfuse_dir *)(uintptr_t)fi->fh;
}

void memfuse_op_opendir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct memfuse *fuse = fuse_req_userdata(req);
	struct memfuse_dir *dir;
	int err = -EINVAL;

	if (fi->flags & O_DIRECT)
		goto out_err;
	err = -ENOMEM;
	dir = malloc(sizeof(*dir));
	if (!dir)
		goto out_err;
	err = tree_opendir(fuse->tree, memfuse_node_ino(fuse, node), fuse_req_ctx(req)->uid,
			   &dir->dir);
	if (err)
		goto out_free;
	LIST_INSERT_HEAD(&fuse->dirs, dir, link);
	fi->fh = (uintptr_t)dir;
	if (fuse_reply_open(req, fi) == -ENOENT)
		memfuse_dir_close(dir);
	return;

out_free:
	free(dir);
out_err:
	fuse_reply_err(req, -err);
}

static bool memfuse_listing_add(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	struct memfuse_listing *listing = ctx;
	struct stat st = { .st_ino = ino, .st_mode = type };
	size_t room = listing->size - listing->used;
	size_t len;

	len = fuse_add_direntry(listing->req, listing->data + listing->used, room, name, &st, next);
	if (len > room)
		return false;
	listing->used += len;
	return true;
}

void memfuse_op_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t off,
			struct fuse_file_info *fi)
{
	struct memfuse_listing listing = { .req = req, .data = malloc(size), .size = size };
	int err = -ENOMEM;

	if (listing.data)
		err = tree_readdir(memfuse_dir_of(fi)->dir, off, memfuse_listing_add, &listing);
	if (err)
		fuse_reply_err(req, -err);
	else
		fuse_reply_buf(req, listing.data, listing.used);
	free(listing.data);
}

void memfuse_dir_close(struct memfuse_dir *dir)
{
	LIST_REMOVE(dir, link);
	tree_closedir(dir->dir);
	free(dir);
}

void memfuse_op_releasedir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	memfuse_dir_close(memfuse_dir_of(fi));
	fuse_reply_err(req, 0);
}

void memfuse_op_fsyncdir(fuse_req_t req, fuse_ino_t node, int datasync, struct fuse_file_info *fi)
{
	fuse_reply_err(req, EINVAL);
}
