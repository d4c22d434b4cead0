// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random choices, and texts that are valid, or are almost valid, or are not at all.
 *
 * All arithmetic is of integers of a fixed size, so that a seed means the same everywhere.
 */
#include <ctype.h>
#include <string.h>

#include "random_private.h"

#define LONG_WORD 5000 /* more than a page, which is the most that a sysfs file takes */
#define SPOILT 25      /* percent of the texts that are changed */

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). */
static uint64_t dice_next(struct random_dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint64_t random_roll(struct random_dice *dice, uint64_t n)
{
	return dice_next(dice) % n;
}

bool random_chance(struct random_dice *dice, unsigned int percent)
{
	return random_roll(dice, 100) < percent;
}

const char *random_of(struct random_dice *dice, const char *const *words)
{
	uint64_t nr = 0;

	while (words[nr])
		nr++;
	return words[random_roll(dice, nr)];
}

size_t random_weighted(struct random_dice *dice, const unsigned int *weights, size_t nr)
{
	uint64_t sum = 0, at;

	for (size_t i = 0; i < nr; i++)
		sum += weights[i];
	at = random_roll(dice, sum);
	for (size_t i = 0; i < nr; i++) {
		if (at < weights[i])
			return i;
		at -= weights[i];
	}
	return nr - 1;
}

/* ---- spoiling texts -------------------------------------------------------------------------- */

static void spoil_after(struct random_dice *dice, struct base_buf *text)
{
	static const char *const after[] = { "\n", "\n\n", " ", "\r\n", "\nfoo", "x", "\t", NULL };

	base_buf_puts(text, random_of(dice, after));
}

static void spoil_before(struct random_dice *dice, struct base_buf *text)
{
	static const char *const before[] = { " ", "\n", "+", "-", "0x", "0", NULL };
	struct base_buf old = *text;

	base_buf_init(text);
	base_buf_puts(text, random_of(dice, before));
	base_buf_puts(text, base_buf_text(&old));
	base_buf_fini(&old);
}

static void spoil_case(struct random_dice *dice, struct base_buf *text)
{
	size_t nr = random_chance(dice, 50) ? text->len : BASE_MIN(text->len, 1);

	for (size_t i = 0; i < nr; i++)
		text->data[i] = (char)toupper((unsigned char)text->data[i]);
}

static void spoil_cut(struct random_dice *dice, struct base_buf *text)
{
	if (text->len) {
		text->len = random_roll(dice, text->len);
		text->data[text->len] = '\0';
	}
}

static void spoil_nul(struct random_dice *dice, struct base_buf *text)
{
	base_buf_add(text, "\0junk", 1 + random_roll(dice, 5));
}

static void spoil_letter(struct random_dice *dice, struct base_buf *text)
{
	if (text->len)
		text->data[random_roll(dice, text->len)] = (char)random_roll(dice, 256);
}

static void spoil_all(struct random_dice *dice, struct base_buf *text)
{
	static const char *const other[] = { "",	   "\n",   " ",	     "0",
					     "1",	   "-1",   "2",	     "y",
					     "on",	   "none", "online", "0x8000000",
					     "4294967296", "07",   "\xff",   "99999999999999999999",
					     NULL };

	base_buf_reset(text);
	base_buf_puts(text, random_of(dice, other));
}

static void spoil_long(struct random_dice *dice, struct base_buf *text)
{
	char letter = (char)('a' + random_roll(dice, 26));

	base_buf_reset(text);
	for (unsigned int i = 0; i < LONG_WORD; i++)
		base_buf_add(text, &letter, 1);
}

/* Text that is added before a number or after it may give another number that is valid. */
static void spoil(struct random_dice *dice, struct base_buf *text)
{
	static const struct {
		unsigned int weight;
		void (*fn)(struct random_dice *dice, struct base_buf *text);
	} ways[] = {
		{ 12, spoil_after }, { 5, spoil_before }, { 4, spoil_case }, { 3, spoil_cut },
		{ 3, spoil_nul },    { 2, spoil_letter }, { 6, spoil_all },  { 1, spoil_long },
	};
	unsigned int weights[BASE_ARRAY_SIZE(ways)];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(ways); i++)
		weights[i] = ways[i].weight;
	ways[random_weighted(dice, weights, BASE_ARRAY_SIZE(ways))].fn(dice, text);
}

void random_word(struct random *r, const char *const *words, struct base_buf *buf)
{
	base_buf_puts(buf, random_of(&r->dice, words));
	if (random_chance(&r->dice, SPOILT))
		spoil(&r->dice, buf);
}

void random_value(struct random *r, uint64_t value, struct base_buf *buf)
{
	unsigned long long number = value;
	uint64_t form = random_roll(&r->dice, 13);

	if (form < 10)
		base_buf_printf(buf, "%llu", number);
	else if (form < 12)
		base_buf_printf(buf, "0x%llx", number);
	else
		base_buf_printf(buf, "0%llo", number);
	if (random_chance(&r->dice, SPOILT))
		spoil(&r->dice, buf);
}
