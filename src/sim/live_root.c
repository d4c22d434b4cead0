// SPDX-License-Identifier: GPL-2.0-or-later
/* Files below the root directory of a mount or of a machine. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "live_private.h"

#define FUSE_MAGIC 0x65735546
#define RACES 1000

int live_open(const struct sim_live *live, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT,
	};
	int tries = RACES;
	long fd;

	/* As in a walk over a tree, the path is relative and may be empty. */
	path += strspn(path, "/");
	if (!*path)
		path = ".";
	/* With "..", it fails if something was mounted or renamed meanwhile, anywhere. */
	do
		fd = syscall(SYS_openat2, live->root, path, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN && --tries);
	/* before Linux 5.6, or hidden by a container */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(live->root, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

int live_list(const struct sim_live *live, const char *path, const char *prefix,
	      struct base_buf *buf)
{
	struct sim_names names = { .prefix = prefix };
	int fd = live_open(live, path, O_RDONLY | O_DIRECTORY);
	const struct dirent *entry;
	DIR *dir;
	int ret;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		ret = -errno;
		close(fd);
		return ret;
	}
	errno = 0;
	while ((entry = readdir(dir)) && sim_names_add(&names, entry->d_name))
		errno = 0;
	ret = entry ? 0 : -errno;
	closedir(dir);
	return sim_names_end(&names, ret, buf);
}

/* ---- what a root is -------------------------------------------------------------------------- */

/* The magic number of the file system of a path; 0: there is no such file */
static unsigned long magic(const struct sim_live *live, const char *path)
{
	struct statfs fs;
	int fd = live_open(live, path, O_PATH);
	unsigned long found = 0;

	if (fd < 0)
		return 0;
	if (!fstatfs(fd, &fs))
		found = (unsigned long)fs.f_type;
	close(fd);
	return found;
}

static int complain(struct base_buf *why, const char *root, const char *what)
{
	base_buf_printf(why,
			"%s: %s; ROOT must be a mount of memhpfs (which has machine/), or the root "
			"directory of a machine (with its own sys/ and proc/)",
			root, what);
	return -EINVAL;
}

int sim_live_root(const char *root, enum sim_root *ret_kind, struct base_buf *why)
{
	struct sim_live live = { .root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	unsigned long memory, spec, proc;

	if (live.root < 0) {
		base_buf_printf(why, "%s: %s", root, strerror(errno));
		return -EINVAL;
	}
	memory = magic(&live, LIVE_MEMORY);
	spec = magic(&live, "machine/spec");
	proc = magic(&live, "proc/version");
	close(live.root);
	if (!memory)
		return complain(why, root, "there is no " LIVE_MEMORY);
	if (memory == FUSE_MAGIC && spec == FUSE_MAGIC)
		*ret_kind = SIM_ROOT_MOUNT;
	else if (memory == SYSFS_MAGIC && proc == PROC_SUPER_MAGIC)
		*ret_kind = SIM_ROOT_MACHINE;
	else if (memory == FUSE_MAGIC)
		return complain(why, root,
				LIVE_MEMORY " is on FUSE without a machine/ beside it, as in "
					    "memhpfs-run: name the mount itself");
	else
		return complain(why, root,
				"its files are neither those of memhpfs nor those of the kernel");
	return 0;
}
