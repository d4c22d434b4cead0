// SPDX-License-Identifier: GPL-2.0-or-later
/* The texts of proc/sys (the kernel's kernel/sysctl.c). */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "sysctl.h"

#define NUMBER_CHARS 21 /* TMPBUFLEN, without the NUL */
#define NBSP 0xa0	/* also a space to the kernel */

static void skip_spaces(const char **at, size_t *left)
{
	while (*left && (strchr(" \t\n\v\f\r", **at) || (unsigned char)**at == NBSP) && **at) {
		(*at)++;
		(*left)--;
	}
}

/* proc_get_long() */
static int take_number(const char **at, size_t *left, uint64_t *ret_value, bool *ret_negative)
{
	char text[NUMBER_CHARS + 1] = "", digits[NUMBER_CHARS + 1] = "";
	size_t len = BASE_MIN(*left, NUMBER_CHARS), used;
	const char *start = text, *end;

	memcpy(text, *at, len);
	*ret_negative = text[0] == '-' && *left > 1;
	start += *ret_negative;
	if (!isdigit((unsigned char)*start))
		return -EINVAL;
	(void)base_simple_strtoull(start, &end);
	memcpy(digits, start, (size_t)(end - start));
	if (base_kstrtoull(digits, 0, ret_value))
		return -EINVAL;
	used = (size_t)(end - text);
	/* What follows is not known if the number fills all that was looked at. */
	if (used == NUMBER_CHARS || (used < *left && (!*end || !strchr(" \t\n", *end))))
		return -EINVAL;
	*at += used;
	*left -= used;
	return 0;
}

/* do_proc_dointvec_minmax_conv() */
static int take_int(uint64_t number, bool negative, const struct tree_numbers *n, uint64_t *value)
{
	int64_t limit = negative ? -(int64_t)INT_MIN : INT_MAX, result;

	if (number > (uint64_t)limit)
		return -EINVAL;
	result = negative ? -(int64_t)number : (int64_t)number;
	if (result < (int64_t)n->min || result > (int64_t)n->max)
		return -EINVAL;
	*value = (uint64_t)result;
	return 0;
}

static int take_long(uint64_t number, bool negative, const struct tree_numbers *n, uint64_t *value)
{
	if (negative || number < n->min || number > n->max)
		return -EINVAL;
	*value = number;
	return 0;
}

int tree_numbers_parse(const struct tree_numbers *n, const char *text, size_t len, uint64_t *values,
		       size_t *ret_len)
{
	size_t left = BASE_MIN(len, n->page - 1), nr = 0;
	const char *at = text;
	int ret = 0;

	*ret_len = len;
	for (; left && nr < n->nr; nr++) {
		uint64_t number;
		bool negative;

		skip_spaces(&at, &left);
		if (!left)
			break;
		ret = take_number(&at, &left, &number, &negative);
		if (!ret)
			ret = (n->is_long ? take_long : take_int)(number, negative, n, &values[nr]);
		if (ret)
			break;
	}
	if (!ret)
		skip_spaces(&at, &left);
	if (!nr)
		return -EINVAL;
	*ret_len = len - left;
	return ret;
}

void tree_number_print(bool is_long, uint64_t value, struct base_buf *buf)
{
	if (is_long)
		base_buf_printf(buf, "%llu", (unsigned long long)value);
	else
		base_buf_printf(buf, "%lld", (long long)value);
}
