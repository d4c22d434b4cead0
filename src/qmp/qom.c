// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The object model: qom-list, qom-get and qom-set for the objects that the monitor has. Values that
 * change are here; the others, and which properties there are, in props.c.
 */
#include <string.h>

#include "qom.h"

static const struct {
	const char *path;
	const char *type;
} fixed[] = {
	[QOM_ROOT] = { "/", "container" },
	[QOM_MACHINE] = { "/machine", QMP_MACHINE_TYPE },
	[QOM_OBJECTS] = { "/objects", "container" },
	[QOM_PERIPHERAL] = { "/machine/peripheral", "container" },
	[QOM_ANON] = { "/machine/peripheral-anon", "container" },
};
const char *const qom_inner_types[QMP_NR_KINDS] = {
	[QMP_VMEM] = "virtio-mem",
	[QMP_BALLOON] = "virtio-balloon-device",
};
#define INNER "/virtio-backend"

static bool find_fixed(const char *path, struct qom *ret)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(fixed); i++) {
		if (strcmp(fixed[i].path, path))
			continue;
		ret->what = (enum qom_what)i;
		ret->type = fixed[i].type;
		base_buf_puts(&ret->path, path);
		return true;
	}
	return false;
}

static bool find_backend(const struct qmp *q, const char *path, struct qom *ret)
{
	size_t len = strlen("/objects/");

	ret->backend = qmp_backend_find(q, strncmp(path, "/objects/", len) ? path : path + len);
	if (!ret->backend || (*path == '/' && strncmp(path, "/objects/", len)))
		return false;
	ret->what = QOM_BACKEND;
	ret->type = qmp_backend_types[ret->backend->type];
	base_buf_printf(&ret->path, "/objects/%s", ret->backend->id);
	return true;
}

static bool find_device(const struct qmp *q, char *path, struct qom *ret)
{
	size_t len = strlen(path), inner = strlen(INNER);
	bool is_inner = len > inner && !strcmp(path + len - inner, INNER);

	if (is_inner)
		path[len - inner] = '\0';
	ret->device = qmp_device_at(q, path);
	if (!ret->device || (is_inner && !qom_inner_types[ret->device->kind]))
		return false;
	ret->what = is_inner ? QOM_INNER : QOM_DEVICE;
	ret->type = is_inner ? qom_inner_types[ret->device->kind] : qmp_drivers[ret->device->kind];
	qmp_device_path(ret->device, &ret->path);
	if (is_inner)
		base_buf_puts(&ret->path, INNER);
	return true;
}

bool qom_find(struct qmp *q, const char *text, struct qom *ret)
{
	struct base_buf path;
	bool found;

	*ret = (struct qom){ .what = QOM_ROOT };
	base_buf_init(&ret->path);
	base_buf_init(&path);
	base_buf_puts(&path, text);
	/* Slashes at the end do not count. */
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.data[--path.len] = '\0';
	found = path.len && !path.failed &&
		(find_fixed(path.data, ret) || find_backend(q, path.data, ret) ||
		 find_device(q, path.data, ret));
	base_buf_fini(&path);
	if (!found)
		qmp_fail(q, QMP_NOT_FOUND, "Device '%s' not found", text);
	return found;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void add(json_t *list, const char *name, const char *type)
{
	json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "type", type));
}

static void add_child(json_t *list, const char *name, const char *type)
{
	json_array_append_new(list, json_pack("{s:s, s:o}", "name", name, "type",
					      json_sprintf("child<%s>", type)));
}

static const struct {
	const char *name;
	const char *type;
} anonymous[QMP_ANONYMOUS] = {
	{ "device[0]", "virtio-serial-pci" },
	{ "device[1]", "virtserialport" },
};

static void add_children(const struct qmp *q, const struct qom *o, json_t *list)
{
	const struct qmp_backend *b;
	const struct qmp_device *d;

	if (o->what == QOM_ROOT) {
		add_child(list, "objects", "container");
		add_child(list, "machine", QMP_MACHINE_TYPE);
		add_child(list, "chardevs", "container");
	} else if (o->what == QOM_OBJECTS) {
		TAILQ_FOREACH(b, &q->backends, link)
			add_child(list, b->id, qmp_backend_types[b->type]);
	} else if (o->what == QOM_PERIPHERAL || o->what == QOM_ANON) {
		for (size_t i = 0; o->what == QOM_ANON && i < QMP_ANONYMOUS; i++)
			add_child(list, anonymous[i].name, anonymous[i].type);
		TAILQ_FOREACH(d, &q->devices, link) {
			if (!d->is_gone && !d->is_builtin && !d->id == (o->what == QOM_ANON))
				add_child(list, d->name, qmp_drivers[d->kind]);
		}
	} else if (o->what == QOM_BACKEND) {
		json_array_append_new(list, json_pack("{s:o, s:s}", "name",
						      json_sprintf("%s[0]", o->backend->id), "type",
						      "child<memory-region>"));
	}
}

json_t *qmp_qom_list(struct qmp *q, json_t *args)
{
	const char *path = json_string_value(json_object_get(args, "path"));
	const struct qmp_prop *prop;
	json_t *list = NULL;
	struct qom o;

	if (!*path)
		return qmp_fail(q, QMP_GENERIC, "Path '' is ambiguous");
	if (qom_find(q, path, &o)) {
		list = json_array();
		add(list, "type", "string");
		for (size_t i = 0; (prop = qmp_prop_at(o.type, i)); i++)
			add(list, prop->name, prop->type);
		add_children(q, &o, list);
	}
	base_buf_fini(&o.path);
	return list;
}

/* ---- reading --------------------------------------------------------------------------------- */

static json_t *memory_of_machine(const struct qmp *q)
{
	const struct machine_spec *spec = machine_spec(q->machine);
	uint64_t ram = machine_ram(q->machine, -1), start, size = 0;

	(void)machine_window(q->machine, &start, &size);
	return json_pack("{s:o, s:o, s:i}", "max-size",
			 qmp_json_uint(spec->maxmem ? spec->maxmem : ram + size), "size",
			 qmp_json_uint(ram), "slots", (int)machine_acpi_slots(q->machine));
}

static json_t *backend_value(const struct qmp_backend *b, const char *name)
{
	json_t *nodes;
	unsigned int nid;

	if (!strcmp(name, "size"))
		return qmp_json_uint(b->size);
	if (!strcmp(name, "policy"))
		return json_string(qmp_policies[b->policy]);
	if (!strcmp(name, "prealloc-threads"))
		return qmp_json_uint(b->threads);
	if (!strcmp(name, "host-nodes")) {
		nodes = json_array();
		BASE_MASK_FOREACH(nid, &b->nodes)
			json_array_append_new(nodes, json_integer(nid));
		return nodes;
	}
	if (!strcmp(name, "share"))
		return json_boolean(b->share);
	if (!strcmp(name, "dump"))
		return json_boolean(b->dump);
	if (!strcmp(name, "merge"))
		return json_boolean(b->merge);
	if (!strcmp(name, "prealloc"))
		return json_boolean(b->prealloc);
	if (!strcmp(name, "reserve"))
		return json_boolean(b->reserve);
	return strcmp(name, "x-use-canonical-path-for-ramblock-id") ? NULL :
								      json_boolean(b->canonical);
}

static json_t *memory_value(const struct qmp_device *d, const char *name)
{
	bool is_vmem = d->kind == QMP_VMEM;

	if (!strcmp(name, "memdev"))
		return json_sprintf("/objects/%s", d->memdev->id);
	if (!strcmp(name, "node"))
		return qmp_json_uint(qmp_device_node(d));
	if (!strcmp(name, is_vmem ? "memaddr" : "addr"))
		return qmp_json_uint(qmp_device_addr(d));
	if (!strcmp(name, "size"))
		return qmp_json_uint(qmp_device_size(d));
	if (!strcmp(name, "slot"))
		return qmp_json_uint(d->slot);
	if (!is_vmem)
		return NULL;
	if (!strcmp(name, "requested-size"))
		return qmp_json_uint(d->requested);
	if (!strcmp(name, "block-size"))
		return qmp_json_uint(machine_vmem_get(d->thing, MACHINE_VMEM_BLOCK_SIZE));
	if (!strcmp(name, "prealloc"))
		return json_boolean(d->prealloc);
	return strcmp(name, "unplugged-inaccessible") ?
		       NULL :
		       json_string(qmp_on_off_auto[d->inaccessible]);
}

static void count_memory(const struct qmp *q, uint64_t *ret_total, uint64_t *ret_free)
{
	struct mm *mm = machine_mm(q->machine);
	unsigned int shift = machine_spec(q->machine)->page_shift;

	*ret_total = *ret_free = 0;
	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1)) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_zone_info zone;

			mm_zone_info(mm, nid, (enum mm_zone_type)type, &zone);
			*ret_total += zone.managed << shift;
			*ret_free += zone.free << shift;
		}
	}
}

/* Statistics that the driver of a balloon sends, as soon as anybody polls for them. */
static json_t *guest_stats(const struct qmp *q, const struct qmp_device *d)
{
	uint64_t total = UINT64_MAX, is_free = UINT64_MAX;

	if (d->polling)
		count_memory(q, &total, &is_free);
	return json_pack("{s:i, s:{s:o, s:o}}", "last-update", 0, "stats", "stat-total-memory",
			 qmp_json_uint(total), "stat-free-memory", qmp_json_uint(is_free));
}

static json_t *balloon_value(const struct qmp *q, const struct qmp_device *d, const char *name)
{
	if (!strcmp(name, "guest-stats-polling-interval"))
		return qmp_json_uint(d->polling);
	return strcmp(name, "guest-stats") ? NULL : guest_stats(q, d);
}

static json_t *own_value(const struct qmp *q, const struct qom *o, const char *name)
{
	if (!strcmp(name, "type"))
		return json_string(o->type);
	if (o->what == QOM_MACHINE)
		return strcmp(name, "memory") ? NULL : memory_of_machine(q);
	if (o->what == QOM_BACKEND)
		return backend_value(o->backend, name);
	if (o->what != QOM_DEVICE && o->what != QOM_INNER)
		return NULL;
	return o->device->kind == QMP_BALLOON ? balloon_value(q, o->device, name) :
						memory_value(o->device, name);
}

/* A child is shown as its path. */
static json_t *child_value(const struct qmp *q, const struct qom *o, const char *name)
{
	json_t *list = json_array(), *entry, *value = NULL;
	const char *path = o->what == QOM_ROOT ? "" : base_buf_text(&o->path);
	size_t i;

	add_children(q, o, list);
	json_array_foreach(list, i, entry)
	{
		if (!strcmp(json_string_value(json_object_get(entry, "name")), name))
			value = json_sprintf("%s/%s", path, name);
	}
	json_decref(list);
	return value;
}

json_t *qmp_qom_get(struct qmp *q, json_t *args)
{
	const char *name = json_string_value(json_object_get(args, "property"));
	const struct qmp_prop *prop;
	json_t *value = NULL;
	struct qom o;

	if (!qom_find(q, json_string_value(json_object_get(args, "path")), &o))
		goto out;
	value = own_value(q, &o, name);
	if (!value)
		value = child_value(q, &o, name);
	prop = qmp_prop_find(o.type, name);
	if (!value && prop && prop->value)
		value = json_loads(prop->value, JSON_DECODE_ANY, NULL);
	else if (!value && prop && !strncmp(prop->type, "child<", strlen("child<")))
		value = json_sprintf("%s/%s", base_buf_text(&o.path), name);
	else if (!value)
		qmp_fail(q, QMP_GENERIC,
			 prop ? "Property '%s.%s' is not readable" : "Property '%s.%s' not found",
			 o.type, name);
out:
	base_buf_fini(&o.path);
	return value;
}
