/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a machine file by its key tables. */
#include <string.h>

#include "key.h"

/* Writes "KEY: VALUE" after @before; nothing, and false, if an absent key means the same. */
static bool write_scalar(const struct machine_spec *spec, const struct spec_key *key,
			 const void *base, const char *before, struct base_buf *buf)
{
	struct spec_value v = { spec, key, (char *)base + key->offset };
	size_t start = buf->len, end;

	base_buf_printf(buf, "%s%s: ", before, key->name);
	end = buf->len;
	key->type->write(&v, buf);
	if (buf->failed || buf->len > end)
		return true;
	buf->len = start;
	buf->data[start] = '\0';
	return false;
}

/* Numbers and words need no quotes. */
static void put_value(const char *text, struct base_buf *buf)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.-";

	if (*text && text[strspn(text, plain)] == '\0' && strcmp(text, "-") != 0)
		base_buf_puts(buf, text);
	else
		spec_put_quoted(text, buf);
}

static void write_rest(const struct spec_list *list, const void *x, const char *before,
		       struct base_buf *buf)
{
	const struct machine_setting *settings;
	size_t nr;

	memcpy(&settings, (const char *)x + list->rest, sizeof(settings));
	memcpy(&nr, (const char *)x + list->rest + sizeof(settings), sizeof(nr));
	for (size_t i = 0; i < nr; i++, before = ", ") {
		base_buf_printf(buf, "%s%s: ", before, settings[i].name);
		put_value(settings[i].value, buf);
	}
}

static void write_entry(const struct machine_spec *spec, const struct spec_list *list,
			const void *x, struct base_buf *buf)
{
	const char *before = "";

	base_buf_puts(buf, "  - {");
	for (const struct spec_key *key = list->keys; key->name; key++) {
		if (write_scalar(spec, key, x, before, buf))
			before = ", ";
	}
	if (list->rest)
		write_rest(list, x, before, buf);
	base_buf_puts(buf, "}\n");
}

static void write_entries(const struct machine_spec *spec, const struct spec_key *key,
			  struct base_buf *buf)
{
	const struct spec_list *list = key->list;
	const char *x;
	size_t nr;

	memcpy(&x, (const char *)spec + key->offset, sizeof(x));
	memcpy(&nr, (const char *)spec + list->nr_offset, sizeof(nr));
	if (nr > 0)
		base_buf_printf(buf, "%s:\n", key->name);
	for (; nr > 0; nr--, x += list->size)
		write_entry(spec, list, x, buf);
}

static void write_map(const struct machine_spec *spec, const struct spec_key *key,
		      struct base_buf *buf)
{
	size_t start = buf->len, end;

	base_buf_printf(buf, "%s:\n", key->name);
	end = buf->len;
	key->map->write(spec, buf);
	if (buf->failed || buf->len > end)
		return;
	buf->len = start;
	buf->data[start] = '\0';
}

void spec_write(const struct machine_spec *spec, const struct spec_key *keys, struct base_buf *buf)
{
	for (const struct spec_key *key = keys; key->name; key++) {
		if (!key->list && !key->map && write_scalar(spec, key, spec, "", buf))
			base_buf_puts(buf, "\n");
	}
	for (const struct spec_key *key = keys; key->name; key++) {
		if (key->map)
			write_map(spec, key, buf);
		else if (key->list)
			write_entries(spec, key, buf);
	}
}
