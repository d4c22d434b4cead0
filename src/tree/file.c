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

	if (tree_journal_settle(tree, false))
		return -EIO;
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

int tree_file_new(struct tree_obj *obj, unsigned int slot, int flags, struct tree_file **ret_file)
{
	struct tree_file *file = calloc(1, sizeof(*file));
	int ret = 0;

	if (!file)
		return -ENOMEM;
	file->obj = obj;
	file->slot = tree_slot(obj, slot);
	file->flags = flags;
	file->uid = obj->tree->caller_uid;
	base_buf_init(&file->text);
	TAILQ_INIT(&file->readers);
	if (!tree_take(obj->tree, file->uid, TREE_SHARE_FILES, 1)) {
		free(file);
		return -ENFILE;
	}
	if (file->slot->row->is_stream)
		ret = tree_stream_open(file);
	if (ret) {
		tree_give(obj->tree, file->uid, TREE_SHARE_FILES, 1);
		free(file);
		return ret;
	}
	obj->refs++;
	*ret_file = file;
	return 0;
}

int tree_open(struct tree *tree, uint64_t ino, int flags, struct tree_file **ret_file)
{
	struct tree_obj *obj;
	unsigned int slot;
	int ret;

	tree_sync(tree);
	if (tree_inode_settle(tree, ino))
		return -EIO;
	if (!tree_inode(tree, ino, &obj, &slot) || obj->dead)
		return -ENOENT;
	ret = open_check(tree, ino, flags);
	if (ret != -EISDIR && ret != -ELOOP && !tree_slot(obj, slot)->row->is_stream)
		tree_trace_open(tree, obj, tree_slot(obj, slot), ret);
	return ret ? ret : tree_file_new(obj, slot, flags, ret_file);
}

void tree_release(struct tree_file *file)
{
	if (file->slot->row->is_stream)
		tree_stream_release(file);
	tree_text_drop(file);
	tree_give(file->obj->tree, file->uid, TREE_SHARE_FILES, 1);
	if (file->obj != &file->obj->tree->root)
		tree_obj_put(file->obj, 1);
	else
		file->obj->refs--;
	free(file);
}

static uint64_t file_ino(const struct tree_file *file)
{
	return tree_ino(file->obj, (unsigned int)(file->slot - tree_slot(file->obj, 0)));
}

void tree_req_finish(struct tree_req *req, ssize_t result)
{
	const struct tree_row *row = req->file ? req->file->slot->row : NULL;

	req->interrupt = NULL;
	req->finished = true;
	if (req->storing)
		req->file->obj->nr_stores--;
	req->storing = false;
	if (req->is_write && result < 0)
		tree_refused(req->tree, req->file->obj, req->file->slot, NULL, (int)result,
			     req->journal_id != 0);
	if (req->journal_id)
		result = tree_journal_end(req->tree, req->journal_id, file_ino(req->file), result);
	else if (!(row && row->guarded) && tree_journal_settle(req->tree, row && row->tells_time))
		result = -EIO;
	if (req->is_taken)
		tree_give(req->tree, req->uid, TREE_SHARE_REQS, 1);
	tree_trace_end(req, result);
	req->done(req, result);
}

/* False when too many wait already; then it is answered. */
static bool req_init(struct tree_req *req, struct tree *tree, struct tree_file *file, bool is_write)
{
	if (is_write)
		machine_refuse_nothing(tree->machine);
	req->tree = tree;
	req->data = NULL;
	req->file = file;
	req->interrupt = NULL;
	req->impl = NULL;
	req->trace = NULL;
	req->journal_id = 0;
	req->finished = false;
	req->is_write = is_write;
	req->storing = false;
	req->uid = tree->caller_uid;
	req->is_taken = tree_take(tree, req->uid, TREE_SHARE_REQS, 1);
	if (req->is_taken)
		return true;
	tree_req_finish(req,
			machine_refuse(tree->machine, -ENOMEM, "too many requests wait already"));
	return false;
}

void tree_interrupt(struct tree_req *req, bool fatal)
{
	struct tree *tree = req->tree;

	if (req->finished || !req->interrupt)
		return;
	if (req->journal_id) {
		tree_journal_interrupt(tree, req->journal_id, fatal);
		tree->journal.inside++;
		req->interrupt(req, fatal);
		tree->journal.inside--;
	} else {
		req->interrupt(req, fatal);
	}
	tree_race_settle(tree);
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
	if (tree_journal_settle(file->obj->tree, false))
		return -EIO;
	return file->obj->dead ? -ENODEV : 0;
}

static void file_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off)
{
	int ret;

	if (file->obj->dead) {
		tree_req_finish(req, -ENODEV);
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

/* A read that has passed all race gates. */
static void read_enters(struct tree_req *req, const struct tree_arrival *arrival)
{
	struct tree_file *file = req->file;
	const struct tree_row *row = file->slot->row;
	size_t size = arrival->len;
	off_t off = arrival->off;

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

void tree_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off)
{
	const struct tree_arrival arrival = {
		.op = TREE_OP_READ,
		.obj = file->obj,
		.slot = file->slot,
		.len = size,
		.off = off,
		.enter = read_enters,
	};

	tree_sync(file->obj->tree);
	if (!req_init(req, file->obj->tree, file, false))
		return;
	tree_trace_begin(req, "read", NULL, 0);
	if (!tree_race_hold(file->obj->tree, req, &arrival))
		read_enters(req, &arrival);
}

static void file_store(struct tree_file *file, struct tree_req *req, const char *data, size_t len)
{
	const struct tree_row *row = file->slot->row;
	struct tree_obj *obj = file->obj;
	struct tree *tree = obj->tree;
	struct base_buf text;
	bool has_begun = false;
	ssize_t ret;

	base_buf_init(&text);
	base_buf_add(&text, data, len);
	ret = text.failed ? -ENOMEM : 0;
	machine_refuse_nothing(tree->machine);
	obj->nr_stores++;
	req->storing = true;
	hp_set_origin(tree->hp, tree_trace_id(req));
	if (!ret && !row->fleeting) {
		ret = tree_journal_begin(tree, TREE_INPUT_WRITE, file_ino(file),
					 base_buf_text(&text), len, &req->journal_id);
		has_begun = !ret;
	}
	if (!ret)
		ret = row->store(obj, row, base_buf_text(&text), len, req);
	hp_set_origin(tree->hp, 0);
	base_buf_fini(&text);
	if (ret != TREE_PENDING)
		tree_req_finish(req, ret);
	if (has_begun)
		tree_journal_leave(tree);
}

/* A write that has passed all race gates. */
static void write_enters(struct tree_req *req, const struct tree_arrival *arrival)
{
	struct tree_file *file = req->file;
	const struct tree_row *row = file->slot->row;
	struct machine *machine = req->tree->machine;
	size_t len = arrival->len;

	if (file->obj->dead) {
		tree_req_finish(req, machine_refuse(machine, -ENODEV, "it has been removed"));
		return;
	}
	/* Nothing written calls nothing, but in debugfs. */
	if (!len && file->slot->fs != TREE_DEBUGFS) {
		tree_req_finish(req, 0);
		return;
	}
	if (!row->store) {
		tree_req_finish(req, machine_refuse(machine, -EIO, "it can only be read"));
		return;
	}
	file_store(file, req, arrival->data, len);
}

void tree_write(struct tree_file *file, struct tree_req *req, const char *data, size_t len)
{
	struct tree *tree = file->obj->tree;
	size_t page = (size_t)1 << machine_spec(tree->machine)->page_shift;
	struct tree_arrival arrival = {
		.op = TREE_OP_WRITE,
		.obj = file->obj,
		.slot = file->slot,
		.data = data,
		.len = len,
		.enter = write_enters,
	};

	tree_sync(tree);
	if (!req_init(req, tree, file, true))
		return;
	/* kernfs hands over one page; debugfs has no kernfs. */
	if (file->slot->fs != TREE_DEBUGFS)
		arrival.len = BASE_MIN(len, page);
	tree_trace_begin(req, "write", data, arrival.len);
	if (!tree_race_hold(tree, req, &arrival))
		write_enters(req, &arrival);
	tree_race_settle(tree);
}

static void pass_enters(struct tree_req *req, const struct tree_arrival *arrival)
{
	tree_req_finish(req, 0);
}

void tree_pass(struct tree *tree, struct tree_req *req, enum tree_op op, uint64_t ino,
	       const char *name)
{
	struct tree_arrival arrival = { .op = op, .name = name, .enter = pass_enters };
	struct tree_obj *obj;
	unsigned int slot;

	tree_sync(tree);
	if (!req_init(req, tree, NULL, false))
		return;
	if (tree_inode(tree, ino, &obj, &slot) && slot < TREE_SLOT_LINK) {
		arrival.obj = obj;
		arrival.slot = tree_slot(obj, slot);
	}
	if (!arrival.obj || !tree_race_hold(tree, req, &arrival))
		pass_enters(req, &arrival);
}

unsigned int tree_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx)
{
	unsigned int ready = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

	if (tree_journal_settle(file->obj->tree, false))
		return POLLERR;
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
