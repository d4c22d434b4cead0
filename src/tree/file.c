// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Open files: kernfs's rules for opening, reading in pieces and writing whole stores
 * (fs/kernfs/file.c, fs/seq_file.c, fs/sysfs/file.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

int kernfs_readlink(struct tree *tree, uint64_t ino, struct base_buf *buf)
{
	struct tree_obj *obj;
	unsigned int slot;
	int ret;

	if (!tree_inode(tree, ino, &obj, &slot))
		return -ENOENT;
	if (slot >= TREE_SLOT_LINK) {
		struct tree_row row = { .arg = slot };
		const struct tree_row *links = tree_slot(obj, TREE_SLOT_DIR)->row;

		if (!links->target)
			return -EINVAL;
		ret = links->target(obj, &row, buf);
	} else {
		const struct tree_row *row = tree_slot(obj, slot)->row;

		if (!S_ISLNK(row->mode))
			return -EINVAL;
		ret = row->target(obj, row, buf);
	}
	return ret ? ret : buf->failed ? -ENOMEM : 0;
}

/* Even root cannot open against the mode (kernfs_fop_open()). */
static int open_check(struct tree *tree, uint64_t ino, int flags)
{
	struct tree_attr attr;
	int ret = kernfs_getattr(tree, ino, &attr), mode = flags & O_ACCMODE;

	if (ret)
		return ret;
	if (S_ISDIR(attr.mode))
		return -EISDIR;
	if (!S_ISREG(attr.mode))
		return -ELOOP;
	if ((mode == O_WRONLY || mode == O_RDWR) && !(attr.mode & 0222))
		return -EACCES;
	if ((mode == O_RDONLY || mode == O_RDWR) && !(attr.mode & 0444))
		return -EACCES;
	return flags & O_DIRECT ? -EINVAL : 0;
}

int tree_file_new(struct tree_obj *obj, unsigned int slot, int flags, uid_t uid,
		  struct tree_file **ret_file)
{
	struct tree_file *file = calloc(1, sizeof(*file));
	int ret = 0;

	if (!file)
		return -ENOMEM;
	file->obj = obj;
	file->slot = tree_slot(obj, slot);
	file->flags = flags;
	file->uid = uid;
	base_buf_init(&file->text);
	TAILQ_INIT(&file->readers);
	if (!tree_take(obj->tree, file->uid, TREE_SHARE_FILES, 1)) {
		free(file);
		return -ENFILE;
	}
	if (file->slot->row->stream)
		ret = file->slot->row->stream->open(file);
	if (ret) {
		tree_give(obj->tree, file->uid, TREE_SHARE_FILES, 1);
		free(file);
		return ret;
	}
	obj->refs++;
	*ret_file = file;
	return 0;
}

int kernfs_open(struct tree *tree, uint64_t ino, int flags, uid_t uid, struct tree_file **ret_file)
{
	struct tree_obj *obj;
	unsigned int slot;
	int ret;

	if (!tree_inode(tree, ino, &obj, &slot) || obj->dead)
		return -ENOENT;
	ret = open_check(tree, ino, flags);
	return ret ? ret : tree_file_new(obj, slot, flags, uid, ret_file);
}

void tree_release(struct tree_file *file)
{
	if (file->slot->row->stream)
		file->slot->row->stream->release(file);
	tree_text_drop(file);
	tree_give(file->obj->tree, file->uid, TREE_SHARE_FILES, 1);
	if (file->obj != &file->obj->tree->root)
		tree_obj_put(file->obj, 1);
	else
		file->obj->refs--;
	free(file);
}

uint64_t kernfs_file_ino(const struct tree_file *file)
{
	return tree_ino(file->obj, (unsigned int)(file->slot - tree_slot(file->obj, 0)));
}

bool tree_file_is_stream(const struct tree_file *file)
{
	return file->slot->row->stream;
}

bool tree_file_is_text(const struct tree_file *file)
{
	const struct tree_row *row = file->slot->row;

	return !row->stream && !row->read_at && row->sysctl != TREE_SYSCTL_NUMBERS;
}

bool tree_file_seeks(const struct tree_file *file, off_t off)
{
	const struct tree_stream_ops *ops = file->slot->row->stream;

	return ops && ops->seeks && ops->seeks(file, off);
}

bool tree_file_seek_data(struct tree_file *file, off_t off, bool hole, int *ret_err)
{
	const struct tree_stream_ops *ops = file->slot->row->stream;

	if (!ops || !ops->seek_data)
		return false;
	*ret_err = ops->seek_data(file, off, hole);
	return true;
}

bool tree_file_is_fixed(const struct tree_file *file)
{
	return file->slot->row->fixed && file->slot->row->fixed(file->obj);
}

static void file_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off)
{
	bool is_whole = file->slot->row->sysctl == TREE_SYSCTL_NUMBERS;
	int ret;

	if (file->obj->dead) {
		tree_req_finish(req, -ENODEV);
		return;
	}
	if (is_whole && off) {
		tree_req_finish(req, 0);
		return;
	}
	ret = tree_text_for(file, off);
	if (ret) {
		tree_req_finish(req, ret);
		return;
	}
	if (off < 0 || (size_t)(off - file->text_at) >= file->text.len) {
		tree_text_drop(file);
		file->read_pos = off;
		tree_req_finish(req, 0);
		return;
	}
	tree_text_answer(file, req, size, (size_t)(off - file->text_at));
	if (is_whole)
		tree_text_drop(file);
}

/* A file of which each read stands for itself. */
static void binary_read(struct tree_file *file, struct tree_req *req)
{
	const struct tree_row *row = file->slot->row;
	struct base_buf data;
	int ret;

	base_buf_init(&data);
	ret = row->read_at(file->obj, row, req->off, req->len, &data);
	if (!ret && data.failed)
		ret = -ENOMEM;
	req->data = base_buf_text(&data);
	tree_req_finish(req, ret ? ret : (ssize_t)data.len);
	base_buf_fini(&data);
}

static void wait_over(struct hp_waiter *waiter)
{
	struct tree_wait *wait = base_container_of(waiter, struct tree_wait, waiter);
	struct tree_req *req = wait->req;
	size_t size = wait->size;
	off_t off = wait->off;

	free(wait);
	file_read(req->file, req, size, off);
}

/* The wait for a device lock is killable: other signals do not end it. */
static void wait_interrupt(struct tree_req *req, bool fatal)
{
	struct tree_wait *wait = req->impl;

	if (!fatal)
		return;
	hp_block_wait_cancel(req->file->obj->tree->hp, &wait->waiter);
	free(wait);
	tree_req_finish(req, -EINTR);
}

static void file_wait(struct tree_file *file, struct tree_req *req, size_t size, off_t off)
{
	struct tree_wait *wait = calloc(1, sizeof(*wait));

	if (!wait) {
		tree_req_finish(req, -ENOMEM);
		return;
	}
	wait->waiter.fn = wait_over;
	wait->req = req;
	wait->size = size;
	wait->off = off;
	req->impl = wait;
	req->interrupt = wait_interrupt;
	hp_block_wait(file->obj->tree->hp, file->obj->block, &wait->waiter);
}

void kernfs_read(struct tree_req *req)
{
	struct tree_file *file = req->file;
	const struct tree_row *row = file->slot->row;
	size_t size = req->len;
	off_t off = req->off;

	file->was_read = true;
	if (file->obj->dead)
		tree_req_finish(req, -ENODEV);
	else if (row->read_at)
		binary_read(file, req);
	else if (tree_file_is_stream(file))
		row->stream->read(file, req, size);
	else if (row->locked && row->locked(file->obj) && (off == 0 || off != file->read_pos))
		file_wait(file, req, size, off);
	else
		file_read(file, req, size, off);
}

void kernfs_write(struct tree_req *req)
{
	const struct tree_row *row = req->file->slot->row;
	struct tree_obj *obj = req->file->obj;
	struct base_buf text;
	ssize_t ret;

	base_buf_init(&text);
	base_buf_add(&text, req->data, req->len);
	obj->nr_stores++;
	req->storing = true;
	ret = text.failed ? -ENOMEM : row->store(obj, row, base_buf_text(&text), req->len, req);
	base_buf_fini(&text);
	if (ret != TREE_PENDING)
		tree_req_finish(req, ret);
}

unsigned int kernfs_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx)
{
	unsigned int ready = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

	if (tree_file_is_stream(file))
		return tree_stream_poll(file, wake, ctx);
	/* A file that was never read counts as changed; after that, nothing ever notifies. */
	if (file->obj->dead || (file->slot->fs == TREE_SYSFS && !file->was_read))
		ready |= POLLERR | POLLPRI;
	return ready;
}
