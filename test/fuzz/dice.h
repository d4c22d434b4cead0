/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random choices taken from an input: a change of the input changes one choice. After its end all
 * dice roll 0.
 */
#ifndef FUZZ_DICE_H
#define FUZZ_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	const uint8_t *data;
	size_t left;
};

/** dice_roll() - a number below @n (at most 65536) */
static inline unsigned int dice_roll(struct dice *dice, size_t n)
{
	unsigned int number = 0;

	for (size_t most = 1; most < n && dice->left; most <<= 8, dice->left--)
		number = number << 8 | *dice->data++;
	return n ? (unsigned int)(number % n) : 0;
}

/** dice_chance() - true with probability 1/@n; never after the end */
static inline bool dice_chance(struct dice *dice, unsigned int n)
{
	return dice->left && dice_roll(dice, n) == n - 1;
}

/** dice_number() - any number, mostly a small one */
static inline uint64_t dice_number(struct dice *dice)
{
	uint64_t number = 0;

	for (unsigned int bytes = dice_roll(dice, 9); bytes && dice->left; bytes--, dice->left--)
		number = number << 8 | *dice->data++;
	return number;
}

#endif
