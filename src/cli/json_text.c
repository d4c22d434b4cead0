// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp/cli/json_text.h"

#include "memhp/base.h"

#define UTF8_MOST 4 /* bytes of the longest character */

/* The length of the UTF-8 character at @text; 0: there is none. */
static size_t character_len(const char *text, size_t len)
{
	for (size_t i = 1; i <= BASE_MIN(len, UTF8_MOST); i++) {
		json_t *json = json_stringn(text, i);

		json_decref(json);
		if (json)
			return i;
	}
	return 0;
}

json_t *json_text(const char *text, size_t len)
{
	json_t *json = json_stringn(text, len);
	struct base_buf buf;

	if (json)
		return json;
	base_buf_init(&buf);
	for (size_t i = 0, step; i < len; i += step) {
		step = character_len(text + i, len - i);
		base_buf_add(&buf, text + i, step);
		if (!step) {
			base_buf_printf(&buf, "\\x%02x", (unsigned char)text[i]);
			step = 1;
		}
	}
	if (!buf.failed)
		json = json_stringn(base_buf_text(&buf), buf.len);
	base_buf_fini(&buf);
	return json;
}
