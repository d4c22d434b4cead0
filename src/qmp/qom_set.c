// SPDX-License-Identifier: GPL-2.0-or-later
/* qom-set: what can be changed of devices and backends, and why nothing else can. */
#include <string.h>

#include "qom.h"

static json_t *set_requested(struct qmp *q, struct qmp_device *d, json_t *value)
{
	uint64_t block = machine_vmem_get(d->thing, MACHINE_VMEM_BLOCK_SIZE), size;

	if (!qmp_uint(value, &size))
		return qmp_fail(q, QMP_GENERIC, "Parameter 'requested-size' expects uint64");
	if (!BASE_ALIGNED(size, block))
		return qmp_fail(q, QMP_GENERIC,
				"'requested-size' has to be multiples of 'block-size' (0x%llx)",
				(unsigned long long)block);
	if (size > d->memdev->size)
		return qmp_fail(q, QMP_GENERIC,
				"'requested-size' cannot exceed the memory backend size(0x%llx)",
				(unsigned long long)d->memdev->size);
	d->must_resize = d->must_resize || d->requested != size;
	d->requested = size;
	return qmp_ok();
}

static json_t *set_polling(struct qmp *q, struct qmp_device *d, json_t *value)
{
	json_int_t seconds = json_integer_value(value);

	if (!json_is_integer(value))
		return qmp_fail(q, QMP_GENERIC,
				"Parameter 'guest-stats-polling-interval' expects int64");
	if (seconds < 0)
		return qmp_fail(q, QMP_GENERIC, "timer value must be greater than zero");
	if (seconds > UINT32_MAX)
		return qmp_fail(q, QMP_GENERIC, "timer value is too big");
	d->polling = (uint64_t)seconds;
	return qmp_ok();
}

static json_t *not_writable(struct qmp *q, const char *type, const char *name)
{
	return qmp_fail(q, QMP_GENERIC, "Property '%s.%s' is not writable", type, name);
}

/* What is set with the device only. The part that a virtio device consists of has no id. */
static json_t *too_late(struct qmp *q, const struct qom *o, const char *name, bool is_inner)
{
	const char *type = is_inner ? qom_inner_types[o->device->kind] : o->type;
	const char *id = is_inner ? NULL : o->device->id;

	if (!strcmp(name, "memdev"))
		return qmp_fail(q, QMP_GENERIC,
				"Attempt to set link property 'memdev' on device '%s' (type '%s') "
				"after it was realized",
				id ? id : "(null)", type);
	if (!id)
		return qmp_fail(q, QMP_GENERIC,
				"Attempt to set property '%s' on anonymous device (type '%s') "
				"after it was realized",
				name, type);
	return qmp_fail(q, QMP_GENERIC,
			"Attempt to set property '%s' on device '%s' (type '%s') after it was "
			"realized",
			name, id, type);
}

/* Whether a property of a virtio device is that of its inner part. */
static bool is_inner(const struct qom *o, const char *name)
{
	return o->what == QOM_INNER || (qom_inner_types[o->device->kind] && strcmp(name, "addr") &&
					qmp_prop_find(qom_inner_types[o->device->kind], name));
}

static json_t *set_device(struct qmp *q, const struct qom *o, const char *name, json_t *value)
{
	static const char *const never[] = { "type",	   "hotplugged", "hotpluggable",
					     "parent_bus", "size",	 "guest-stats" };
	struct qmp_device *d = o->device;
	bool inner = is_inner(o, name);

	if (d->kind == QMP_VMEM && !strcmp(name, "requested-size"))
		return set_requested(q, d, value);
	if (d->kind == QMP_VMEM && !strcmp(name, "block-size"))
		return qmp_fail(q, QMP_GENERIC, "'block-size' cannot be changed");
	if (d->kind == QMP_BALLOON && !strcmp(name, "guest-stats-polling-interval"))
		return set_polling(q, d, value);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(never); i++) {
		bool is_size = !strcmp(name, "size");

		if (!strcmp(never[i], name))
			return not_writable(q,
					    is_size && inner ? qom_inner_types[d->kind] : o->type,
					    name);
	}
	if (!strcmp(name, "realized") && !json_is_boolean(value))
		return qmp_fail(q, QMP_GENERIC,
				"Invalid parameter type for 'realized', expected: boolean");
	return too_late(q, o, name, inner);
}

static json_t *set_flag(struct qmp *q, bool *flag, const char *name, json_t *value)
{
	if (!json_is_boolean(value))
		return qmp_fail(q, QMP_GENERIC,
				"Invalid parameter type for '%s', expected: boolean", name);
	*flag = json_is_true(value);
	return qmp_ok();
}

static json_t *set_backend(struct qmp *q, const struct qom *o, const char *name, json_t *value)
{
	struct qmp_backend *b = o->backend;

	if (!strcmp(name, "size"))
		return qmp_fail(q, QMP_GENERIC, "cannot change property size of %s ", o->type);
	if (!strcmp(name, "share") || !strcmp(name, "reserve"))
		return qmp_fail(q, QMP_GENERIC, "cannot change property value");
	if (!strcmp(name, "dump"))
		return set_flag(q, &b->dump, name, value);
	if (!strcmp(name, "merge"))
		return set_flag(q, &b->merge, name, value);
	if (!strcmp(name, "prealloc"))
		return set_flag(q, &b->prealloc, name, value);
	if (strcmp(name, "prealloc-threads"))
		return not_writable(q, o->type, name);
	if (!qmp_uint(value, &b->threads))
		return qmp_fail(q, QMP_GENERIC, "Parameter 'prealloc-threads' expects uint32_t");
	return qmp_ok();
}

json_t *qmp_qom_set(struct qmp *q, json_t *args)
{
	const char *name = json_string_value(json_object_get(args, "property"));
	json_t *value = json_object_get(args, "value"), *ret = NULL;
	struct qom o;

	if (!qom_find(q, json_string_value(json_object_get(args, "path")), &o))
		goto out;
	if (strcmp(name, "type") && !qmp_prop_find(o.type, name))
		qmp_fail(q, QMP_GENERIC, "Property '%s.%s' not found", o.type, name);
	else if (o.what == QOM_DEVICE || o.what == QOM_INNER)
		ret = set_device(q, &o, name, value);
	else if (o.what == QOM_BACKEND && strcmp(name, "type"))
		ret = set_backend(q, &o, name, value);
	else
		not_writable(q, o.type, name);
out:
	base_buf_fini(&o.path);
	return ret;
}
