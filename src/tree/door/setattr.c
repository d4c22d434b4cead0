// SPDX-License-Identifier: GPL-2.0-or-later
/* Operation: chmod, chown and utimes, which kernfs remembers for the lifetime of an inode. */
#include <errno.h>
#include <stdio.h>

#include "door/door.h"

static ssize_t setattr_check(struct tree_req *req)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(req->tree, req->ino, &obj, &slot))
		return -ENOENT;
	return req->valid ? TREE_GO_ON : 0;
}

/* A removed object is visible only to processes that have it open, and gone after a restart. */
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

/* ---- notation in the journal ----------------------------------------------------------------- */

size_t tree_setattr_text(const struct tree_attr *attr, unsigned int valid, char *text, size_t size)
{
	return (size_t)snprintf(text, size, "%x %o %u %u %lld.%09ld %lld.%09ld", valid, attr->mode,
				attr->uid, attr->gid, (long long)attr->atime.tv_sec,
				attr->atime.tv_nsec, (long long)attr->mtime.tv_sec,
				attr->mtime.tv_nsec);
}

int tree_setattr_parse(const char *text, struct tree_attr *ret_attr, unsigned int *ret_valid)
{
	struct tree_attr *attr = ret_attr;
	long long atime, mtime;

	if (sscanf(text, "%x %o %u %u %lld.%ld %lld.%ld", ret_valid, &attr->mode, &attr->uid,
		   &attr->gid, &atime, &attr->atime.tv_nsec, &mtime, &attr->mtime.tv_nsec) != 8)
		return -EINVAL;
	attr->atime.tv_sec = atime;
	attr->mtime.tv_sec = mtime;
	return 0;
}
