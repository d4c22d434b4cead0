/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations shared by the files of this layer, the only ones that use libfuse. */
#ifndef MEMHP_FUSE_PRIVATE_H
#define MEMHP_FUSE_PRIVATE_H

#define FUSE_USE_VERSION 312

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>
#include <fuse_lowlevel.h>

#include "memhp/fuse.h"
#include "memhp/tree.h"
#include "interrupt.h"

/* The type of the mount in the mount table, after "fuse." */
#define MEMFUSE_SUBTYPE "memhpfs"

/**
 * struct memfuse_file - an open file; fi->fh points to it
 * @node: the node by which it was opened
 * @writes: it is open for writing
 * @cached: it was read through the page cache
 * @keeps: the kernel may keep its text in the page cache (-o cache)
 */
struct memfuse_file {
	struct tree_file *file;
	fuse_ino_t node;
	bool writes;
	struct fuse_pollhandle *poll;
	bool cached;
	bool keeps;
	LIST_ENTRY(memfuse_file) link;
};

/** struct memfuse_dir - an open directory; fi->fh points to it. */
struct memfuse_dir {
	struct tree_dir *dir;
	LIST_ENTRY(memfuse_dir) link;
};

/**
 * struct memfuse_io - a request that the tree has not finished
 * @node: the node that it is about
 * @written_ino: the inode that is written to; 0: none. Writes also have a list of their own, since
 *		 each lookup searches it, and any user can have many reads waiting
 * @killed: the tree was told that its caller no longer waits
 * @at_once: its answer does not wait for notifications
 */
struct memfuse_io {
	fuse_req_t req;
	fuse_ino_t node;
	uint64_t written_ino;
	struct memfuse_interrupt interrupt;
	bool killed;
	bool at_once;
	LIST_ENTRY(memfuse_io) link;
	LIST_ENTRY(memfuse_io) write_link;
	struct tree_req tree;
};

/**
 * struct memfuse_node - a node of inode @ino that is not its usual one, or that is open
 * @nr_lookups: the kernel's lookups, if it is not the usual node
 * @nr_files: files that are open or being opened
 * @nr_writers: how many of them are for writing
 */
struct memfuse_node {
	fuse_ino_t id;
	uint64_t ino;
	uint64_t nr_lookups;
	uint64_t nr_files;
	uint64_t nr_writers;
	RB_ENTRY(memfuse_node) link;
};
RB_HEAD(memfuse_nodes, memfuse_node);
TAILQ_HEAD(memfuse_reopens, memfuse_reopen);

struct memfuse_teller;

LIST_HEAD(memfuse_files, memfuse_file);
LIST_HEAD(memfuse_dirs, memfuse_dir);
LIST_HEAD(memfuse_ios, memfuse_io);

/**
 * struct memfuse - one mount
 * @path: the mount point
 * @cache: the kernel may cache what does not change until it is removed, which @teller reports
 * @patience: expires when the answers that wait for @teller are checked
 * @greeted: FUSE_INIT was received
 * @may_spin: there is another CPU for the client
 * @eager: the last request came soon after the answer to the one before
 * @idle_since: since when there has been no request; 0: a request is being handled
 */
struct memfuse {
	struct tree *tree;
	struct base_clock *clock;
	const struct memfuse_calls *calls;
	void *ctx;
	char *path;
	struct fuse_session *session;
	struct fuse_buf buf;
	int cache;
	struct memfuse_teller *teller;
	struct base_timer patience;
	bool greeted;
	bool ready;
	bool closed;
	bool may_spin;
	bool eager;
	uint64_t idle_since;
	struct memfuse_files files;
	struct memfuse_dirs dirs;
	struct memfuse_ios ios;
	struct memfuse_ios writes;
	struct memfuse_nodes nodes;
	struct memfuse_reopens reopens;
	fuse_ino_t last_alias;
};

/** memfuse_changed() - make the kernel drop its cached attributes of @ino. */
void memfuse_changed(void *ctx, uint64_t ino);

/* ---- mounting and unmounting (mount.c) ------------------------------------------------------- */

/**
 * memfuse_mount_check() - check that a tree can be mounted at @mountpoint
 *
 * Return: 0, with the absolute path in @ret_path, which the caller frees; or -errno after reporting
 * the error on stderr.
 */
int memfuse_mount_check(const char *mountpoint, struct base_buf *why, char **ret_path);
/**
 * memfuse_mount() - mount, and create the session
 *
 * Return: 0, or -errno after reporting the error on stderr.
 */
int memfuse_mount(struct memfuse *fuse, const struct fuse_lowlevel_ops *ops, const char *path,
		  const char *options, struct base_buf *why, struct fuse_session **ret_session);
/**
 * memfuse_unmount() - unmount if it is still mounted, and free the session
 *
 * libfuse leaves the mount in place when its connection was aborted (as umount -f of a busy one
 * does); it is useless then and removed here, as far as permissions allow.
 */
void memfuse_unmount(struct fuse_session *session, const char *path);

/* ---- notifications for the kernel's caches (tell.c) ------------------------------------------ */

/* How long an answer waits for the kernel to process one notification. */
#define MEMFUSE_PATIENCE_NS 1000000000u

int memfuse_teller_new(struct fuse_session *session, struct base_clock *clock,
		       struct memfuse_teller **ret_teller);
/** memfuse_teller_free() - free a teller; one that is busy may wait for unanswered requests. */
void memfuse_teller_free(struct memfuse_teller *teller);
/** memfuse_teller_busy() - whether an answer has to wait; false for NULL. */
bool memfuse_teller_busy(struct memfuse_teller *teller);
/**
 * memfuse_teller_stuck() - whether one notification has been pending in the kernel for too long
 *
 * The answers that wait for it have been sent by then.
 */
bool memfuse_teller_stuck(struct memfuse_teller *teller);
/** memfuse_tell_name() - report that the name is gone; 0 or -ENOMEM, like the others. */
int memfuse_tell_name(struct memfuse_teller *teller, fuse_ino_t dir, const char *name);
/** memfuse_tell_text() - report that the file is gone, with its cached text. */
int memfuse_tell_text(struct memfuse_teller *teller, fuse_ino_t node);
/**
 * memfuse_answer_read() - answer after all earlier notifications, unless they take too long
 * @data: is copied
 *
 * Return: 0 or -ENOMEM.
 */
int memfuse_answer_read(struct memfuse *fuse, fuse_req_t req, const char *data, size_t len);
int memfuse_answer_write(struct memfuse *fuse, fuse_req_t req, size_t len);

/* ---- node ids (nodeid.c) --------------------------------------------------------------------- */

/* The tree's inode numbers are shown by stat(2); node ids are used in the kernel's requests. */

void memfuse_nodes_init(struct memfuse *fuse);
void memfuse_nodes_fini(struct memfuse *fuse);
uint64_t memfuse_node_ino(const struct memfuse *fuse, fuse_ino_t id);
/** memfuse_node_take() - get the node id for the answer to a lookup of @ino by @pid. */
fuse_ino_t memfuse_node_take(struct memfuse *fuse, uint64_t ino, pid_t pid);
void memfuse_node_forget(struct memfuse *fuse, fuse_ino_t id, uint64_t nr);
/**
 * memfuse_node_open() - count an open file of node @id
 * @writes: it is opened for writing
 *
 * Return: 0, and memfuse_node_close() is to be called in the end; -ESTALE if the kernel has to look
 * up the path again, as the file may not share this node; -ENOMEM.
 */
int memfuse_node_open(struct memfuse *fuse, fuse_ino_t id, pid_t pid, bool writes);
void memfuse_node_close(struct memfuse *fuse, fuse_ino_t id, bool writes);

/* ---- handlers of the kernel's requests ------------------------------------------------------- */

void memfuse_op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void memfuse_op_forget(fuse_req_t req, fuse_ino_t node, uint64_t nr);
void memfuse_op_forget_multi(fuse_req_t req, size_t nr, struct fuse_forget_data *forgets);
void memfuse_op_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi);
void memfuse_op_setattr(fuse_req_t req, fuse_ino_t node, struct stat *st, int to_set,
			struct fuse_file_info *fi);
void memfuse_op_readlink(fuse_req_t req, fuse_ino_t node);
void memfuse_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void memfuse_op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);

void memfuse_op_opendir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi);
void memfuse_op_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t off,
			struct fuse_file_info *fi);
void memfuse_op_releasedir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi);
void memfuse_op_fsyncdir(fuse_req_t req, fuse_ino_t node, int datasync, struct fuse_file_info *fi);
void memfuse_dir_close(struct memfuse_dir *dir);

void memfuse_op_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi);
void memfuse_op_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi);
void memfuse_op_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t off,
		     struct fuse_file_info *fi);
void memfuse_op_write(fuse_req_t req, fuse_ino_t node, const char *data, size_t size, off_t off,
		      struct fuse_file_info *fi);
void memfuse_op_lseek(fuse_req_t req, fuse_ino_t node, off_t off, int whence,
		      struct fuse_file_info *fi);
static inline struct memfuse_file *memfuse_file_of(const struct fuse_file_info *fi)
{
	return (struct memfuse_file *)(uintptr_t)fi->fh;
}
void memfuse_file_close(struct memfuse *fuse, struct memfuse_file *file);
/**
 * memfuse_io_new() - a request to the tree about @node, by the process that sent @req
 *
 * Return: NULL when out of memory; @req has been answered then.
 */
struct memfuse_io *memfuse_io_new(fuse_req_t req, enum tree_op op, fuse_ino_t node,
				  void (*done)(struct tree_req *, ssize_t));
void memfuse_io_submit(struct memfuse_io *io);
/** memfuse_io_free() - free a request that has been answered. */
void memfuse_io_free(struct memfuse_io *io);
/** memfuse_reply_error() - answer with @result: -errno, or 0 for success without further data. */
void memfuse_reply_error(fuse_req_t req, ssize_t result);
/** memfuse_io_abandon() - answer on behalf of the tree, which may finish it later or never. */
void memfuse_io_abandon(struct memfuse_io *io);

void memfuse_op_poll(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi,
		     struct fuse_pollhandle *handle);
/** memfuse_poll_would_wait() - whether a read of @file at @off would have to wait now. */
bool memfuse_poll_would_wait(struct memfuse_file *file, off_t off);
void memfuse_poll_drop(struct memfuse_file *file);

void memfuse_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		       struct fuse_file_info *fi);
void memfuse_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t dev);
void memfuse_op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void memfuse_op_symlink(fuse_req_t req, const char *text, fuse_ino_t parent, const char *name);
void memfuse_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
		       const char *new_name, unsigned int flags);
void memfuse_op_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t new_parent, const char *new_name);
void memfuse_op_getxattr(fuse_req_t req, fuse_ino_t node, const char *name, size_t size);
void memfuse_op_listxattr(fuse_req_t req, fuse_ino_t node, size_t size);
void memfuse_op_ioctl(fuse_req_t req, fuse_ino_t node, unsigned int cmd, void *arg,
		      struct fuse_file_info *fi, unsigned int flags, const void *in, size_t in_size,
		      size_t out_size);
void memfuse_op_statfs(fuse_req_t req, fuse_ino_t node);

#endif
