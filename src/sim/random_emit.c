// SPDX-License-Identifier: GPL-2.0-or-later
/* Random operations: writing one, and performing it on the machine. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "random_private.h"

static void write_line(struct random *r, const char *mark, const struct base_buf *line)
{
	fprintf(r->out, "%s%s\n", mark, base_buf_text(line));
}

static void do_line(struct random *r, const struct base_buf *line)
{
	char *copy;

	if (!r->left)
		return;
	r->left--;
	write_line(r, "> ", line);
	copy = line->failed ? NULL : strdup(base_buf_text(line));
	base_buf_reset(&r->answer);
	/* What the machine answers is of no importance; a later operation finds what it did. */
	if (copy)
		(void)sim_operation(r->sim, copy, &r->answer);
	free(copy);
}

void random_do(struct random *r, const char *fmt, ...)
{
	struct base_buf line;
	va_list ap;

	base_buf_init(&line);
	va_start(ap, fmt);
	base_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	do_line(r, &line);
	base_buf_fini(&line);
}

void random_write(struct random *r, const char *path, const struct base_buf *text)
{
	struct base_buf line;

	base_buf_init(&line);
	base_buf_printf(&line, "write %s ", path);
	sim_text_escape(base_buf_text(text), text->len, &line);
	do_line(r, &line);
	base_buf_fini(&line);
}

void random_given(struct random *r, const char *what, const char *block)
{
	struct base_buf line;
	char *copy;

	if (!r->left)
		return;
	base_buf_init(&line);
	base_buf_printf(&line, "given %s %s", what, block);
	copy = line.failed ? NULL : strdup(base_buf_text(&line));
	/* The block may have no page left: then the line would be an error. */
	if (copy && !sim_given(r->sim, copy))
		write_line(r, "", &line);
	free(copy);
	base_buf_fini(&line);
}
