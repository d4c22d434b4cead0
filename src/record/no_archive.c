// SPDX-License-Identifier: GPL-2.0-or-later
/* A build without libarchive (-Darchives=disabled) */
#include "record_private.h"

#include <errno.h>

int record_read_archive(struct record *record, const char *source)
{
	record_error(record, "this build does not read archives (meson's option archives): unpack "
			     "it, and name the directory");
	return -EINVAL;
}
