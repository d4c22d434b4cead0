/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The YAML of machine files. The schema (spec_schema.c) is what libcyaml loads by. As libcyaml
 * stops at the first error and knows only roughly where it is, libyaml's document tree is checked
 * against the same schema before: all errors at once, each with its line. What only libcyaml
 * notices is said in libcyaml's words.
 */
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "spec_schema.h"
#include "spec_yaml.h"

#define YAML_MAX_DEPTH 16  /* a machine has 3 levels: nothing is looked for in what is deeper */
#define YAML_PLACE_LEN 128 /* longer names of places are cut in messages */

struct machine_yaml {
	const char *path;
	unsigned int first_line;
	FILE *err;
	unsigned int nr_errors;
	bool have_document;
	yaml_document_t document;
	bool *visited; /* per node of the document */
	struct machine_yaml_text *text;
	struct base_buf log; /* libcyaml's errors */
};

static void __attribute__((format(printf, 4, 0)))
yaml_vsay(struct machine_yaml *yaml, unsigned int line, const char *place, const char *fmt,
	  va_list ap)
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
	fprintf(yaml->err, "%s:%u: %s\n", yaml->path, line,
		buf.failed ? "out of memory" : base_buf_text(&buf));
	base_buf_fini(&buf);
	yaml->nr_errors++;
}

static void __attribute__((format(printf, 4, 5)))
yaml_say(struct machine_yaml *yaml, unsigned int line, const char *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	yaml_vsay(yaml, line, place, fmt, ap);
	va_end(ap);
}

static int yaml_no_memory(struct machine_yaml *yaml)
{
	fprintf(yaml->err, "%s: out of memory\n", yaml->path);
	return -ENOMEM;
}

static unsigned int yaml_mark_line(const struct machine_yaml *yaml, const yaml_mark_t *mark)
{
	return yaml->first_line + (unsigned int)mark->line;
}

static unsigned int yaml_node_line(const struct machine_yaml *yaml, const yaml_node_t *node)
{
	return yaml_mark_line(yaml, &node->start_mark);
}

static const char *yaml_scalar(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static yaml_node_pair_t *yaml_find_pair(struct machine_yaml *yaml, yaml_node_t *mapping,
					const char *key)
{
	yaml_node_pair_t *pair;

	for (pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
	     pair++) {
		yaml_node_t *node = yaml_document_get_node(&yaml->document, pair->key);

		if (!strcmp(yaml_scalar(node), key))
			return pair;
	}
	return NULL;
}

/* The number of the line that holds the byte @offset of @text. */
static unsigned int yaml_offset_line(const struct machine_yaml *yaml, const char *text,
				     size_t offset)
{
	unsigned int line = yaml->first_line;

	for (; offset > 0; offset--)
		line += *text++ == '\n';
	return line;
}

static int yaml_parser_failed(struct machine_yaml *yaml, const yaml_parser_t *parser,
			      const char *text, size_t len)
{
	unsigned int line = yaml_mark_line(yaml, &parser->problem_mark);
	unsigned int last = yaml_offset_line(yaml, text, len > 0 ? len - 1 : 0);

	if (parser->error == YAML_MEMORY_ERROR || !parser->problem)
		return yaml_no_memory(yaml);
	/* Of bytes that are no characters libyaml tells the offset only. */
	if (parser->error == YAML_READER_ERROR)
		line = yaml_offset_line(yaml, text, BASE_MIN(parser->problem_offset, len));
	/* It finds the end behind the last line. */
	yaml_say(yaml, BASE_MIN(line, last), "YAML", "%s%s%s", parser->context ?: "",
		 parser->context ? ": " : "", parser->problem);
	return -EINVAL;
}

/*
 * Whether it is YAML at all, and not deeper than any machine is: what else looks at a document
 * recurses, and libyaml's time grows with the square of the depth.
 */
static int yaml_check_depth(struct machine_yaml *yaml, const char *text, size_t len)
{
	unsigned int depth = 0;
	yaml_event_type_t type;
	yaml_parser_t parser;
	int r = 0;

	if (!yaml_parser_initialize(&parser))
		return yaml_no_memory(yaml);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	do {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			r = yaml_parser_failed(yaml, &parser, text, len);
			break;
		}
		type = event.type;
		if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT)
			depth++;
		if (type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT)
			depth--;
		if (depth > YAML_MAX_DEPTH) {
			yaml_say(yaml, yaml_mark_line(yaml, &event.start_mark), "YAML",
				 "nested too deeply (%d levels at most)", YAML_MAX_DEPTH);
			r = -EINVAL;
		}
		yaml_event_delete(&event);
	} while (!r && type != YAML_STREAM_END_EVENT);
	yaml_parser_delete(&parser);
	return r;
}

static int yaml_parse(struct machine_yaml *yaml, const char *text, size_t len)
{
	yaml_document_t rest;
	yaml_parser_t parser;
	yaml_node_t *root;
	int r = -EINVAL;

	if (!yaml_parser_initialize(&parser))
		return yaml_no_memory(yaml);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &yaml->document))
		goto out_error;
	yaml->have_document = true;
	if (!yaml_document_get_root_node(&yaml->document)) {
		yaml_say(yaml, yaml->first_line, "memory",
			 "missing: there is no machine in this file (at least one range)");
		goto out_parser;
	}
	if (!yaml_parser_load(&parser, &rest))
		goto out_error;
	root = yaml_document_get_root_node(&rest);
	if (root)
		yaml_say(yaml, yaml_node_line(yaml, root), "---",
			 "a second YAML document (one machine per file)");
	else
		r = 0;
	yaml_document_delete(&rest);
	goto out_parser;

out_error:
	r = yaml_parser_failed(yaml, &parser, text, len);
out_parser:
	yaml_parser_delete(&parser);
	return r;
}

static bool yaml_check(struct machine_yaml *yaml, const cyaml_schema_value_t *schema, int id,
		       const char *place, unsigned int line);

/* Whether the node @id has not been met before: an alias shows as a node in two places. */
static bool yaml_visit(struct machine_yaml *yaml, int id, const char *place, unsigned int line)
{
	if (yaml->visited[id]) {
		yaml_say(yaml, line, place, "YAML aliases are not supported (write the value out)");
		return false;
	}
	yaml->visited[id] = true;
	return true;
}

static void yaml_say_unknown(struct machine_yaml *yaml, const cyaml_schema_field_t *fields,
			     const char *place, unsigned int line)
{
	struct base_buf keys;

	base_buf_init(&keys);
	for (; fields->key; fields++)
		base_buf_printf(&keys, "%s%s", keys.len > 0 ? ", " : "", fields->key);
	yaml_say(yaml, line, place, "unknown key (known: %s)", base_buf_text(&keys));
	base_buf_fini(&keys);
}

static void yaml_check_pair(struct machine_yaml *yaml, const cyaml_schema_field_t *fields,
			    yaml_node_t *mapping, const yaml_node_pair_t *pair, const char *place)
{
	yaml_node_t *key = yaml_document_get_node(&yaml->document, pair->key);
	unsigned int line = yaml_node_line(yaml, key);
	const yaml_node_pair_t *first;
	const cyaml_schema_field_t *field;
	char below[YAML_PLACE_LEN];

	snprintf(below, sizeof(below), "%s%s%.60s", place, *place ? "." : "", yaml_scalar(key));
	for (field = fields; field->key; field++) {
		if (!strcmp(field->key, yaml_scalar(key)))
			break;
	}
	if (!field->key) {
		yaml_say_unknown(yaml, fields, below, line);
		return;
	}
	first = yaml_find_pair(yaml, mapping, field->key);
	if (first != pair) {
		key = yaml_document_get_node(&yaml->document, first->key);
		yaml_say(yaml, line, below, "given twice, first in line %u (each key once)",
			 yaml_node_line(yaml, key));
		return;
	}
	yaml_check(yaml, &field->value, pair->value, below, line);
}

static void yaml_check_mapping(struct machine_yaml *yaml, const cyaml_schema_field_t *fields,
			       yaml_node_t *mapping, const char *place)
{
	static const cyaml_schema_value_t key_schema = { .type = CYAML_STRING };
	const cyaml_schema_field_t *field;
	char below[YAML_PLACE_LEN];
	yaml_node_pair_t *pair;
	bool ok = true;

	snprintf(below, sizeof(below), "key of %s", *place ? place : "the machine");
	for (pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
	     pair++)
		ok &= yaml_check(yaml, &key_schema, pair->key, below,
				 yaml_node_line(yaml, mapping));
	if (!ok)
		return;
	for (pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
	     pair++)
		yaml_check_pair(yaml, fields, mapping, pair, place);
	for (field = fields; field->key; field++) {
		if ((field->value.flags & CYAML_FLAG_OPTIONAL) ||
		    yaml_find_pair(yaml, mapping, field->key))
			continue;
		snprintf(below, sizeof(below), "%s%s%s", place, *place ? "." : "", field->key);
		yaml_say(yaml, yaml_node_line(yaml, mapping), below, "missing (required)");
	}
}

static void yaml_check_sequence(struct machine_yaml *yaml, const cyaml_schema_value_t *entry,
				yaml_node_t *sequence, const char *place)
{
	yaml_node_item_t *items = sequence->data.sequence.items.start;
	size_t i, nr = (size_t)(sequence->data.sequence.items.top - items);
	char below[YAML_PLACE_LEN];
	yaml_node_t *node;

	for (i = 0; i < nr; i++) {
		snprintf(below, sizeof(below), "%s[%zu]", place, i);
		node = yaml_document_get_node(&yaml->document, items[i]);
		yaml_check(yaml, entry, items[i], below, yaml_node_line(yaml, node));
	}
}

static bool yaml_check_scalar(struct machine_yaml *yaml, const yaml_node_t *node, const char *place,
			      unsigned int line)
{
	if (strlen(yaml_scalar(node)) == node->data.scalar.length)
		return true;
	yaml_say(yaml, line, place, "has a NUL character (printable text)");
	return false;
}

/* Whether the node @id is what @schema asks for; errors deeper inside do not count. */
static bool yaml_check(struct machine_yaml *yaml, const cyaml_schema_value_t *schema, int id,
		       const char *place, unsigned int line)
{
	static const struct {
		yaml_node_type_t type;
		const char *name;
	} kinds[] = {
		[CYAML_STRING] = { YAML_SCALAR_NODE, "a single value" },
		[CYAML_MAPPING] = { YAML_MAPPING_NODE, "a mapping: keys with values" },
		[CYAML_SEQUENCE] = { YAML_SEQUENCE_NODE, "a list" },
	};
	yaml_node_t *node = yaml_document_get_node(&yaml->document, id);

	if (!yaml_visit(yaml, id, place, line))
		return false;
	if (node->type != kinds[schema->type].type) {
		yaml_say(yaml, line, *place ? place : "machine", "is of the wrong kind (%s)",
			 kinds[schema->type].name);
		return false;
	}
	if (schema->type == CYAML_STRING)
		return yaml_check_scalar(yaml, node, place, line);
	if (schema->type == CYAML_MAPPING)
		yaml_check_mapping(yaml, schema->mapping.fields, node, place);
	else
		yaml_check_sequence(yaml, schema->sequence.entry, node, place);
	return true;
}

static int yaml_check_document(struct machine_yaml *yaml)
{
	yaml_node_t *root = yaml_document_get_root_node(&yaml->document);
	size_t nr = (size_t)(yaml->document.nodes.top - yaml->document.nodes.start);

	/* libyaml numbers the nodes from 1; the root is the first. */
	yaml->visited = calloc(nr + 1, sizeof(*yaml->visited));
	if (!yaml->visited)
		return yaml_no_memory(yaml);
	yaml_check(yaml, &machine_yaml_schema, 1, "", yaml_node_line(yaml, root));
	free(yaml->visited);
	yaml->visited = NULL;
	return yaml->nr_errors > 0 ? -EINVAL : 0;
}

static void __attribute__((format(printf, 3, 0)))
yaml_log(cyaml_log_t level, void *ctx, const char *fmt, va_list ap)
{
	struct machine_yaml *yaml = ctx;

	(void)level;
	base_buf_vprintf(&yaml->log, fmt, ap);
}

static cyaml_config_t yaml_config(struct machine_yaml *yaml)
{
	return (cyaml_config_t){
		.log_fn = yaml_log,
		.log_ctx = yaml,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_NO_ALIAS,
	};
}

static int yaml_load(struct machine_yaml *yaml, const char *text, size_t len)
{
	cyaml_config_t config = yaml_config(yaml);
	cyaml_data_t *data = NULL;
	cyaml_err_t error;

	error = cyaml_load_data((const uint8_t *)text, len, &config, &machine_yaml_schema, &data,
				NULL);
	/* It is YAML, as yaml_parse() found: libyaml only fails now for want of memory. */
	if (error == CYAML_ERR_OOM || error == CYAML_ERR_LIBYAML_PARSER_INIT ||
	    error == CYAML_ERR_LIBYAML_PARSER)
		return yaml_no_memory(yaml);
	if (error != CYAML_OK) {
		yaml_say(yaml, yaml->first_line, "YAML", "%s: %s", cyaml_strerror(error),
			 base_buf_text(&yaml->log));
		return -EINVAL;
	}
	yaml->text = data;
	return 0;
}

int machine_yaml_new(const char *text, size_t len, const char *path, unsigned int first_line,
		     FILE *err, struct machine_yaml **ret_yaml)
{
	struct machine_yaml *yaml = calloc(1, sizeof(*yaml));
	int r;

	if (!yaml) {
		fprintf(err, "%s: out of memory\n", path);
		return -ENOMEM;
	}
	yaml->path = path;
	yaml->first_line = first_line;
	yaml->err = err;
	base_buf_init(&yaml->log);
	r = yaml_check_depth(yaml, text, len);
	if (r == 0)
		r = yaml_parse(yaml, text, len);
	if (r == 0)
		r = yaml_check_document(yaml);
	if (r == 0)
		r = yaml_load(yaml, text, len);
	if (r < 0) {
		machine_yaml_free(yaml);
		return r;
	}
	*ret_yaml = yaml;
	return 0;
}

void machine_yaml_free(struct machine_yaml *yaml)
{
	cyaml_config_t config;

	if (!yaml)
		return;
	config = yaml_config(yaml);
	if (yaml->text)
		cyaml_free(&config, &machine_yaml_schema, yaml->text, 0);
	if (yaml->have_document)
		yaml_document_delete(&yaml->document);
	base_buf_fini(&yaml->log);
	free(yaml);
}

const struct machine_yaml_text *machine_yaml_text(const struct machine_yaml *yaml)
{
	return yaml->text;
}

unsigned int machine_yaml_line(struct machine_yaml *yaml, struct machine_yaml_at at)
{
	yaml_node_t *node = yaml_document_get_root_node(&yaml->document);
	yaml_node_pair_t *pair;

	if (at.list) {
		pair = yaml_find_pair(yaml, node, at.list);
		if (!pair)
			return yaml_node_line(yaml, node);
		node = yaml_document_get_node(&yaml->document, pair->value);
		node = yaml_document_get_node(&yaml->document,
					      node->data.sequence.items.start[at.index]);
	}
	pair = at.key ? yaml_find_pair(yaml, node, at.key) : NULL;
	if (pair)
		node = yaml_document_get_node(&yaml->document, pair->key);
	return yaml_node_line(yaml, node);
}

void machine_yaml_error(struct machine_yaml *yaml, struct machine_yaml_at at, const char *fmt, ...)
{
	char place[YAML_PLACE_LEN];
	va_list ap;

	if (!at.list)
		snprintf(place, sizeof(place), "%s", at.key);
	else
		snprintf(place, sizeof(place), "%s[%zu]%s%s", at.list, at.index, at.key ? "." : "",
			 at.key ? at.key : "");
	va_start(ap, fmt);
	yaml_vsay(yaml, machine_yaml_line(yaml, at), place, fmt, ap);
	va_end(ap);
}

unsigned int machine_yaml_nr_errors(const struct machine_yaml *yaml)
{
	return yaml->nr_errors;
}
