/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine file as a tree of nodes, each with its line. The key tables (key.h) decide which keys
 * are known and what their values mean.
 */
#ifndef SPEC_NODE_H
#define SPEC_NODE_H

#include <stdio.h>

#include "memhp/base.h"

enum spec_kind {
	SPEC_NONE,
	SPEC_SCALAR,
	SPEC_SEQUENCE,
	SPEC_MAPPING,
	SPEC_ALIAS, /* always rejected */
};

/**
 * struct spec_node - a value, or the key of one
 * @line: of its key, if it has one
 * @parent: the list or mapping that holds it; NULL: the machine itself
 * @key: in a mapping, the node of its key; NULL: a list entry, or itself a key
 * @index: its position among the children of @parent
 * @text, @len: of a scalar; a NUL character makes @len larger than strlen(@text)
 * @child: the entries of a list; of a mapping, each key followed by its value
 */
struct spec_node {
	enum spec_kind kind;
	unsigned int line;
	struct spec_node *parent;
	const struct spec_node *key;
	size_t index;
	char *text;
	size_t len;
	struct spec_node **child;
	size_t nr_children;
};

/**
 * struct spec_doc - a machine file
 * @path, @first_line: name of the text and number of its first line in errors
 * @err: gets one line for each error
 * @nr_errors: how many errors have been reported
 */
struct spec_doc {
	const char *path;
	unsigned int first_line;
	FILE *err;
	unsigned int nr_errors;
	struct spec_node *root;
};

/**
 * spec_doc_parse() - read YAML
 * @doc: @path, @first_line and @err are set, the rest is zero
 *
 * Return: 0; -EINVAL, which has been reported; -ENOMEM. Call spec_doc_fini() in any case.
 */
int spec_doc_parse(struct spec_doc *doc, const char *text, size_t len);
void spec_doc_fini(struct spec_doc *doc);

/** spec_node_get() - the value of key @name; NULL when @mapping has no such key. */
const struct spec_node *spec_node_get(const struct spec_node *mapping, const char *name);
/** spec_doc_entry() - entry @index of the machine's list @list, which must exist. */
const struct spec_node *spec_doc_entry(const struct spec_doc *doc, const char *list, size_t index);

/** spec_say() - report an error of @node: "FILE:LINE: FIELD: what is wrong (what is allowed)". */
void spec_say(struct spec_doc *doc, const struct spec_node *node, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** spec_say_key() - report an error of key @name of @mapping, which may lack it. */
void spec_say_key(struct spec_doc *doc, const struct spec_node *mapping, const char *name,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
