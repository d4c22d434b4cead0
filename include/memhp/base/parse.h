/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's parsing primitives (parse.c). */
#ifndef MEMHP_BASE_PARSE_H
#define MEMHP_BASE_PARSE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * base_sysfs_streq() - compare like the kernel's sysfs_streq()
 *
 * One trailing newline in either text is ignored.
 */
bool base_sysfs_streq(const char *a, const char *b);

/**
 * base_sysfs_match() - index of @text among @words, like the kernel's sysfs_match_string()
 *
 * Return: the index, or -EINVAL.
 */
int base_sysfs_match(const char *const *words, size_t nr_words, const char *text);

/**
 * base_is_near() - whether @a may be a misspelling of @b
 *
 * Letters may be wrong, missing, superfluous or transposed: one if @b has up to 6 letters, two if
 * it is longer. Case does not matter, and - and _ are the same. Nothing is near a word of more than
 * 63 letters.
 */
bool base_is_near(const char *a, const char *b);

/**
 * base_kstrtoull() - the kernel's kstrtoull()
 * @base: 0 (0x = 16, leading 0 = 8, else 10), or 2 to 16
 *
 * Accepts an optional single '+', digits, and an optional single newline.
 *
 * Return: 0; -ERANGE on overflow (takes precedence over garbage after the digits); -EINVAL.
 */
int base_kstrtoull(const char *text, unsigned int base, uint64_t *ret_value);

/** base_kstrtoll() - the kernel's kstrtoll(): base_kstrtoull() with an optional '-'. */
int base_kstrtoll(const char *text, unsigned int base, int64_t *ret_value);

/** base_kstrtouint() - the kernel's kstrtouint(): base_kstrtoull(), -ERANGE above 2^32-1. */
int base_kstrtouint(const char *text, unsigned int base, uint32_t *ret_value);

/**
 * base_kstrtobool() - the kernel's kstrtobool(): looks at the first one or two characters only
 *
 * Return: 0, or -EINVAL.
 */
int base_kstrtobool(const char *text, bool *ret_value);

/**
 * base_simple_strtoull() - the kernel's simple_strtoull() with base 0
 * @ret_end: where parsing stopped; @text itself when there is no number
 *
 * Return: the value, 0 without a number; overflow wraps, as in the kernel.
 */
uint64_t base_simple_strtoull(const char *text, const char **ret_end);

/**
 * base_memparse() - the kernel's memparse(): a number with an optional K M G T P E suffix
 * @ret_end: where parsing stopped (@text itself when there is no number); may be NULL
 *
 * Return: the value; overflow wraps, as in the kernel.
 */
uint64_t base_memparse(const char *text, const char **ret_end);

/**
 * base_parse_size() - parse a text that is one memparse() number and an optional newline
 *
 * Return: 0, -EINVAL when the text contains anything else, -ERANGE on overflow.
 */
int base_parse_size(const char *text, uint64_t *ret_bytes);

#endif
