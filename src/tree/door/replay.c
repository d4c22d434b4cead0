// SPDX-License-Identifier: GPL-2.0-or-later
/* Replays the inputs of a journal. */
#include <errno.h>
#include <string.h>

#include "door/door.h"

static ssize_t replay_setattr(struct tree *tree, const struct tree_input *input)
{
	struct tree_attr attr = { .ino = input->ino };
	unsigned int valid;
	int ret = tree_setattr_parse(input->text, &attr, &valid);

	return ret ? ret : tree_setattr(tree, input->ino, &attr, valid);
}

static ssize_t replay_mkdir(struct tree *tree, const struct tree_input *input)
{
	struct tree_attr attr;
	int ret = tree_mkdir(tree, input->ino, input->text, &attr);

	if (!ret)
		tree_forget(tree, attr.ino, 1);
	return ret;
}

static ssize_t replay_write(struct tree *tree, const struct tree_input *input, struct tree_req *req)
{
	struct tree_file *file;
	struct tree_obj *obj;
	unsigned int slot;
	int ret;

	if (!tree_inode(tree, input->ino, &obj, &slot) || slot >= TREE_SLOT_LINK || obj->dead ||
	    !tree_slot(obj, slot)->row->store)
		return -EINVAL;
	ret = tree_file_new(obj, slot, 0, tree->uid, &file);
	if (!ret) {
		req->caller = (struct tree_caller){ .uid = tree->uid };
		tree_write(file, req, input->text, input->len);
	}
	return ret;
}

static ssize_t replay_gate(struct tree *tree, const struct tree_input *input)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(tree, input->ino, &obj, &slot) || obj->kind != TREE_KIND_RACE || obj->dead)
		return -EINVAL;
	return tree_gate_replay(obj->gate, input->text);
}

static ssize_t replay(struct tree *tree, const struct tree_input *input, struct tree_req *req)
{
	switch (input->op) {
	case TREE_INPUT_WRITE:
		return replay_write(tree, input, req);
	case TREE_INPUT_INTERRUPT:
		tree_interrupt(req, !strcmp(input->text, "fatal"));
		return 0;
	case TREE_INPUT_MKDIR:
		return replay_mkdir(tree, input);
	case TREE_INPUT_RMDIR:
		return tree_rmdir(tree, input->ino, input->text);
	case TREE_INPUT_SETATTR:
		return replay_setattr(tree, input);
	case TREE_INPUT_GATE:
		return replay_gate(tree, input);
	case TREE_INPUT_LOG:
		machine_log(tree->machine, input->text);
		return 0;
	default:
		return -EINVAL;
	}
}

ssize_t tree_replay(struct tree *tree, const struct tree_input *input, struct tree_req *req)
{
	ssize_t ret;

	tree->real_ahead_ns = input->real_ns - input->when.ns;
	tree->journal.is_replaying = true;
	ret = replay(tree, input, req);
	tree->journal.is_replaying = false;
	return ret;
}
