// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/uevents and machine/trace: every reader gets all events since it opened the file. Texts
 * are stored once, until the slowest reader has read them; a reader that is too slow loses the
 * oldest and is notified: with ENOBUFS, like a netlink listener, or, in a trace, by how many lines
 * it missed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

#define EVENT_BYTES_LIMIT (16u << 20)

void tree_stream_init(struct tree *tree)
{
	for (int id = 0; id < TREE_NR_STREAMS; id++) {
		TAILQ_INIT(&tree->stream[id].events);
		TAILQ_INIT(&tree->stream[id].files);
	}
}

static int stream_open(struct tree_file *file)
{
	struct tree *tree = file->obj->tree;
	unsigned int id = file->slot->row->arg;
	struct tree_stream *stream = &tree->stream[id];

	if (!tree_take(tree, file->uid, TREE_SHARE_READERS + id, 1))
		return -ENFILE;
	file->stream = stream;
	file->next_event = stream->last_event + 1;
	TAILQ_INSERT_TAIL(&stream->files, file, link);
	return 0;
}

static void event_free_first(struct tree_stream *stream)
{
	struct tree_event *event = TAILQ_FIRST(&stream->events);

	TAILQ_REMOVE(&stream->events, event, link);
	stream->bytes -= sizeof(*event) + event->len;
	free(event);
}

/* Frees what all readers have read. */
static void events_trim(struct tree_stream *stream)
{
	struct tree_event *event;
	struct tree_file *file;
	uint64_t oldest = UINT64_MAX;

	TAILQ_FOREACH(file, &stream->files, link)
		oldest = BASE_MIN(oldest, file->next_event);
	while ((event = TAILQ_FIRST(&stream->events)) && event->number < oldest)
		event_free_first(stream);
}

static void stream_release(struct tree_file *file)
{
	TAILQ_REMOVE(&file->stream->files, file, link);
	tree_give(file->obj->tree, file->uid, TREE_SHARE_READERS + file->slot->row->arg, 1);
	events_trim(file->stream);
}

void tree_stream_fini(struct tree *tree)
{
	for (int id = 0; id < TREE_NR_STREAMS; id++) {
		while (!TAILQ_EMPTY(&tree->stream[id].events))
			event_free_first(&tree->stream[id]);
	}
}

/* Readers that have not read the oldest event lose it. */
static void event_drop_oldest(struct tree_stream *stream)
{
	struct tree_event *event = TAILQ_FIRST(&stream->events);
	struct tree_file *file;

	TAILQ_FOREACH(file, &stream->files, link) {
		if (file->event != event)
			continue;
		file->event = TAILQ_NEXT(event, link);
		file->next_event++;
		file->event_pos = 0;
		file->nr_lost++;
	}
	event_free_first(stream);
}

void tree_stream_forget(struct tree *tree, enum tree_stream_id id)
{
	struct tree_stream *stream = &tree->stream[id];
	struct tree_file *file;

	TAILQ_FOREACH(file, &stream->files, link) {
		file->event = NULL;
		file->next_event = stream->last_event + 1;
		file->event_pos = 0;
		file->nr_lost = 0;
	}
	events_trim(stream);
}

static bool stream_ready(const struct tree_file *file)
{
	return file->nr_lost || file->next_event <= file->stream->last_event;
}

/* Up to @size bytes of events into @buf. */
static void stream_take(struct tree_file *file, size_t size, struct base_buf *buf)
{
	struct tree_event *event;

	while ((event = file->event)) {
		size_t n = BASE_MIN(event->len - file->event_pos, size - buf->len);

		base_buf_add(buf, event->text + file->event_pos, n);
		file->event_pos += n;
		if (file->event_pos < event->len)
			break;
		file->event = TAILQ_NEXT(event, link);
		file->next_event++;
		file->event_pos = 0;
	}
	events_trim(file->stream);
}

static void stream_answer(struct tree_file *file, struct tree_req *req, size_t size)
{
	uint64_t nr_lost = file->nr_lost;
	struct base_buf text;

	/* The next read returns it. */
	if (tree_journal_settle(file->obj->tree, false)) {
		tree_req_finish(req, -EIO);
		return;
	}
	file->nr_lost = 0;
	if (nr_lost && file->slot->row->arg == TREE_STREAM_UEVENTS) {
		tree_req_finish(req, -ENOBUFS);
		return;
	}
	base_buf_init(&text);
	if (nr_lost)
		base_buf_printf(&text, "{\"op\":\"lost\",\"lines\":%llu}\n",
				(unsigned long long)nr_lost);
	else
		stream_take(file, size, &text);
	req->data = base_buf_text(&text);
	tree_req_finish(req, text.failed ? -ENOMEM : (ssize_t)text.len);
	base_buf_fini(&text);
}

static void stream_interrupt(struct tree_req *req, bool fatal)
{
	struct tree_reader *reader = req->impl;
	struct tree_file *file = req->file;

	TAILQ_REMOVE(&file->readers, reader, link);
	free(reader);
	tree_req_finish(req, -EINTR);
}

void tree_stream_wait(struct tree_file *file, struct tree_req *req, size_t size)
{
	struct tree_reader *reader;

	if ((file->flags | req->flags) & O_NONBLOCK) {
		tree_req_finish(req, -EAGAIN);
		return;
	}
	reader = calloc(1, sizeof(*reader));
	if (!reader) {
		tree_req_finish(req, -ENOMEM);
		return;
	}
	reader->req = req;
	reader->size = size;
	req->impl = reader;
	req->interrupt = stream_interrupt;
	TAILQ_INSERT_TAIL(&file->readers, reader, link);
}

static void stream_read(struct tree_file *file, struct tree_req *req, size_t size)
{
	if (stream_ready(file))
		stream_answer(file, req, size);
	else
		tree_stream_wait(file, req, size);
}

static unsigned int stream_poll(const struct tree_file *file)
{
	return stream_ready(file) ? POLLIN | POLLRDNORM : 0;
}

const struct tree_stream_ops tree_event_stream = {
	.open = stream_open,
	.release = stream_release,
	.read = stream_read,
	.ready = stream_ready,
	.answer = stream_answer,
	.poll = stream_poll,
};

unsigned int tree_stream_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx)
{
	file->wake = wake;
	file->wake_ctx = ctx;
	return file->slot->row->stream->poll(file);
}

void tree_stream_wake(struct tree_file *file)
{
	const struct tree_stream_ops *ops = file->slot->row->stream;
	void (*wake)(void *ctx) = file->wake;
	struct tree_reader *reader;

	while (ops->ready(file) && (reader = TAILQ_FIRST(&file->readers))) {
		struct tree_req *req = reader->req;
		size_t size = reader->size;

		TAILQ_REMOVE(&file->readers, reader, link);
		free(reader);
		ops->answer(file, req, size);
	}
	file->wake = NULL;
	if (wake)
		wake(file->wake_ctx);
}

void tree_stream_put(struct tree *tree, enum tree_stream_id id, const char *text, size_t len)
{
	struct tree_stream *stream = &tree->stream[id];
	struct tree_file *file, *next;
	struct tree_event *event;

	if (TAILQ_EMPTY(&stream->files))
		return;
	event = malloc(sizeof(*event) + len);
	if (event) {
		event->number = ++stream->last_event;
		event->len = len;
		memcpy(event->text, text, len);
		TAILQ_INSERT_TAIL(&stream->events, event, link);
		TAILQ_FOREACH(file, &stream->files, link) {
			if (!file->event)
				file->event = event;
		}
		stream->bytes += sizeof(*event) + event->len;
	}
	while (stream->bytes > EVENT_BYTES_LIMIT)
		event_drop_oldest(stream);
	TAILQ_FOREACH_SAFE(file, &stream->files, link, next)
		tree_stream_wake(file);
}

void tree_stream_uevent(struct tree *tree, const struct hp_uevent *uevent)
{
	struct base_buf text;

	if (TAILQ_EMPTY(&tree->stream[TREE_STREAM_UEVENTS].files))
		return;
	base_buf_init(&text);
	base_buf_printf(&text, "%s@%s\nACTION=%s\nDEVPATH=%s\nSUBSYSTEM=%s\n", uevent->action,
			uevent->devpath, uevent->action, uevent->devpath, uevent->subsystem);
	for (size_t i = 0; i < uevent->nr_env; i++)
		base_buf_printf(&text, "%s\n", uevent->env[i]);
	base_buf_printf(&text, "SEQNUM=%llu\n\n", (unsigned long long)uevent->seqnum);
	if (!text.failed)
		tree_stream_put(tree, TREE_STREAM_UEVENTS, text.data, text.len);
	base_buf_fini(&text);
}
