// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mount points that the real machine lacks. A directory to which a name must be added is replaced
 * by a composed one, on a tmpfs: each of its entries is bound there.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

bool run_tmpfs(struct run *run, const char *dir)
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

bool run_is_own(const struct run *run, const char *dir)
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

bool run_bind(const char *from, const char *to)
{
	if (!mount(from, to, NULL, MS_BIND | MS_REC, NULL))
		return true;
	warn("%s on %s", from, to);
	return false;
}

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

bool run_is_empty(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	bool empty = d;

	while (empty && (entry = readdir(d)))
		empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	if (d)
		closedir(d);
	return empty;
}

/*
 * Recreates an entry of @dir, which is on the device @dev, in @copy, its replacement; returns false
 * if that is not possible. Nothing need be bound for an empty directory outside of /sys.
 */
static bool compose_entry(const char *dir, dev_t dev, const char *copy, const char *name)
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
	if (!S_ISDIR(st.st_mode) || st.st_dev != dev || !strncmp(dir, "/sys", 4) ||
	    !run_is_empty(from))
		return run_bind(from, to);
	/* The owner may have no id here. */
	return chown(to, st.st_uid, st.st_gid) || !chmod(to, st.st_mode & 07777);
}

bool run_compose(struct run *run, const char *dir)
{
	char copy[PATH_MAX];
	struct dirent *entry;
	DIR *d = opendir(dir);
	struct stat st;
	bool good;

	snprintf(copy, sizeof(copy), "%s/composed", run->base);
	good = d && !fstat(dirfd(d), &st) && (!mkdir(copy, 0755) || errno == EEXIST) &&
	       run_tmpfs(run, copy);
	while (good && (entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			good = compose_entry(dir, st.st_dev, copy, entry->d_name);
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

bool run_make_place(struct run *run, const char *path, bool is_dir)
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
	if (!run_make_place(run, dir, true) || (!run_is_own(run, dir) && !run_compose(run, dir)))
		return false;
	if (!is_dir)
		return make_file(path);
	if (!mkdir(path, 0755))
		return true;
	warn("%s", path);
	return false;
}
