// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_private.h"

#include <stdlib.h>

#include "libarchive.h"

char *record_unpack(const char *text, size_t len)
{
	struct archive_entry *entry;
	struct archive *archive;
	struct libarchive lib;
	la_ssize_t got = -1;
	char *unpacked;

	if (!libarchive_load(&lib))
		return NULL;
	unpacked = malloc(RECORD_MAX_BYTES + 1);
	archive = lib.archive_read_new();
	if (unpacked && archive) {
		lib.archive_read_support_filter_gzip(archive);
		lib.archive_read_support_format_raw(archive);
		if (lib.archive_read_open_memory(archive, text, len) == ARCHIVE_OK &&
		    lib.archive_read_next_header(archive, &entry) == ARCHIVE_OK)
			got = lib.archive_read_data(archive, unpacked, RECORD_MAX_BYTES);
	}
	if (unpacked)
		unpacked[BASE_MAX(got, 0)] = '\0';
	lib.archive_read_free(archive);
	return unpacked;
}
