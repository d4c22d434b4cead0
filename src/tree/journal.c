// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes from outside: told to whoever writes it down, and done again from there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

const char *const tree_input_names[TREE_NR_INPUTS] = {
	[TREE_INPUT_WRITE] = "write", [TREE_INPUT_INTERRUPT] = "interrupt",
	[TREE_INPUT_MKDIR] = "mkdir", [TREE_INPUT_RMDIR] = "rmdir",
	[TREE_INPUT_SETATTR] = "setattr", [TREE_INPUT_REFUSED] = "refused",
};

void tree_set_journal(struct tree *tree, const struct tree_journal *journal, void *ctx)
{
	tree->journal = journal;
	tree->journal_ctx = ctx;
}

static void put_path(struct tree *tree, uint64_t ino, struct base_buf *buf)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (tree_inode(tree, ino, &obj, &slot) && slot < TREE_SLOT_LINK)
		tree_put_path(obj, tree_slot(obj, slot), buf);
}

int tree_journal_begin(struct tree *tree, enum tree_input_op op, uint64_t ino, const char *text,
		       size_t len, uint64_t *ret_id)
{
	struct base_clock *clock = hp_config(tree->hp)->clock;
	struct tree_input input = {
		.op = op,
		.ino = ino,
		.text = text,
		.len = len,
	};
	struct base_buf path;
	int ret;

	*ret_id = 0;
	if (!tree->journal)
		return 0;
	base_buf_init(&path);
	if (op != TREE_INPUT_INTERRUPT)
		put_path(tree, ino, &path);
	input.path = base_buf_text(&path);
	input.ns = clock->now_ns(clock);
	ret = tree->journal->begin(tree->journal_ctx, &input, ret_id);
	base_buf_fini(&path);
	return ret ? -EIO : 0;
}

ssize_t tree_journal_end(struct tree *tree, uint64_t id, ssize_t result)
{
	struct base_clock *clock = hp_config(tree->hp)->clock;

	if (!id || !tree->journal)
		return result;
	return tree->journal->end(tree->journal_ctx, id, clock->now_ns(clock), result);
}

void tree_journal_interrupt(struct tree *tree, uint64_t id, bool fatal)
{
	const char *text = fatal ? "fatal" : "signal";
	uint64_t unused;

	/* It is not refused: who dies, dies. */
	if (id)
		(void)tree_journal_begin(tree, TREE_INPUT_INTERRUPT, id, text, strlen(text),
					 &unused);
}

/* ---- attributes ------------------------------------------------------------------------------ */

int tree_journal_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr,
			 unsigned int valid, uint64_t *ret_id)
{
	char text[160];
	int len;

	len = snprintf(text, sizeof(text), "%x %o %u %u %lld.%09ld %lld.%09ld", valid, attr->mode,
		       attr->uid, attr->gid, (long long)attr->atime.tv_sec, attr->atime.tv_nsec,
		       (long long)attr->mtime.tv_sec, attr->mtime.tv_nsec);
	return tree_journal_begin(tree, TREE_INPUT_SETATTR, ino, text, (size_t)len, ret_id);
}

static ssize_t replay_setattr(struct tree *tree, const struct tree_input *input)
{
	struct tree_attr attr = { .ino = input->ino };
	long long atime, mtime;
	unsigned int valid;

	if (sscanf(input->text, "%x %o %u %u %lld.%ld %lld.%ld", &valid, &attr.mode, &attr.uid,
		   &attr.gid, &atime, &attr.atime.tv_nsec, &mtime, &attr.mtime.tv_nsec) != 8)
		return -EINVAL;
	attr.atime.tv_sec = atime;
	attr.mtime.tv_sec = mtime;
	return tree_setattr(tree, input->ino, &attr, valid);
}

/* ---- again ----------------------------------------------------------------------------------- */

static ssize_t replay_mkdir(struct tree *tree, const struct tree_input *input)
{
	struct tree_attr attr;
	int ret = tree_mkdir(tree, input->ino, input->text, &attr);

	if (!ret)
		tree_forget(tree, attr.ino, 1);
	return ret;
}

static ssize_t replay_write(struct tree *tree, const struct tree_input *input,
			    struct tree_req *req)
{
	struct tree_file *file;
	struct tree_obj *obj;
	unsigned int slot;
	int ret;

	if (!tree_inode(tree, input->ino, &obj, &slot) || slot >= TREE_SLOT_LINK || obj->dead ||
	    !tree_slot(obj, slot)->row->store)
		return -EINVAL;
	ret = tree_file_new(obj, slot, 0, &file);
	if (!ret)
		tree_write(file, req, input->text, input->len);
	return ret;
}

ssize_t tree_replay(struct tree *tree, const struct tree_input *input, struct tree_req *req)
{
	switch (input->op) {
	case TREE_INPUT_WRITE:
		return replay_write(tree, input, req);
	case TREE_INPUT_MKDIR:
		return replay_mkdir(tree, input);
	case TREE_INPUT_RMDIR:
		return tree_rmdir(tree, input->ino, input->text);
	case TREE_INPUT_SETATTR:
		return replay_setattr(tree, input);
	case TREE_INPUT_REFUSED:
		machine_log(tree->machine, input->text);
		return 0;
	default:
		return -EINVAL;
	}
}
