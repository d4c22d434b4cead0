/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One mount: requests come from /dev/fuse and are answered in the program's only thread; those that
 * take time are kept until the tree has finished them.
 *
 * libfuse's own loop is not used: it waits in read(2), where neither a timer nor
 * fuse_session_exit() reaches it.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuse_private.h"

#define MEMFUSE_DISPATCH_MAX 64
#define MEMFUSE_SPIN_NS 100000

/* A longer write(2) would arrive in pieces, each of them a separate store. */
#define MEMFUSE_WRITE_MAX_BYTES (128 * 1024)

static void memfuse_op_init(void *userdata, struct fuse_conn_info *conn)
{
	struct memfuse *fuse = userdata;

	conn->max_write = MEMFUSE_WRITE_MAX_BYTES;
	/*
	 * Releases are background requests: by default only twelve are outstanding, regardless of
	 * other requests, so files closed by a thousand clients would stay open here.
	 */
	conn->max_background = UINT16_MAX;
	/* kernfs sees an open, followed by a truncation */
	conn->want &= ~(unsigned int)(FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_WRITEBACK_CACHE);
	fuse->greeted = true;
}

static const struct fuse_lowlevel_ops memfuse_ops = {
	.init = memfuse_op_init,
	.lookup = memfuse_op_lookup,
	.forget = memfuse_op_forget,
	.forget_multi = memfuse_op_forget_multi,
	.getattr = memfuse_op_getattr,
	.setattr = memfuse_op_setattr,
	.readlink = memfuse_op_readlink,
	.mkdir = memfuse_op_mkdir,
	.rmdir = memfuse_op_rmdir,
	.opendir = memfuse_op_opendir,
	.readdir = memfuse_op_readdir,
	.releasedir = memfuse_op_releasedir,
	.fsyncdir = memfuse_op_fsyncdir,
	.open = memfuse_op_open,
	.release = memfuse_op_release,
	.read = memfuse_op_read,
	.write = memfuse_op_write,
	.lseek = memfuse_op_lseek,
	.poll = memfuse_op_poll,
	.create = memfuse_op_create,
	.mknod = memfuse_op_mknod,
	.unlink = memfuse_op_unlink,
	.symlink = memfuse_op_symlink,
	.rename = memfuse_op_rename,
	.link = memfuse_op_link,
	.getxattr = memfuse_op_getxattr,
	.listxattr = memfuse_op_listxattr,
	.ioctl = memfuse_op_ioctl,
	.statfs = memfuse_op_statfs,
};

/* Ends the session: without the notification, the kernel would keep using what is gone. */
static void memfuse_news_lost(struct memfuse *fuse)
{
	warnx("%s: out of memory", fuse->path);
	fuse_session_exit(fuse->session);
}

static void memfuse_name_gone(void *ctx, uint64_t dir, const char *name)
{
	struct memfuse *fuse = ctx;

	if (!fuse->closed && memfuse_tell_name(fuse->teller, dir, name))
		memfuse_news_lost(fuse);
}

static void memfuse_text_gone(void *ctx, uint64_t ino)
{
	struct memfuse *fuse = ctx;

	if (!fuse->closed && memfuse_tell_text(fuse->teller, ino))
		memfuse_news_lost(fuse);
}

static const struct tree_cache_listener memfuse_cache_listener = {
	.name_gone = memfuse_name_gone,
	.text_gone = memfuse_text_gone,
};

int memfuse_new(struct tree *tree, struct base_clock *clock, const char *mountpoint,
		const char *options, const struct memfuse_calls *calls, void *ctx,
		struct base_buf *why, struct memfuse **ret_fuse)
{
	struct memfuse *fuse;
	char *path;
	int err;

	err = memfuse_mount_check(mountpoint, why, &path);
	if (err)
		return err;
	fuse = malloc(sizeof(*fuse));
	if (!fuse) {
		err = -ENOMEM;
		base_buf_puts(why, "out of memory");
		goto out_path;
	}
	*fuse = (struct memfuse){
		.tree = tree,
		.clock = clock,
		.calls = calls,
		.ctx = ctx,
		.path = path,
		.may_spin = sysconf(_SC_NPROCESSORS_ONLN) > 1,
	};
	LIST_INIT(&fuse->files);
	LIST_INIT(&fuse->dirs);
	LIST_INIT(&fuse->ios);
	LIST_INIT(&fuse->writes);
	memfuse_nodes_init(fuse);
	err = memfuse_mount(fuse, &memfuse_ops, path, options, why, &fuse->session);
	if (err)
		goto out_free;
	tree_set_watcher(tree, memfuse_changed, fuse);
	if (fuse->cache)
		tree_set_cache_listener(tree, &memfuse_cache_listener, fuse);
	*ret_fuse = fuse;
	return 0;

out_free:
	free(fuse);
out_path:
	free(path);
	return err;
}

/* Searches from the head each time: finishing one may finish others that waited for it. */
static struct memfuse_io *memfuse_io_to_kill(struct memfuse *fuse)
{
	struct memfuse_io *io;

	LIST_FOREACH(io, &fuse->ios, link) {
		if (!io->killed)
			return io;
	}
	return NULL;
}

static bool memfuse_finish_ios(struct memfuse *fuse)
{
	struct memfuse_io *io;
	bool finished;

	while ((io = memfuse_io_to_kill(fuse))) {
		io->killed = true;
		tree_interrupt(&io->tree, true);
	}
	finished = LIST_EMPTY(&fuse->ios);
	while ((io = LIST_FIRST(&fuse->ios)))
		memfuse_io_abandon(io);
	return finished;
}

/* A task that holds a lock that the notifying thread needs may itself wait for an answer. */
static void memfuse_settle(struct memfuse *fuse)
{
	int got;

	while (!fuse->closed && memfuse_teller_busy(fuse->teller)) {
		got = fuse_session_receive_buf(fuse->session, &fuse->buf);
		if (got > 0)
			fuse_session_process_buf(fuse->session, &fuse->buf);
		else if (got != -EAGAIN && got != -EINTR)
			break;
	}
}

bool memfuse_free(struct memfuse *fuse)
{
	struct memfuse_file *file;
	bool finished;

	if (!fuse)
		return true;
	tree_set_watcher(fuse->tree, NULL, NULL);
	tree_set_cache_listener(fuse->tree, NULL, NULL);
	finished = memfuse_finish_ios(fuse);
	memfuse_settle(fuse);
	fuse->clock->stop(fuse->clock, &fuse->patience);
	if (memfuse_teller_stuck(fuse->teller)) {
		/* its thread is blocked in the kernel and uses the session */
		fuse_session_unmount(fuse->session);
		return false;
	}
	LIST_FOREACH(file, &fuse->files, link)
		memfuse_poll_drop(file);
	while (finished && !LIST_EMPTY(&fuse->files))
		memfuse_file_close(fuse, LIST_FIRST(&fuse->files));
	while (finished && !LIST_EMPTY(&fuse->dirs))
		memfuse_dir_close(LIST_FIRST(&fuse->dirs));
	memfuse_teller_free(fuse->teller);
	memfuse_unmount(fuse->session, fuse->path);
	free(fuse->path);
	free(fuse->buf.mem);
	if (finished)
		memfuse_nodes_fini(fuse);
	free(fuse);
	return finished;
}

int memfuse_fd(const struct memfuse *fuse)
{
	return fuse_session_fd(fuse->session);
}

/*
 * Whether to poll again at once although no request is pending. Waking up takes longer than most
 * requests, and a client that reads file by file sends the next one soon after an answer. After a
 * request that came late, spinning is suspended until one comes early again.
 */
static bool memfuse_spins(struct memfuse *fuse)
{
	uint64_t now = fuse->clock->now_ns(fuse->clock);

	if (!fuse->idle_since)
		fuse->idle_since = now;
	return fuse->eager && now - fuse->idle_since < MEMFUSE_SPIN_NS;
}

static void memfuse_busy(struct memfuse *fuse)
{
	if (!fuse->idle_since)
		return;
	fuse->eager = fuse->may_spin &&
		      fuse->clock->now_ns(fuse->clock) - fuse->idle_since < MEMFUSE_SPIN_NS;
	fuse->idle_since = 0;
}

void memfuse_dispatch(struct memfuse *fuse)
{
	int got = 0, handled = 0;

	while (handled < MEMFUSE_DISPATCH_MAX && !fuse->closed) {
		got = fuse_session_receive_buf(fuse->session, &fuse->buf);
		if (got == -EAGAIN || got == -EINTR) {
			if (!memfuse_spins(fuse))
				return;
			continue;
		}
		if (got <= 0)
			break;
		memfuse_busy(fuse);
		fuse_session_process_buf(fuse->session, &fuse->buf);
		handled++;
		if (fuse->greeted && !fuse->ready && !fuse_session_exited(fuse->session)) {
			fuse->ready = true;
			fuse->calls->ready(fuse->ctx);
		}
	}
	if (got <= 0 && !fuse->closed) {
		fuse->closed = true;
		fuse->calls->closed(fuse->ctx);
	}
}
