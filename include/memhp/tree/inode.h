/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, inodes and directories. */
#ifndef MEMHP_TREE_INODE_H
#define MEMHP_TREE_INODE_H

#include "memhp/base/buf.h"
#include "memhp/tree/request.h"

struct tree_dir;

/**
 * tree_lookup() - the inode that @name in directory @dir stands for
 * @ret_fixed: when the answer is -ENOENT: whether that can never change
 *
 * A successful lookup holds a reference to the inode until tree_forget().
 *
 * Return: 0, -ENOENT, -ENOTDIR.
 */
int tree_lookup(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr,
		bool *ret_fixed);
/** tree_forget() - give back @nr references that lookups took; the inode may be gone after it. */
void tree_forget(struct tree *tree, uint64_t ino, uint64_t nr);

/** tree_getattr() - also answers for a removed inode that is still referenced. */
int tree_getattr(struct tree *tree, uint64_t ino, struct tree_attr *ret_attr);
/** tree_readlink() - the text of a link; -EINVAL when it is none. */
int tree_readlink(struct tree *tree, uint64_t ino, struct base_buf *buf);

/** tree_req_held() - whether a race gate holds @req. */
bool tree_req_held(const struct tree_req *req);

/**
 * typedef tree_dirent_fn - takes one entry
 * @next: the position behind this entry (d_off)
 *
 * Return: false when it had no room; the entry is not consumed then.
 */
typedef bool tree_dirent_fn(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next);

/** tree_opendir() - @uid: whose share it is in; 0, -ENOENT, -ENOTDIR, -ENFILE. */
int tree_opendir(struct tree *tree, uint64_t ino, uid_t uid, struct tree_dir **ret_dir);
void tree_closedir(struct tree_dir *dir);
/**
 * tree_readdir() - entries from position @off on, "." and ".." first, in kernfs's order
 *
 * Return: 0; -ENOENT when the directory was removed meanwhile.
 */
int tree_readdir(struct tree_dir *dir, off_t off, tree_dirent_fn *fn, void *ctx);

#endif
