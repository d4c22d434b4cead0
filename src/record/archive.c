// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads the files of a recorded machine from an archive. */
#include "record_private.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libarchive.h"

static void take_entry(struct record *record, const struct libarchive *lib, struct archive *archive,
		       struct archive_entry *entry, const char *path)
{
	const char *target = lib->archive_entry_symlink(entry);
	char own[256], *text;
	la_ssize_t len;

	snprintf(own, sizeof(own), "%s", path);
	own[strcspn(own, "\n")] = '\0';
	if (own[strlen(own) - 1] == '/')
		own[strlen(own) - 1] = '\0';
	if (!record_wants(own))
		return;
	if (lib->archive_entry_filetype(entry) == AE_IFDIR) {
		record_directory(record, own);
	} else if (target) {
		record_link(record, own, target);
	} else if (lib->archive_entry_filetype(entry) == AE_IFREG) {
		text = malloc(RECORD_MAX_BYTES + 1);
		len = text ? lib->archive_read_data(archive, text, RECORD_MAX_BYTES) : -1;
		record->failed = record->failed || !text;
		if (len >= 0) {
			text[len] = '\0';
			record_file(record, own, text, (size_t)len);
		}
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

int record_read_archive(struct record *record, const char *source)
{
	struct archive_entry *entry;
	struct archive *archive;
	struct libarchive lib;
	char *first = NULL;
	int ret;

	if (!libarchive_load(&lib)) {
		record_error(record, "archives need libarchive: %s", dlerror());
		return -EINVAL;
	}
	archive = lib.archive_read_new();
	if (!archive)
		return -ENOMEM;
	lib.archive_read_support_filter_all(archive);
	lib.archive_read_support_format_tar(archive);
	lib.archive_read_support_format_cpio(archive);
	ret = lib.archive_read_open_filename(archive, source, 65536);
	while (ret == ARCHIVE_OK || ret == ARCHIVE_WARN) {
		const char *path, *own;

		ret = lib.archive_read_next_header(archive, &entry);
		if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN)
			break;
		path = lib.archive_entry_pathname(entry);
		own = path ? record_own_path(path) : NULL;
		if (!own)
			continue;
		if (!same_machine(record, &first, path, own))
			break;
		take_entry(record, &lib, archive, entry, own);
	}
	free(first);
	if (ret != ARCHIVE_EOF && !record->nr_errors)
		record_error(record, "cannot be read: %s", lib.archive_error_string(archive));
	lib.archive_read_free(archive);
	return record->nr_errors ? -EINVAL : 0;
}
