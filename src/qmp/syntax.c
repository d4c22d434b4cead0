// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages are read by jansson. What it does not accept is read again here, to tell what is wrong
 * in the words of QEMU (qobject/json-parser.c).
 */
#include <string.h>

#include "syntax.h"

#define MAX_NESTING 1024

/* ---- strings in single quotes ---------------------------------------------------------------- */

/* Copies the string at @at in double quotes; returns its length. */
static size_t copy_string(const char *at, size_t len, struct base_buf *to)
{
	char quote = *at;
	size_t i;

	base_buf_puts(to, "\"");
	for (i = 1; i < len && at[i] != quote; i++) {
		if (at[i] == '"') {
			base_buf_puts(to, "\\\"");
		} else if (at[i] == '\\' && i + 1 < len) {
			if (at[i + 1] != '\'')
				base_buf_add(to, at + i, 1);
			base_buf_add(to, at + ++i, 1);
		} else {
			base_buf_add(to, at + i, 1);
		}
	}
	base_buf_puts(to, "\"");
	return i < len ? i + 1 : i;
}

static void with_double_quotes(const char *text, size_t len, struct base_buf *to)
{
	for (size_t i = 0; i < len;) {
		if (text[i] == '"' || text[i] == '\'') {
			i += copy_string(text + i, len - i, to);
		} else {
			base_buf_add(to, text + i, 1);
			i++;
		}
	}
}

/* ---- what is wrong --------------------------------------------------------------------------- */

/* struct reader - @at: the next character; @why: the first error; empty: none */
struct reader {
	const char *at;
	const char *end;
	unsigned int depth;
	struct base_buf *why;
};

static bool wrong(struct reader *r, const char *what)
{
	if (!r->why->len)
		base_buf_puts(r->why, what);
	return false;
}

static char peek(struct reader *r)
{
	while (r->at < r->end && strchr(" \t\r\n", *r->at))
		r->at++;
	return r->at < r->end ? *r->at : '\0';
}

static bool take(struct reader *r, char c)
{
	bool is_it = peek(r) == c && r->at < r->end;

	r->at += is_it;
	return is_it;
}

static bool read_string(struct reader *r)
{
	const char *start = r->at;

	for (r->at++; r->at < r->end && *r->at != *start; r->at++) {
		if ((unsigned char)*r->at < ' ') {
			if (!r->why->len)
				base_buf_printf(r->why, "stray '%.*s'", (int)(r->at + 1 - start),
						start);
			return false;
		}
		if (*r->at != '\\')
			continue;
		r->at++;
		if (r->at < r->end && !strchr("\"'\\/bfnrtu", *r->at))
			return wrong(r, "invalid escape sequence in string");
	}
	r->at += r->at < r->end;
	return true;
}

static bool read_word(struct reader *r)
{
	static const char *const words[] = { "true", "false", "null" };
	const char *start = r->at;
	size_t len;

	while (r->at < r->end && !strchr("{}[],:\"' \t\r\n", *r->at))
		r->at++;
	len = (size_t)(r->at - start);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(words); i++) {
		if (strlen(words[i]) == len && !strncmp(words[i], start, len))
			return true;
	}
	if (!r->why->len)
		base_buf_printf(r->why, "%s '%.*s'",
				strchr("abcdefghijklmnopqrstuvwxyz", *start) ? "invalid keyword" :
									       "stray",
				(int)len, start);
	return false;
}

static bool is_number(const char *at, const char *end)
{
	size_t digits;

	at += at < end && *at == '-';
	digits = strspn(at, "0123456789");
	return at < end && digits && (digits == 1 || *at != '0');
}

static bool read_value(struct reader *r);

static bool read_pair(struct reader *r)
{
	char c = peek(r);

	if (c != '"' && c != '\'') {
		if (!read_value(r))
			return false;
		return wrong(r, "key is not a string in object");
	}
	if (!read_string(r))
		return false;
	if (!take(r, ':'))
		return wrong(r, "missing : in object pair");
	return read_value(r);
}

static bool read_list(struct reader *r, char close, bool (*entry)(struct reader *r),
		      const char *otherwise)
{
	bool good = true;

	r->at++;
	if (++r->depth > MAX_NESTING)
		return wrong(r, "JSON nesting depth limit exceeded");
	if (take(r, close)) {
		r->depth--;
		return true;
	}
	do
		good = entry(r);
	while (good && take(r, ','));
	r->depth--;
	if (good && !take(r, close))
		return wrong(r, otherwise);
	return good;
}

static bool read_value(struct reader *r)
{
	switch (peek(r)) {
	case '{':
		return read_list(r, '}', read_pair, "expected separator in dict");
	case '[':
		return read_list(r, ']', read_value, "expected separator in list");
	case '"':
	case '\'':
		return read_string(r);
	case '}':
	case ']':
	case ',':
	case ':':
	case '\0':
		return wrong(r, "expecting value");
	default:
		break;
	}
	if (!is_number(r->at, r->end))
		return read_word(r);
	r->at += strspn(r->at, "-+.eE0123456789");
	return true;
}

json_t *qmp_read(const char *text, size_t len, struct base_buf *ret_why)
{
	const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES;
	struct base_buf plain, why;
	json_error_t error;
	json_t *json;

	base_buf_init(&plain);
	base_buf_init(&why);
	with_double_quotes(text, len, &plain);
	json = json_loadb(base_buf_text(&plain), plain.len, flags, &error);
	/* An integer that is too big is a number of another kind. */
	if (!json && json_error_code(&error) == json_error_numeric_overflow)
		json = json_loadb(base_buf_text(&plain), plain.len, flags | JSON_DECODE_INT_AS_REAL,
				  &error);
	if (!json) {
		struct reader r = { .at = text, .end = text + len, .why = &why };

		(void)read_value(&r);
		if (!why.len && json_error_code(&error) == json_error_duplicate_key)
			base_buf_puts(&why, "duplicate key");
		base_buf_printf(ret_why, "JSON parse error, %s",
				why.len ? base_buf_text(&why) : "invalid text");
	}
	base_buf_fini(&why);
	base_buf_fini(&plain);
	return json;
}
