// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands, and those that need no file of their own; query-qmp-schema follows from them. */
#include <stdio.h>
#include <string.h>

#include "qmp_private.h"

static json_t *query_status(struct qmp *q, json_t *args)
{
	return json_pack("{s:b, s:b, s:s}", "running", !q->is_paused, "singlestep", false, "status",
			 q->is_paused ? "paused" : "running");
}

static json_t *query_name(struct qmp *q, json_t *args)
{
	return qmp_ok();
}

static json_t *query_uuid(struct qmp *q, json_t *args)
{
	return json_pack("{s:s}", "UUID", "00000000-0000-0000-0000-000000000000");
}

static json_t *query_kvm(struct qmp *q, json_t *args)
{
	return json_pack("{s:b, s:b}", "enabled", false, "present", true);
}

static json_t *query_current_machine(struct qmp *q, json_t *args)
{
	return json_pack("{s:b}", "wakeup-suspend-support", true);
}

static json_t *query_target(struct qmp *q, json_t *args)
{
	return json_pack("{s:s}", "arch", machine_spec(q->machine)->arch->name);
}

/* The machine has none of what is asked for. */
static json_t *query_none(struct qmp *q, json_t *args)
{
	return json_array();
}

static json_t *query_dump(struct qmp *q, json_t *args)
{
	return json_pack("{s:s, s:i, s:i}", "status", "none", "completed", 0, "total", 0);
}

static json_t *capabilities(struct qmp *q, json_t *args)
{
	return qmp_fail(q, QMP_NO_COMMAND,
			"Capabilities negotiation is already complete, command ignored");
}

static json_t *stop(struct qmp *q, json_t *args)
{
	if (!q->is_paused)
		qmp_emit(q, "STOP", NULL, false);
	q->is_paused = true;
	return qmp_ok();
}

static json_t *cont(struct qmp *q, json_t *args)
{
	if (q->is_paused)
		qmp_emit(q, "RESUME", NULL, false);
	q->is_paused = false;
	return qmp_ok();
}

static json_t *system_reset(struct qmp *q, json_t *args)
{
	qmp_emit(q, "RESET",
		 json_pack("{s:b, s:s}", "guest", false, "reason", "host-qmp-system-reset"), false);
	q->host->reset(q->ctx);
	return qmp_ok();
}

/* The guest has nobody who listens to the button. */
static json_t *system_powerdown(struct qmp *q, json_t *args)
{
	qmp_emit(q, "POWERDOWN", NULL, false);
	return qmp_ok();
}

static json_t *quit(struct qmp *q, json_t *args)
{
	qmp_emit(q, "SHUTDOWN", json_pack("{s:b, s:s}", "guest", false, "reason", "host-qmp-quit"),
		 true);
	q->host->quit(q->ctx);
	return qmp_ok();
}

#define ARGS(name, ...)                                                                            \
	static const struct qmp_arg name[] = {                                                     \
		__VA_ARGS__,                                                                       \
		{ NULL, QMP_END },                                                                 \
	}
static const struct qmp_arg no_args[] = { { NULL, QMP_END } };
ARGS(enable_args, { "enable", QMP_ARRAY, true });
ARGS(id_args, { "id", QMP_STR });
ARGS(path_args, { "path", QMP_STR });
ARGS(get_args, { "path", QMP_STR }, { "property", QMP_STR });
ARGS(set_args, { "path", QMP_STR }, { "property", QMP_STR }, { "value", QMP_ANY });
ARGS(value_args, { "value", QMP_INT });
ARGS(human_args, { "command-line", QMP_STR }, { "cpu-index", QMP_INT, true });

const struct qmp_command qmp_commands[] = {
	{ "qmp_capabilities", capabilities, enable_args },
	{ "query-version", qmp_query_version, no_args, true },
	{ "query-commands", qmp_query_commands, no_args, true },
	{ "query-qmp-schema", qmp_query_schema, no_args, true },
	{ "query-status", query_status, no_args, true },
	{ "query-name", query_name, no_args, true },
	{ "query-uuid", query_uuid, no_args, true },
	{ "query-kvm", query_kvm, no_args, true },
	{ "query-current-machine", query_current_machine, no_args, true },
	{ "query-target", query_target, no_args, true },
	{ "query-iothreads", query_none, no_args, true },
	{ "query-block", query_none, no_args, true },
	{ "query-dump", query_dump, no_args, true },
	{ "object-add", qmp_object_add, NULL },
	{ "object-del", qmp_object_del, id_args },
	{ "query-memdev", qmp_query_memdev, no_args, true },
	{ "device_add", qmp_device_add, NULL },
	{ "device_del", qmp_device_del, id_args },
	{ "query-memory-devices", qmp_query_memory_devices, no_args, true },
	{ "query-memory-size-summary", qmp_query_size_summary, no_args, true },
	{ "query-acpi-ospm-status", qmp_query_ospm, no_args, true },
	{ "query-hotpluggable-cpus", qmp_query_hotpluggable_cpus, no_args, true },
	{ "query-cpus-fast", qmp_query_cpus, no_args, true },
	{ "qom-list", qmp_qom_list, path_args, true },
	{ "qom-get", qmp_qom_get, get_args, true },
	{ "qom-set", qmp_qom_set, set_args },
	{ "balloon", qmp_balloon, value_args },
	{ "query-balloon", qmp_query_balloon, no_args, true },
	{ "stop", stop, no_args },
	{ "cont", cont, no_args },
	{ "system_reset", system_reset, no_args },
	{ "system_powerdown", system_powerdown, no_args },
	{ "quit", quit, no_args },
	{ "human-monitor-command", qmp_human, human_args, true },
	{ NULL },
};

const struct qmp_command *qmp_find_command(const char *name)
{
	for (const struct qmp_command *c = qmp_commands; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

json_t *qmp_query_commands(struct qmp *q, json_t *args)
{
	json_t *list = json_array();

	for (const struct qmp_command *c = qmp_commands; c->name; c++)
		json_array_append_new(list, json_pack("{s:s}", "name", c->name));
	return list;
}

/* ---- query-qmp-schema ------------------------------------------------------------------------ */

static const char *const events[] = {
	"ACPI_DEVICE_OST",
	"BALLOON_CHANGE",
	"DEVICE_DELETED",
	"DEVICE_UNPLUG_GUEST_ERROR",
	"MEM_UNPLUG_ERROR",
	"MEMORY_DEVICE_SIZE_CHANGE",
	"POWERDOWN",
	"RESET",
	"RESUME",
	"SHUTDOWN",
	"STOP",
};

static const struct {
	const char *name;
	const char *json;
} types[] = {
	[QMP_STR] = { "str", "string" },    [QMP_INT] = { "int", "int" },
	[QMP_UINT] = { "uint64", "int" },   [QMP_BOOL] = { "bool", "boolean" },
	[QMP_ARRAY] = { "[any]", "array" }, [QMP_ANY] = { "any", "value" },
};

static json_t *object_type(const char *name, const struct qmp_arg *args)
{
	json_t *members = json_array();

	for (; args && args->type != QMP_END; args++) {
		json_t *member =
			json_pack("{s:s, s:s}", "name", args->name, "type", types[args->type].name);

		if (args->is_optional)
			json_object_set_new(member, "default", json_null());
		json_array_append_new(members, member);
	}
	return json_pack("{s:s, s:s, s:o}", "name", name, "meta-type", "object", "members",
			 members);
}

static void add_types(json_t *list)
{
	for (size_t i = QMP_STR; i < BASE_ARRAY_SIZE(types); i++) {
		json_t *type = json_pack("{s:s, s:s}", "name", types[i].name, "meta-type",
					 i == QMP_ARRAY ? "array" : "builtin");

		if (i == QMP_ARRAY)
			json_object_set_new(type, "element-type", json_string("any"));
		else
			json_object_set_new(type, "json-type", json_string(types[i].json));
		json_array_append_new(list, type);
	}
	json_array_append_new(list, object_type("0", NULL));
}

json_t *qmp_query_schema(struct qmp *q, json_t *args)
{
	json_t *list = json_array();
	unsigned int number = 0;
	char name[16];

	for (const struct qmp_command *c = qmp_commands; c->name; c++) {
		bool has_args = c->args && c->args->type != QMP_END;

		snprintf(name, sizeof(name), "%u", has_args ? ++number : 0);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", c->name,
						      "meta-type", "command", "arg-type",
						      c->args ? name : "any", "ret-type", "any"));
		if (has_args)
			json_array_append_new(list, object_type(name, c->args));
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(events); i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", events[i],
						      "meta-type", "event", "arg-type", "any"));
	add_types(list);
	return list;
}
