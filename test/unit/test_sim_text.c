/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/sim.h"

static void test_errno_names(void **state)
{
	assert_string_equal(sim_errno_name(-EBUSY), "EBUSY");
	assert_string_equal(sim_errno_name(-EAGAIN), "EAGAIN");
	assert_string_equal(sim_errno_name(-EOPNOTSUPP), "ENOTSUP");
	assert_string_equal(sim_errno_name(-EDEADLK), "EDEADLOCK");
	assert_string_equal(sim_errno_name(-EHWPOISON), "EHWPOISON");
	assert_string_equal(sim_errno_name(-4095), "EUNKNOWN");
}

static void test_escapes_there_and_back(void **state)
{
	static const char bytes[] = "a\n\\ \0\x1b\x7f\xff~";
	static const char text[] = "a\\n\\\\ \\x00\\x1b\\x7f\\xff~";
	struct base_buf there, back;

	base_buf_init(&there);
	base_buf_init(&back);
	sim_text_escape(bytes, sizeof(bytes) - 1, &there);
	assert_string_equal(base_buf_text(&there), text);
	sim_text_unescape(text, &back);
	assert_int_equal(back.len, sizeof(bytes) - 1);
	assert_memory_equal(back.data, bytes, back.len);
	base_buf_fini(&back);
	base_buf_fini(&there);
}

static void test_unknown_escapes_stay(void **state)
{
	static const char *const unknown[] = { "\\", "\\t", "\\x", "\\x0", "\\xg0", "\\x0g" };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(unknown); i++) {
		struct base_buf buf;

		base_buf_init(&buf);
		sim_text_unescape(unknown[i], &buf);
		assert_string_equal(base_buf_text(&buf), unknown[i]);
		base_buf_fini(&buf);
	}
}

static void test_fields(void **state)
{
	uint64_t value = 7;

	assert_false(sim_text_field("Active(anon):   12 kB\n", "Active", &value));
	assert_false(sim_text_field("Active", "Active", &value));
	assert_false(sim_text_field("Active: x", "Active", &value));
	assert_false(sim_text_field("", "Active", &value));
	assert_int_equal(value, 7);
	assert_true(sim_text_field("Active:         12 kB\n", "Active", &value));
	assert_int_equal(value, 12);
	assert_true(sim_text_field("Node 1 MemTotal:       99 kB\n", "MemTotal", &value));
	assert_int_equal(value, 99);
	assert_true(sim_text_field("        spanned  4095\n", "spanned", &value));
	assert_int_equal(value, 4095);
}

static void test_uevents(void **state)
{
	char text[] = "add@/a\nACTION=add\nDEVPATH=/a\nSEQNUM=7\n\n"
		      "remove@/a\nACTION=remove\nSEQNUM=8\n\n";
	char none[] = "";
	struct base_buf buf;

	base_buf_init(&buf);
	sim_text_uevents(none, &buf);
	assert_int_equal(buf.len, 0);
	sim_text_uevents(text, &buf);
	assert_string_equal(base_buf_text(&buf),
			    "add@/a ACTION=add DEVPATH=/a ; remove@/a ACTION=remove");
	base_buf_fini(&buf);
}

static void test_numbers(void **state)
{
	uint64_t value;

	assert_true(sim_text_number("0x100000000\n", &value));
	assert_int_equal(value, 0x100000000);
	assert_true(sim_text_number("130", &value));
	assert_int_equal(value, 130);
	assert_false(sim_text_number("none", &value));
	assert_false(sim_text_number("", &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errno_names),
		cmocka_unit_test(test_escapes_there_and_back),
		cmocka_unit_test(test_unknown_escapes_stay),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_uevents),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
