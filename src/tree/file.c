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

int tree_readlink(struct tree *tree, uint64_t ino, struct base_buf *buf)
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

/* Also root may not open against the mode (kernfs_fop_open()). */
static int open_check(struct tree *tree, uint64_t ino, int flags)
{
	struct tree_attr attr;
	int ret = tree_getattr(tree, ino, &attr), mode = flags & O_ACCMODE;

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

int tree_open(struct tree *tree, uint64_t ino, int flags, struct tree_file **ret_file)
{
	struct tree_file *file;
	struct tree_obj *obj;
	unsigned int slot;
	int ret;

	if (!tree_inode(tree, ino, &obj, &slot) || obj->dead)
		return -ENOENT;
	ret = open_check(tree, ino, flags);
	if (ret != -EISDIR && ret != -ELOOP && !tree_slot(obj, slot)->row->is_stream)
		tree_trace_open(tree, obj, tree_slot(obj, slot), ret);
	if (ret)
		return ret;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->obj = obj;
	file->slot = tree_slot(obj, slot);
	file->flags = flags;
	base_buf_init(&file->text);
	TAILQ_INIT(&file->readers);
	obj->refs++;
	if (file->slot->row->is_stream)
		tree_stream_open(file);
	*ret_file = file;
	return 0;
}

void tree_release(struct tree_file *file)
{
	if (file->slot->row->is_stream)
		tree_stream_release(file);
	if (file->obj != &file->obj->tree->root)
		tree_obj_put(file->obj, 1);
	else
		file->obj->refs--;
	base_buf_fini(&file->text);
	free(file);
}

void tree_req_finish(struct tree_req *req, ssize_t result)
{
	req->interrupt = NULL;
	req->finished = true;
	tree_trace_end(req, result);
	req->done(req, result);
}

static void req_init(struct tree_req *req, struct tree_file *file)
{
	req->data = NULL;
	req->file = file;
	req->interrupt = NULL;
	req->impl = NULL;
	req->trace = NULL;
	req->finished = false;
}

void tree_interrupt(struct tree_req *req, bool fatal)
{
	if (!req->finished && req->interrupt)
		req->interrupt(req, fatal);
}

bool tree_file_is_stream(const struct tree_file *file)
{
	return file->slot->row->is_stream;
}

bool tree_file_is_fixed(const struct tree_file *file)
{
	return file->slot->row->fixed && file->slot->row->fixed(file->obj);
}

int tree_lseek_check(const struct tree_file *file)
{
	return file->obj->dead ? -ENODEV : 0;
}

static int file_show(struct tree_file *file)
{
	const struct tree_row *row = file->slot->row;
	int ret;

	base_buf_reset(&file->text);
	ret = row->show ? row->show(file->obj, row, &file->text) : -EIO;
	return ret ? ret : file->text.failed ? -ENOMEM : 0;
}

static void file_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off)
{
	int ret;

	if (file->obj->dead) {
		tree_req_finish(req, -ENODEV);
		return;
	}
	/* A read from where the last one stopped goes on in its text. */
	if (off == 0 || off != file->read_pos) {
		ret = file_show(file);
		if (ret) {
			file->read_pos = 0;
			tree_req_finish(req, ret);
			return;
		}
	}
	if (off < 0 || (size_t)off >= file->text.len) {
		file->read_pos = off;
		tree_req_finish(req, 0);
		return;
	}
	size = BASE_MIN(size, file->text.len - (size_t)off);
	file->read_pos = off + (off_t)size;
	req->data = base_buf_text(&file->text) + off;
	tree_req_finish(req, (ssize_t)size);
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

/* A device lock cannot be waited for with signals; only who is killed goes. */
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

void tree_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off)
{
	const struct tree_row *row = file->slot->row;

	req_init(req, file);
	tree_trace_begin(req, "read", NULL, 0);
	file->was_read = true;
	if (file->obj->dead)
		tree_req_finish(req, -ENODEV);
	else if (tree_file_is_stream(file))
		tree_stream_read(file, req, size);
	else if (row->locked && row->locked(file->obj) && (off == 0 || off != file->read_pos))
		file_wait(file, req, size, off);
	else
		file_read(file, req, size, off);
}

void tree_write(struct tree_file *file, struct tree_req *req, const char *data, size_t len)
{
	const struct tree_row *row = file->slot->row;
	size_t page = (size_t)1 << machine_spec(file->obj->tree->machine)->page_shift;
	struct base_buf text;
	ssize_t ret;

	req_init(req, file);
	tree_trace_begin(req, "write", data, len);
	if (file->obj->dead) {
		tree_req_finish(req, -ENODEV);
		return;
	}
	/* Nothing written calls nothing, but in debugfs. */
	if (!len && file->slot->fs != TREE_DEBUGFS) {
		tree_req_finish(req, 0);
		return;
	}
	if (!row->store) {
		tree_req_finish(req, -EIO);
		return;
	}
	/* kernfs hands over one page; debugfs has no kernfs. */
	if (file->slot->fs != TREE_DEBUGFS)
		len = BASE_MIN(len, page);
	base_buf_init(&text);
	base_buf_add(&text, data, len);
	ret = text.failed ? -ENOMEM :
			    row->store(file->obj, row, base_buf_text(&text), len, req);
	base_buf_fini(&text);
	if (ret != TREE_PENDING)
		tree_req_finish(req, ret);
}

unsigned int tree_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx)
{
	unsigned int ready = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

	if (tree_file_is_stream(file))
		return tree_stream_poll(file, wake, ctx);
	/* A file that was never read counts as changed; afterwards nothing ever notifies. */
	if (file->obj->dead || (file->slot->fs == TREE_SYSFS && !file->was_read))
		ready |= POLLERR | POLLPRI;
	return ready;
}

/* ---- stores that the engine answers ---------------------------------------------------------- */

static void call_done(struct hp_call *call, int ret)
{
	struct tree_call *c = base_container_of(call, struct tree_call, call);
	struct tree_req *req = c->req;
	ssize_t result = ret < 0 ? ret : (ssize_t)c->len;

	free(c);
	tree_req_finish(req, result);
}

static void call_interrupt(struct tree_req *req, bool fatal)
{
	struct tree_call *c = req->impl;

	hp_call_interrupt(req->file->obj->tree->hp, &c->call, fatal);
}

struct tree_call *tree_call_new(struct tree_req *req, size_t len)
{
	struct tree_call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->call.done = call_done;
	c->req = req;
	c->len = len;
	req->impl = c;
	req->interrupt = call_interrupt;
	return c;
}

void tree_call_free(struct tree_call *c)
{
	c->req->impl = NULL;
	c->req->interrupt = NULL;
	free(c);
}
