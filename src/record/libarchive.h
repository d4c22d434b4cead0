/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libarchive is loaded when it is needed. It brings a dozen other libraries, which would take more
 * time than all else that a mount needs before it can be used.
 */
#ifndef RECORD_LIBARCHIVE_H
#define RECORD_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

/* The functions that are used. */
#define LIBARCHIVE_FUNCTIONS(FUNCTION)                                                             \
	FUNCTION(archive_entry_filetype)                                                           \
	FUNCTION(archive_entry_pathname)                                                           \
	FUNCTION(archive_entry_symlink)                                                            \
	FUNCTION(archive_error_string)                                                             \
	FUNCTION(archive_read_data)                                                                \
	FUNCTION(archive_read_free)                                                                \
	FUNCTION(archive_read_new)                                                                 \
	FUNCTION(archive_read_next_header)                                                         \
	FUNCTION(archive_read_open_filename)                                                       \
	FUNCTION(archive_read_open_memory)                                                         \
	FUNCTION(archive_read_support_filter_all)                                                  \
	FUNCTION(archive_read_support_filter_gzip)                                                 \
	FUNCTION(archive_read_support_format_cpio)                                                 \
	FUNCTION(archive_read_support_format_raw)                                                  \
	FUNCTION(archive_read_support_format_tar)

/** struct libarchive - its functions */
struct libarchive {
#define LIBARCHIVE_MEMBER(name) __typeof__(&name) name;
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_MEMBER)
#undef LIBARCHIVE_MEMBER
};

/**
 * libarchive_load() - load the library, which stays loaded
 *
 * Return: false if it is missing; dlerror() has the reason.
 */
bool libarchive_load(struct libarchive *ret_lib);

#endif
