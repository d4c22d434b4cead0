/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open files, their texts and streams. */
#ifndef TREE_FILE_H
#define TREE_FILE_H

#include <bsd/sys/queue.h>

#include "memhp/hotplug.h"
#include "obj.h"
#include "share.h"

struct tree_event {
	uint64_t number;
	size_t len;
	TAILQ_ENTRY(tree_event) link;
	char text[];
};

/*
 * A file that gives each reader the events since it opened the file
 * @events: those not yet read by all; @bytes: their total size
 */
struct tree_stream {
	TAILQ_HEAD(, tree_event) events;
	size_t bytes;
	uint64_t last_event;
	TAILQ_HEAD(, tree_file) files;
};

/* A waiting read of a stream. */
struct tree_reader {
	struct tree_req *req;
	size_t size;
	TAILQ_ENTRY(tree_reader) link;
};

/*
 * struct tree_file - an open file
 * @text, @read_pos: the text that reads continue in, and where the last one stopped
 * @text_at: the position in the file of the first byte of @text; @dropped: for a text that lines
 *	     are added to: the text offset of position 0
 * @uid: whose share it counts in; @text_bytes: what it has of TREE_SHARE_TEXT_BYTES there
 * @event, @next_event, @event_pos: a stream's position: the next event, NULL when all are read, and
 *				    its number; @lost: events were dropped before it read them
 * @kmsg_at: a reader of dev/kmsg: the byte of the whole log with which its next record begins
 * @readers: reads that wait for an event
 */
struct tree_file {
	struct tree_obj *obj;
	const struct tree_slot *slot;
	struct base_buf text;
	size_t text_bytes;
	off_t read_pos;
	off_t text_at;
	uint64_t dropped;
	bool was_read;
	int flags;
	uid_t uid;
	struct tree_event *event;
	uint64_t next_event;
	size_t event_pos;
	uint64_t nr_lost;
	uint64_t kmsg_at;
	struct tree_stream *stream;
	TAILQ_HEAD(, tree_reader) readers;
	void (*wake)(void *ctx);
	void *wake_ctx;
	TAILQ_ENTRY(tree_file) link;
};

/* ---- functions of kernfs that the door calls (file.c, dir.c, inode.c) ------------------------ */

/* As the function of the same name in memhp/tree.h, without the stages. */
int kernfs_lookup(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr,
		  bool *ret_fixed);
int kernfs_getattr(struct tree *tree, uint64_t ino, struct tree_attr *ret_attr);
int kernfs_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr,
		   unsigned int valid);
int kernfs_readlink(struct tree *tree, uint64_t ino, struct base_buf *buf);
int kernfs_opendir(struct tree *tree, uint64_t ino, uid_t uid, struct tree_dir **ret_dir);
struct tree *kernfs_dir_tree(const struct tree_dir *dir);
int kernfs_readdir(struct tree_dir *dir, off_t off, tree_dirent_fn *fn, void *ctx);
/* @uid: whose share the file counts in */
int kernfs_open(struct tree *tree, uint64_t ino, int flags, uid_t uid, struct tree_file **ret_file);
void kernfs_read(struct tree_req *req);
/* A store, of at most a page, except in debugfs. */
void kernfs_write(struct tree_req *req);
uint64_t kernfs_file_ino(const struct tree_file *file);
unsigned int kernfs_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx);
/* A file that is opened regardless of its mode. */
int tree_file_new(struct tree_obj *obj, unsigned int slot, int flags, uid_t uid,
		  struct tree_file **ret_file);

/* ---- requests, texts and streams ------------------------------------------------------------- */

/* The answer of a file, a store or a stage: returns the request to the door. */
void tree_req_finish(struct tree_req *req, ssize_t result);
/* Ensures that the file has the text for a read at @off; 0, -ENOMEM, or the error of its show. */
int tree_text_for(struct tree_file *file, off_t off);
/* Answers from @off in the file's text; a text that has been read to its end is freed. */
void tree_text_answer(struct tree_file *file, struct tree_req *req, size_t size, size_t off);
void tree_text_drop(struct tree_file *file);
/* The text has been set: 0, or -ENOMEM when open files keep too much, and it is dropped. */
int tree_text_keep(struct tree_file *file);
/* A stream of events. */
extern const struct tree_stream_ops tree_event_stream;
/* A read waits, unless it must not (-EAGAIN). */
void tree_stream_wait(struct tree_file *file, struct tree_req *req, size_t size);
/* Answers the reads that wait, as long as the file is ready, and wakes who polls. */
void tree_stream_wake(struct tree_file *file);
unsigned int tree_stream_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx);
/* The kernel may have logged something. */
void tree_kmsg_changed(struct tree *tree);
/* A text for all readers of a stream; dropped when there are none. */
void tree_stream_put(struct tree *tree, enum tree_stream_id id, const char *text, size_t len);
/* What its readers have not read yet is gone. */
void tree_stream_forget(struct tree *tree, enum tree_stream_id id);
void tree_stream_uevent(struct tree *tree, const struct hp_uevent *event);
void tree_stream_init(struct tree *tree);
void tree_stream_fini(struct tree *tree);

/* A read that waits for a device lock, and is done when it gets it. */
struct tree_wait {
	struct hp_waiter waiter;
	struct tree_req *req;
	size_t size;
	off_t off;
};

/* Runs an engine call for a store: `start` passes it to the engine, the answer ends @req. */
struct tree_call {
	struct hp_call call;
	struct tree_req *req;
	size_t len;
	struct machine_dax_order dax_order; /* for a call of sys_dax_bus.c */
};
struct tree_call *tree_call_new(struct tree_req *req, size_t len);
/* For a call that was not submitted. */
void tree_call_free(struct tree_call *call);

#endif
