/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least that libfuse's low-level interface can do, to compare memhpfs with: a file `state` that
 * says "online", read past the page cache. It is there twice: at the top, with names and attributes
 * that the kernel may keep for ever, and as memory/block/state, which takes the same requests as a
 * file of a memory block: memory/'s attributes and block/'s name are asked for each time.
 *
 * Returns to its caller once it is mounted.
 */
#define FUSE_USE_VERSION 310
#include <fuse_lowlevel.h>

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOR_EVER_S (365.0 * 86400)

enum { ROOT = FUSE_ROOT_ID, STATE, MEMORY, BLOCK, BLOCK_STATE, NR_INODES };

static const struct {
	fuse_ino_t parent;
	const char *name;
	mode_t mode;
	double entry_timeout;
	double attr_timeout;
} inodes[NR_INODES] = {
	[ROOT] = { 0, "", S_IFDIR | 0755, FOR_EVER_S, FOR_EVER_S },
	[STATE] = { ROOT, "state", S_IFREG | 0444, FOR_EVER_S, FOR_EVER_S },
	[MEMORY] = { ROOT, "memory", S_IFDIR | 0755, FOR_EVER_S, 0 },
	[BLOCK] = { MEMORY, "block", S_IFDIR | 0755, 0, FOR_EVER_S },
	[BLOCK_STATE] = { BLOCK, "state", S_IFREG | 0444, FOR_EVER_S, FOR_EVER_S },
};

static const char text[] = "online\n";

static struct stat stat_of(fuse_ino_t ino)
{
	return (struct stat){
		.st_ino = ino, .st_mode = inodes[ino].mode, .st_nlink = 1, .st_size = 4096
	};
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	for (fuse_ino_t ino = ROOT + 1; ino < NR_INODES; ino++) {
		struct fuse_entry_param entry = {
			.ino = ino,
			.attr_timeout = inodes[ino].attr_timeout,
			.entry_timeout = inodes[ino].entry_timeout,
			.attr = stat_of(ino),
		};

		if (inodes[ino].parent == parent && !strcmp(inodes[ino].name, name)) {
			fuse_reply_entry(req, &entry);
			return;
		}
	}
	fuse_reply_err(req, ENOENT);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st = stat_of(ino);

	fuse_reply_attr(req, &st, inodes[ino].attr_timeout);
}

static void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	fi->direct_io = 1;
	fi->noflush = 1;
	fuse_reply_open(req, fi);
}

static void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	size_t len = (size_t)off < strlen(text) ? strlen(text) - (size_t)off : 0;

	fuse_reply_buf(req, text + strlen(text) - len, len < size ? len : size);
}

static void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	fuse_reply_err(req, 0);
}

static const struct fuse_lowlevel_ops ops = {
	.lookup = op_lookup,
	.getattr = op_getattr,
	.open = op_open,
	.read = op_read,
	.release = op_release,
};

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session;
	int ret = EXIT_FAILURE;

	if (argc != 2)
		errx(EXIT_FAILURE, "usage: %s MOUNTPOINT", argv[0]);
	if (fuse_opt_add_arg(&args, "minimal_fuse") || fuse_opt_add_arg(&args, "-o") ||
	    fuse_opt_add_arg(&args, "default_permissions"))
		errx(EXIT_FAILURE, "out of memory");
	session = fuse_session_new(&args, &ops, sizeof(ops), NULL);
	if (!session)
		goto out_args;
	if (fuse_set_signal_handlers(session) || fuse_session_mount(session, argv[1]))
		goto out_session;
	if (!fuse_daemonize(0) && !fuse_session_loop(session))
		ret = EXIT_SUCCESS;
	fuse_session_unmount(session);
out_session:
	fuse_remove_signal_handlers(session);
	fuse_session_destroy(session);
out_args:
	fuse_opt_free_args(&args);
	return ret;
}
