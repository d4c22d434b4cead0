/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short texts for messages: human-readable sizes, and quoted text from users. */
#include <stdio.h>

#include "memhp/base.h"

struct base_text base_size_text(uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	struct base_text text;
	int unit = -1;

	while (bytes && !(bytes & 1023) && units[unit + 1]) {
		bytes >>= 10;
		unit++;
	}
	/* A conditional text would end gcc 12 with an internal error when it does not optimize. */
	snprintf(text.s, sizeof(text.s), "%llu%.*s", (unsigned long long)bytes, unit >= 0,
		 &units[BASE_MAX(unit, 0)]);
	return text;
}

struct base_text base_quote(const char *from)
{
	struct base_text text;
	size_t len = 0;

	/* leaves room for the longest escape, and for the dots */
	for (; *from && len < sizeof(text.s) - 8; from++) {
		unsigned char c = (unsigned char)*from;

		if (c == '\n' && !from[1])
			break;
		if (c < ' ' || c == 127 || c == '\\')
			len += (size_t)snprintf(text.s + len, 5, "\\%03o", c);
		else
			text.s[len++] = (char)c;
	}
	snprintf(text.s + len, sizeof(text.s) - len, "%s", *from && *from != '\n' ? "..." : "");
	return text;
}
