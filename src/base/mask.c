/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of small numbers (nodes, CPUs) in the kernel's two notations: a list of ranges
 * (%*pbl) and groups of eight hex digits (%*pb). Mirrors lib/bitmap-str.c and lib/vsprintf.c.
 */
#include <assert.h>
#include <errno.h>

#include "memhp/base.h"

#define MASK_GROUP_BITS 32

void base_mask_set(struct base_mask *mask, unsigned int bit)
{
	assert(bit < BASE_MASK_BITS);
	mask->word[bit / 64] |= UINT64_C(1) << bit % 64;
}

void base_mask_clear(struct base_mask *mask, unsigned int bit)
{
	assert(bit < BASE_MASK_BITS);
	mask->word[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

bool base_mask_test(const struct base_mask *mask, unsigned int bit)
{
	return bit < BASE_MASK_BITS && (mask->word[bit / 64] >> bit % 64 & 1);
}

bool base_mask_empty(const struct base_mask *mask)
{
	return base_mask_next(mask, 0) == BASE_MASK_BITS;
}

unsigned int base_mask_weight(const struct base_mask *mask)
{
	unsigned int i, weight = 0;

	for (i = 0; i < BASE_ARRAY_SIZE(mask->word); i++)
		weight += (unsigned int)__builtin_popcountll(mask->word[i]);
	return weight;
}

unsigned int base_mask_next(const struct base_mask *mask, unsigned int from)
{
	unsigned int i;
	uint64_t word;

	if (from >= BASE_MASK_BITS)
		return BASE_MASK_BITS;
	i = from / 64;
	word = mask->word[i] & UINT64_MAX << from % 64;
	while (word == 0) {
		if (++i == BASE_ARRAY_SIZE(mask->word))
			return BASE_MASK_BITS;
		word = mask->word[i];
	}
	return i * 64 + (unsigned int)__builtin_ctzll(word);
}

static int mask_parse_number(const char **text, unsigned int *ret_bit)
{
	const char *at = *text;
	unsigned int bit = 0;

	if (*at < '0' || *at > '9')
		return -EINVAL;
	for (; *at >= '0' && *at <= '9'; at++) {
		bit = bit * 10 + (unsigned int)(*at - '0');
		if (bit >= BASE_MASK_BITS)
			return -ERANGE;
	}
	*text = at;
	*ret_bit = bit;
	return 0;
}

int base_mask_parse(const char *text, struct base_mask *ret_mask)
{
	struct base_mask mask = { 0 };
	unsigned int first, last;
	int r;

	while (*text != '\0') {
		r = mask_parse_number(&text, &first);
		if (r < 0)
			return r;
		last = first;
		if (*text == '-') {
			text++;
			r = mask_parse_number(&text, &last);
			if (r < 0)
				return r;
		}
		if (last < first)
			return -EINVAL;
		for (; first <= last; first++)
			base_mask_set(&mask, first);
		if (*text == ',' && text[1] != '\0')
			text++;
		else if (*text != '\0')
			return -EINVAL;
	}
	*ret_mask = mask;
	return 0;
}

void base_mask_print_list(const struct base_mask *mask, struct base_buf *buf)
{
	unsigned int first, last;
	const char *comma = "";

	for (first = base_mask_next(mask, 0); first < BASE_MASK_BITS;
	     first = base_mask_next(mask, last + 1)) {
		last = first;
		while (base_mask_test(mask, last + 1))
			last++;
		base_buf_printf(buf, "%s%u", comma, first);
		if (last > first)
			base_buf_printf(buf, "-%u", last);
		comma = ",";
	}
}

void base_mask_print_hex(const struct base_mask *mask, unsigned int nr_bits, struct base_buf *buf)
{
	unsigned int nr_groups = (nr_bits + MASK_GROUP_BITS - 1) / MASK_GROUP_BITS;
	unsigned int width, bits, group;
	uint32_t value;

	assert(nr_bits <= BASE_MASK_BITS);
	for (group = nr_groups; group-- > 0;) {
		bits = BASE_MIN(nr_bits - group * MASK_GROUP_BITS, (unsigned int)MASK_GROUP_BITS);
		value = (uint32_t)(mask->word[group / 2] >> group % 2 * MASK_GROUP_BITS);
		value &= UINT32_MAX >> (MASK_GROUP_BITS - bits);
		width = (bits + 3) / 4;
		base_buf_printf(buf, "%s%0*x", group + 1 == nr_groups ? "" : ",", (int)width,
				value);
	}
}
