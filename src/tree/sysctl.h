/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as files of proc/sys read and write them (proc_sysctl.c). */
#ifndef TREE_SYSCTL_H
#define TREE_SYSCTL_H

#include "memhp/base.h"

/*
 * struct tree_numbers - what a write can set
 * @is_long: unsigned longs; else ints, which are stored as (uint64_t)(int64_t)
 * @nr: of numbers, which are optional but for the first
 * @page: bytes of a page, the most that is looked at
 */
struct tree_numbers {
	bool is_long;
	uint64_t min;
	uint64_t max;
	size_t nr;
	size_t page;
};

/*
 * Reads numbers from a text (__do_proc_dointvec(), __do_proc_doulongvec_minmax()).
 * @values: changed as far as the text is understood, also if an error follows
 * @ret_len: how much of @len counts as written
 *
 * Return: 0; -EINVAL for something else than numbers, or one that is out of range.
 */
int tree_numbers_parse(const struct tree_numbers *numbers, const char *text, size_t len,
		       uint64_t *values, size_t *ret_len);
/* Prints one of them. */
void tree_number_print(bool is_long, uint64_t value, struct base_buf *buf);

#endif
