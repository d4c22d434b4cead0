/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests, and the files that they are for. */
#ifndef MEMHP_TREE_REQUEST_H
#define MEMHP_TREE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

struct tree;
struct tree_file;

#define TREE_ROOT_INO 1

/**
 * struct tree_attr - attributes of an inode
 * @mode: type and permission bits
 * @name_fixed: as long as its directory is there, this name stands for this inode: the caller may
 *		cache that for ever
 * @attr_fixed: the same for the attributes, which change only through calls made here, or as
 *		tree_set_watcher() tells
 * @name_kept: as @name_fixed, until the keeper is told; only when there is one
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
 * @pid: 0: none (the request is internal): no race gate ever holds it
 * @uid: only root and the owner of the mount may use up what is bounded; see tree_new()
 */
struct tree_caller {
	pid_t pid;
	uid_t uid;
};

/**
 * struct tree_req - one request under way; embedded by the caller, who fills in what @op needs
 * @done: called exactly once, perhaps before tree_submit() returns. @result is a count, 0 or -errno
 * @ino: open, setattr: of what; mkdir, rmdir: of the directory
 * @name: mkdir, rmdir: in the directory; else NULL
 * @file: read, write: the open file; open: becomes it
 * @flags: open: as open(2)
 * @data, @len: write: the bytes; read: at most @len, and @data holds as many as @result says until
 *		@done returns
 * @off: read
 * @attr, @valid: setattr: what to set (enum tree_set); mkdir: @attr becomes that of the new inode
 *
 * The caller keeps the request alive until @done, and does not release the file before. @name and
 * @data need not outlive tree_submit().
 *
 * Permissions are the caller's business. A read makes the text at offset 0 or after a jump, and
 * keeps it in between, as kernfs does. Each write is one store, of which bytes behind one page are
 * ignored. A mkdir holds a reference to the new inode, like a lookup. Sizes cannot be set: O_TRUNC
 * and truncate(2) are accepted and mean nothing, as in kernfs.
 *
 * Errors of open: -EACCES when the mode has no bit at all for what @flags ask (also for root),
 * -EINVAL for O_DIRECT, -EISDIR, -ELOOP for a link, -ENOENT when the object is gone, -ENFILE when
 * too many are open, of all files or of this stream, or the caller has his share of them. An open
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
	/* the tree's own from here */
	struct tree *tree;
	const struct tree_op_info *info;
	void (*next)(struct tree_req *req);
	void (*answer)(struct tree_req *req, ssize_t result);
	void (*interrupt)(struct tree_req *req, bool fatal);
	void *impl;
	struct tree_traced *trace;
	uint64_t journal_id;
	unsigned int stage;
	bool is_taken;
	bool finished;
	bool storing;
};

/**
 * tree_submit() - a request passes the stages of the tree (src/tree/door), and is carried out
 *
 * Context: not from within anything that the machine does; from @done of another request it may be.
 */
void tree_submit(struct tree *tree, struct tree_req *req);

/*
 * Requests as calls, which no process makes: no race gate holds them. All but a read or write are
 * over when they return.
 */

int tree_open(struct tree *tree, uint64_t ino, int flags, struct tree_file **ret_file);
int tree_mkdir(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr);
int tree_rmdir(struct tree *tree, uint64_t dir, const char *name);
int tree_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr, unsigned int valid);
/** tree_read(), tree_write() - with @req's @caller and @done */
void tree_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off);
void tree_write(struct tree_file *file, struct tree_req *req, const char *data, size_t len);

/** tree_release() - close a file. */
void tree_release(struct tree_file *file);

/**
 * tree_interrupt() - a signal for the one who waits for @req
 * @fatal: it will kill him
 *
 * The request may be finished with -EINTR before this returns, or later, or go on as if nothing
 * had been: that is the file's own rule.
 */
void tree_interrupt(struct tree_req *req, bool fatal);

/** tree_file_is_stream() - whether reads of @file take from a queue: no position, may wait. */
bool tree_file_is_stream(const struct tree_file *file);

/** tree_file_is_fixed() - whether the text of @file is the same as long as it is there. */
bool tree_file_is_fixed(const struct tree_file *file);

/**
 * tree_poll() - events that are ready, as poll(2)
 * @wake: called once, at the next change of readiness, when nothing that can change is ready;
 *	  NULL: just ask. Replaces the one given before; never called after tree_release().
 */
unsigned int tree_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx);

/** tree_lseek_check() - 0, or -ENODEV for a file whose object is gone. */
int tree_lseek_check(const struct tree_file *file);

#endif
