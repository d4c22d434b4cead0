/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of small numbers: nodes, CPUs (mask.c). */
#ifndef MEMHP_BASE_MASK_H
#define MEMHP_BASE_MASK_H

#include "memhp/base/buf.h"

#define BASE_MASK_BITS 1024 /* MAX_NUMNODES of the largest configuration */

struct base_mask {
	uint64_t word[BASE_MASK_BITS / 64];
};

void base_mask_set(struct base_mask *mask, unsigned int bit);
void base_mask_clear(struct base_mask *mask, unsigned int bit);
bool base_mask_test(const struct base_mask *mask, unsigned int bit);
bool base_mask_empty(const struct base_mask *mask);
unsigned int base_mask_weight(const struct base_mask *mask);
/** base_mask_next() - the first set bit at or above @from; BASE_MASK_BITS when there is none. */
unsigned int base_mask_next(const struct base_mask *mask, unsigned int from);
#define BASE_MASK_FOREACH(bit, mask)                                                               \
	for ((bit) = base_mask_next((mask), 0); (bit) < BASE_MASK_BITS;                            \
	     (bit) = base_mask_next((mask), (bit) + 1))

/**
 * base_mask_parse() - parse a range list such as "0-1,3"; the empty text is the empty set
 *
 * Return: 0, -EINVAL (not a list, or a range that runs backwards), -ERANGE (a number too large).
 */
int base_mask_parse(const char *text, struct base_mask *ret_mask);
/** base_mask_print_list() - print a range list like the kernel's %*pbl, without a newline. */
void base_mask_print_list(const struct base_mask *mask, struct base_buf *buf);
/** base_mask_print_hex() - print @nr_bits bits like the kernel's %*pb, without a newline. */
void base_mask_print_hex(const struct base_mask *mask, unsigned int nr_bits, struct base_buf *buf);

#endif
