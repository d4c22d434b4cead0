// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors, and arguments as QEMU's visitors check them (qapi/qobject-input-visitor.c). */
#include <stdarg.h>
#include <string.h>

#include "qmp_private.h"

json_t *qmp_fail(struct qmp *q, const char *class, const char *fmt, ...)
{
	va_list ap;

	q->class = class;
	base_buf_reset(&q->desc);
	va_start(ap, fmt);
	base_buf_vprintf(&q->desc, fmt, ap);
	va_end(ap);
	return NULL;
}

/* Integers above INT64_MAX are stored as negative ones. */
bool qmp_uint(json_t *value, uint64_t *ret_value)
{
	if (!json_is_integer(value))
		return false;
	*ret_value = (uint64_t)json_integer_value(value);
	return true;
}

json_t *qmp_json_uint(uint64_t value)
{
	return json_integer((json_int_t)value);
}

bool qmp_is_id(const char *id)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t len = strlen(id);

	return len && strspn(id, letters) &&
	       len == strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789-._");
}

static bool has_type(json_t *value, enum qmp_type type)
{
	switch (type) {
	case QMP_STR:
		return json_is_string(value);
	case QMP_INT:
	case QMP_UINT:
		return json_is_integer(value);
	case QMP_BOOL:
		return json_is_boolean(value);
	case QMP_ARRAY:
		return json_is_array(value);
	default:
		return true;
	}
}

static void refuse_type(struct qmp *q, const struct qmp_arg *arg)
{
	static const char *const words[] = {
		[QMP_STR] = "string",
		[QMP_INT] = "integer",
		[QMP_BOOL] = "boolean",
		[QMP_ARRAY] = "array",
	};

	if (arg->type == QMP_UINT)
		qmp_fail(q, QMP_GENERIC, "Parameter '%s' expects uint64", arg->name);
	else
		qmp_fail(q, QMP_GENERIC, "Invalid parameter type for '%s', expected: %s", arg->name,
			 words[arg->type]);
}

bool qmp_check_args(struct qmp *q, json_t *args, const struct qmp_arg *spec)
{
	for (; spec->type != QMP_END; spec++) {
		json_t *value = json_object_get(args, spec->name);

		if (!value && !spec->is_optional) {
			qmp_fail(q, QMP_GENERIC, "Parameter '%s' is missing", spec->name);
			return false;
		}
		if (value && !has_type(value, spec->type)) {
			refuse_type(q, spec);
			return false;
		}
	}
	return true;
}

static bool takes(const struct qmp_arg *const *specs, size_t nr, const char *name)
{
	for (size_t i = 0; i < nr; i++) {
		for (const struct qmp_arg *arg = specs[i]; arg->type != QMP_END; arg++) {
			if (!strcmp(arg->name, name))
				return true;
		}
	}
	return false;
}

/*
 * QEMU keeps the arguments in a hash table of GLib, and complains about the first one in it: eight
 * places, of which a name takes the first free one, trying from the rest of its hash by 7 on.
 */
#define PLACES 8

const char *qmp_unexpected(json_t *args, const struct qmp_arg *const *specs, size_t nr)
{
	const char *place[PLACES] = { NULL }, *name, *other = NULL;
	json_t *value;

	json_object_foreach(args, name, value)
	{
		uint32_t hash = 5381, at, step = 0;

		for (const char *c = name; *c; c++)
			hash = hash * 33 + (uint32_t)(signed char)*c;
		at = (hash * 11) % 7;
		while (place[at] && step < PLACES)
			at = (at + ++step) & (PLACES - 1);
		if (!place[at])
			place[at] = name;
		else if (!takes(specs, nr, name))
			other = name;
	}
	for (size_t i = 0; i < PLACES; i++) {
		if (place[i] && !takes(specs, nr, place[i]))
			return place[i];
	}
	return other;
}

bool qmp_check_all(struct qmp *q, json_t *args, const struct qmp_arg *spec)
{
	const char *name;

	if (!qmp_check_args(q, args, spec))
		return false;
	name = qmp_unexpected(args, &spec, 1);
	if (name)
		qmp_fail(q, QMP_GENERIC, "Parameter '%s' is unexpected", name);
	return !name;
}
