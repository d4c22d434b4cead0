// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the files of a recorded machine. In an archive, or in a directory where one was unpacked,
 * they may be deeper than on the machine.
 */
#include "record_private.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE_BYTES (1u << 20)

static const char *const tops[] = {
	"sys/devices/system/memory",
	"sys/devices/system/node",
	"sys/module/memory_hotplug/parameters",
	"proc",
	RECORD_SPEC,
};

/* The text in a compressed file; "" if it is damaged. */
static void unpack(char *text, size_t len)
{
	char *unpacked = malloc(MAX_FILE_BYTES);
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	la_ssize_t got = -1;

	if (unpacked && archive) {
		archive_read_support_filter_gzip(archive);
		archive_read_support_format_raw(archive);
		if (archive_read_open_memory(archive, text, len) == ARCHIVE_OK &&
		    archive_read_next_header(archive, &entry) == ARCHIVE_OK)
			got = archive_read_data(archive, unpacked, MAX_FILE_BYTES);
	}
	if (got > 0)
		memcpy(text, unpacked, (size_t)got);
	text[BASE_MAX(got, 0)] = '\0';
	archive_read_free(archive);
	free(unpacked);
}

/* @text has room for MAX_FILE_BYTES and a NUL. */
static void take_file(struct record *record, const char *path, char *text, size_t len)
{
	text[len] = '\0';
	if (!strcmp(path, RECORD_CONFIG))
		unpack(text, len);
	record_file(record, path, text);
}

/* ---- reading directories --------------------------------------------------------------------- */

static void read_text(struct record *record, int dirfd, const char *name, const char *path)
{
	char *text = malloc(MAX_FILE_BYTES + 1);
	size_t used = 0;
	ssize_t len = -1;
	int fd;

	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (!text || fd < 0) {
		/* Files that cannot be read are ignored. */
		record->failed = record->failed || !text;
	} else {
		while (used < MAX_FILE_BYTES &&
		       (len = read(fd, text + used, MAX_FILE_BYTES - used)) > 0)
			used += (size_t)len;
		if (len >= 0)
			take_file(record, path, text, used);
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

	if (!faccessat(fd, tops[0], F_OK, 0))
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
	for (size_t i = 0; i < BASE_ARRAY_SIZE(tops) && root >= 0; i++)
		read_directory(record, root, tops[i], tops[i]);
	if (root >= 0)
		read_entry(record, root, RECORD_SPEC, RECORD_SPEC);
	if (root >= 0 && root != fd)
		close(root);
	close(fd);
	return 0;
}

/* ---- reading archives ------------------------------------------------------------------------ */

/* Finds where the path on the machine begins in @path; NULL: it is not a file of a machine. */
static const char *own_path(const char *path)
{
	for (const char *at = path; at; at = strchr(at, '/')) {
		at += *at == '/';
		for (size_t i = 0; i < BASE_ARRAY_SIZE(tops); i++) {
			size_t len = strlen(tops[i]);

			if (!strncmp(at, tops[i], len) && (!at[len] || at[len] == '/'))
				return at;
		}
	}
	return NULL;
}

static void take_entry(struct record *record, struct archive *archive, struct archive_entry *entry,
		       const char *path)
{
	const char *target = archive_entry_symlink(entry);
	char own[256], *text;
	la_ssize_t len;

	snprintf(own, sizeof(own), "%s", path);
	own[strcspn(own, "\n")] = '\0';
	if (own[strlen(own) - 1] == '/')
		own[strlen(own) - 1] = '\0';
	if (!record_wants(own))
		return;
	if (archive_entry_filetype(entry) == AE_IFDIR) {
		record_directory(record, own);
	} else if (target) {
		record_link(record, own, target);
	} else if (archive_entry_filetype(entry) == AE_IFREG) {
		text = malloc(MAX_FILE_BYTES + 1);
		len = text ? archive_read_data(archive, text, MAX_FILE_BYTES) : -1;
		record->failed = record->failed || !text;
		if (len >= 0)
			take_file(record, own, text, (size_t)len);
		free(text);
	}
}

/* All files must be of one machine. */
static bool same_machine(struct record *record, char **first, const char *path, const char *own)
{
	size_t len = (size_t)(own - path);

	if (!*first) {
		*first = strndup(path, len);
		record->failed = record->failed || !*first;
		return *first;
	}
	if (strlen(*first) == len && !strncmp(*first, path, len))
		return true;
	record_error(record, "contains two machines, %s and %.*s", *first, (int)len, path);
	return false;
}

static int read_archive(struct record *record, const char *source)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	char *first = NULL;
	int ret;

	if (!archive)
		return -ENOMEM;
	archive_read_support_filter_all(archive);
	archive_read_support_format_tar(archive);
	archive_read_support_format_cpio(archive);
	ret = archive_read_open_filename(archive, source, 65536);
	while (ret == ARCHIVE_OK || ret == ARCHIVE_WARN) {
		const char *path, *own;

		ret = archive_read_next_header(archive, &entry);
		if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN)
			break;
		path = archive_entry_pathname(entry);
		own = path ? own_path(path) : NULL;
		if (!own)
			continue;
		if (!same_machine(record, &first, path, own))
			break;
		take_entry(record, archive, entry, own);
	}
	free(first);
	if (ret != ARCHIVE_EOF && !record->nr_errors)
		record_error(record, "cannot be read: %s", archive_error_string(archive));
	archive_read_free(archive);
	return record->nr_errors ? -EINVAL : 0;
}

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
					    read_archive(record, source);
	if (ret && !record->nr_errors)
		record_error(record, "cannot be read: %s", strerror(-ret));
	return ret;
}
