// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The options of device_add. QEMU turns each into text and back (QemuOpts), so that numbers may be
 * texts, with suffixes where a size is expected, and what is no scalar is ignored.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define MIN_BLOCK_SIZE MIB(1)
#define DEFAULT_BLOCK_SIZE MIB(2)
#define MAX_PCI_SLOT 31

const char *const qmp_on_off_auto[] = { "auto", "on", "off", NULL };

/* The text of a scalar; NULL: it is none. */
static const char *text_of(json_t *value, struct base_text *buf)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return json_string_value(value);
	case JSON_INTEGER:
		snprintf(buf->s, sizeof(buf->s), "%lld", (long long)json_integer_value(value));
		return buf->s;
	case JSON_REAL:
		snprintf(buf->s, sizeof(buf->s), "%.17g", json_real_value(value));
		return buf->s;
	case JSON_TRUE:
		return "on";
	case JSON_FALSE:
		return "off";
	default:
		return NULL;
	}
}

/* ---- types of properties --------------------------------------------------------------------- */

struct option;
typedef bool option_fn(struct qmp *q, const struct option *option, const char *text,
		       struct qmp_options *o);

/*
 * struct option - a property
 * @kinds: the devices that have it, as bits
 * @take: NULL: any value is accepted and has no effect
 */
struct option {
	const char *name;
	unsigned int kinds;
	option_fn *take;
	size_t offset;
};

#define FIELD(o, option, type) ((type *)((char *)(o) + (option)->offset))

static bool refuse(struct qmp *q, const struct option *option, const char *expected)
{
	qmp_fail(q, QMP_GENERIC, "Parameter '%s' expects %s", option->name, expected);
	return false;
}

/* qemu_strtoi64(), qemu_strtou64(): a negative number is accepted as unsigned, too. */
static bool parse(const char *text, bool is_signed, uint64_t *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = is_signed ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
	return !errno && end != text && !*end;
}

static bool take_int32(struct qmp *q, const struct option *option, const char *text,
		       struct qmp_options *o)
{
	uint64_t value;
	int64_t number;

	if (!parse(text, true, &value))
		return refuse(q, option, "integer");
	number = (int64_t)value;
	if (number < INT32_MIN || number > INT32_MAX)
		return refuse(q, option, "int32_t");
	*FIELD(o, option, int64_t) = number;
	return true;
}

static bool take_uint32(struct qmp *q, const struct option *option, const char *text,
			struct qmp_options *o)
{
	uint64_t value;

	if (!parse(text, false, &value))
		return refuse(q, option, "integer");
	if (value > UINT32_MAX)
		return refuse(q, option, "uint32_t");
	*FIELD(o, option, uint64_t) = value;
	return true;
}

static bool take_uint64(struct qmp *q, const struct option *option, const char *text,
			struct qmp_options *o)
{
	return parse(text, false, FIELD(o, option, uint64_t)) || refuse(q, option, "integer");
}

/* qemu_strtosz(): bytes, or a decimal fraction of a unit. */
static bool take_size(struct qmp *q, const struct option *option, const char *text,
		      struct qmp_options *o)
{
	static const char units[] = "bkmgtpe";
	const char *unit;
	double value;
	char *end;

	if (parse(text, false, FIELD(o, option, uint64_t)) && *text != '-')
		return true;
	value = strtod(text, &end);
	unit = *end && !end[1] ? strchr(units, *end | ('a' - 'A')) : NULL;
	if (end == text || *text == '-' || !unit)
		return refuse(q, option, "size");
	*FIELD(o, option, uint64_t) = (uint64_t)(value * (double)(1ULL << 10 * (unit - units)));
	return true;
}

static bool take_bool(struct qmp *q, const struct option *option, const char *text,
		      struct qmp_options *o)
{
	static const char *const words[] = { "off", "on", "no", "yes", "n", "y", "false", "true" };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(words); i++) {
		if (strcmp(words[i], text))
			continue;
		*FIELD(o, option, bool) = i & 1;
		return true;
	}
	return refuse(q, option, "'on' or 'off'");
}

static bool take_on_off_auto(struct qmp *q, const struct option *option, const char *text,
			     struct qmp_options *o)
{
	for (unsigned int i = 0; qmp_on_off_auto[i]; i++) {
		if (strcmp(qmp_on_off_auto[i], text))
			continue;
		*FIELD(o, option, unsigned int) = i;
		return true;
	}
	qmp_fail(q, QMP_GENERIC, "Parameter '%s' does not accept value '%s'", option->name, text);
	return false;
}

static bool take_block_size(struct qmp *q, const struct option *option, const char *text,
			    struct qmp_options *o)
{
	if (!take_size(q, option, text, o))
		return false;
	if (o->block_size < MIN_BLOCK_SIZE) {
		qmp_fail(q, QMP_GENERIC, "'block-size' property has to be at least 0x%llx",
			 (unsigned long long)MIN_BLOCK_SIZE);
		return false;
	}
	if (o->block_size & (o->block_size - 1)) {
		qmp_fail(q, QMP_GENERIC, "'block-size' property has to be a power of two");
		return false;
	}
	return true;
}

static bool take_memdev(struct qmp *q, const struct option *option, const char *text,
			struct qmp_options *o)
{
	const char *objects = "/objects/";
	bool is_path = !strncmp(text, objects, strlen(objects));

	if (!*text)
		return true;
	o->memdev = qmp_backend_find(q, is_path ? text + strlen(objects) : text);
	if (o->memdev)
		return true;
	if (!strcmp(text, "/machine") || !strcmp(text, "/objects") || qmp_device_at(q, text))
		qmp_fail(q, QMP_GENERIC,
			 "Invalid parameter type for 'memdev', expected: memory-backend");
	else
		qmp_fail(q, QMP_NOT_FOUND, "Device '%s' not found", text);
	return false;
}

static bool refuse_writing(struct qmp *q, const struct option *option, const char *text,
			   struct qmp_options *o)
{
	bool is_inner = o->kind == QMP_VMEM && !strcmp(option->name, "size");

	qmp_fail(q, QMP_GENERIC, "Property '%s.%s' is not writable",
		 is_inner ? "virtio-mem" : qmp_drivers[o->kind], option->name);
	return false;
}

/* "3", or with a function "3.0" */
static bool take_pci_addr(struct qmp *q, const struct option *option, const char *text,
			  struct qmp_options *o)
{
	unsigned int slot = 0, function = 0;
	int len = 0, more = 0;

	if (sscanf(text, "%x%n.%x%n", &slot, &len, &function, &more) >= 1 &&
	    !text[BASE_MAX(len, more)] && slot <= MAX_PCI_SLOT && function < 8)
		return true;
	qmp_fail(q, QMP_GENERIC, "Property '%s.%s' doesn't take value '%s'", qmp_drivers[o->kind],
		 option->name, text);
	return false;
}

#define DIMMS (1U << QMP_DIMM | 1U << QMP_NVDIMM)
#define VMEM (1U << QMP_VMEM)
#define BALLOON (1U << QMP_BALLOON)
#define ALL (DIMMS | VMEM | BALLOON)
#define OPTION(name, kinds, take, member)                                                          \
	{                                                                                          \
		name, kinds, take, offsetof(struct qmp_options, member)                            \
	}

/* In the order in which QEMU sets them; the nameless one stands for all unknown ones. */
static const struct option options[] = {
	OPTION("memdev", DIMMS | VMEM, take_memdev, memdev),
	{ "hotplugged", ALL, refuse_writing },
	OPTION("addr", DIMMS, take_uint64, addr),
	{ "addr", VMEM | BALLOON, take_pci_addr },
	OPTION("block-size", VMEM, take_block_size, block_size),
	OPTION("memaddr", VMEM, take_uint64, addr),
	{ NULL },
	{ "size", DIMMS | VMEM, refuse_writing },
	OPTION("slot", DIMMS, take_int32, slot),
	OPTION("requested-size", VMEM, take_size, requested),
	OPTION("node", DIMMS | VMEM, take_uint32, node),
	OPTION("prealloc", VMEM, take_bool, prealloc),
	OPTION("unplugged-inaccessible", VMEM, take_on_off_auto, inaccessible),
};

static bool is_known(const struct qmp_options *o, const char *name)
{
	static const char *const head[] = { "driver", "id", "bus" };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(head); i++) {
		if (!strcmp(head[i], name))
			return true;
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(options); i++) {
		if (options[i].name && options[i].kinds & 1U << o->kind &&
		    !strcmp(options[i].name, name))
			return true;
	}
	return qmp_prop_find(qmp_drivers[o->kind], name);
}

static bool refuse_unknown(struct qmp *q, json_t *args, const struct qmp_options *o)
{
	struct base_text text;
	const char *name;
	json_t *value;

	json_object_foreach(args, name, value)
	{
		if (is_known(o, name) || !text_of(value, &text))
			continue;
		qmp_fail(q, QMP_GENERIC, "Property '%s.%s' not found", qmp_drivers[o->kind], name);
		return true;
	}
	return false;
}

bool qmp_options_rest(struct qmp *q, json_t *args, struct qmp_options *o)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(options); i++) {
		const struct option *option = &options[i];
		struct base_text buf;
		const char *text;
		json_t *value;

		if (!option->name && refuse_unknown(q, args, o))
			return false;
		if (!option->name || !(option->kinds & 1U << o->kind))
			continue;
		value = json_object_get(args, option->name);
		text = value ? text_of(value, &buf) : NULL;
		if (text && !option->take(q, option, text, o))
			return false;
	}
	return true;
}

/* ---- driver, id and bus ---------------------------------------------------------------------- */

static bool find_driver(struct qmp *q, const char *driver, struct qmp_options *o)
{
	for (int kind = 0; kind < QMP_NR_KINDS; kind++) {
		if (strcmp(qmp_drivers[kind], driver))
			continue;
		o->kind = (enum qmp_kind)kind;
		return true;
	}
	qmp_fail(q, QMP_GENERIC, "'%s' is not a valid device model name", driver);
	return false;
}

static bool check_bus(struct qmp *q, const char *bus, const struct qmp_options *o)
{
	bool is_pci = !strcmp(bus, "pci.0") || !strcmp(bus, "pci");

	if (!is_pci)
		qmp_fail(q, QMP_GENERIC, "Bus '%s' not found", bus);
	else if (DIMMS & 1U << o->kind)
		qmp_fail(q, QMP_GENERIC, "Device '%s' can't go on PCI bus", qmp_drivers[o->kind]);
	else
		return true;
	return false;
}

bool qmp_options_head(struct qmp *q, json_t *args, struct qmp_options *o)
{
	json_t *driver = json_object_get(args, "driver"), *bus = json_object_get(args, "bus");
	struct base_text buf;
	const char *text;

	*o = (struct qmp_options){
		.id = json_string_value(json_object_get(args, "id")),
		.slot = -1,
		.block_size = DEFAULT_BLOCK_SIZE,
		.inaccessible = 2,
	};
	if (o->id && !qmp_is_id(o->id)) {
		qmp_fail(q, QMP_GENERIC, "Parameter 'id' expects an identifier");
		return false;
	}
	text = driver ? text_of(driver, &buf) : NULL;
	if (!text) {
		qmp_fail(q, QMP_GENERIC, "Parameter 'driver' is missing");
		return false;
	}
	if (!find_driver(q, text, o))
		return false;
	text = bus ? text_of(bus, &buf) : NULL;
	return !text || check_bus(q, text, o);
}
