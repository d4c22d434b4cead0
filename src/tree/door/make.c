// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations: mkdir and rmdir, which make and remove objects of machine/ as in configfs. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "door/door.h"
#include "machine_tree.h"

/* The row of the directory, if mkdir can make objects in it; else NULL. */
static const struct tree_row *maker(const struct tree_req *req)
{
	const struct tree_slot *slot;
	const struct tree_obj *obj;

	if (tree_req_target(req, &obj, &slot) && slot->row->makes)
		return slot->row;
	machine_refuse(req->tree->machine, -EPERM,
		       "nothing can be made or removed here, only in the directories of machine/");
	return NULL;
}

static enum tree_collection collection(const struct tree_row *row)
{
	return row->children[0]->collection;
}

static bool is_input(const struct tree_req *req)
{
	return true;
}

/* ---- mkdir(2) -------------------------------------------------------------------------------- */

static ssize_t mkdir_check(struct tree_req *req)
{
	struct machine *machine = req->tree->machine;
	const struct tree_row *row = maker(req);
	const char *name = req->name;

	if (!row)
		return -EPERM;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return machine_refuse(machine, -EINVAL, "that is not a valid name");
	if (strlen(name) > NAME_MAX)
		return machine_refuse(machine, -ENAMETOOLONG, "the name has more than %d bytes",
				      NAME_MAX);
	if (tree_obj_find(req->tree, collection(row), name))
		return machine_refuse(machine, -EEXIST, "there is one of that name already");
	if (req->tree->nr_objs[collection(row)] >= TREE_MADE_MAX)
		return machine_refuse(machine, -ENOSPC, "there are %d already, which is the limit",
				      TREE_MADE_MAX);
	return TREE_GO_ON;
}

static void mkdir_execute(struct tree_req *req)
{
	const struct tree_row *row = maker(req);

	tree_req_finish(req, tree_machine_make(req->tree, collection(row), req->name));
}

/* Like a lookup, the answer holds a reference to the new inode. */
static ssize_t mkdir_answer(struct tree_req *req)
{
	bool fixed;

	return kernfs_lookup(req->tree, req->ino, req->name, &req->attr, &fixed);
}

const struct tree_op_info tree_op_mkdir = {
	.name = "mkdir",
	.input = TREE_INPUT_MKDIR,
	.is_change = true,
	.check = mkdir_check,
	.is_input = is_input,
	.execute = mkdir_execute,
	.answer = mkdir_answer,
};

/* ---- rmdir(2) -------------------------------------------------------------------------------- */

static struct tree_obj *rmdir_object(const struct tree_req *req, const struct tree_row *row)
{
	return tree_obj_find(req->tree, collection(row), req->name);
}

static ssize_t rmdir_check(struct tree_req *req)
{
	const struct tree_row *row = maker(req);

	if (!row)
		return -EPERM;
	if (!rmdir_object(req, row))
		return machine_refuse(req->tree->machine, -ENOENT, "there is none of that name");
	return TREE_GO_ON;
}

static void rmdir_execute(struct tree_req *req)
{
	const struct tree_row *row = maker(req);

	tree_req_finish(req, tree_machine_unmake(rmdir_object(req, row)));
}

const struct tree_op_info tree_op_rmdir = {
	.name = "rmdir",
	.input = TREE_INPUT_RMDIR,
	.is_change = true,
	.check = rmdir_check,
	.is_input = is_input,
	.execute = rmdir_execute,
};
