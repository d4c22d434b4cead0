// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reasons for refusals: the layer that refuses sets the reason; the tree writes it to the log.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine_private.h"

int machine_refuse(struct machine *m, int err, const char *fmt, ...)
{
	va_list ap;

	if (!m)
		return err;
	m->reason.err = err;
	va_start(ap, fmt);
	vsnprintf(m->reason.text, sizeof(m->reason.text), fmt, ap);
	va_end(ap);
	return err;
}

void machine_refuse_nothing(struct machine *m)
{
	m->reason.err = 0;
}

/* Used when no reason was stated. */
static const char *usual_reason(int err)
{
	switch (err) {
	case -ENOMEM:
		return "the host is out of memory";
	case -EIO:
		return "it cannot be written down in the state file, so nothing has been done";
	default:
		return NULL;
	}
}

static void put_path(struct base_buf *buf, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		base_buf_printf(buf, c < ' ' || c == 127 ? "\\%03o" : "%c", c);
	}
}

void machine_refusal(struct machine *m, const char *path, int err, struct base_buf *ret_line)
{
	const char *usual = usual_reason(err);

	base_buf_puts(ret_line, "machine: ");
	put_path(ret_line, path);
	if (m->reason.err == err)
		base_buf_printf(ret_line, ": %s", m->reason.text);
	else if (usual)
		base_buf_printf(ret_line, ": %s", usual);
	else
		base_buf_printf(ret_line, ": refused (%s)", strerror(-err));
	m->reason.err = 0;
}
