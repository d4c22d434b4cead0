/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a machine file by its key tables, in two passes: first the form of the whole file, so
 * that one run shows all errors of form; then, if there are none, the values. An invalid value is
 * reported and replaced, so that one run shows all of these, too. Only running out of memory ends a
 * pass.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"

/* ---- checking the form of a document --------------------------------------------------------- */

static bool form_check(struct spec_doc *doc, const struct spec_key *key,
		       const struct spec_node *node);

static void say_unknown(struct spec_doc *doc, const struct spec_key *keys,
			const struct spec_node *value)
{
	struct base_buf known;

	base_buf_init(&known);
	for (; keys->name; keys++)
		base_buf_printf(&known, "%s%s", known.len > 0 ? ", " : "", keys->name);
	spec_say(doc, value, "unknown key (known: %s)", base_buf_text(&known));
	base_buf_fini(&known);
}

static size_t key_index(const struct spec_key *keys, const struct spec_node *value)
{
	size_t i;

	for (i = 0; keys[i].name && strcmp(keys[i].name, value->key->text) != 0;)
		i++;
	return i;
}

/* Whether a key that is in no table is given once, with a single value. */
static bool form_single(struct spec_doc *doc, const struct spec_node *value)
{
	const struct spec_node *first = spec_node_get(value->parent, value->key->text);

	if (first == value)
		return form_check(doc, NULL, value);
	spec_say(doc, value, "given twice, first in line %u (each key once)", first->line);
	return false;
}

/* Checks a key that is not in the table, in a mapping that permits such keys. */
static void form_other(struct spec_doc *doc, const struct spec_node *value)
{
	if (form_single(doc, value) && !spec_is_printable(value->text))
		spec_say(doc, value, "contains a control character (printable text)");
}

/* @first: for each of @keys, its value in the mapping, once it has been found */
static void form_pair(struct spec_doc *doc, const struct spec_key *keys, bool has_rest,
		      const struct spec_node *value, const struct spec_node **first)
{
	size_t i = key_index(keys, value);

	if (!keys[i].name && has_rest) {
		form_other(doc, value);
	} else if (!keys[i].name) {
		say_unknown(doc, keys, value);
	} else if (first[i]) {
		spec_say(doc, value, "given twice, first in line %u (each key once)",
			 first[i]->line);
	} else {
		first[i] = value;
		form_check(doc, &keys[i], value);
	}
}

static bool form_keys(struct spec_doc *doc, const struct spec_node *mapping)
{
	bool good = true;

	for (size_t i = 0; i < mapping->nr_children; i += 2)
		good &= form_check(doc, NULL, mapping->child[i]);
	return good;
}

static void form_mapping(struct spec_doc *doc, const struct spec_key *keys, bool has_rest,
			 const struct spec_node *mapping)
{
	const struct spec_node *first[SPEC_MAX_KEYS] = { 0 };

	if (!form_keys(doc, mapping))
		return;
	if (has_rest && mapping->nr_children > 2 * SPEC_MAX_KEYS) {
		spec_say(doc, mapping, "has more than %d keys", SPEC_MAX_KEYS);
		return;
	}
	for (size_t i = 1; i < mapping->nr_children; i += 2)
		form_pair(doc, keys, has_rest, mapping->child[i], first);
	for (size_t i = 0; keys[i].name; i++) {
		if (keys[i].required && !first[i])
			spec_say_key(doc, mapping, keys[i].name, "missing (%s)", keys[i].help);
	}
}

static bool form_kind(struct spec_doc *doc, enum spec_kind kind, const struct spec_node *node)
{
	static const char *const names[] = {
		[SPEC_SCALAR] = "a single value",
		[SPEC_SEQUENCE] = "a list",
		[SPEC_MAPPING] = "a mapping of keys to values",
	};

	if (node->kind == SPEC_ALIAS)
		spec_say(doc, node, "YAML aliases are not supported (write the value out)");
	else if (node->kind != kind)
		spec_say(doc, node, "must be %s", names[kind]);
	else if (kind == SPEC_SCALAR && strlen(node->text) != node->len)
		spec_say(doc, node, "contains a NUL character (printable text)");
	else
		return true;
	return false;
}

/* Any names, each once, with single values. */
static void form_map(struct spec_doc *doc, const struct spec_node *mapping)
{
	if (!form_keys(doc, mapping))
		return;
	for (size_t i = 1; i < mapping->nr_children; i += 2)
		form_single(doc, mapping->child[i]);
}

/* The key whose value may be given instead of the list; NULL: there is none. */
static const struct spec_key *key_alone(const struct spec_list *list)
{
	const struct spec_key *key = list->keys;

	while (key->name && !key->stands_alone)
		key++;
	return key->name ? key : NULL;
}

/* @key: NULL: @node is itself the key of a mapping */
static bool form_check(struct spec_doc *doc, const struct spec_key *key,
		       const struct spec_node *node)
{
	if (key && key->list && node->kind == SPEC_SCALAR && key_alone(key->list))
		return form_kind(doc, SPEC_SCALAR, node);
	if (!form_kind(doc, key ? key->type->kind : SPEC_SCALAR, node))
		return false;
	if (key && key->map)
		form_map(doc, node);
	for (size_t i = 0; key && key->list && i < node->nr_children; i++) {
		if (form_kind(doc, SPEC_MAPPING, node->child[i]))
			form_mapping(doc, key->list->keys, key->list->rest > 0, node->child[i]);
	}
	return true;
}

/* ---- reading the values ---------------------------------------------------------------------- */

static void say_invalid(struct spec_doc *doc, const struct spec_value *v,
			const struct spec_node *node)
{
	struct base_buf allowed;

	base_buf_init(&allowed);
	if (v->key->allowed)
		base_buf_puts(&allowed, v->key->allowed);
	else if (v->key->allow)
		v->key->allow(v, &allowed);
	else
		v->key->type->allow(v, &allowed);
	spec_say(doc, node, "\"%s\" is not a valid %s (%s)", node->text, v->key->what,
		 base_buf_text(&allowed));
	base_buf_fini(&allowed);
}

static int take_scalar(struct spec_doc *doc, const struct spec_value *v,
		       const struct spec_node *node)
{
	const struct spec_type *type = v->key->type;
	void (*preset)(const struct spec_value *v) = v->key->preset ?: type->preset;
	int ret = node ? type->read(v, node->text) : -ENOENT;

	if (!ret || ret == -ENOMEM)
		return ret;
	if (node)
		say_invalid(doc, v, node);
	if (v->key->otherwise)
		return type->read(v, v->key->otherwise);
	if (preset)
		preset(v);
	return 0;
}

static int take_mapping(struct spec_reader *reader, const struct spec_key *keys,
			const struct spec_node *mapping, void *base);

/* Stores the keys that are not in @keys as text. */
static int take_rest(const struct spec_key *keys, const struct spec_node *mapping, void *rest)
{
	struct machine_setting *settings = calloc(mapping->nr_children / 2 + 1, sizeof(*settings));
	size_t nr = 0;

	if (!settings)
		return -ENOMEM;
	memcpy(rest, &settings, sizeof(settings));
	for (size_t i = 1; i < mapping->nr_children; i += 2) {
		const struct spec_node *value = mapping->child[i];
		struct machine_setting *s = &settings[nr];

		if (keys[key_index(keys, value)].name)
			continue;
		nr++;
		memcpy((char *)rest + sizeof(settings), &nr, sizeof(nr));
		s->line = value->line;
		s->name = strdup(value->key->text);
		s->value = strdup(value->text);
		if (!s->name || !s->value)
			return -ENOMEM;
	}
	return 0;
}

static int take_entries(struct spec_reader *reader, const struct spec_value *v,
			const struct spec_node *node)
{
	const struct spec_list *list = v->key->list;
	bool alone = node && node->kind == SPEC_SCALAR;
	size_t nr = alone ? 1 : node ? node->nr_children : 0;
	char *x = calloc(nr + 1, list->size);
	int ret = 0;

	if (!x)
		return -ENOMEM;
	memcpy(v->p, &x, sizeof(x));
	memcpy((char *)reader->spec + list->nr_offset, &nr, sizeof(nr));
	for (size_t i = 0; i < nr && !ret; i++, x += list->size) {
		const struct spec_node *entry = alone ? node : node->child[i];

		ret = take_mapping(reader, list->keys, entry, x);
		if (!ret && list->rest)
			ret = take_rest(list->keys, entry, x + list->rest);
		if (!ret && list->check)
			list->check(reader, entry, x);
	}
	return !ret && list->done ? list->done(reader) : ret;
}

/* The value of a key in a mapping, or in the single value that stands for one. */
static const struct spec_node *value_of(const struct spec_node *mapping, const struct spec_key *key)
{
	if (mapping->kind == SPEC_SCALAR)
		return key->stands_alone ? mapping : NULL;
	return spec_node_get(mapping, key->name);
}

static int take_mapping(struct spec_reader *reader, const struct spec_key *keys,
			const struct spec_node *mapping, void *base)
{
	int ret = 0;

	for (const struct spec_key *key = keys; key->name && !ret; key++) {
		const struct spec_node *node = value_of(mapping, key);
		struct spec_value v = { reader->spec, key, (char *)base + key->offset };

		if (key->map)
			key->map->read(reader, node);
		else
			ret = key->list ? take_entries(reader, &v, node) :
					  take_scalar(&reader->doc, &v, node);
	}
	return ret;
}

int spec_read(struct spec_reader *reader, const struct spec_key *keys)
{
	struct spec_doc *doc = &reader->doc;

	if (form_kind(doc, SPEC_MAPPING, doc->root))
		form_mapping(doc, keys, false, doc->root);
	return doc->nr_errors > 0 ? -EINVAL : take_mapping(reader, keys, doc->root, reader->spec);
}
