/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounting: errors that can be detected before asking the kernel are reported with a line that
 * names the mount point; libfuse reports the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuse_private.h"

#define MEMFUSE_FSTYPE "fuse." MEMFUSE_SUBTYPE

/* as in sysfs, the mode determines the permissions, for root and all others alike */
#define MEMFUSE_OPTIONS "default_permissions,fsname=" MEMFUSE_SUBTYPE ",subtype=" MEMFUSE_SUBTYPE

static bool memfuse_mounted_at(const char *path)
{
	FILE *table = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;
	bool found = false;

	if (!table)
		return false;
	while ((mount = getmntent(table))) {
		if (!strcmp(mount->mnt_dir, path))
			found = !strcmp(mount->mnt_type, MEMFUSE_FSTYPE);
	}
	endmntent(table);
	return found;
}

/* Uses statvfs(3), since the kernel may still have the root's attributes cached. */
static bool memfuse_dead_at(const char *path)
{
	struct statvfs st;

	return memfuse_mounted_at(path) && statvfs(path, &st) &&
	       (errno == ENOTCONN || errno == ECONNABORTED);
}

/* Does not wait for programs that still have it open: they only get ENOTCONN. */
static void memfuse_take_away(const char *path)
{
	const char *argv[] = { "fusermount3", "-u", "-z", "-q", "--", path, NULL };
	pid_t pid;

	if (!umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
		return;
	if (!posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ))
		waitpid(pid, NULL, 0);
}

/* Replaces the dead mount of a killed daemon, which is of no use to anyone. */
static int memfuse_mount_refuse(const char *mountpoint, const char *path, struct base_buf *why)
{
	struct stat st;

	if (path && memfuse_dead_at(path)) {
		memfuse_take_away(path);
		if (memfuse_dead_at(path)) {
			base_buf_printf(why,
					"%s: the mount of a memhpfs that no longer runs cannot be "
					"unmounted",
					mountpoint);
			return -EBUSY;
		}
	}
	if (path && memfuse_mounted_at(path)) {
		base_buf_printf(why, "%s: a memhpfs is already mounted here", mountpoint);
		return -EBUSY;
	}
	if (!path || stat(path, &st)) {
		int err = -errno;

		base_buf_printf(why, "%s: %s", mountpoint, strerror(-err));
		return err;
	}
	if (!S_ISDIR(st.st_mode)) {
		base_buf_printf(why, "%s: not a directory", mountpoint);
		return -ENOTDIR;
	}
	return 0;
}

int memfuse_mount_check(const char *mountpoint, struct base_buf *why, char **ret_path)
{
	char *path = realpath(mountpoint, NULL);
	int err = memfuse_mount_refuse(mountpoint, path, why);

	if (err)
		free(path);
	else
		*ret_path = path;
	return err;
}

/* The remaining @args are libfuse's. */
static int memfuse_args(struct memfuse *fuse, struct fuse_args *args, const char *options)
{
	static const struct fuse_opt own[] = {
		{ "cache", offsetof(struct memfuse, cache), 1 },
		FUSE_OPT_END,
	};

	if (fuse_opt_add_arg(args, MEMFUSE_SUBTYPE) || fuse_opt_add_arg(args, "-o") ||
	    fuse_opt_add_arg(args, MEMFUSE_OPTIONS))
		return -ENOMEM;
	if (!geteuid() && (fuse_opt_add_arg(args, "-o") || fuse_opt_add_arg(args, "allow_other")))
		return -ENOMEM;
	if (*options && (fuse_opt_add_arg(args, "-o") || fuse_opt_add_arg(args, options)))
		return -ENOMEM;
	return fuse_opt_parse(args, fuse, own, NULL) ? -ENOMEM : 0;
}

int memfuse_mount(struct memfuse *fuse, const struct fuse_lowlevel_ops *ops, const char *path,
		  const char *options, struct base_buf *why, struct fuse_session **ret_session)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session;
	int fd, err;

	err = memfuse_args(fuse, &args, options);
	if (err)
		goto out_args;
	err = -EINVAL;
	session = fuse_session_new(&args, ops, sizeof(*ops), fuse);
	if (!session)
		goto out_args;
	err = -EIO;
	if (fuse_session_mount(session, path)) {
		base_buf_printf(why, "%s: cannot mount here", path);
		goto out_session;
	}
	fd = fuse_session_fd(session);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)) {
		err = -errno;
		base_buf_printf(why, "/dev/fuse: %s", strerror(-err));
		goto out_unmount;
	}
	if (fuse->cache) {
		err = memfuse_teller_new(session, fuse->clock, &fuse->teller);
		if (err)
			goto out_unmount;
	}
	fuse_opt_free_args(&args);
	*ret_session = session;
	return 0;

out_unmount:
	fuse_session_unmount(session);
out_session:
	fuse_session_destroy(session);
out_args:
	fuse_opt_free_args(&args);
	return err;
}

void memfuse_unmount(struct fuse_session *session, const char *path)
{
	fuse_session_unmount(session);
	fuse_session_destroy(session);
	if (memfuse_dead_at(path))
		memfuse_take_away(path);
}
