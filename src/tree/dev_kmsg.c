// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dev/kmsg: each read returns one record of the kernel's log, and a write adds one
 * (kernel/printk/printk.c:devkmsg_fops).
 *
 * The device does not look at the position of a read, but lseek(2) ends in the host kernel, which
 * only passes the position that follows from it. So positions count bytes, and a read at another
 * one than where the last read stopped begins at the first record, if it is 0, or at the record
 * that begins at that byte of the whole log: with st_size, the position of SEEK_END, at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>

#include "tree_private.h"

#define KMSG_READY (POLLIN | POLLRDNORM)

/* The byte of the whole log with which the oldest record begins, and the one behind the last. */
static uint64_t log_first(const struct tree_file *file)
{
	return machine_kmsg_dropped(file->obj->tree->machine);
}

static uint64_t log_end(const struct tree_file *file)
{
	size_t len;

	(void)machine_kmsg(file->obj->tree->machine, &len);
	return log_first(file) + len;
}

static bool is_lost(const struct tree_file *file)
{
	return file->kmsg_at < log_first(file);
}

static const char *record_at(const struct tree_file *file)
{
	size_t len;

	return machine_kmsg(file->obj->tree->machine, &len) + (file->kmsg_at - log_first(file));
}

/* The first record that begins at @at or behind it. */
static void go_to(struct tree_file *file, uint64_t at)
{
	uint64_t end = log_end(file);

	file->kmsg_at = log_first(file);
	while (file->kmsg_at < BASE_MIN(at, end))
		file->kmsg_at += machine_kmsg_length(record_at(file));
}

static int kmsg_open(struct tree_file *file)
{
	struct tree *tree = file->obj->tree;

	if (!tree_take(tree, file->uid, TREE_SHARE_READERS + TREE_STREAM_KMSG, 1))
		return -ENFILE;
	file->stream = &tree->stream[TREE_STREAM_KMSG];
	TAILQ_INSERT_TAIL(&file->stream->files, file, link);
	go_to(file, 0);
	return 0;
}

static void kmsg_release(struct tree_file *file)
{
	TAILQ_REMOVE(&file->stream->files, file, link);
	tree_give(file->obj->tree, file->uid, TREE_SHARE_READERS + TREE_STREAM_KMSG, 1);
}

static bool kmsg_ready(const struct tree_file *file)
{
	return file->kmsg_at < log_end(file);
}

static bool kmsg_seeks(const struct tree_file *file, off_t off)
{
	return off != file->read_pos;
}

static int kmsg_seek_data(struct tree_file *file, off_t off, bool hole)
{
	if (off)
		return -ESPIPE;
	if (hole)
		return -EINVAL;
	go_to(file, 0);
	file->read_pos = 0;
	return 0;
}

static void answer(struct tree_file *file, struct tree_req *req, size_t size)
{
	size_t len;

	/* The next read returns it. */
	if (tree_journal_settle(file->obj->tree, false)) {
		tree_req_finish(req, -EIO);
		return;
	}
	file->read_pos = req->off;
	if (is_lost(file)) {
		go_to(file, 0);
		tree_req_finish(req, -EPIPE);
		return;
	}
	req->data = record_at(file);
	len = machine_kmsg_length(req->data);
	/* QUIRK: a record that does not fit is skipped. */
	file->kmsg_at += len;
	if (len > size) {
		tree_req_finish(req, -EINVAL);
		return;
	}
	file->read_pos = req->off + (off_t)len;
	tree_req_finish(req, (ssize_t)len);
}

/* Where this read or write is: it follows an lseek(2), or not. */
static void kmsg_seek(struct tree_file *file, off_t off)
{
	if (kmsg_seeks(file, off))
		go_to(file, (uint64_t)off);
	file->read_pos = off;
}

static void kmsg_read(struct tree_file *file, struct tree_req *req, size_t size)
{
	kmsg_seek(file, req->off);
	if (kmsg_ready(file))
		answer(file, req, size);
	else
		tree_stream_wait(file, req, size);
}

static unsigned int kmsg_poll(const struct tree_file *file)
{
	if (!kmsg_ready(file))
		return 0;
	return is_lost(file) ? KMSG_READY | POLLERR | POLLPRI : KMSG_READY;
}

static const struct tree_stream_ops kmsg_ops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read = kmsg_read,
	.ready = kmsg_ready,
	.answer = answer,
	.poll = kmsg_poll,
	.seeks = kmsg_seeks,
	.seek_data = kmsg_seek_data,
};

void tree_kmsg_changed(struct tree *tree)
{
	struct tree_file *file, *next;

	TAILQ_FOREACH_SAFE(file, &tree->stream[TREE_STREAM_KMSG].files, link, next) {
		if (kmsg_ready(file))
			tree_stream_wake(file);
	}
}

static size_t kmsg_size(struct tree_obj *obj, const struct tree_row *row)
{
	const struct machine *machine = obj->tree->machine;

	size_t len;

	(void)machine_kmsg(machine, &len);
	return machine_kmsg_dropped(machine) + len;
}

static ssize_t kmsg_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			  size_t len, struct tree_req *req)
{
	int ret;

	/* A write also moves the position, and O_APPEND moves it to the end before that. */
	if (req->file->flags & O_APPEND)
		req->file->read_pos = req->off;
	kmsg_seek(req->file, req->off);
	ret = machine_kmsg_write(obj->tree->machine, text, len);
	if (ret)
		return ret;
	req->file->read_pos += (off_t)len;
	return (ssize_t)len;
}

static const struct tree_row dev_rows[] = {
	{ TREE_DIR_ROW("dev") },
	{ .path = "dev/kmsg",
	  .mode = S_IFREG | 0644,
	  .store = kmsg_store,
	  .size = kmsg_size,
	  .stream = &kmsg_ops,
	  .arg = TREE_STREAM_KMSG },
};

const struct tree_table tree_dev_table = TREE_TABLE(dev_rows);
