// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages on the wire: where they end, what the first ones are, and events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qmp_private.h"

#define NS_PER_S 1000000000ULL
#define NS_PER_US 1000U

/* ---- where a message ends -------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * The length of a string that begins at @at, of which the end has not come yet (0), or in which a
 * control character ends the message (@ret_bad).
 */
static size_t string_len(const char *at, size_t len, bool *ret_bad)
{
	for (size_t i = 1; i < len; i++) {
		if ((unsigned char)at[i] < ' ')
			*ret_bad = true;
		if (*ret_bad || at[i] == *at)
			return i + 1;
		if (at[i] == '\\')
			i++;
	}
	return 0;
}

/* A number or a keyword, which ends with something else. */
static size_t word_len(const char *at, size_t len)
{
	size_t nr = 1;

	while (nr < len && !is_blank(at[nr]) && !strchr("{}[],:\"'", at[nr]))
		nr++;
	return nr < len ? nr : 0;
}

size_t qmp_message_len(const char *text, size_t len, size_t *ret_start)
{
	size_t at = 0, more;
	int depth = 0;
	bool bad = false;

	while (at < len && is_blank(text[at]))
		at++;
	*ret_start = at;
	while (at < len) {
		char c = text[at];

		if (c == '"' || c == '\'')
			more = string_len(text + at, len - at, &bad);
		else if (strchr("{}[],:", c) || is_blank(c))
			more = 1;
		else
			more = word_len(text + at, len - at);
		if (!more)
			return 0;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		at += more;
		if (depth <= 0 || bad)
			return at;
	}
	return 0;
}

/* ---- greeting and capabilities --------------------------------------------------------------- */

static void put(json_t *message, struct base_buf *buf)
{
	char *text = json_dumps(message, 0);

	base_buf_puts(buf, text ? text : "");
	free(text);
	json_decref(message);
}

void qmp_greeting(struct base_buf *buf)
{
	put(json_pack("{s:{s:o, s:[]}}", "QMP", "version", qmp_query_version(NULL, NULL),
		      "capabilities"),
	    buf);
}

/* ---- events ---------------------------------------------------------------------------------- */

void qmp_event_text(const char *name, const char *data, uint64_t real_ns, struct base_buf *buf)
{
	json_t *event = json_pack("{s:{s:I, s:I}, s:s}", "timestamp", "seconds",
				  (json_int_t)(real_ns / NS_PER_S), "microseconds",
				  (json_int_t)(real_ns % NS_PER_S / NS_PER_US), "event", name);

	if (data)
		json_object_set_new(event, "data", json_loads(data, 0, NULL));
	put(event, buf);
}

char *qmp_event_key(const char *name, const char *data)
{
	bool is_size = !strcmp(name, "MEMORY_DEVICE_SIZE_CHANGE");
	const char *path = NULL;
	struct base_buf key;
	json_t *json;

	if (!is_size && strcmp(name, "BALLOON_CHANGE"))
		return NULL;
	json = data ? json_loads(data, 0, NULL) : NULL;
	if (is_size)
		path = json_string_value(json_object_get(json, "qom-path"));
	base_buf_init(&key);
	base_buf_printf(&key, "%s %s", name, path ? path : "");
	json_decref(json);
	if (!key.failed)
		return key.data;
	base_buf_fini(&key);
	return NULL;
}

int qmp_canonical(const char *text, size_t len, struct base_buf *buf)
{
	json_t *json = json_loadb(text, len, JSON_DECODE_ANY, NULL);
	char *sorted;

	if (!json)
		return -EINVAL;
	sorted = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	base_buf_puts(buf, sorted ? sorted : "");
	free(sorted);
	json_decref(json);
	return sorted ? 0 : -ENOMEM;
}
