// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests as calls. No process makes them, so no race gate holds them: whatever does not wait by
 * itself is complete when the call returns.
 */
#include "door/door.h"

struct call {
	struct tree_req req;
	ssize_t result;
};

static void call_done(struct tree_req *req, ssize_t result)
{
	base_container_of(req, struct call, req)->result = result;
}

static int call(struct tree *tree, struct call *call)
{
	call->req.done = call_done;
	tree_submit(tree, &call->req);
	return (int)call->result;
}

int tree_open(struct tree *tree, uint64_t ino, int flags, struct tree_file **ret_file)
{
	struct call c = { .req = { .op = TREE_OP_OPEN, .ino = ino, .flags = flags } };
	int ret = call(tree, &c);

	if (!ret)
		*ret_file = c.req.file;
	return ret;
}

int tree_mkdir(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr)
{
	struct call c = { .req = { .op = TREE_OP_MKDIR, .ino = dir, .name = name } };
	int ret = call(tree, &c);

	if (!ret)
		*ret_attr = c.req.attr;
	return ret;
}

int tree_rmdir(struct tree *tree, uint64_t dir, const char *name)
{
	struct call c = { .req = { .op = TREE_OP_RMDIR, .ino = dir, .name = name } };

	return call(tree, &c);
}

int tree_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr, unsigned int valid)
{
	struct call c = {
		.req = { .op = TREE_OP_SETATTR, .ino = ino, .attr = *attr, .valid = valid }
	};

	return call(tree, &c);
}

void tree_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off)
{
	req->op = TREE_OP_READ;
	req->file = file;
	req->name = NULL;
	req->data = NULL;
	req->len = size;
	req->off = off;
	tree_submit(file->obj->tree, req);
}

void tree_write(struct tree_file *file, struct tree_req *req, const char *data, size_t len)
{
	req->op = TREE_OP_WRITE;
	req->file = file;
	req->name = NULL;
	req->data = data;
	req->len = len;
	req->off = 0;
	tree_submit(file->obj->tree, req);
}
