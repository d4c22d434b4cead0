// SPDX-License-Identifier: GPL-2.0-or-later
/* Operation: chmod, chown and utimes, which kernfs remembers for the life of an inode. */
#include <errno.h>

#include "door/door.h"

static ssize_t setattr_check(struct tree_req *req)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(req->tree, req->ino, &obj, &slot))
		return -ENOENT;
	return req->valid ? TREE_GO_ON : 0;
}

/* A removed object, which only those see who have it open, is gone after a restart. */
static bool setattr_is_input(const struct tree_req *req)
{
	struct tree_obj *obj;
	unsigned int slot;

	return tree_inode(req->tree, req->ino, &obj, &slot) && !obj->dead;
}

static void setattr_execute(struct tree_req *req)
{
	tree_req_finish(req, kernfs_setattr(req->tree, req->ino, &req->attr, req->valid));
}

const struct tree_op_info tree_op_setattr = {
	.name = "setattr",
	.input = TREE_INPUT_SETATTR,
	.check = setattr_check,
	.is_input = setattr_is_input,
	.execute = setattr_execute,
};
