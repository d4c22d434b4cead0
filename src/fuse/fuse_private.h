/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this layer share. They are the only ones that know libfuse.
 */
#ifndef MEMHP_FUSE_PRIVATE_H
#define MEMHP_FUSE_PRIVATE_H

#define FUSE_USE_VERSION 312

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>
#include <fuse_lowlevel.h>

#include "memhp/fuse.h"
#include "memhp/tree.h"
#include "interrupt.h"

/* f_type of the mount in the mount table, behind "fuse." */
#define MEMFUSE_SUBTYPE "memhpfs"

/**
 * struct memfuse_file - an open file; what fi->fh stands for
 * @cached: read through the page cache; @keeps: as -o cache has it
 */
struct memfuse_file {
	struct tree_file *file;
	struct fuse_pollhandle *poll;
	bool cached;
	bool keeps;
	LIST_ENTRY(memfuse_file) link;
};

/** struct memfuse_dir - an open directory; what fi->fh stands for. */
struct memfuse_dir {
	struct tree_dir *dir;
	LIST_ENTRY(memfuse_dir) link;
};

/**
 * struct memfuse_io - a request that the tree has not finished
 * @written_ino: what is written to; 0: nothing. Writes are also in a list of their own: each lookup
 *		 looks for one, and anybody can have many reads wait
 * @killed: told that nobody waits any more
 * @at_once: its answer does not wait for news of others
 */
struct memfuse_io {
	fuse_req_t req;
	uint64_t written_ino;
	struct memfuse_interrupt interrupt;
	bool killed;
	bool at_once;
	LIST_ENTRY(memfuse_io) link;
	LIST_ENTRY(memfuse_io) write_link;
	struct tree_req tree;
};

/**
 * struct memfuse_alias - another node id of an inode
 * @nr: lookups that the kernel has of it
 */
struct memfuse_alias {
	fuse_ino_t node;
	uint64_t ino;
	uint64_t nr;
	RB_ENTRY(memfuse_alias) link;
};
RB_HEAD(memfuse_aliases, memfuse_alias);

struct memfuse_teller;

LIST_HEAD(memfuse_files, memfuse_file);
LIST_HEAD(memfuse_dirs, memfuse_dir);
LIST_HEAD(memfuse_ios, memfuse_io);

/**
 * struct memfuse - one mount
 * @path: the mount point
 * @cache: the kernel may keep what does not change until it is gone, as @teller tells it
 * @patience: when answers that wait for that are looked after
 * @greeted: FUSE_INIT came
 * @may_spin: there is another CPU for the client; @eager: the last request came soon after the one
 *	      before it was answered, @idle_since (0: there is one just now)
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
	struct memfuse_aliases aliases;
	fuse_ino_t last_alias;
};

/** memfuse_changed() - the kernel forgets the attributes that it has of @ino. */
void memfuse_changed(void *ctx, uint64_t ino);

/* ---- mount.c --------------------------------------------------------------------------------- */

/**
 * memfuse_mount_check() - see that a tree can be mounted at @mountpoint
 *
 * Return: 0 and the absolute path, to be freed; -errno, said on stderr.
 */
int memfuse_mount_check(const char *mountpoint, char **ret_path);
/** memfuse_mount() - 0 and a mounted session; -errno, said on stderr. */
int memfuse_mount(struct memfuse *fuse, const struct fuse_lowlevel_ops *ops, const char *path,
		  const char *options, struct fuse_session **ret_session);
/**
 * memfuse_unmount() - unmount if it is still mounted, and free the session
 *
 * libfuse leaves a mount alone when its connection was cut (umount -f of a busy one does that);
 * it is of no use to anybody then, so take it away, as far as we may.
 */
void memfuse_unmount(struct fuse_session *session, const char *path);

/* ---- news for the kernel's caches (tell.c) --------------------------------------------------- */

/* How long an answer waits for the kernel to take one of the news. */
#define MEMFUSE_PATIENCE_NS 1000000000u

int memfuse_teller_new(struct fuse_session *session, struct base_clock *clock,
		       struct memfuse_teller **ret_teller);
/** memfuse_teller_free() - when it is not busy; else it may wait for what nobody answers. */
void memfuse_teller_free(struct memfuse_teller *teller);
/** memfuse_teller_busy() - whether an answer has to wait; NULL never is. */
bool memfuse_teller_busy(struct memfuse_teller *teller);
/**
 * memfuse_teller_stuck() - whether the kernel has not taken one of the news for too long
 *
 * The answers that wait behind it have been given then.
 */
bool memfuse_teller_stuck(struct memfuse_teller *teller);
/** memfuse_tell_name() - the name is gone; 0 or -ENOMEM, as the others. */
int memfuse_tell_name(struct memfuse_teller *teller, fuse_ino_t dir, const char *name);
/** memfuse_tell_text() - the file is gone, and what was read of it. */
int memfuse_tell_text(struct memfuse_teller *teller, fuse_ino_t node);
/** memfuse_answer_read() - behind the news before, if that lasts not too long; @data is copied. */
int memfuse_answer_read(struct memfuse *fuse, fuse_req_t req, const char *data, size_t len);
int memfuse_answer_write(struct memfuse *fuse, fuse_req_t req, size_t len);

/* ---- node ids (alias.c) ---------------------------------------------------------------------- */

/* The tree's inode numbers are what stat(2) shows; node ids are what the kernel asks by. */

uint64_t memfuse_node_ino(const struct memfuse *fuse, fuse_ino_t node);
/** memfuse_node_take() - the node id that a lookup of @ino answers with. */
fuse_ino_t memfuse_node_take(struct memfuse *fuse, uint64_t ino);
void memfuse_node_forget(struct memfuse *fuse, fuse_ino_t node, uint64_t nr);
void memfuse_aliases_fini(struct memfuse *fuse);

/* ---- the answers to the kernel's requests ---------------------------------------------------- */

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
void memfuse_file_close(struct memfuse_file *file);
/**
 * memfuse_io_new() - a request to the tree, by the process that @req is from, about @node
 *
 * Return: NULL when out of memory; @req is answered then.
 */
struct memfuse_io *memfuse_io_new(fuse_req_t req, enum tree_op op, fuse_ino_t node,
				  void (*done)(struct tree_req *, ssize_t));
void memfuse_io_submit(struct memfuse_io *io);
/** memfuse_io_free() - once it is answered. */
void memfuse_io_free(struct memfuse_io *io);
/** memfuse_reply_error() - @result: -errno, or 0: success without further data. */
void memfuse_reply_error(fuse_req_t req, ssize_t result);
/** memfuse_io_abandon() - answer for the tree, which may finish it later or never. */
void memfuse_io_abandon(struct memfuse_io *io);

void memfuse_op_poll(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi,
		     struct fuse_pollhandle *handle);
/** memfuse_poll_would_wait() - whether a read of @file finds nothing now. */
bool memfuse_poll_would_wait(struct memfuse_file *file);
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
