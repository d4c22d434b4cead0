// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The view: the machine's files are where programs look for them. The rest of the real /sys can be
 * read there, but not written.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/mount.h>
#include <mntent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"
#include "run_read.h"

#define MEMHPFS_TYPE "fuse.memhpfs"

/*
 * Files of the machine that cover the real ones, if the machine has them. Whole directories where
 * nothing else in them belongs to the view.
 */
static const char *const covered[] = {
	"/sys/devices/system/memory",
	"/sys/devices/system/node",
	"/sys/devices/system/cpu",
	"/sys/bus/memory",
	"/sys/bus/node",
	"/sys/bus/dax",
	"/sys/module/memory_hotplug",
	"/sys/module/virtio_mem",
	"/sys/kernel",
	"/sys/firmware",
	"/sys/bus/acpi",
	"/sys/devices/LNXSYSTM:00",
	"/sys/bus/container",
	"/sys/devices/system/container",
	"/sys/devices/virtual/dmi",
	"/sys/class/dmi",
	"/sys/hypervisor",
	"/dev/kmsg",
};

#define NR_COVERED (sizeof(covered) / sizeof(*covered))

/*
 * Hidden: udev's database of the real devices, tiers of the real memory, its NVDIMMs and CXL
 * devices, its nodes in control groups of version 1, and the sockets of those who start programs
 * outside of the view, for whoever asks. A directory is empty, a file like /dev/null.
 */
static const struct {
	const char *pattern;
	enum { IF_THERE, IF_FILLED, MADE } when;
} hidden[] = {
	{ "/run/udev", MADE }, /* the view needs it */
	{ "/sys/bus/memory_tiering", IF_THERE },
	{ "/sys/devices/virtual/memory_tiering", IF_THERE },
	{ "/sys/bus/nd/devices", IF_FILLED },
	{ "/sys/class/nd", IF_FILLED },
	{ "/sys/bus/cxl/devices", IF_FILLED },
	{ "/sys/fs/cgroup/cpuset", IF_THERE },
	{ "/run/dbus", IF_THERE },
	{ "/run/systemd", IF_THERE },
	{ "/run/user/*/bus", IF_THERE },
	{ "/run/user/*/systemd", IF_THERE },
	{ "/run/containerd", IF_THERE },
	{ "/run/crio", IF_THERE },
	{ "/run/docker.sock", IF_THERE },
	{ "/run/libvirt", IF_THERE },
	{ "/run/podman", IF_THERE },
};

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

bool run_prepare_base(struct run *run)
{
	if (!run_tmpfs(run, run->base))
		return false;
	if (run->is_private && mkdir(run->root, 0755)) {
		warn("%s", run->root);
		return false;
	}
	return true;
}

/* The type of the machine's file of that name; 0: it has none, or an empty directory is enough. */
static mode_t cover_type(const struct run *run, const char *path)
{
	char from[PATH_MAX + 64];
	struct stat st;

	snprintf(from, sizeof(from), "%s%s", run->root, path);
	if (stat(from, &st))
		return 0;
	/* To add an empty directory, all of the one above would have to be composed. */
	if (S_ISDIR(st.st_mode) && access(path, F_OK) && run_is_empty(from))
		return 0;
	return st.st_mode & S_IFMT;
}

static bool cover(struct run *run, const char *path, mode_t type)
{
	char from[PATH_MAX + 64];

	snprintf(from, sizeof(from), "%s%s", run->root, path);
	return !type || run_bind(from, path);
}

bool run_cover(struct run *run, const char *path)
{
	mode_t type = cover_type(run, path);

	return (!type || run_make_place(run, path, type == S_IFDIR)) && cover(run, path, type);
}

bool run_read_only(const char *dir, unsigned int flags)
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
		if (!strncmp(run->own[i].path, "/sys/", 5) &&
		    strcmp(run->own[i].path, RUN_CHAR_DEVICES) &&
		    !run_read_only(run->own[i].path, 0))
			return false;
	}
	return true;
}

/* No program may load a real module on behalf of the emulated machine. */
static bool hide_modprobe(void)
{
	char path[PATH_MAX];

	return !realpath("/sbin/modprobe", path) || run_bind("/bin/true", path);
}

static bool hide_path(struct run *run, const char *path)
{
	char dir[PATH_MAX];
	struct stat st;

	if (lstat(path, &st))
		return true;
	/* In a composed directory, it is enough if nothing is bound there. */
	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (run_is_own(run, dir)) {
		(void)umount2(path, MNT_DETACH);
		return true;
	}
	return S_ISDIR(st.st_mode) ? run_tmpfs(run, path) : run_bind("/dev/null", path);
}

bool run_hide(struct run *run, const char *pattern)
{
	bool good = true;
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return true;
	for (size_t i = 0; good && i < found.gl_pathc; i++)
		good = hide_path(run, found.gl_pathv[i]);
	globfree(&found);
	return good;
}

/*
 * The nodes and processors that the caller's control group of version 2 allows: all of the machine.
 * Programs such as hwloc leave out all others.
 */
static bool cover_cpuset(struct run *run)
{
	static const char *const files[][2] = {
		{ "cpuset.mems.effective", "/sys/devices/system/node/has_memory" },
		{ "cpuset.cpus.effective", "/sys/devices/system/cpu/online" },
	};
	char text[PATH_MAX], path[PATH_MAX + 64], from[PATH_MAX + 64], *own;
	bool good = true;

	run_read_proc(getpid(), "cgroup", text, sizeof(text));
	own = strstr(text, "0::/");
	if (!own)
		return true;
	own[strcspn(own, "\n")] = '\0';
	for (size_t i = 0; good && i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", own + 3, files[i][0]);
		snprintf(from, sizeof(from), "%s%s", run->root, files[i][1]);
		good = access(path, F_OK) || run_bind(from, path);
	}
	return good;
}

/* A program that looks for debugfs asks the table of mounts. Only root can mount one. */
static bool cover_debugfs(struct run *run)
{
	(void)mount("debugfs", "/sys/kernel/debug", "debugfs", MS_RDONLY, NULL);
	return run_cover(run, "/sys/kernel/debug");
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (path[len] == '/' || !path[len]);
}

/* A mount that shows the real machine at an unusual place, such as in a chroot. */
struct other {
	char *dir;
	const char *ours;
};

static const char *const kinds[][2] = {
	{ "sysfs", "/sys" },
	{ "proc", "/proc" },
	{ "debugfs", "/sys/kernel/debug" },
};

/* What the view has in place of a mount; NULL: it is not another one. */
static const char *ours_for(const struct mntent *entry)
{
	if (is_below(entry->mnt_dir, "/sys") || is_below(entry->mnt_dir, "/proc"))
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(entry->mnt_type, kinds[i][0]))
			return kinds[i][1];
	}
	return NULL;
}

/* Finds these mounts before the view adds to the table; the caller frees them. */
static struct other *find_others(size_t *ret_nr)
{
	struct other *others = NULL, *more;
	struct mntent *entry;
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	size_t nr = 0;

	while (mounts && (entry = getmntent(mounts))) {
		const char *ours = ours_for(entry);

		more = ours ? reallocarray(others, nr + 1, sizeof(*others)) : NULL;
		if (!more)
			continue;
		others = more;
		others[nr++] = (struct other){ strdup(entry->mnt_dir), ours };
	}
	if (mounts)
		endmntent(mounts);
	*ret_nr = nr;
	return others;
}

/* Replaces these mounts by the view's, if that is @good, and frees them. */
static bool cover_others(struct run *run, struct other *others, size_t nr, bool good)
{
	struct stat st;

	for (size_t i = 0; i < nr; i++) {
		if (good && others[i].dir && !stat(others[i].dir, &st))
			good = S_ISDIR(st.st_mode) ? run_bind(others[i].ours, others[i].dir) :
						     hide_path(run, others[i].dir);
		free(others[i].dir);
	}
	free(others);
	return good;
}

/* Programs such as su(1) look for users in this file, which only the real root may read. */
static bool cover_shadow(struct run *run)
{
	static const char real[] = "/etc/shadow";
	char path[PATH_MAX];
	struct passwd *user;
	FILE *passwd, *shadow;

	if (access(real, F_OK) || !access(real, R_OK))
		return true;
	snprintf(path, sizeof(path), "%s/shadow", run->base);
	passwd = fopen("/etc/passwd", "re");
	shadow = fopen(path, "we");
	/* No password is right. */
	while (passwd && shadow && (user = fgetpwent(passwd)))
		fprintf(shadow, "%s:*:::::::\n", user->pw_name);
	if (passwd)
		fclose(passwd);
	if (!shadow || fclose(shadow) || chmod(path, 0600)) {
		warn("%s", path);
		return false;
	}
	return run_bind(path, real);
}

static bool make_view(struct run *run)
{
	mode_t types[NR_COVERED];

	/* The real /sys and all mounts in it become read-only. */
	if (!run_read_only("/sys", AT_RECURSIVE) || !hide_modprobe())
		return false;
	/* Composing a directory later would bind the covers in it once more. */
	for (size_t i = 0; i < NR_COVERED; i++) {
		types[i] = cover_type(run, covered[i]);
		if (types[i] && !run_make_place(run, covered[i], types[i] == S_IFDIR))
			return false;
	}
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
		if (hidden[i].when == IF_FILLED && run_is_empty(hidden[i].pattern))
			continue;
		if ((hidden[i].when == MADE && !run_make_place(run, hidden[i].pattern, true)) ||
		    !run_hide(run, hidden[i].pattern))
			return false;
	}
	for (size_t i = 0; i < NR_COVERED; i++) {
		if (!cover(run, covered[i], types[i]))
			return false;
	}
	return cover_shadow(run) && cover_cpuset(run) && cover_debugfs(run) && run_make_proc(run) &&
	       run_dax_devices(run);
}

bool run_make_view(struct run *run)
{
	size_t nr;
	struct other *others = find_others(&nr);

	return cover_others(run, others, nr, make_view(run)) && protect_own(run);
}
