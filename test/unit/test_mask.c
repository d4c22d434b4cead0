/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Node and CPU masks: bits, parsing and printing lists, hex groups as printed by the kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/base.h"

static void bits(void **state)
{
	static const unsigned int some[] = { 0, 1, 31, 32, 63, 64, 127, 128, 1000, 1023 };
	struct base_mask mask = { 0 };
	unsigned int bit;
	size_t i = 0;

	(void)state;
	assert_true(base_mask_empty(&mask));
	assert_int_equal(base_mask_weight(&mask), 0);
	assert_int_equal(base_mask_next(&mask, 0), BASE_MASK_BITS);
	for (i = 0; i < BASE_ARRAY_SIZE(some); i++)
		base_mask_set(&mask, some[i]);
	base_mask_set(&mask, 64);
	assert_int_equal(base_mask_weight(&mask), BASE_ARRAY_SIZE(some));
	i = 0;
	BASE_MASK_FOREACH(bit, &mask)
		assert_int_equal(bit, some[i++]);
	assert_int_equal(i, BASE_ARRAY_SIZE(some));
	assert_true(base_mask_test(&mask, 63));
	assert_false(base_mask_test(&mask, 62));
	assert_false(base_mask_test(&mask, 1024));
	assert_false(base_mask_test(&mask, UINT32_MAX));
	assert_int_equal(base_mask_next(&mask, 129), 1000);
	assert_int_equal(base_mask_next(&mask, 1023), 1023);
	assert_int_equal(base_mask_next(&mask, 1024), BASE_MASK_BITS);
	assert_int_equal(base_mask_next(&mask, UINT32_MAX), BASE_MASK_BITS);
	for (i = 0; i < BASE_ARRAY_SIZE(some); i++)
		base_mask_clear(&mask, some[i]);
	base_mask_clear(&mask, 5);
	assert_true(base_mask_empty(&mask));
}

/* Parsed lists are printed in the kernel's normal form. */
static void lists(void **state)
{
	static const struct {
		const char *text, *printed;
		unsigned int weight;
	} rows[] = {
		{ "", "", 0 },		 { "0", "0", 1 },
		{ "00", "0", 1 },	 { "0-1", "0-1", 2 },
		{ "0,1", "0-1", 2 },	 { "0-0", "0", 1 },
		{ "0-1,3", "0-1,3", 3 }, { "3,0-1", "0-1,3", 3 },
		{ "1,1,1", "1", 1 },	 { "0-5,2-9", "0-9", 10 },
		{ "62-65", "62-65", 4 }, { "0-1023", "0-1023", 1024 },
		{ "1023", "1023", 1 },	 { "0,2,4,1022-1023", "0,2,4,1022-1023", 5 },
	};
	struct base_mask mask;
	struct base_buf buf;
	size_t i;

	(void)state;
	base_buf_init(&buf);
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		memset(&mask, 0xff, sizeof(mask));
		if (base_mask_parse(rows[i].text, &mask) != 0)
			fail_msg("\"%s\" is refused", rows[i].text);
		assert_int_equal(base_mask_weight(&mask), rows[i].weight);
		base_buf_reset(&buf);
		base_mask_print_list(&mask, &buf);
		assert_string_equal(base_buf_text(&buf), rows[i].printed);
	}
	base_buf_fini(&buf);
}

static void bad_lists(void **state)
{
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{ ",", -EINVAL },	   { "0,", -EINVAL },
		{ ",0", -EINVAL },	   { "0,,1", -EINVAL },
		{ "-", -EINVAL },	   { "-1", -EINVAL },
		{ "1-", -EINVAL },	   { "1-,2", -EINVAL },
		{ "2-1", -EINVAL },	   { "0-1-2", -EINVAL },
		{ " 0", -EINVAL },	   { "0 ", -EINVAL },
		{ "0\n", -EINVAL },	   { "0, 1", -EINVAL },
		{ "a", -EINVAL },	   { "0x1", -EINVAL },
		{ "+1", -EINVAL },	   { "1024", -ERANGE },
		{ "0-1024", -ERANGE },	   { "0,1024", -ERANGE },
		{ "4294967296", -ERANGE }, { "99999999999999999999999", -ERANGE },
	};
	struct base_mask mask = { 0 };
	size_t i;

	(void)state;
	base_mask_set(&mask, 77);
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		if (base_mask_parse(rows[i].text, &mask) != rows[i].result)
			fail_msg("\"%s\"", rows[i].text);
	}
	assert_int_equal(base_mask_weight(&mask), 1);
	assert_true(base_mask_test(&mask, 77));
}

static void hex(void **state)
{
	static const struct {
		const char *list;
		unsigned int nr_bits;
		const char *printed;
	} rows[] = {
		{ "", 1, "0" },
		{ "0", 1, "1" },
		{ "0", 4, "1" },
		{ "0", 5, "01" },
		{ "0-1", 2, "3" },
		{ "0-1", 8, "03" },
		{ "0-31", 32, "ffffffff" },
		{ "32", 33, "1,00000000" },
		{ "0,63", 64, "80000000,00000001" },
		{ "64", 65, "1,00000000,00000000" },
		{ "0-5", 4, "f" },
		{ "0,36", 37, "10,00000001" },
		{ "0", 0, "" },
	};
	struct base_mask mask;
	struct base_buf buf;
	size_t i;

	(void)state;
	base_buf_init(&buf);
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		assert_int_equal(base_mask_parse(rows[i].list, &mask), 0);
		base_buf_reset(&buf);
		base_mask_print_hex(&mask, rows[i].nr_bits, &buf);
		assert_string_equal(base_buf_text(&buf), rows[i].printed);
	}
	assert_int_equal(base_mask_parse("1023", &mask), 0);
	base_buf_reset(&buf);
	base_mask_print_hex(&mask, BASE_MASK_BITS, &buf);
	assert_int_equal(buf.len, 32 * 9 - 1);
	assert_memory_equal(buf.data, "80000000,00000000,", 18);
	base_buf_fini(&buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits),
		cmocka_unit_test(lists),
		cmocka_unit_test(bad_lists),
		cmocka_unit_test(hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
