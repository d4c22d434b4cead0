/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations that sysfs does not support, each with its own error. Those that are missing even here
 * (fsync, flush, setxattr, fallocate, O_TMPFILE and so on) get ENOSYS from libfuse, which the
 * kernel remembers and turns into sysfs's answer without asking again.
 */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "fuse_private.h"

#define MEMFUSE_BLOCK_BYTES 4096
#define MEMFUSE_NAME_MAX 255

void memfuse_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		       struct fuse_file_info *fi)
{
	fuse_reply_err(req, EACCES);
}

void memfuse_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t dev)
{
	fuse_reply_err(req, S_ISREG(mode) ? EACCES : EPERM);
}

void memfuse_op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	fuse_reply_err(req, EPERM);
}

void memfuse_op_symlink(fuse_req_t req, const char *text, fuse_ino_t parent, const char *name)
{
	fuse_reply_err(req, EPERM);
}

void memfuse_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
		       const char *new_name, unsigned int flags)
{
	fuse_reply_err(req, EPERM);
}

void memfuse_op_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t new_parent, const char *new_name)
{
	fuse_reply_err(req, EPERM);
}

void memfuse_op_getxattr(fuse_req_t req, fuse_ino_t node, const char *name, size_t size)
{
	fuse_reply_err(req, strncmp(name, "system.", 7) ? ENODATA : EOPNOTSUPP);
}

void memfuse_op_listxattr(fuse_req_t req, fuse_ino_t node, size_t size)
{
	if (size)
		fuse_reply_buf(req, NULL, 0);
	else
		fuse_reply_xattr(req, 0);
}

void memfuse_op_ioctl(fuse_req_t req, fuse_ino_t node, unsigned int cmd, void *arg,
		      struct fuse_file_info *fi, unsigned int flags, const void *in, size_t in_size,
		      size_t out_size)
{
	fuse_reply_err(req, ENOTTY);
}

void memfuse_op_statfs(fuse_req_t req, fuse_ino_t node)
{
	struct statvfs st = {
		.f_bsize = MEMFUSE_BLOCK_BYTES,
		.f_frsize = MEMFUSE_BLOCK_BYTES,
		.f_namemax = MEMFUSE_NAME_MAX,
	};

	fuse_reply_statfs(req, &st);
}
