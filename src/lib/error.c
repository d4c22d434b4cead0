// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors in words. */
#include <stdarg.h>
#include <string.h>

#include "lib_private.h"

int lib_fail(struct memhp *m, int err, const char *fmt, ...)
{
	va_list ap;

	base_buf_reset(&m->error);
	va_start(ap, fmt);
	base_buf_vprintf(&m->error, fmt, ap);
	va_end(ap);
	return err;
}

/* The last line that was logged since the function began, without a newline; "": none. */
static const char *reason(const struct memhp *m, size_t *ret_len)
{
	const struct base_buf *log = machine_log_text(m->sim->machine);
	uint64_t dropped = machine_log_dropped(m->sim->machine);
	size_t from = m->log_end > dropped ? (size_t)(m->log_end - dropped) : 0;
	const char *text = base_buf_text(log), *line, *end = text + log->len;

	*ret_len = 0;
	if (from >= log->len)
		return "";
	if (end[-1] == '\n')
		end--;
	for (line = end; line > text + from && line[-1] != '\n'; line--)
		;
	*ret_len = (size_t)(end - line);
	return line;
}

/* Adds that line; one about a refusal begins with the path, which was said. */
static void add_reason(struct memhp *m, const char *path)
{
	size_t len, skip = 0;
	const char *line = reason(m, &len);
	struct base_buf start;

	base_buf_init(&start);
	path += strspn(path, "/");
	if (!strncmp(path, "machine/", strlen("machine/")))
		base_buf_printf(&start, "machine: %s: ", path + strlen("machine/"));
	if (start.len < len && !memcmp(line, base_buf_text(&start), start.len))
		skip = start.len;
	base_buf_fini(&start);
	if (!len)
		return;
	base_buf_puts(&m->error, ": ");
	base_buf_add(&m->error, line + skip, len - skip);
}

int lib_answer(struct memhp *m, int ret, const char *path)
{
	if (ret >= 0)
		return ret;
	lib_fail(m, ret, "%s: %s", path, strerror(-ret));
	add_reason(m, path);
	return ret;
}

const char *memhp_error(const struct memhp *m)
{
	return base_buf_text(&m->error);
}
