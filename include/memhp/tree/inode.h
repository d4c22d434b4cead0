/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, inodes and directories. */
#ifndef MEMHP_TREE_INODE_H
#define MEMHP_TREE_INODE_H

#include "memhp/base/buf.h"
#include "memhp/tree/request.h"

struct tree_dir;

/**
 * tree_lookup() - look up the inode of @name in directory @dir
 * @ret_fixed: on -ENOENT: whether the name can never come to exist
 *
 * A successful lookup holds a reference to the inode until tree_forget().
 *
 * Return: 0, -ENOENT or -ENOTDIR.
 */
int tree_lookup(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr,
		bool *ret_fixed);
/** tree_forget() - drop @nr references taken by lookups; this may free the inode. */
void tree_forget(struct tree *tree, uint64_t ino, uint64_t nr);

/** tree_getattr() - get attributes, also those of a removed inode that is still referenced. */
int tree_getattr(struct tree *tree, uint64_t ino, struct tree_attr *ret_attr);
/** tree_readlink() - the target of a link; -EINVAL when @ino is no link. */
int tree_readlink(struct tree *tree, uint64_t ino, struct base_buf *buf);

/** tree_req_held() - whether a race gate holds @req. */
bool tree_req_held(const struct tree_req *req);

/**
 * typedef tree_dirent_fn - takes one entry
 * @next: the position of the following entry (d_off)
 *
 * Return: false when the entry did not fit; it is not consumed then.
 */
typedef bool tree_dirent_fn(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next);

/**
 * tree_opendir() - open a directory
 * @uid: the user in whose share of open files it counts
 *
 * Return: 0, -ENOENT, -ENOTDIR or -ENFILE.
 */
int tree_opendir(struct tree *tree, uint64_t ino, uid_t uid, struct tree_dir **ret_dir);
void tree_closedir(struct tree_dir *dir);
/**
 * tree_readdir() - list entries from position @off: "." and "..", then in kernfs's order
 *
 * Return: 0; -ENOENT when the directory was removed meanwhile.
 */
int tree_readdir(struct tree_dir *dir, off_t off, tree_dirent_fn *fn, void *ctx);

#endif
