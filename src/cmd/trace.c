// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/cli/json_text.h"

#define FLUSH_NS 50000000ULL

/* @flush: writes lines to @file that have waited; started if @is_dirty */
struct trace {
	struct tree *tree;
	bool only_changes;
	FILE *file;
	struct base_clock *clock;
	struct base_timer flush;
	bool is_dirty;
};

/* The lines of @text as an array. */
static json_t *changes(const char *text)
{
	json_t *array = json_array();

	while (*text) {
		size_t len = strcspn(text, "\n");

		json_array_append_new(array, json_text(text, len));
		text += len + (text[len] == '\n');
	}
	return array;
}

static json_t *text_of(const char *text)
{
	return json_text(text, strlen(text));
}

/* Of a request. */
static bool is_effect(const char *op)
{
	return !strcmp(op, "change") || !strcmp(op, "step");
}

static bool has_result(const char *op)
{
	return strcmp(op, "uevent") && strcmp(op, "held") && !is_effect(op);
}

static json_t *trace_object(const struct tree_trace *t)
{
	json_t *object = json_object();
	const char *error = t->result < 0 ? strerrorname_np((int)-t->result) : NULL;

	json_object_set_new(object, "ns", json_integer((json_int_t)t->ns));
	if (t->start_ns != t->ns)
		json_object_set_new(object, "start_ns", json_integer((json_int_t)t->start_ns));
	json_object_set_new(object, "op", json_string(t->op));
	if (t->id)
		json_object_set_new(object, is_effect(t->op) ? "by" : "id",
				    json_integer((json_int_t)t->id));
	if (t->pid) {
		json_object_set_new(object, "pid", json_integer(t->pid));
		json_object_set_new(object, "command", text_of(t->command));
	}
	json_object_set_new(object, "path", text_of(t->path));
	if (t->value)
		json_object_set_new(object, "value", json_text(t->value, t->len));
	if (has_result(t->op))
		json_object_set_new(object, "result", json_integer(t->result));
	if (error)
		json_object_set_new(object, "errno", json_string(error));
	if (t->changes)
		json_object_set_new(object, "changes", changes(t->changes));
	if (t->nr_more)
		json_object_set_new(object, "more_changes", json_integer((json_int_t)t->nr_more));
	return object;
}

static void trace_flush(struct base_timer *timer)
{
	struct trace *trace = base_container_of(timer, struct trace, flush);

	trace->is_dirty = false;
	fflush(trace->file);
}

static void put_line(struct trace *trace, const char *line)
{
	fputs(line, trace->file);
	if (!trace->clock || trace->is_dirty)
		return;
	trace->is_dirty = !trace->clock->start(trace->clock, &trace->flush, FLUSH_NS);
	if (!trace->is_dirty)
		fflush(trace->file);
}

static void trace_tell(void *ctx, const struct tree_trace *t)
{
	struct trace *trace = ctx;
	json_t *object = trace_object(t);
	char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
	char *whole;
	int len;

	json_decref(object);
	len = line ? asprintf(&whole, "%s\n", line) : -1;
	free(line);
	if (len < 0)
		return;
	tree_put_trace(trace->tree, whole, (size_t)len);
	if (trace->file && !(trace->only_changes && tree_trace_is_read(t->op)))
		put_line(trace, whole);
	free(whole);
}

int trace_new(struct tree *tree, const char *path, bool only_changes, struct base_clock *clock,
	      struct trace **ret_trace)
{
	struct trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return -ENOMEM;
	trace->tree = tree;
	trace->only_changes = only_changes;
	trace->clock = clock;
	trace->flush.fn = trace_flush;
	if (path) {
		trace->file = fopen(path, "we");
		if (!trace->file) {
			int err = -errno;

			free(trace);
			return err;
		}
		/* Readers of the growing file see whole lines. */
		setvbuf(trace->file, NULL, clock ? _IOFBF : _IOLBF, 0);
	}
	tree_set_tracer(tree, trace_tell, trace,
			!path	     ? TREE_TRACE_READERS :
			only_changes ? TREE_TRACE_CHANGES :
				       TREE_TRACE_ALL);
	*ret_trace = trace;
	return 0;
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	tree_set_tracer(trace->tree, NULL, NULL, TREE_TRACE_READERS);
	if (trace->is_dirty)
		trace->clock->stop(trace->clock, &trace->flush);
	if (trace->file)
		fclose(trace->file);
	free(trace);
}
