/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text buffer: growth, bytes that are not text, formatted additions around the edges of its
 * memory, and the sticky failure.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/base.h"

static void empty(void **state)
{
	struct base_buf buf;

	(void)state;
	base_buf_init(&buf);
	assert_string_equal(base_buf_text(&buf), "");
	base_buf_reset(&buf);
	base_buf_add(&buf, "x", 0);
	base_buf_puts(&buf, "");
	base_buf_printf(&buf, "%s", "");
	assert_string_equal(base_buf_text(&buf), "");
	assert_int_equal(buf.len, 0);
	assert_false(buf.failed);
	base_buf_fini(&buf);
	base_buf_fini(&buf);
	assert_string_equal(base_buf_text(&buf), "");
}

static void additions(void **state)
{
	struct base_buf buf;

	(void)state;
	base_buf_init(&buf);
	base_buf_puts(&buf, "online");
	base_buf_printf(&buf, " %d,%s", 7, "x");
	base_buf_add(&buf, "\0y", 2);
	assert_int_equal(buf.len, 12);
	assert_memory_equal(buf.data, "online 7,x\0y", 13);
	base_buf_reset(&buf);
	assert_int_equal(buf.len, 0);
	assert_string_equal(base_buf_text(&buf), "");
	base_buf_puts(&buf, "again");
	assert_string_equal(base_buf_text(&buf), "again");
	base_buf_fini(&buf);
}

static void growth(void **state)
{
	struct base_buf buf;
	size_t i;

	(void)state;
	base_buf_init(&buf);
	for (i = 0; i < 5000; i++) {
		base_buf_add(&buf, &(char){ (char)('a' + i % 26) }, 1);
		assert_int_equal(buf.len, i + 1);
		assert_true(buf.cap > buf.len);
		assert_int_equal(buf.data[buf.len], '\0');
	}
	for (i = 0; i < 5000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	base_buf_fini(&buf);
}

/* Every pair of an existing length and an added length, around the first capacity. */
static void printf_at_edges(void **state)
{
	struct base_buf buf;
	int have, more;

	(void)state;
	for (have = 0; have < 140; have += 7) {
		for (more = 0; more < 280; more++) {
			base_buf_init(&buf);
			base_buf_printf(&buf, "%*s", have, "");
			base_buf_printf(&buf, "%0*d", more, 5);
			assert_false(buf.failed);
			assert_int_equal(buf.len, have + BASE_MAX(more, 1));
			assert_int_equal(strlen(buf.data), buf.len);
			assert_int_equal(buf.data[buf.len - 1], '5');
			base_buf_fini(&buf);
		}
	}
}

static void huge_addition(void **state)
{
	static const char text[70000] = { [0 ... 69998] = 'z' };
	struct base_buf buf;

	(void)state;
	base_buf_init(&buf);
	base_buf_puts(&buf, text);
	base_buf_printf(&buf, "%s!", text);
	assert_int_equal(buf.len, 2 * 69999 + 1);
	assert_int_equal(buf.data[buf.len - 1], '!');
	base_buf_fini(&buf);
}

static void failure_sticks(void **state)
{
	struct base_buf buf;

	(void)state;
	base_buf_init(&buf);
	base_buf_puts(&buf, "kept");
	base_buf_add(&buf, "never read", SIZE_MAX - 8);
	assert_true(buf.failed);
	base_buf_puts(&buf, "lost");
	base_buf_printf(&buf, "%d", 1);
	assert_true(buf.failed);
	assert_string_equal(base_buf_text(&buf), "kept");
	base_buf_reset(&buf);
	assert_false(buf.failed);
	base_buf_puts(&buf, "new");
	assert_string_equal(base_buf_text(&buf), "new");
	base_buf_fini(&buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),	 cmocka_unit_test(additions),
		cmocka_unit_test(growth),	 cmocka_unit_test(printf_at_edges),
		cmocka_unit_test(huge_addition), cmocka_unit_test(failure_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
