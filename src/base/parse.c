/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's parsing primitives, with their oddities. They decide what an attribute accepts, so
 * that every store of the emulated kernel agrees with the real one on each byte.
 *
 * Mirrors lib/kstrtox.c, lib/cmdline.c:memparse() and lib/string_helpers.c:sysfs_streq().
 */
#include <errno.h>
#include <string.h>

#include "memhp/base.h"

#define PARSE_NOT_A_DIGIT 16

struct parse_run {
	uint64_t value; /* wrapped when overflow is set */
	size_t nr_digits;
	bool overflow;
};

static unsigned int parse_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return PARSE_NOT_A_DIGIT;
}

static bool parse_has_hex_mark(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

static const char *parse_radix(const char *text, unsigned int *base)
{
	if (*base == 0) {
		if (parse_has_hex_mark(text) && parse_digit(text[2]) < 16)
			*base = 16;
		else
			*base = text[0] == '0' ? 8 : 10;
	}
	if (*base == 16 && parse_has_hex_mark(text))
		text += 2;
	return text;
}

static struct parse_run parse_digits(const char *text, unsigned int base)
{
	struct parse_run run = { 0 };
	unsigned int digit;

	while ((digit = parse_digit(text[run.nr_digits])) < base) {
		if (run.value > (UINT64_MAX - digit) / base)
			run.overflow = true;
		run.value = run.value * base + digit;
		run.nr_digits++;
	}
	return run;
}

static int parse_unsigned(const char *text, unsigned int base, uint64_t *ret_value)
{
	struct parse_run run;

	text = parse_radix(text, &base);
	run = parse_digits(text, base);
	if (run.overflow)
		return -ERANGE;
	if (run.nr_digits == 0)
		return -EINVAL;
	text += run.nr_digits;
	if (*text == '\n')
		text++;
	if (*text != '\0')
		return -EINVAL;
	*ret_value = run.value;
	return 0;
}

bool base_sysfs_streq(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	if (*a == '\n' && *b == '\0')
		a++;
	else if (*b == '\n' && *a == '\0')
		b++;
	return *a == '\0' && *b == '\0';
}

int base_sysfs_match(const char *const *words, size_t nr_words, const char *text)
{
	size_t i;

	for (i = 0; i < nr_words; i++) {
		if (base_sysfs_streq(words[i], text))
			return (int)i;
	}
	return -EINVAL;
}

int base_kstrtoull(const char *text, unsigned int base, uint64_t *ret_value)
{
	if (*text == '+')
		text++;
	return parse_unsigned(text, base, ret_value);
}

int base_kstrtoll(const char *text, unsigned int base, int64_t *ret_value)
{
	bool negative = *text == '-';
	uint64_t value, limit;
	int r;

	r = negative ? parse_unsigned(text + 1, base, &value) : base_kstrtoull(text, base, &value);
	if (r < 0)
		return r;
	limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	if (value > limit)
		return -ERANGE;
	if (!negative)
		*ret_value = (int64_t)value;
	else
		*ret_value = value == limit ? INT64_MIN : -(int64_t)value;
	return 0;
}

int base_kstrtouint(const char *text, unsigned int base, uint32_t *ret_value)
{
	uint64_t value;
	int r;

	r = base_kstrtoull(text, base, &value);
	if (r < 0)
		return r;
	if (value > UINT32_MAX)
		return -ERANGE;
	*ret_value = (uint32_t)value;
	return 0;
}

int base_kstrtobool(const char *text, bool *ret_value)
{
	static const char yes[] = "yYtT1";
	static const char no[] = "nNfF0";
	bool second_letter = *text == 'o' || *text == 'O';

	if (second_letter)
		text++;
	if (*text == '\0')
		return -EINVAL;
	if (strchr(second_letter ? "nN" : yes, *text))
		*ret_value = true;
	else if (strchr(second_letter ? "fF" : no, *text))
		*ret_value = false;
	else
		return -EINVAL;
	return 0;
}

/* The number of bits by which a size suffix shifts; 0 when @c is not a suffix. */
static unsigned int parse_suffix(char c)
{
	static const char suffixes[] = "KkMmGgTtPpEe";
	const char *at = c == '\0' ? NULL : strchr(suffixes, c);

	return at ? 10 * (1 + (unsigned int)(at - suffixes) / 2) : 0;
}

static struct parse_run parse_size(const char *text, const char **ret_end)
{
	unsigned int base = 0, shift;
	struct parse_run run;
	const char *digits = parse_radix(text, &base);

	run = parse_digits(digits, base);
	if (run.nr_digits == 0) {
		*ret_end = text;
		return run;
	}
	digits += run.nr_digits;
	shift = parse_suffix(*digits);
	if (shift > 0) {
		if (run.value > UINT64_MAX >> shift)
			run.overflow = true;
		run.value <<= shift;
		digits++;
	}
	*ret_end = digits;
	return run;
}

uint64_t base_simple_strtoull(const char *text, const char **ret_end)
{
	unsigned int base = 0;
	const char *digits = parse_radix(text, &base);
	struct parse_run run = parse_digits(digits, base);

	*ret_end = run.nr_digits ? digits + run.nr_digits : text;
	return run.value;
}

uint64_t base_memparse(const char *text, const char **ret_end)
{
	const char *end;
	struct parse_run run = parse_size(text, &end);

	if (ret_end)
		*ret_end = end;
	return run.value;
}

int base_parse_size(const char *text, uint64_t *ret_bytes)
{
	const char *end;
	struct parse_run run = parse_size(text, &end);

	if (run.nr_digits == 0)
		return -EINVAL;
	if (*end == '\n')
		end++;
	if (*end != '\0')
		return -EINVAL;
	if (run.overflow)
		return -ERANGE;
	*ret_bytes = run.value;
	return 0;
}
