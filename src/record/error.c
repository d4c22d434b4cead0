// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors in the files of a recorded machine */
#include "record_private.h"

#include <stdarg.h>

void record_error(struct record *record, const char *fmt, ...)
{
	va_list ap;

	record->nr_errors++;
	fprintf(record->err, "%s: ", record->source);
	va_start(ap, fmt);
	vfprintf(record->err, fmt, ap);
	va_end(ap);
	fputc('\n', record->err);
}
