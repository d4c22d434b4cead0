// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_private.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

char *record_unpack(const char *text, size_t len)
{
	char *unpacked = malloc(RECORD_MAX_BYTES + 1);
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	la_ssize_t got = -1;

	if (unpacked && archive) {
		archive_read_support_filter_gzip(archive);
		archive_read_support_format_raw(archive);
		if (archive_read_open_memory(archive, text, len) == ARCHIVE_OK &&
		    archive_read_next_header(archive, &entry) == ARCHIVE_OK)
			got = archive_read_data(archive, unpacked, RECORD_MAX_BYTES);
	}
	if (unpacked)
		unpacked[BASE_MAX(got, 0)] = '\0';
	archive_read_free(archive);
	return unpacked;
}
