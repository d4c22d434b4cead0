/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's parsing primitives: tables of texts and what the kernel answers to them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/base.h"

#define UNTOUCHED 0x5a5a

static void sysfs_streq(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "", "", true },
		{ "", "\n", true },
		{ "online", "online", true },
		{ "online", "online\n", true },
		{ "online\n", "online", true },
		{ "online\n", "online\n", true },
		{ "online", "online\n\n", false },
		{ "online\n", "online\n\n", true },
		{ "online", "online ", false },
		{ "online", " online", false },
		{ "online", "Online", false },
		{ "online", "onlin", false },
		{ "online", "online_kernel", false },
		{ "online_kernel", "online", false },
		{ "online", "online\nx", false },
		{ "online\nx", "online", false },
		{ "", "\n\n", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		if (base_sysfs_streq(rows[i].a, rows[i].b) != rows[i].equal ||
		    base_sysfs_streq(rows[i].b, rows[i].a) != rows[i].equal)
			fail_msg("row %zu", i);
	}
}

static void sysfs_match(void **state)
{
	static const char *const words[] = { "offline", "online", "online_kernel",
					     "online_movable" };

	(void)state;
	assert_int_equal(base_sysfs_match(words, 4, "offline"), 0);
	assert_int_equal(base_sysfs_match(words, 4, "online\n"), 1);
	assert_int_equal(base_sysfs_match(words, 4, "online_kernel\n"), 2);
	assert_int_equal(base_sysfs_match(words, 4, "online_movable"), 3);
	assert_int_equal(base_sysfs_match(words, 3, "online_movable"), -EINVAL);
	assert_int_equal(base_sysfs_match(words, 4, ""), -EINVAL);
	assert_int_equal(base_sysfs_match(words, 4, "\n"), -EINVAL);
	assert_int_equal(base_sysfs_match(words, 4, "1"), -EINVAL);
	assert_int_equal(base_sysfs_match(words, 4, "Online"), -EINVAL);
	assert_int_equal(base_sysfs_match(words, 4, "online\n\n"), -EINVAL);
	assert_int_equal(base_sysfs_match(words, 0, "online"), -EINVAL);
}

static void kstrtoull(void **state)
{
	static const struct {
		const char *text;
		unsigned int base;
		int result;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 0, 0 },
		{ "1", 0, 0, 1 },
		{ "+1", 0, 0, 1 },
		{ "1\n", 0, 0, 1 },
		{ "+0x10\n", 0, 0, 16 },
		{ "0X1f", 0, 0, 31 },
		{ "0xAbCd", 0, 0, 0xabcd },
		{ "010", 0, 0, 8 },
		{ "00", 0, 0, 0 },
		{ "0000000000000000000000000000007", 0, 0, 7 },
		{ "18446744073709551615", 0, 0, UINT64_MAX },
		{ "0xffffffffffffffff", 0, 0, UINT64_MAX },
		{ "01777777777777777777777", 0, 0, UINT64_MAX },
		{ "10", 16, 0, 16 },
		{ "0x10", 16, 0, 16 },
		{ "010", 10, 0, 10 },
		{ "101", 2, 0, 5 },
		{ "", 0, -EINVAL, 0 },
		{ "\n", 0, -EINVAL, 0 },
		{ "+", 0, -EINVAL, 0 },
		{ "++1", 0, -EINVAL, 0 },
		{ "-", 0, -EINVAL, 0 },
		{ "-1", 0, -EINVAL, 0 },
		{ "+-1", 0, -EINVAL, 0 },
		{ " 1", 0, -EINVAL, 0 },
		{ "1 ", 0, -EINVAL, 0 },
		{ "1\n\n", 0, -EINVAL, 0 },
		{ "1\n2", 0, -EINVAL, 0 },
		{ "0x", 0, -EINVAL, 0 },
		{ "0x", 16, -EINVAL, 0 },
		{ "0xg", 0, -EINVAL, 0 },
		{ "08", 0, -EINVAL, 0 },
		{ "1a", 0, -EINVAL, 0 },
		{ "0x10", 10, -EINVAL, 0 },
		{ "2", 2, -EINVAL, 0 },
		{ "1K", 0, -EINVAL, 0 },
		{ "18446744073709551616", 0, -ERANGE, 0 },
		{ "0x10000000000000000", 0, -ERANGE, 0 },
		{ "02000000000000000000000", 0, -ERANGE, 0 },
		{ "99999999999999999999999999 junk", 0, -ERANGE, 0 },
		{ "+99999999999999999999999999", 0, -ERANGE, 0 },
	};
	uint64_t value;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		value = UNTOUCHED;
		r = base_kstrtoull(rows[i].text, rows[i].base, &value);
		if (r != rows[i].result || value != (r < 0 ? UNTOUCHED : rows[i].value))
			fail_msg("\"%s\" base %u: %d, %ju", rows[i].text, rows[i].base, r,
				 (uintmax_t)value);
	}
}

static void kstrtoll(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "-0", 0, 0 },
		{ "-1\n", 0, -1 },
		{ "+1", 0, 1 },
		{ "-0x10", 0, -16 },
		{ "-010", 0, -8 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "-9223372036854775807", 0, -INT64_MAX },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "-9223372036854775809", -ERANGE, 0 },
		{ "-18446744073709551615", -ERANGE, 0 },
		{ "-18446744073709551616", -ERANGE, 0 },
		{ "18446744073709551616x", -ERANGE, 0 },
		{ "-", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "--1", -EINVAL, 0 },
		{ "-+1", -EINVAL, 0 },
		{ "+-1", -EINVAL, 0 },
		{ "- 1", -EINVAL, 0 },
		{ "-1x", -EINVAL, 0 },
	};
	int64_t value;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		value = UNTOUCHED;
		r = base_kstrtoll(rows[i].text, 0, &value);
		if (r != rows[i].result || value != (r < 0 ? UNTOUCHED : rows[i].value))
			fail_msg("\"%s\": %d, %jd", rows[i].text, r, (intmax_t)value);
	}
}

static void kstrtouint(void **state)
{
	uint32_t value = UNTOUCHED;

	(void)state;
	assert_int_equal(base_kstrtouint("4294967296", 0, &value), -ERANGE);
	assert_int_equal(base_kstrtouint("18446744073709551616", 0, &value), -ERANGE);
	assert_int_equal(base_kstrtouint("4294967296x", 0, &value), -EINVAL);
	assert_int_equal(base_kstrtouint("-1", 0, &value), -EINVAL);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(base_kstrtouint("4294967295\n", 0, &value), 0);
	assert_int_equal(value, UINT32_MAX);
	assert_int_equal(base_kstrtouint("+0x12d", 0, &value), 0);
	assert_int_equal(value, 301);
}

static void kstrtobool(void **state)
{
	static const char *const yes[] = { "1",	   "1\n", "1abc", "y",	"Y",   "yes",	 "t", "T",
					   "true", "on",  "ON",	  "oN", "one", "Onward", "10" };
	static const char *const no[] = { "0", "0\n",	"0x",  "n",  "N",  "Nonsense", "f",
					  "F", "false", "off", "of", "OF", "oFF",      "00" };
	static const char *const bad[] = { "",	 "\n", "2",  "o", "O", "o\n",	 "oo",
					   " 1", "+1", "-1", "e", "d", "enable", "disable" };
	bool value;
	size_t i;

	(void)state;
	for (i = 0; i < BASE_ARRAY_SIZE(yes); i++) {
		value = false;
		if (base_kstrtobool(yes[i], &value) != 0 || !value)
			fail_msg("\"%s\" is not true", yes[i]);
	}
	for (i = 0; i < BASE_ARRAY_SIZE(no); i++) {
		value = true;
		if (base_kstrtobool(no[i], &value) != 0 || value)
			fail_msg("\"%s\" is not false", no[i]);
	}
	for (i = 0; i < BASE_ARRAY_SIZE(bad); i++) {
		value = true;
		if (base_kstrtobool(bad[i], &value) != -EINVAL || !value)
			fail_msg("\"%s\" is not refused", bad[i]);
		value = false;
		if (base_kstrtobool(bad[i], &value) != -EINVAL || value)
			fail_msg("\"%s\" is not refused", bad[i]);
	}
}

static void memparse(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
		size_t used;
	} rows[] = {
		{ "0", 0, 1 },
		{ "123", 123, 3 },
		{ "1k", UINT64_C(1) << 10, 2 },
		{ "1K", UINT64_C(1) << 10, 2 },
		{ "512M", UINT64_C(512) << 20, 4 },
		{ "3g,", UINT64_C(3) << 30, 2 },
		{ "1T", UINT64_C(1) << 40, 2 },
		{ "1p", UINT64_C(1) << 50, 2 },
		{ "1E@4", UINT64_C(1) << 60, 2 },
		{ "0x10M", UINT64_C(16) << 20, 5 },
		{ "0x1E", 0x1e, 4 },
		{ "010k", UINT64_C(8) << 10, 4 },
		{ "08", 0, 1 },
		{ "0x", 0, 1 },
		{ "25%", 25, 2 },
		{ "1KK", UINT64_C(1) << 10, 2 },
		{ "1B", 1, 1 },
		{ "16E", 0, 3 },
		{ "18446744073709551617", 1, 20 },
		{ "", 0, 0 },
		{ "M", 0, 0 },
		{ "+1", 0, 0 },
		{ "-1", 0, 0 },
		{ " 1", 0, 0 },
	};
	const char *end;
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		value = base_memparse(rows[i].text, &end);
		if (value != rows[i].value || end != rows[i].text + rows[i].used)
			fail_msg("\"%s\": %ju, %td used", rows[i].text, (uintmax_t)value,
				 end - rows[i].text);
		assert_true(base_memparse(rows[i].text, NULL) == value);
	}
}

static void parse_size(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "1G", 0, UINT64_C(1) << 30 },
		{ "1G\n", 0, UINT64_C(1) << 30 },
		{ "0x147fffffff", 0, UINT64_C(0x147fffffff) },
		{ "15E", 0, UINT64_C(15) << 60 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18014398509481983K", 0, UINT64_MAX - 1023 },
		{ "", -EINVAL, 0 },
		{ "\n", -EINVAL, 0 },
		{ "M", -EINVAL, 0 },
		{ "1G\n\n", -EINVAL, 0 },
		{ "1GB", -EINVAL, 0 },
		{ "1 G", -EINVAL, 0 },
		{ " 1G", -EINVAL, 0 },
		{ "1G ", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "1.5G", -EINVAL, 0 },
		{ "16Ex", -EINVAL, 0 },
		{ "16E", -ERANGE, 0 },
		{ "18014398509481984K\n", -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
	};
	uint64_t value;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		value = UNTOUCHED;
		r = base_parse_size(rows[i].text, &value);
		if (r != rows[i].result || value != (r < 0 ? UNTOUCHED : rows[i].value))
			fail_msg("\"%s\": %d, %ju", rows[i].text, r, (uintmax_t)value);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sysfs_streq), cmocka_unit_test(sysfs_match),
		cmocka_unit_test(kstrtoull),   cmocka_unit_test(kstrtoll),
		cmocka_unit_test(kstrtouint),  cmocka_unit_test(kstrtobool),
		cmocka_unit_test(memparse),    cmocka_unit_test(parse_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
