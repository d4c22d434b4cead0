/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of values that are shared by several keys of machine files. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"

/* ---- text values and masks ------------------------------------------------------------------- */

bool spec_is_printable(const char *text)
{
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			return false;
	}
	return true;
}

static int text_read(const struct spec_value *v, const char *text)
{
	if (!spec_is_printable(text))
		return -EINVAL;
	if (v->key->valid && !v->key->valid(text))
		return -EINVAL;
	*(char **)v->p = strdup(text);
	return *(char **)v->p ? 0 : -ENOMEM;
}

void spec_put_quoted(const char *text, struct base_buf *buf)
{
	base_buf_puts(buf, "\"");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		/* A line break would be read as a blank. */
		if (c < ' ' || c == '\x7f')
			base_buf_printf(buf, "\\x%02x", c);
		else
			base_buf_printf(buf, "%s%c", strchr("\"\\", c) ? "\\" : "", c);
	}
	base_buf_puts(buf, "\"");
}

static void text_write(const struct spec_value *v, struct base_buf *buf)
{
	const char *text = *(char *const *)v->p;

	if (text && *text)
		spec_put_quoted(text, buf);
}

const struct spec_type spec_text = { SPEC_SCALAR, text_read, text_write };

static int mask_read(const struct spec_value *v, const char *text)
{
	struct base_mask mask;

	if (base_mask_parse(text, &mask) < 0)
		return -EINVAL;
	*(struct base_mask *)v->p = mask;
	return 0;
}

static void mask_write(const struct spec_value *v, struct base_buf *buf)
{
	if (base_mask_empty(v->p) && !v->key->required)
		return;
	base_buf_puts(buf, "\"");
	base_mask_print_list(v->p, buf);
	base_buf_puts(buf, "\"");
}

const struct spec_type spec_mask = { SPEC_SCALAR, mask_read, mask_write };

/* ---- number values --------------------------------------------------------------------------- */

/* The number that the key describes, of 1, 4 or 8 bytes. */
static uint64_t number_get(const struct spec_value *v)
{
	return v->key->size == sizeof(bool)	? *(const bool *)v->p :
	       v->key->size == sizeof(uint32_t) ? *(const uint32_t *)v->p :
						  *(const uint64_t *)v->p;
}

static int number_set(const struct spec_value *v, uint64_t number)
{
	if (v->key->size == sizeof(bool))
		*(bool *)v->p = number;
	else if (v->key->size == sizeof(uint32_t))
		*(uint32_t *)v->p = (uint32_t)number;
	else
		*(uint64_t *)v->p = number;
	return 0;
}

static struct spec_bounds bounds_of(const struct spec_value *v)
{
	return v->key->bounds_of ? v->key->bounds_of(v->spec) : v->key->bounds;
}

static int number_set_within(const struct spec_value *v, uint64_t number)
{
	struct spec_bounds bounds = bounds_of(v);

	return number < bounds.min || number > bounds.max ? -EINVAL : number_set(v, number);
}

static void number_preset(const struct spec_value *v)
{
	number_set(v, bounds_of(v).preset);
}

static int number_read(const struct spec_value *v, const char *text)
{
	uint64_t number;

	return base_kstrtoull(text, v->key->base, &number) ? -EINVAL : number_set_within(v, number);
}

static void number_write(const struct spec_value *v, struct base_buf *buf)
{
	uint64_t number = number_get(v);

	if (number != bounds_of(v).preset || v->key->required)
		base_buf_printf(buf, "%" PRIu64, number);
}

static void number_allow(const struct spec_value *v, struct base_buf *buf)
{
	struct spec_bounds bounds = bounds_of(v);

	base_buf_printf(buf, "%" PRIu64 " to %" PRIu64, bounds.min, bounds.max);
}

const struct spec_type spec_number = {
	SPEC_SCALAR, number_read, number_write, number_preset, number_allow,
};

static int address_read(const struct spec_value *v, const char *text)
{
	uint64_t address;

	return base_parse_size(text, &address) ? -EINVAL : number_set_within(v, address);
}

static void address_write(const struct spec_value *v, struct base_buf *buf)
{
	base_buf_printf(buf, "0x%" PRIx64, number_get(v));
}

const struct spec_type spec_address = { SPEC_SCALAR, address_read, address_write, number_preset };

static int size_read(const struct spec_value *v, const char *text)
{
	uint64_t size;

	return base_parse_size(text, &size) ? -EINVAL : number_set_within(v, size);
}

static void size_write(const struct spec_value *v, struct base_buf *buf)
{
	if (number_get(v) != bounds_of(v).preset || v->key->required)
		base_buf_puts(buf, base_size_text(number_get(v)).s);
}

static void size_allow(const struct spec_value *v, struct base_buf *buf)
{
	struct spec_bounds bounds = bounds_of(v);

	base_buf_printf(buf, "%s to %s, as 2G", base_size_text(bounds.min).s,
			base_size_text(bounds.max).s);
}

const struct spec_type spec_size = {
	SPEC_SCALAR, size_read, size_write, number_preset, size_allow,
};

static int power_read(const struct spec_value *v, const char *text)
{
	uint64_t size;

	if (base_parse_size(text, &size) || __builtin_popcountll(size) != 1)
		return -EINVAL;
	return number_set_within(v, size);
}

static void power_write(const struct spec_value *v, struct base_buf *buf)
{
	if (number_get(v))
		base_buf_puts(buf, base_size_text(number_get(v)).s);
}

static void power_allow(const struct spec_value *v, struct base_buf *buf)
{
	struct spec_bounds bounds = bounds_of(v);

	base_buf_printf(buf, "a power of two from %s to %s", base_size_text(bounds.min).s,
			base_size_text(bounds.max).s);
}

const struct spec_type spec_power = {
	SPEC_SCALAR, power_read, power_write, number_preset, power_allow,
};

/* ---- values from a list of words ------------------------------------------------------------- */

static int word_read(const struct spec_value *v, const char *text)
{
	int word = base_sysfs_match(v->key->words, v->key->nr_words, text);

	return word < 0 ? -EINVAL : number_set(v, (uint64_t)word);
}

static void word_write(const struct spec_value *v, struct base_buf *buf)
{
	const char *word = v->key->words[number_get(v)];

	if (!v->key->otherwise || strcmp(word, v->key->otherwise))
		base_buf_puts(buf, word);
}

static void word_allow(const struct spec_value *v, struct base_buf *buf)
{
	for (size_t i = 0; i < v->key->nr_words; i++)
		base_buf_printf(buf, "%s%s", i ? ", " : "", v->key->words[i]);
}

const struct spec_type spec_word = { SPEC_SCALAR, word_read, word_write, NULL, word_allow };

const char *const spec_bool_words[2] = { [false] = "false", [true] = "true" };

const struct spec_type spec_entries = { SPEC_SEQUENCE };

const struct spec_type spec_mapping = { SPEC_MAPPING };
