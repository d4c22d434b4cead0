// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations that extract information from files: events, changes of counters, zones, CMA. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/sim.h"

int sim_op_uevents(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct base_buf text;
	int ret;

	base_buf_init(&text);
	ret = sim->access->uevents(sim, &text);
	if (!ret && text.failed)
		ret = -ENOMEM;
	if (!ret && text.len)
		sim_text_uevents(text.data, buf);
	base_buf_fini(&text);
	return ret;
}

static int counter_find(struct sim *sim, const char *path, const char *field,
			struct sim_counter **ret_counter, bool *ret_new)
{
	struct sim_counter *counter;

	LIST_FOREACH(counter, &sim->counters, link)
		if (!strcmp(counter->path, path) && !strcmp(counter->field, field))
			break;
	*ret_new = !counter;
	if (!counter) {
		counter = calloc(1, sizeof(*counter));
		if (!counter)
			return -ENOMEM;
		LIST_INSERT_HEAD(&sim->counters, counter, link);
		counter->path = strdup(path);
		counter->field = strdup(field);
		if (!counter->path || !counter->field)
			return -ENOMEM;
	}
	*ret_counter = counter;
	return 0;
}

static bool find_field(const char *text, const char *field, uint64_t *ret_value)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sim_text_field(line, field, ret_value))
			return true;
	}
	return false;
}

int sim_op_delta(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct sim_counter *counter;
	struct base_buf text;
	uint64_t value;
	bool first;
	int ret;

	base_buf_init(&text);
	ret = sim_read(sim, w->word[0], &text);
	if (!ret && !find_field(base_buf_text(&text), w->word[1], &value))
		ret = -ENODATA;
	base_buf_fini(&text);
	if (!ret)
		ret = counter_find(sim, w->word[0], w->word[1], &counter, &first);
	if (ret)
		return ret;
	if (first)
		base_buf_puts(buf, "set");
	else
		base_buf_printf(buf, "%+lld", (long long)((int64_t)value - counter->value));
	counter->value = (int64_t)value;
	return 0;
}

/* Adds "NAME=value" for each of the fields, from the lines up to the next zone. */
static void zone_fields(char *lines, struct base_buf *buf)
{
	static const char *const fields[] = { "spanned", "present", "start_pfn" };
	char *end = strstr(lines, "\nNode ");
	uint64_t value;

	if (end)
		*end = '\0';
	for (size_t i = 0; i < BASE_ARRAY_SIZE(fields); i++) {
		base_buf_printf(buf, "%s%s=", i ? " " : "", fields[i]);
		if (find_field(lines, fields[i], &value))
			base_buf_printf(buf, "%llu", (unsigned long long)value);
		else
			base_buf_puts(buf, "-");
	}
}

int sim_op_zone(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct base_buf text;
	char *found = NULL;
	int ret;

	base_buf_init(&text);
	ret = sim_read(sim, "proc/zoneinfo", &text);
	for (char *line = text.len ? text.data : NULL; !ret && line && !found;) {
		char node[16], zone[16], *next = strchr(line, '\n');

		if (sscanf(line, "Node %15[0-9], zone %15s", node, zone) == 2 &&
		    !strcmp(node, w->word[0]) && !strcmp(zone, w->word[1]))
			found = next;
		line = next ? next + 1 : NULL;
	}
	if (found)
		zone_fields(found, buf);
	else if (!ret)
		base_buf_puts(buf, "absent");
	base_buf_fini(&text);
	return ret;
}

/* Finds where the area of cma= is, from the kernel's log at boot. */
int sim_op_cma_area(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	unsigned long long mib, start;
	struct base_buf log;
	const char *line;
	int ret;

	base_buf_init(&log);
	ret = sim->access->log(sim, &log);
	line = ret ? NULL : strstr(base_buf_text(&log), "cma: Reserved ");
	if (line && sscanf(line, "cma: Reserved %llu MiB at %llx", &mib, &start) == 2)
		base_buf_printf(buf, "0x%llx %lluM", start, mib);
	else if (!ret)
		ret = -ENOENT;
	base_buf_fini(&log);
	return ret;
}
