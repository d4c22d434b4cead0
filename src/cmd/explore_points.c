// SPDX-License-Identifier: GPL-2.0-or-later
/* What a trace tells: the points that a run has passed, and what happened. */
#include <stdlib.h>
#include <string.h>

#include "explore.h"

#define MAX_LINES 60
/* What memhpfs-run does itself is no part of the run. */
#define CONDUCTOR "memhpfs-run"

static const char *text_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

static bool is_change(const char *op)
{
	return !strcmp(op, "write") || !strcmp(op, "mkdir") || !strcmp(op, "rmdir");
}

/* The blocks of "memory33" or "memory32-39". */
static bool blocks_of(const char *object, unsigned long long *ret_first,
		      unsigned long long *ret_last)
{
	int nr = sscanf(object, "memory%llu-%llu", ret_first, ret_last);

	if (nr == 1)
		*ret_last = *ret_first;
	return nr >= 1;
}

/* Whether a fault for @object counts passings of @other. */
static bool counts(const struct explore_point *point, const struct explore_point *other)
{
	unsigned long long first, last, other_first, other_last;

	if (point->is_request != other->is_request || strcmp(point->what, other->what) != 0)
		return false;
	if (point->is_request || !blocks_of(point->object, &first, &last) ||
	    !blocks_of(other->object, &other_first, &other_last))
		return !strcmp(point->object, other->object);
	return first <= other_last && last >= other_first;
}

bool explore_same_point(const struct explore_point *a, const struct explore_point *b)
{
	return a->passing == b->passing && !strcmp(a->what, b->what) &&
	       !strcmp(a->object, b->object);
}

static void add_point(struct explore_points *points, const char *what, const char *object,
		      bool is_request)
{
	struct explore_point *point;

	points->point = explore_grow(points->point, points->nr, sizeof(*points->point));
	point = &points->point[points->nr++];
	*point = (struct explore_point){
		.what = explore_format("%s", what),
		.object = explore_format("%s", object),
		.is_request = is_request,
	};
	for (size_t i = 0; i < points->nr; i++)
		point->passing += counts(point, &points->point[i]);
}

void explore_free_points(struct explore_points *points)
{
	for (size_t i = 0; i < points->nr; i++) {
		free(points->point[i].what);
		free(points->point[i].object);
	}
	free(points->point);
	*points = (struct explore_points){ .point = NULL };
}

/* Calls @fn for each line of the trace while the command ran. */
static void each_line(const char *trace, const json_t *result,
		      void (*fn)(void *ctx, const json_t *line), void *ctx)
{
	json_int_t begin = json_integer_value(json_object_get(result, "begin_ns"));
	json_int_t end = json_integer_value(json_object_get(result, "end_ns"));

	for (size_t len; trace && *trace; trace += len + (trace[len] == '\n')) {
		json_int_t ns;
		json_t *line;

		len = strcspn(trace, "\n");
		/* Most lines are of the time before, and need not be parsed as a whole. */
		if (!strncmp(trace, "{\"ns\":", 6) && strtoll(trace + 6, NULL, 10) <= begin)
			continue;
		line = json_loadb(trace, len, JSON_ALLOW_NUL, NULL);
		ns = json_integer_value(json_object_get(line, "ns"));
		if (line && ns > begin && ns <= end &&
		    strcmp(text_of(line, "command"), CONDUCTOR) &&
		    strncmp(text_of(line, "command"), "memhpfs-at", 10) != 0)
			fn(ctx, line);
		json_decref(line);
	}
}

static void take_point(void *ctx, const json_t *line)
{
	const char *op = text_of(line, "op");

	if (!strcmp(op, "step"))
		add_point(ctx, text_of(line, "value"), text_of(line, "path"), false);
	else if (is_change(op) && !strchr(text_of(line, "path"), ' '))
		add_point(ctx, op, text_of(line, "path"), true);
}

/* Devices say themselves which blocks they have, but the blocks of boot memory have none. */
static bool has_device(const json_t *state, const char *path)
{
	bool has_devices = false;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)state, key, value) has_devices |=
		!strncmp(key, "machine/dimm/", 13) || !strncmp(key, "machine/virtio-mem/", 19);
	return has_devices && strstr(path, "/memory/memory");
}

struct explore_points explore_find_points(const char *trace, const json_t *result)
{
	struct explore_points points = { .point = NULL };

	each_line(trace, result, take_point, &points);
	for (size_t i = 0; i < points.nr; i++)
		points.point[i].has_device =
			points.point[i].is_request &&
			has_device(json_object_get(result, "begin"), points.point[i].object);
	return points;
}

/* ---- for people ------------------------------------------------------------------------------ */

struct last_lines {
	char *line[MAX_LINES];
	size_t nr;
};

static void put_line(void *ctx, const json_t *line)
{
	json_int_t ns = json_integer_value(json_object_get(line, "ns"));
	const json_t *result = json_object_get(line, "result");
	const char *op = text_of(line, "op"), *error = text_of(line, "errno");
	struct last_lines *last = ctx;
	char **to = &last->line[last->nr++ % MAX_LINES];

	if (!strcmp(op, "read") || !strcmp(op, "open")) {
		last->nr--;
		return;
	}
	free(*to);
	*to = explore_format("%10.3f ms  %-8s %-7s %s %s%s%s\n", (double)ns / 1e6,
			     text_of(line, "command"), op, text_of(line, "path"),
			     text_of(line, "value"), result ? " = " : "",
			     *error ? error :
			     result ? "done" :
				      "");
	/* values may have a newline of their own */
	for (char *c = *to; c[0] && c[1]; c++) {
		if (*c == '\n')
			*c = ' ';
	}
}

char *explore_trace_lines(const char *trace, const json_t *result)
{
	struct last_lines last = { .nr = 0 };
	char *text = explore_format("%s", ""), *more;

	each_line(trace, result, put_line, &last);
	for (size_t i = last.nr > MAX_LINES ? last.nr - MAX_LINES : 0; i < last.nr; i++) {
		more = explore_format("%s%s", text, last.line[i % MAX_LINES]);
		free(text);
		text = more;
	}
	for (size_t i = 0; i < MAX_LINES; i++)
		free(last.line[i]);
	return text;
}
