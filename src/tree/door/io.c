// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations: opening, reading and writing a file. */
#include <errno.h>

#include "door/door.h"

static ssize_t go_on(struct tree_req *req)
{
	return TREE_GO_ON;
}

/* ---- open(2) --------------------------------------------------------------------------------- */

static void open_execute(struct tree_req *req)
{
	tree_req_finish(req,
			kernfs_open(req->tree, req->ino, req->flags, req->caller.uid, &req->file));
}

const struct tree_op_info tree_op_open = {
	.name = "open",
	.check = go_on,
	.execute = open_execute,
};

/* ---- read(2) --------------------------------------------------------------------------------- */

const struct tree_op_info tree_op_read = {
	.name = "read",
	.is_counted = true,
	.check = go_on,
	.execute = kernfs_read,
};

/* ---- write(2) -------------------------------------------------------------------------------- */

static bool is_kernfs(enum tree_fs fs)
{
	return fs == TREE_SYSFS || fs == TREE_MACHINE;
}

/* kernfs passes one page. */
size_t tree_req_len(const struct tree_req *req)
{
	size_t page = (size_t)1 << machine_spec(req->tree->machine)->page_shift;

	return is_kernfs(req->file->slot->fs) && !req->file->slot->row->whole ?
		       BASE_MIN(req->len, page) :
		       req->len;
}

static ssize_t write_check(struct tree_req *req)
{
	struct machine *machine = req->tree->machine;
	const struct tree_file *file = req->file;

	req->ino = kernfs_file_ino(file);
	req->len = tree_req_len(req);
	if (file->obj->dead)
		return machine_refuse(machine, -ENODEV, "it has been removed");
	/* An empty write calls no store, except in debugfs. */
	if (!req->len && file->slot->fs != TREE_DEBUGFS)
		return 0;
	if (!file->slot->row->store)
		return machine_refuse(machine, -EIO, "it can only be read");
	/* proc_first_pos_non_zero_ignore() */
	if (file->slot->row->sysctl == TREE_SYSCTL_NUMBERS && req->off)
		return (ssize_t)req->len;
	return TREE_GO_ON;
}

static bool write_is_input(const struct tree_req *req)
{
	const struct tree_row *row = req->file->slot->row;

	return !row->fleeting && (!row->is_query || !row->is_query(req->data, req->len));
}

const struct tree_op_info tree_op_write = {
	.name = "write",
	.input = TREE_INPUT_WRITE,
	.is_counted = true,
	.is_change = true,
	.check = write_check,
	.is_input = write_is_input,
	.execute = kernfs_write,
};
