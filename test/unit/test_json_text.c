// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON strings for texts of arbitrary bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/cli/json_text.h"
#include "memhp/base.h"

static void assert_text(const char *text, size_t len, const char *json)
{
	json_t *string = json_text(text, len);
	char *printed;

	assert_non_null(string);
	printed = json_dumps(string, JSON_ENCODE_ANY);
	assert_non_null(printed);
	assert_string_equal(printed, json);
	free(printed);
	json_decref(string);
}

static void texts(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{ "", "\"\"" },
		{ "online\n", "\"online\\n\"" },
		{ "gr\xc3\xb6\xc3\x9f"
		  "er",
		  "\"gr\xc3\xb6\xc3\x9f"
		  "er\"" },
		{ "\xff", "\"\\\\xff\"" },
		{ "a\x80z", "\"a\\\\x80z\"" },
		/* truncated within a character; complete ones stay */
		{ "\xc3\xb6\xc3", "\"\xc3\xb6\\\\xc3\"" },
		{ "\xf0\x9f\x92\x96\xf0\x9f", "\"\xf0\x9f\x92\x96\\\\xf0\\\\x9f\"" },
		/* overlong, and half of a surrogate pair: not UTF-8 */
		{ "\xc0\xaf", "\"\\\\xc0\\\\xaf\"" },
		{ "\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\"" },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
		assert_text(cases[i].text, strlen(cases[i].text), cases[i].json);
	assert_text("a\0\xff", 3, "\"a\\u0000\\\\xff\"");
}

/* A text of all byte values keeps each of them. */
static void all_bytes(void **state)
{
	char text[256];
	json_t *string;

	(void)state;
	for (int i = 0; i < 256; i++)
		text[i] = (char)(255 - i);
	string = json_text(text, sizeof(text));
	assert_non_null(string);
	assert_int_equal(json_string_length(string), 128 * 4 + 128);
	json_decref(string);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(all_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
