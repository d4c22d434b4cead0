/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The YAML of machine files: builds a tree of nodes from libyaml's events. libyaml's own document
 * tree is not used because it takes time quadratic in the nesting depth before that can be limited.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "node.h"

#define MAX_DEPTH 16 /* a machine has four levels; all recursion relies on this limit */

/* ---- error messages -------------------------------------------------------------------------- */

static void __attribute__((format(printf, 4, 0)))
doc_vsay(struct spec_doc *doc, unsigned int line, const char *place, const char *fmt, va_list ap)
{
	struct base_buf buf;
	size_t i;

	base_buf_init(&buf);
	base_buf_printf(&buf, "%s: ", place);
	base_buf_vprintf(&buf, fmt, ap);
	for (i = 0; i < buf.len; i++) {
		if ((unsigned char)buf.data[i] < ' ' || buf.data[i] == '\x7f')
			buf.data[i] = '?';
	}
	fprintf(doc->err, "%s:%u: %s\n", doc->path, line,
		buf.failed ? "out of memory" : base_buf_text(&buf));
	base_buf_fini(&buf);
	doc->nr_errors++;
}

static void __attribute__((format(printf, 4, 5)))
doc_say(struct spec_doc *doc, unsigned int line, const char *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	doc_vsay(doc, line, place, fmt, ap);
	va_end(ap);
}

static void put_name(struct base_buf *buf, const struct spec_node *mapping, const char *name)
{
	base_buf_printf(buf, "%s%.60s", mapping->parent ? "." : "", name);
}

/* "memory[1].end"; "" for the machine itself. */
static void put_path(struct base_buf *buf, const struct spec_node *node)
{
	if (!node->parent)
		return;
	put_path(buf, node->parent);
	if (node->key)
		put_name(buf, node->parent, node->key->text);
	else
		base_buf_printf(buf, "[%zu]", node->index);
}

static void put_place(struct base_buf *buf, const struct spec_node *node, const char *name)
{
	bool is_key = node->parent && node->parent->kind == SPEC_MAPPING && !node->key;

	if (is_key) {
		base_buf_puts(buf, "key of ");
		node = node->parent;
	}
	put_path(buf, node);
	if (name)
		put_name(buf, node, name);
	else if (!node->parent)
		base_buf_puts(buf, is_key ? "the machine" : "machine");
}

/* Reports an error of key @name of @node, or of @node itself if @name is NULL. */
static void say_of(struct spec_doc *doc, unsigned int line, const struct spec_node *node,
		   const char *name, const char *fmt, va_list ap)
	__attribute__((format(printf, 5, 0)));
static void say_of(struct spec_doc *doc, unsigned int line, const struct spec_node *node,
		   const char *name, const char *fmt, va_list ap)
{
	struct base_buf place;

	base_buf_init(&place);
	put_place(&place, node, name);
	doc_vsay(doc, line, base_buf_text(&place), fmt, ap);
	base_buf_fini(&place);
}

void spec_say(struct spec_doc *doc, const struct spec_node *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_of(doc, node->line, node, NULL, fmt, ap);
	va_end(ap);
}

void spec_say_key(struct spec_doc *doc, const struct spec_node *mapping, const char *name,
		  const char *fmt, ...)
{
	const struct spec_node *node = spec_node_get(mapping, name);
	va_list ap;

	va_start(ap, fmt);
	say_of(doc, node ? node->line : mapping->line, mapping, name, fmt, ap);
	va_end(ap);
}

/* ---- the tree of nodes ----------------------------------------------------------------------- */

const struct spec_node *spec_node_get(const struct spec_node *mapping, const char *name)
{
	for (size_t i = 1; i < mapping->nr_children; i += 2) {
		const struct spec_node *value = mapping->child[i];

		if (!strcmp(value->key->text, name))
			return value;
	}
	return NULL;
}

const struct spec_node *spec_doc_entry(const struct spec_doc *doc, const char *list, size_t index)
{
	return spec_node_get(doc->root, list)->child[index];
}

static void node_free(struct spec_node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->nr_children; i++)
		node_free(node->child[i]);
	free(node->child);
	free(node->text);
	free(node);
}

static int node_append(struct spec_node *parent, struct spec_node *node)
{
	size_t nr = parent->nr_children;
	struct spec_node **child = parent->child;

	/* The array is full at each power of two. */
	if ((nr & (nr - 1)) == 0) {
		child = reallocarray(child, nr ? 2 * nr : 1, sizeof(struct spec_node *));
		if (!child)
			return -ENOMEM;
		parent->child = child;
	}
	node->parent = parent;
	node->index = nr;
	if (parent->kind == SPEC_MAPPING && nr % 2) {
		node->key = child[nr - 1];
		node->line = node->key->line;
	}
	child[nr] = node;
	parent->nr_children++;
	return 0;
}

/* Adds the node that begins with @event to @parent, or makes it the root. */
static int doc_add(struct spec_doc *doc, struct spec_node *parent, enum spec_kind kind,
		   const yaml_event_t *event, struct spec_node **ret_node)
{
	struct spec_node *node = calloc(1, sizeof(*node));

	if (!node || (parent && node_append(parent, node))) {
		free(node);
		return -ENOMEM;
	}
	if (!parent)
		doc->root = node;
	*ret_node = node;
	node->kind = kind;
	if (!node->key)
		node->line = doc->first_line + (unsigned int)event->start_mark.line;
	if (kind != SPEC_SCALAR)
		return 0;
	node->len = event->data.scalar.length;
	node->text = calloc(node->len + 1, 1);
	if (!node->text)
		return -ENOMEM;
	memcpy(node->text, event->data.scalar.value, node->len);
	return 0;
}

/* ---- parsing YAML ---------------------------------------------------------------------------- */

/* The number of the line that contains byte @offset of @text. */
static unsigned int offset_line(const struct spec_doc *doc, const char *text, size_t offset)
{
	unsigned int line = doc->first_line;

	for (; offset > 0; offset--)
		line += *text++ == '\n';
	return line;
}

static int parser_failed(struct spec_doc *doc, const yaml_parser_t *parser, const char *text,
			 size_t len)
{
	unsigned int line = doc->first_line + (unsigned int)parser->problem_mark.line;
	unsigned int last = offset_line(doc, text, len > 0 ? len - 1 : 0);

	if (parser->error == YAML_MEMORY_ERROR || !parser->problem)
		return -ENOMEM;
	/* For bytes that are not characters, libyaml gives only the offset. */
	if (parser->error == YAML_READER_ERROR)
		line = offset_line(doc, text, BASE_MIN(parser->problem_offset, len));
	/* libyaml places the end of the text after the last line. */
	doc_say(doc, BASE_MIN(line, last), "YAML", "%s%s%s", parser->context ?: "",
		parser->context ? ": " : "", parser->problem);
	return -EINVAL;
}

/* Position in the tree being built: @at is the open list or mapping, @depth levels down. */
struct cursor {
	struct spec_node *at;
	unsigned int depth;
};

static int doc_open(struct spec_doc *doc, struct cursor *cursor, enum spec_kind kind,
		    const yaml_event_t *event)
{
	unsigned int line = doc->first_line + (unsigned int)event->start_mark.line;
	struct spec_node *node;
	int ret;

	if (!cursor->at && doc->root) {
		doc_say(doc, line, "---", "a second YAML document (one machine per file)");
		return -EINVAL;
	}
	ret = doc_add(doc, cursor->at, kind, event, &node);
	if (ret || (kind != SPEC_SEQUENCE && kind != SPEC_MAPPING))
		return ret;
	cursor->at = node;
	if (++cursor->depth <= MAX_DEPTH)
		return 0;
	doc_say(doc, line, "YAML", "nested too deeply (%d levels at most)", MAX_DEPTH);
	return -EINVAL;
}

static int doc_take(struct spec_doc *doc, struct cursor *cursor, const yaml_event_t *event)
{
	static const enum spec_kind kinds[] = {
		[YAML_SCALAR_EVENT] = SPEC_SCALAR,
		[YAML_SEQUENCE_START_EVENT] = SPEC_SEQUENCE,
		[YAML_MAPPING_START_EVENT] = SPEC_MAPPING,
		[YAML_ALIAS_EVENT] = SPEC_ALIAS,
		[YAML_MAPPING_END_EVENT] = SPEC_NONE,
	};

	if (kinds[event->type] != SPEC_NONE)
		return doc_open(doc, cursor, kinds[event->type], event);
	if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT) {
		cursor->at = cursor->at->parent;
		cursor->depth--;
	}
	return 0;
}

static int doc_build(struct spec_doc *doc, yaml_parser_t *parser, const char *text, size_t len)
{
	struct cursor cursor = { 0 };
	yaml_event_type_t type;
	yaml_event_t event;
	int ret;

	yaml_parser_set_input_string(parser, (const unsigned char *)text, len);
	do {
		if (!yaml_parser_parse(parser, &event))
			return parser_failed(doc, parser, text, len);
		type = event.type;
		ret = doc_take(doc, &cursor, &event);
		yaml_event_delete(&event);
	} while (!ret && type != YAML_STREAM_END_EVENT);
	if (!ret && !doc->root) {
		doc_say(doc, doc->first_line, "memory",
			"missing: there is no machine in this file (at least one range)");
		ret = -EINVAL;
	}
	return ret;
}

int spec_doc_parse(struct spec_doc *doc, const char *text, size_t len)
{
	yaml_parser_t parser;
	int ret = -ENOMEM;

	if (yaml_parser_initialize(&parser)) {
		ret = doc_build(doc, &parser, text, len);
		yaml_parser_delete(&parser);
	}
	return ret;
}

void spec_doc_fini(struct spec_doc *doc)
{
	node_free(doc->root);
}
