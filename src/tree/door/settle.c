// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stage: nothing is shown to a client that might not hold after a restart. The effects of time are
 * recorded in the journal first; while that fails, the answer is EIO.
 */
#include <errno.h>
#include <poll.h>

#include "door/door.h"

/* The path to the file that says why nothing is shown; it never changes. */
static bool is_always_shown(struct tree *tree, uint64_t ino)
{
	const struct tree_row *row;
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(tree, ino, &obj, &slot) || obj != &tree->root || slot >= TREE_SLOT_LINK)
		return false;
	row = tree_slot(obj, slot)->row;
	return row->guarded || (S_ISDIR(row->mode) && !row->children[0]);
}

int tree_inode_settle(struct tree *tree, uint64_t ino)
{
	if (!tree->journal.to || is_always_shown(tree, ino))
		return 0;
	return tree_journal_settle(tree, false);
}

static bool is_open_file(const struct tree_req *req)
{
	return req->op == TREE_OP_READ || req->op == TREE_OP_WRITE;
}

/* A read or write depends on nothing before it has its text or result. */
void tree_settle_enter(struct tree_req *req)
{
	if (!is_open_file(req) && tree_inode_settle(req->tree, req->ino))
		tree_req_finish(req, -EIO);
	else
		req->next(req);
}

ssize_t tree_settle_leave(struct tree_req *req, ssize_t result)
{
	const struct tree_row *row;
	int ret;

	/* the journal has its result, and so everything before it */
	if (req->journal_id)
		return result;
	if (is_open_file(req)) {
		row = req->file->slot->row;
		ret = row->guarded ? 0 : tree_journal_settle(req->tree, row->tells_time);
	} else {
		ret = tree_inode_settle(req->tree, req->ino);
	}
	return ret ? -EIO : result;
}

/* ---- operations that pass no other stage ----------------------------------------------------- */

int tree_lookup(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr,
		bool *ret_fixed)
{
	int ret = kernfs_lookup(tree, dir, name, ret_attr, ret_fixed);

	ret = tree_host_result(tree, ret);
	if (!tree_inode_settle(tree, ret ? 0 : ret_attr->ino))
		return ret;
	if (!ret)
		tree_forget(tree, ret_attr->ino, 1);
	*ret_fixed = false;
	return -EIO;
}

int tree_getattr(struct tree *tree, uint64_t ino, struct tree_attr *ret_attr)
{
	return tree_inode_settle(tree, ino) ?
		       -EIO :
		       tree_host_result(tree, kernfs_getattr(tree, ino, ret_attr));
}

int tree_readlink(struct tree *tree, uint64_t ino, struct base_buf *buf)
{
	return tree_journal_settle(tree, false) ?
		       -EIO :
		       tree_host_result(tree, kernfs_readlink(tree, ino, buf));
}

int tree_opendir(struct tree *tree, uint64_t ino, uid_t uid, struct tree_dir **ret_dir)
{
	return tree_journal_settle(tree, false) ?
		       -EIO :
		       tree_host_result(tree, kernfs_opendir(tree, ino, uid, ret_dir));
}

int tree_readdir(struct tree_dir *dir, off_t off, tree_dirent_fn *fn, void *ctx)
{
	struct tree *tree = kernfs_dir_tree(dir);

	return tree_journal_settle(tree, false) ?
		       -EIO :
		       tree_host_result(tree, kernfs_readdir(dir, off, fn, ctx));
}

int tree_lseek_check(const struct tree_file *file)
{
	if (tree_journal_settle(file->obj->tree, false))
		return -EIO;
	return file->obj->dead ? -ENODEV : 0;
}

unsigned int tree_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx)
{
	return tree_journal_settle(file->obj->tree, false) ? POLLERR : kernfs_poll(file, wake, ctx);
}
