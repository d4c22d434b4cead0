/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growable text. Additions never report errors; a failed allocation is remembered until the
 * buffer is reset, so that callers check once, at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/base.h"

#define BUF_MIN_CAP 128
/* not worth trimming below this */
#define BUF_TRIM_BYTES 65536

/* Makes room for @len more bytes and the NUL. */
static bool buf_reserve(struct base_buf *buf, size_t len)
{
	size_t cap = BASE_MAX(buf->cap, (size_t)BUF_MIN_CAP);
	char *data;

	if (buf->failed)
		return false;
	if (len < buf->cap - buf->len)
		return true;
	while (cap - buf->len <= len) {
		if (cap > SIZE_MAX / 2) {
			buf->failed = true;
			return false;
		}
		cap *= 2;
	}
	data = realloc(buf->data, cap);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->cap = cap;
	return true;
}

void base_buf_init(struct base_buf *buf)
{
	*buf = (struct base_buf){ 0 };
}

void base_buf_fini(struct base_buf *buf)
{
	free(buf->data);
	*buf = (struct base_buf){ 0 };
}

void base_buf_reset(struct base_buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

void base_buf_trim(struct base_buf *buf)
{
	char *data;

	if (buf->cap - buf->len <= BUF_TRIM_BYTES)
		return;
	data = realloc(buf->data, buf->len + 1);
	if (!data)
		return;
	buf->data = data;
	buf->cap = buf->len + 1;
}

void base_buf_add(struct base_buf *buf, const void *data, size_t len)
{
	if (len == 0 || !buf_reserve(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void base_buf_puts(struct base_buf *buf, const char *text)
{
	base_buf_add(buf, text, strlen(text));
}

void base_buf_printf(struct base_buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	base_buf_vprintf(buf, fmt, ap);
	va_end(ap);
}

void base_buf_vprintf(struct base_buf *buf, const char *fmt, va_list ap)
{
	size_t room;
	va_list again;
	int len;

	if (!buf_reserve(buf, 0))
		return;
	room = buf->cap - buf->len;
	va_copy(again, ap);
	len = vsnprintf(buf->data + buf->len, room, fmt, ap);
	if (len >= 0 && (size_t)len >= room) {
		if (buf_reserve(buf, (size_t)len))
			vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
		else
			len = -1;
	}
	va_end(again);
	if (len < 0) {
		buf->data[buf->len] = '\0';
		buf->failed = true;
		return;
	}
	buf->len += (size_t)len;
}

const char *base_buf_text(const struct base_buf *buf)
{
	return buf->data ? buf->data : "";
}
