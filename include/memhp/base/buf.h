/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growable texts (buf.c), and short ones for messages (text.c). */
#ifndef MEMHP_BASE_BUF_H
#define MEMHP_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct base_buf - a growable text
 *
 * A failed allocation is remembered in @failed and makes every later addition a no-op, so that
 * callers check once, at the end. The text is always NUL-terminated once anything was added.
 */
struct base_buf {
	char *data;
	size_t len;
	size_t cap;
	bool failed;
};

void base_buf_init(struct base_buf *buf);
void base_buf_fini(struct base_buf *buf);
/** base_buf_reset() - empty the text, keep the memory. */
void base_buf_reset(struct base_buf *buf);
/** base_buf_trim() - release the unused memory of a large text. */
void base_buf_trim(struct base_buf *buf);
void base_buf_add(struct base_buf *buf, const void *data, size_t len);
void base_buf_puts(struct base_buf *buf, const char *text);
void base_buf_printf(struct base_buf *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void base_buf_vprintf(struct base_buf *buf, const char *fmt, va_list ap);
/** base_buf_text() - the text, "" when empty; valid until the next change. */
const char *base_buf_text(const struct base_buf *buf);

/** struct base_text - a short text for a message; used immediately: "%s", base_quote(word).s */
struct base_text {
	char s[80];
};

/** base_size_text() - a size in the largest unit that divides it evenly, such as "512M". */
struct base_text base_size_text(uint64_t bytes);
/**
 * base_quote() - quote text from a user for a log line
 *
 * Drops a trailing newline, prints non-printable bytes as \\ooo, and ends long text with dots.
 */
struct base_text base_quote(const char *from);

#endif
