/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests, and the files they operate on. */
#ifndef MEMHP_TREE_REQUEST_H
#define MEMHP_TREE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

struct base_buf;
struct tree;
struct tree_file;

#define TREE_ROOT_INO 1

/**
 * struct tree_attr - attributes of an inode
 * @mode: type and permission bits
 * @name_fixed: as long as its directory exists, this name stands for this inode: the caller may
 *		cache that indefinitely
 * @attr_fixed: the same for the attributes, which change only through calls made here, or as
 *		reported through tree_set_watcher()
 * @name_kept: as @name_fixed, until the cache listener is notified; only with one
 */
struct tree_attr {
	uint64_t ino;
	mode_t mode;
	nlink_t nlink;
	uid_t uid;
	gid_t gid;
	off_t size;
	blksize_t blksize;
	struct timespec atime, mtime, ctime;
	bool name_fixed;
	bool attr_fixed;
	bool name_kept;
};

enum tree_set {
	TREE_SET_MODE = 1 << 0,
	TREE_SET_UID = 1 << 1,
	TREE_SET_GID = 1 << 2,
	TREE_SET_ATIME = 1 << 3,
	TREE_SET_MTIME = 1 << 4,
};

/** enum tree_op - what a request asks for; a race gate can hold those up to TREE_OP_RMDIR */
enum tree_op {
	TREE_OP_OPEN,
	TREE_OP_READ,
	TREE_OP_WRITE,
	TREE_OP_MKDIR,
	TREE_OP_RMDIR,
	TREE_OP_SETATTR,
	TREE_NR_OPS,
};

/**
 * struct tree_caller - the process that makes a request
 * @pid: 0: internal; never held by a race gate
 * @uid: only root and the owner of the mount may exhaust bounded resources; see tree_new()
 */
struct tree_caller {
	pid_t pid;
	uid_t uid;
};

/**
 * struct tree_req - a request in progress; embedded by the caller, who fills in what @op needs
 * @done: called exactly once, perhaps before tree_submit() returns. @result is a count, 0 or -errno
 * @ino: open, setattr: the target; mkdir, rmdir: the directory
 * @name: mkdir, rmdir: in the directory; else NULL
 * @file: read, write: the open file; open: set to it
 * @flags: open: as open(2); read: O_NONBLOCK, in addition to that of the file
 * @data, @len: write: the bytes; read: at most @len, and @data holds as many as @result says until
 *		@done returns
 * @off: read, write: the position, which only some files look at
 * @attr, @valid: setattr: what to set (enum tree_set); mkdir: @attr is set to that of the new inode
 *
 * The caller keeps the request alive until @done, and does not release the file before. @name and
 * @data need not outlive tree_submit().
 *
 * Permissions are the caller's business. A read generates the text at offset 0 or after a jump, and
 * keeps it in between, as kernfs does. Each write is one store; bytes beyond one page are ignored.
 * A mkdir holds a reference to the new inode, like a lookup. Sizes cannot be set: O_TRUNC and
 * truncate(2) are accepted and have no effect, as in kernfs.
 *
 * Errors of open: -EACCES when the mode has no bit at all for what @flags ask (also for root),
 * -EINVAL for O_DIRECT, -EISDIR, -ELOOP for a link, -ENOENT when the object is gone, -ENFILE when
 * too many files, or readers of this stream, are open, or the caller's share is used up. An open
 * file keeps the object alive, not the file: once it is removed, all but release answers -ENODEV.
 * Errors of mkdir and rmdir: -EPERM except in the directories of machine/, -EEXIST, -ENOENT,
 * -EINVAL (bad name), -EBUSY while the object is in use.
 */
struct tree_req {
	void (*done)(struct tree_req *req, ssize_t result);
	enum tree_op op;
	struct tree_caller caller;
	uint64_t ino;
	const char *name;
	struct tree_file *file;
	int flags;
	const char *data;
	size_t len;
	off_t off;
	struct tree_attr attr;
	unsigned int valid;
	/* private to the tree from here */
	struct tree *tree;
	const struct tree_op_info *info;
	void (*next)(struct tree_req *req);
	void (*answer)(struct tree_req *req, ssize_t result);
	void (*interrupt)(struct tree_req *req, bool fatal);
	void *impl;
	struct tree_traced *trace;
	uint64_t journal_id;
	uint64_t answer_gate;
	unsigned int stage;
	bool is_taken;
	bool finished;
	bool storing;
};

/**
 * tree_submit() - pass a request through the stages of the tree (src/tree/door) and carry it out
 *
 * Context: not from within anything that the machine does; allowed from @done of another request.
 */
void tree_submit(struct tree *tree, struct tree_req *req);

/*
 * Requests as calls, made by no process: no race gate holds them. All but reads and writes are
 * complete when they return.
 */

int tree_open(struct tree *tree, uint64_t ino, int flags, struct tree_file **ret_file);
int tree_mkdir(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr);
int tree_rmdir(struct tree *tree, uint64_t dir, const char *name);
int tree_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr, unsigned int valid);
/** tree_read(), tree_write() - start a read or write with @req's @caller and @done. */
void tree_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off);
void tree_write(struct tree_file *file, struct tree_req *req, const char *data, size_t len);

/** tree_release() - close a file. */
void tree_release(struct tree_file *file);

/**
 * tree_interrupt() - deliver a signal to the process that waits for @req
 * @fatal: the signal will kill it
 *
 * Each file decides what follows: the request finishes with -EINTR before this returns or later, or
 * continues as if nothing had happened.
 */
void tree_interrupt(struct tree_req *req, bool fatal);

/** tree_file_answer() - of machine/qmp: the answer to what has been written to @file. */
const struct base_buf *tree_file_answer(const struct tree_file *file);

/** tree_file_is_stream() - whether reads of @file consume a queue, and may wait. */
bool tree_file_is_stream(const struct tree_file *file);
/**
 * tree_file_is_text() - whether reads in pieces give one text
 *
 * A file is none if it is a stream, binary, or a number of proc/sys, which has to be read at once.
 */
bool tree_file_is_text(const struct tree_file *file);
/** tree_file_seeks() - whether a read of a stream at @off goes elsewhere, so it may not wait. */
bool tree_file_seeks(const struct tree_file *file, off_t off);
/**
 * tree_file_seek_data() - SEEK_DATA or, with @hole, SEEK_HOLE
 * @ret_err: 0: the position is 0; -ESPIPE, -EINVAL
 *
 * Return: false for files of which the size says it all.
 */
bool tree_file_seek_data(struct tree_file *file, off_t off, bool hole, int *ret_err);

/** tree_file_is_fixed() - whether the text of @file never changes while the file exists. */
bool tree_file_is_fixed(const struct tree_file *file);

/**
 * tree_poll() - find the events that are ready, as poll(2) does
 * @wake: called once, at the next change of readiness, when nothing that can change is ready; NULL:
 *	  only query. Replaces the one given before; never called after tree_release().
 */
unsigned int tree_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx);

/** tree_lseek_check() - check an lseek(2); 0, or -ENODEV for a file whose object is gone. */
int tree_lseek_check(const struct tree_file *file);

#endif
