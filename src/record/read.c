// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the files of a recorded machine. In an archive, or in a directory where one was unpacked,
 * they may be deeper than on the machine.
 */
#include "record_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading directories --------------------------------------------------------------------- */

static void read_text(struct record *record, int dirfd, const char *name, const char *path)
{
	char *text = malloc(RECORD_MAX_BYTES + 1);
	size_t used = 0;
	ssize_t len = -1;
	int fd;

	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (!text || fd < 0) {
		/* Files that cannot be read are ignored. */
		record->failed = record->failed || !text;
	} else {
		while (used < RECORD_MAX_BYTES &&
		       (len = read(fd, text + used, RECORD_MAX_BYTES - used)) > 0)
			used += (size_t)len;
		text[used] = '\0';
		if (len >= 0)
			record_file(record, path, text, used);
	}
	if (fd >= 0)
		close(fd);
	free(text);
}

static void read_entry(struct record *record, int dirfd, const char *name, const char *path);

static void read_directory(struct record *record, int parent, const char *name, const char *path)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	record_directory(record, path);
	while ((entry = readdir(dir))) {
		char *below;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&below, "%s/%s", path, entry->d_name) < 0) {
			record->failed = true;
			break;
		}
		read_entry(record, dirfd(dir), entry->d_name, below);
		free(below);
	}
	closedir(dir);
}

static void read_entry(struct record *record, int dirfd, const char *name, const char *path)
{
	char target[256];
	struct stat st;
	ssize_t len;

	if (!record_wants(path) || fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return;
	if (S_ISDIR(st.st_mode)) {
		read_directory(record, dirfd, name, path);
	} else if (S_ISREG(st.st_mode)) {
		read_text(record, dirfd, name, path);
	} else if (S_ISLNK(st.st_mode)) {
		len = readlinkat(dirfd, name, target, sizeof(target) - 1);
		if (len < 0)
			return;
		target[len] = '\0';
		record_link(record, path, target);
	}
}

/* Returns @fd or a directory below it, whichever contains a machine; -1: none does. */
static int find_root(int fd, unsigned int depth)
{
	DIR *dir;
	const struct dirent *entry;
	int root = -1;

	if (!faccessat(fd, record_tops[0], F_OK, 0))
		return fd;
	dir = depth ? fdopendir(dup(fd)) : NULL;
	while (dir && root < 0 && (entry = readdir(dir))) {
		int below;

		if (entry->d_name[0] == '.')
			continue;
		below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		root = below < 0 ? -1 : find_root(below, depth - 1);
		if (below >= 0 && root != below)
			close(below);
	}
	if (dir)
		closedir(dir);
	return root;
}

static int read_root(struct record *record, const char *source)
{
	int fd = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC), root;

	if (fd < 0)
		return -errno;
	root = find_root(fd, 2);
	for (size_t i = 0; record_tops[i] && root >= 0; i++)
		read_directory(record, root, record_tops[i], record_tops[i]);
	if (root >= 0)
		read_entry(record, root, RECORD_SPEC, RECORD_SPEC);
	if (root >= 0 && root != fd)
		close(root);
	close(fd);
	return 0;
}

/* ---- sources --------------------------------------------------------------------------------- */

bool record_is_source(const char *path)
{
	static const char *const ends[] = { ".tar",  ".tar.gz", ".tgz", ".tar.bz2",
					    ".tbz2", ".tar.xz", ".txz", ".tar.zst" };
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return true;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(ends); i++) {
		if (strlen(path) > strlen(ends[i]) &&
		    !strcmp(path + strlen(path) - strlen(ends[i]), ends[i]))
			return true;
	}
	return false;
}

int record_read(struct record *record, const char *source)
{
	struct stat st;
	int ret = stat(source, &st) ? -errno : 0;

	if (!ret)
		ret = S_ISDIR(st.st_mode) ? read_root(record, source) :
					    record_read_archive(record, source);
	if (ret && !record->nr_errors)
		record_error(record, "cannot be read: %s", strerror(-ret));
	return ret;
}
