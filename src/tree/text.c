// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text that reads of an open file continue in: generated at the beginning, kept in between, and
 * freed when it has been read to its end.
 */
#include <errno.h>

#include "tree_private.h"

void tree_text_drop(struct tree_file *file)
{
	tree_give(file->obj->tree, file->uid, TREE_SHARE_TEXT_BYTES, file->text_bytes);
	file->text_bytes = 0;
	base_buf_fini(&file->text);
}

/* 0, or -ENOMEM when open files together keep too much; then this one keeps nothing. */
int tree_text_keep(struct tree_file *file)
{
	struct tree *tree = file->obj->tree;

	base_buf_trim(&file->text);
	tree_give(tree, file->uid, TREE_SHARE_TEXT_BYTES, file->text_bytes);
	file->text_bytes = 0;
	if (!file->text.failed &&
	    tree_take(tree, file->uid, TREE_SHARE_TEXT_BYTES, file->text.cap)) {
		file->text_bytes = file->text.cap;
		return 0;
	}
	tree_text_drop(file);
	return -ENOMEM;
}

static int text_show(struct tree_file *file)
{
	const struct tree_row *row = file->slot->row;
	int ret;

	base_buf_reset(&file->text);
	ret = row->show ? row->show(file->obj, row, &file->text) : -EIO;
	return ret ? ret : tree_text_keep(file);
}

void tree_text_answer(struct tree_file *file, struct tree_req *req, size_t size, size_t off)
{
	struct base_buf read_through;

	base_buf_init(&read_through);
	size = BASE_MIN(size, file->text.len - off);
	file->read_pos = file->text_at + (off_t)(off + size);
	req->data = base_buf_text(&file->text) + off;
	if (off + size == file->text.len) {
		read_through = file->text;
		base_buf_init(&file->text);
		tree_text_drop(file);
	}
	tree_req_finish(req, (ssize_t)size);
	base_buf_fini(&read_through);
}

/* Generates the text from its beginning. */
static int text_begin(struct tree_file *file)
{
	const struct tree_row *row = file->slot->row;
	int ret;

	file->text_at = 0;
	file->dropped = row->dropped ? row->dropped(file->obj) : 0;
	ret = text_show(file);
	if (ret)
		file->read_pos = 0;
	return ret;
}

/*
 * A text that lines were added to, for a reader that has read up to @off. A reader that missed
 * dropped lines continues with what is left.
 */
static int text_go_on(struct tree_file *file, off_t off)
{
	uint64_t dropped = file->slot->row->dropped(file->obj);

	file->text_at = (off_t)(dropped - file->dropped);
	if (file->text_at > off) {
		file->text_at = off;
		file->dropped = dropped - (uint64_t)off;
	}
	return text_show(file);
}

/* A read from where the last one stopped continues in its text. */
int tree_text_for(struct tree_file *file, off_t off)
{
	if (off == 0 || off != file->read_pos)
		return text_begin(file);
	if (file->slot->row->dropped && (size_t)(off - file->text_at) >= file->text.len)
		return text_go_on(file, off);
	return 0;
}
