/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of case files: escapes, names of errors, the order of names, and parsing the values that
 * operations need from files.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/sim.h"

const char *sim_errno_name(int err)
{
	/* of numbers with two names, those in recordings */
	static const struct {
		int err;
		const char *name;
	} twins[] = {
		{ EDEADLK, "EDEADLOCK" },
		{ EOPNOTSUPP, "ENOTSUP" },
	};
	const char *name;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(twins); i++)
		if (-err == twins[i].err)
			return twins[i].name;
	name = strerrorname_np(-err);
	return name ? name : "EUNKNOWN";
}

void sim_text_escape(const char *data, size_t len, struct base_buf *buf)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c == '\n')
			base_buf_puts(buf, "\\n");
		else if (c == '\\')
			base_buf_puts(buf, "\\\\");
		else if (c < 0x20 || c > 0x7e)
			base_buf_printf(buf, "\\x%02x", c);
		else
			base_buf_add(buf, &data[i], 1);
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void sim_text_unescape(const char *text, struct base_buf *buf)
{
	for (const char *p = text; *p; p++) {
		char c = *p;

		if (c == '\\' && p[1] == 'n') {
			c = '\n';
			p++;
		} else if (c == '\\' && p[1] == '\\') {
			p++;
		} else if (c == '\\' && p[1] == 'x') {
			int high = hex_digit(p[2]);
			int low = high >= 0 ? hex_digit(p[3]) : -1;

			if (low >= 0) {
				c = (char)(high << 4 | low);
				p += 3;
			}
		}
		base_buf_add(buf, &c, 1);
	}
}

bool sim_text_field(const char *line, const char *field, uint64_t *ret_value)
{
	size_t len = strlen(field);
	const char *p = line + strspn(line, " ");
	int skip = 0;

	if (sscanf(p, "Node %*u %n", &skip) == 0 && skip)
		p += skip;
	if (strncmp(p, field, len))
		return false;
	p += len;
	if (*p == ':')
		p++;
	if (*p != ' ')
		return false;
	p += strspn(p, " ");
	if (!isdigit((unsigned char)*p))
		return false;
	*ret_value = strtoull(p, NULL, 10);
	return true;
}

void sim_text_uevents(char *text, struct base_buf *buf)
{
	bool first_event = true, first_line = true;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (!*line) {
			first_line = true;
			continue;
		}
		if (!strncmp(line, "SEQNUM=", strlen("SEQNUM=")))
			continue;
		if (!first_line)
			base_buf_puts(buf, " ");
		else if (!first_event)
			base_buf_puts(buf, " ; ");
		base_buf_puts(buf, line);
		first_event = first_line = false;
	}
}

bool sim_text_number(const char *text, uint64_t *ret_value)
{
	return base_kstrtoull(text, 0, ret_value) == 0;
}
