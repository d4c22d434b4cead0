// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The view: namespaces in which the machine's files are where programs look for them. The rest of
 * the real /sys can be read there, but not written.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <mntent.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memhp/cli/needs.h"
#include "run.h"

#define MEMHPFS_TYPE "fuse.memhpfs"

/* Files of the machine that cover the real ones, if the machine has them. */
static const char *const covered[] = {
	"/sys/devices/system/memory",
	"/sys/devices/system/node",
	"/sys/bus/memory",
	"/sys/bus/node",
	"/sys/module/memory_hotplug",
	"/sys/module/virtio_mem",
	"/sys/kernel/uevent_helper",
	"/sys/kernel/uevent_seqnum",
	"/sys/kernel/dlpar",
	"/sys/kernel/debug",
	"/sys/firmware/memmap",
	"/sys/firmware/memory",
	"/sys/firmware/acpi",
	"/sys/bus/acpi",
	"/sys/devices/LNXSYSTM:00",
	"/sys/bus/container",
	"/sys/devices/system/container",
};

/*
 * Empty in the view: descriptions of the real memory, which some programs prefer, and udev's
 * database of the real devices.
 */
static const char *const emptied[] = { "/sys/firmware", "/run/udev" };

/* ---- namespaces ------------------------------------------------------------------------------ */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!good)
		warn("%s", path);
	if (fd >= 0)
		close(fd);
	return good;
}

/* Maps the caller's ids to root. */
static bool map_ids(uid_t uid, gid_t gid)
{
	char users[32], groups[32];

	snprintf(users, sizeof(users), "0 %u 1", uid);
	snprintf(groups, sizeof(groups), "0 %u 1", gid);
	return write_file("/proc/self/setgroups", "deny") &&
	       write_file("/proc/self/uid_map", users) && write_file("/proc/self/gid_map", groups);
}

static bool loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good = sock < 0 || !ioctl(sock, SIOCSIFFLAGS, &lo);

	if (!good)
		warn("lo");
	if (sock >= 0)
		close(sock);
	return good;
}

bool run_enter_namespaces(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	/* Root in a container may lack the capabilities. */
	if (uid || unshare(CLONE_NEWNS | CLONE_NEWNET)) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET)) {
			needs_namespaces("namespaces cannot be created here", errno);
			return false;
		}
		if (!map_ids(uid, gid))
			return false;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		needs_namespaces("nothing can be mounted in a namespace here", errno);
		return false;
	}
	return loopback_up();
}

/* ---- mounts ---------------------------------------------------------------------------------- */

bool run_is_memhpfs(const char *dir)
{
	struct mntent *entry;
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	bool found = false;

	/* The last mount hides earlier ones. */
	while (mounts && (entry = getmntent(mounts))) {
		if (!strcmp(entry->mnt_dir, dir))
			found = !strcmp(entry->mnt_type, MEMHPFS_TYPE);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

/* Mounts a new file system on @dir, to which names can be added. */
static bool tmpfs(struct run *run, const char *dir)
{
	struct stat st;

	if (run->nr_own < RUN_MAX_OWN &&
	    !mount("tmpfs", dir, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") && !stat(dir, &st)) {
		run->own[run->nr_own].dev = st.st_dev;
		snprintf(run->own[run->nr_own++].path, PATH_MAX, "%s", dir);
		return true;
	}
	warn("tmpfs on %s", dir);
	return false;
}

static bool is_own(const struct run *run, const char *dir)
{
	struct stat st;

	if (stat(dir, &st))
		return false;
	for (unsigned int i = 0; i < run->nr_own; i++) {
		if (run->own[i].dev == st.st_dev)
			return true;
	}
	return false;
}

static bool bind_mount(const char *from, const char *to)
{
	if (!mount(from, to, NULL, MS_BIND | MS_REC, NULL))
		return true;
	warn("%s on %s", from, to);
	return false;
}

bool run_prepare_base(struct run *run)
{
	if (!tmpfs(run, run->base))
		return false;
	if (run->is_private && mkdir(run->root, 0755)) {
		warn("%s", run->root);
		return false;
	}
	return true;
}

/* ---- mount points that the real machine lacks ------------------------------------------------ */

static bool make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);

	if (fd < 0) {
		warn("%s", path);
		return false;
	}
	close(fd);
	return true;
}

/* Recreates an entry of @dir in @copy, its replacement; returns false if that is not possible. */
static bool compose_entry(const char *dir, const char *copy, const char *name)
{
	char from[PATH_MAX], to[PATH_MAX], target[PATH_MAX];
	struct stat st;
	ssize_t len;

	if (snprintf(from, sizeof(from), "%s/%s", dir, name) >= (int)sizeof(from) ||
	    snprintf(to, sizeof(to), "%s/%s", copy, name) >= (int)sizeof(to))
		return false;
	if (lstat(from, &st))
		return true; /* gone meanwhile */
	if (S_ISLNK(st.st_mode)) {
		len = readlink(from, target, sizeof(target) - 1);
		if (len < 0)
			return true;
		target[len] = '\0';
		return !symlink(target, to);
	}
	if (S_ISDIR(st.st_mode) ? mkdir(to, 0755) != 0 : !make_file(to))
		return false;
	return bind_mount(from, to);
}

/* Replaces @dir by a directory with the same entries to which more can be added. */
static bool compose(struct run *run, const char *dir)
{
	char copy[PATH_MAX];
	struct dirent *entry;
	DIR *d = opendir(dir);
	bool good;

	snprintf(copy, sizeof(copy), "%s/composed", run->base);
	good = d && (!mkdir(copy, 0755) || errno == EEXIST) && tmpfs(run, copy);
	while (good && (entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			good = compose_entry(dir, copy, entry->d_name);
	}
	if (d)
		closedir(d);
	if (!good || mount(copy, dir, NULL, MS_MOVE, NULL)) {
		warn("cannot compose %s", dir);
		return false;
	}
	snprintf(run->own[run->nr_own - 1].path, PATH_MAX, "%s", dir);
	return true;
}

/* Makes sure that @path exists, as a mount point. */
static bool make_place(struct run *run, const char *path, bool is_dir)
{
	char dir[PATH_MAX];
	struct stat st;

	if (!stat(path, &st))
		return true;
	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (!*dir) {
		warn("%s", path);
		return false;
	}
	/* Do not change the real system. */
	if (!make_place(run, dir, true) || (!is_own(run, dir) && !compose(run, dir)))
		return false;
	if (!is_dir)
		return make_file(path);
	if (!mkdir(path, 0755))
		return true;
	warn("%s", path);
	return false;
}

/* ---- the view -------------------------------------------------------------------------------- */

static bool cover(struct run *run, const char *path)
{
	char from[PATH_MAX + 64];
	struct stat st;

	snprintf(from, sizeof(from), "%s%s", run->root, path);
	if (stat(from, &st))
		return true;
	return make_place(run, path, S_ISDIR(st.st_mode)) && bind_mount(from, path);
}

static bool cover_proc(struct run *run)
{
	char dir[PATH_MAX + 8], path[PATH_MAX];
	struct dirent *entry;
	bool good = true;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/proc", run->root);
	d = opendir(dir);
	while (good && d && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/%s", entry->d_name);
		/* Files that the real kernel lacks need not be hidden. */
		if (entry->d_type == DT_REG && !access(path, F_OK))
			good = cover(run, path);
	}
	if (d)
		closedir(d);
	return good;
}

static bool make_read_only(const char *dir, unsigned int flags)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };

	if (!mount_setattr(AT_FDCWD, dir, flags, &read_only, sizeof(read_only)))
		return true;
	warn("cannot make %s read-only", dir);
	return false;
}

/* Like a sysfs, the replacements do not allow new names. */
static bool protect_own(const struct run *run)
{
	for (unsigned int i = 0; i < run->nr_own; i++) {
		if (!strncmp(run->own[i].path, "/sys/", 5) && !make_read_only(run->own[i].path, 0))
			return false;
	}
	return true;
}

/* No program may load a real module on behalf of the emulated machine. */
static bool hide_modprobe(void)
{
	char path[PATH_MAX];

	return !realpath("/sbin/modprobe", path) || bind_mount("/bin/true", path);
}

bool run_bind_view(struct run *run)
{
	/* The real /sys and all mounts in it become read-only. */
	if (!make_read_only("/sys", AT_RECURSIVE) || !hide_modprobe())
		return false;
	for (size_t i = 0; i < sizeof(emptied) / sizeof(*emptied); i++) {
		if (!make_place(run, emptied[i], true) || !tmpfs(run, emptied[i]))
			return false;
	}
	for (size_t i = 0; i < sizeof(covered) / sizeof(*covered); i++) {
		if (!cover(run, covered[i]))
			return false;
	}
	return cover_proc(run) && protect_own(run);
}
