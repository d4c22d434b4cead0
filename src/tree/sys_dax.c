// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DAX regions and their devices: sys/devices/platform/hmem.N and daxN.M in it (the kernel's
 * drivers/dax/bus.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys_dax.h"

/* ---- regions --------------------------------------------------------------------------------- */

static int region_id_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%u\n", machine_dax_id(obj->dax));
	return 0;
}

static int region_size_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n",
			(unsigned long long)machine_dax_get(obj->dax, MACHINE_DAX_SIZE));
	return 0;
}

static int region_align_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)machine_dax_align(obj->dax));
	return 0;
}

static int region_available_size_show(struct tree_obj *obj, const struct tree_row *row,
				      struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)machine_dax_available(obj->dax));
	return 0;
}

static int name_show(const struct machine_dax_dev *dev, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", dev ? machine_dax_dev_name(dev) : "");
	return 0;
}

static int region_seed_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	return name_show(machine_dax_seed(obj->dax), buf);
}

static int region_create_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	return name_show(machine_dax_youngest(obj->dax), buf);
}

static ssize_t region_create_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	int64_t value;
	int ret = base_kstrtoll(text, 0, &value);

	if (!ret && (value < INT32_MIN || value > INT32_MAX))
		ret = -ERANGE;
	if (!ret && value != 1)
		ret = -EINVAL;
	if (!ret)
		ret = machine_dax_create(obj->dax);
	tree_dax_update(obj->tree);
	return ret ? ret : (ssize_t)len;
}

static ssize_t region_delete_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	int ret = machine_dax_delete(obj->dax, text);

	tree_dax_update(obj->tree);
	return ret ? ret : (ssize_t)len;
}

static int region_modalias_show(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_puts(buf, "platform:hmem\n");
	return 0;
}

static int region_driver_override_show(struct tree_obj *obj, const struct tree_row *row,
				       struct base_buf *buf)
{
	base_buf_puts(buf, "(null)\n");
	return 0;
}

static int region_numa_node_show(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_dax_nid(obj->dax));
	return 0;
}

static const char *const region_keys[] = { "DRIVER=hmem", "MODALIAS=platform:hmem" };

static int region_uevent_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(region_keys); i++)
		base_buf_printf(buf, "%s\n", region_keys[i]);
	return 0;
}

static ssize_t region_uevent_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	char devpath[48], log_name[32];
	const struct hp_synth of = {
		.devpath = devpath,
		.subsystem = "platform",
		.log_name = log_name,
		.keys = region_keys,
		.nr_keys = BASE_ARRAY_SIZE(region_keys),
	};
	int ret;

	snprintf(devpath, sizeof(devpath), "/devices/platform/%s", obj->name);
	snprintf(log_name, sizeof(log_name), "hmem %s", obj->name);
	ret = hp_uevent_synth_device(obj->tree->hp, &of, text, len);
	return ret ? ret : (ssize_t)len;
}

static int region_driver_target(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_puts(buf, "../../../bus/platform/drivers/hmem");
	return 0;
}

static int region_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				   struct base_buf *buf)
{
	base_buf_puts(buf, "../../../bus/platform");
	return 0;
}

static int region_link_target(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "%s../../../devices/platform/%s",
			row->arg == TREE_SLOT_BUS ? "" : "../", obj->name);
	return 0;
}

static bool is_of_region(const struct tree_obj *region, const struct tree_obj *dev)
{
	return dev->id >> 32 == region->id;
}

static const struct tree_children region_devices = {
	.collection = TREE_DAX_DEVICES,
	.member = is_of_region,
};

#define REGION_ATTR(name, bits, ...)                                                               \
	{                                                                                          \
		.path = "dax_region/" #name, .mode = S_IFREG | (bits), __VA_ARGS__                 \
	}

static const struct tree_row region_rows[] = {
	{ TREE_DIR_ROW(""), .target = region_link_target, .children = { &region_devices } },
	{ .path = "uevent",
	  .mode = S_IFREG | 0644,
	  .show = region_uevent_show,
	  .store = region_uevent_store },
	{ TREE_ATTR_RO(region, modalias) },
	{ TREE_ATTR_RO(region, numa_node) },
	{ .path = "driver_override",
	  .mode = S_IFREG | 0644,
	  .show = region_driver_override_show,
	  .store = tree_accept_store },
	{ TREE_LINK_ROW("driver", region_driver_target) },
	{ TREE_LINK_ROW("subsystem", region_subsystem_target) },
	TREE_POWER_ROWS("", 0),
	{ TREE_DIR_ROW("dax_region") },
	REGION_ATTR(id, 0444, .show = region_id_show),
	REGION_ATTR(size, 0444, .show = region_size_show),
	REGION_ATTR(align, 0400, .show = region_align_show),
	REGION_ATTR(available_size, 0444, .show = region_available_size_show),
	REGION_ATTR(seed, 0444, .show = region_seed_show),
	REGION_ATTR(create, 0644, .show = region_create_show, .store = region_create_store),
	REGION_ATTR(delete, 0200, .store = region_delete_store),
};

const struct tree_table tree_dax_region_table = TREE_TABLE(region_rows);

/* ---- devices --------------------------------------------------------------------------------- */

#define DEV_SHOW(name, format, ...)                                                                \
	static int dev_##name##_show(struct tree_obj *obj, const struct tree_row *row,             \
				     struct base_buf *buf)                                         \
	{                                                                                          \
		struct machine_dax_info info;                                                      \
                                                                                                   \
		machine_dax_dev_info(obj->dax_dev, &info);                                         \
		base_buf_printf(buf, format "\n", __VA_ARGS__);                                    \
		return 0;                                                                          \
	}

DEV_SHOW(align, "%llu", (unsigned long long)info.align)
DEV_SHOW(size, "%llu", (unsigned long long)info.size)
DEV_SHOW(resource, "%#llx", (unsigned long long)info.resource)
DEV_SHOW(target_node, "%d", info.target_node)
DEV_SHOW(numa_node, "%d", info.numa_node)
DEV_SHOW(memmap_on_memory, "%d", info.memmap_on_memory)
DEV_SHOW(dev, "%d:%u", MACHINE_DAX_MAJOR, info.minor)

static int dev_modalias_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "dax:t0\n");
	return 0;
}

static ssize_t dev_size_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			      size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = base_kstrtoull(text, 0, &value);

	if (!ret)
		ret = machine_dax_dev_resize(obj->dax_dev, value);
	return ret ? ret : (ssize_t)len;
}

static ssize_t dev_align_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			       size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = base_kstrtoull(text, 0, &value) ? -ENXIO :
						    machine_dax_dev_set_align(obj->dax_dev, value);

	return ret ? ret : (ssize_t)len;
}

static ssize_t dev_memmap_on_memory_store(struct tree_obj *obj, const struct tree_row *row,
					  const char *text, size_t len, struct tree_req *req)
{
	bool on;
	int ret = base_kstrtobool(text, &on);

	if (!ret)
		ret = machine_dax_dev_set_memmap_on_memory(obj->dax_dev, on);
	return ret ? ret : (ssize_t)len;
}

/* START-END, both hexadecimal (range_parse()). */
static ssize_t dev_mapping_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	const char *minus = strchr(text, '-');
	char first[32];
	uint64_t start, end;
	int ret = -EINVAL;

	if (!minus || (size_t)(minus - text) >= sizeof(first))
		return -EINVAL;
	snprintf(first, sizeof(first), "%.*s", (int)(minus - text), text);
	ret = base_kstrtoull(first, 16, &start);
	if (!ret)
		ret = base_kstrtoull(minus + 1, 16, &end);
	if (!ret)
		ret = machine_dax_dev_map(obj->dax_dev, start, end);
	return ret ? ret : (ssize_t)len;
}

static int dev_uevent_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct machine_dax_event event;

	machine_dax_dev_event(obj->dax_dev, &event);
	for (size_t i = 0; i < event.nr_keys; i++)
		base_buf_printf(buf, "%s\n", event.keys[i]);
	return 0;
}

static ssize_t dev_uevent_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				size_t len, struct tree_req *req)
{
	struct machine_dax_event event;
	struct machine_dax_info info;
	struct hp_synth of;
	char log_name[64];
	int ret;

	machine_dax_dev_event(obj->dax_dev, &event);
	machine_dax_dev_info(obj->dax_dev, &info);
	snprintf(log_name, sizeof(log_name), "%s %s",
		 info.driver == MACHINE_DAX_UNBOUND ? "dax" : machine_dax_drivers[info.driver],
		 obj->name);
	of = (struct hp_synth){
		.devpath = event.devpath,
		.subsystem = "dax",
		.log_name = log_name,
		.keys = event.keys,
		.nr_keys = event.nr_keys,
	};
	ret = hp_uevent_synth_device(obj->tree->hp, &of, text, len);
	return ret ? ret : (ssize_t)len;
}

static int dev_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../bus/dax");
	return 0;
}

static bool has_driver(const struct tree_obj *obj, const struct tree_row *row)
{
	return tree_dax_driver(obj) != MACHINE_DAX_UNBOUND;
}

static int dev_driver_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	enum machine_dax_driver driver = tree_dax_driver(obj);

	if (driver == MACHINE_DAX_UNBOUND)
		return -ENOENT;
	base_buf_printf(buf, "../../../../bus/dax/drivers/%s", machine_dax_drivers[driver]);
	return 0;
}

static int dev_link_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s../../../devices/platform/hmem.%llu/%s",
			row->arg == TREE_SLOT_BUS ? "" : "../", (unsigned long long)obj->id >> 32,
			obj->name);
	return 0;
}

/* ---- mappings -------------------------------------------------------------------------------- */

enum { MAPPING_START, MAPPING_END, MAPPING_PAGE_OFFSET, MAPPING_FIELDS };

static bool has_mapping(const struct tree_obj *obj, const struct tree_row *row)
{
	struct machine_dax_mapping mapping;

	return !obj->dead && machine_dax_dev_mapping(obj->dax_dev, row->arg, &mapping);
}

/* The argument is the number of the mapping times MAPPING_FIELDS, and the field. */
static int mapping_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct machine_dax_mapping m;
	uint64_t value;

	if (!machine_dax_dev_mapping(obj->dax_dev, row->arg / MAPPING_FIELDS, &m))
		return -ENODEV;
	value = row->arg % MAPPING_FIELDS == MAPPING_START ? m.start :
		row->arg % MAPPING_FIELDS == MAPPING_END   ? m.end :
							     m.pgoff;
	base_buf_puts(buf, value ? "" : "0x");
	base_buf_printf(buf, "%#llx\n", (unsigned long long)value);
	return 0;
}

/* A device without a bus: the grammar is checked, nothing is sent. */
static ssize_t mapping_uevent_store(struct tree_obj *obj, const struct tree_row *row,
				    const char *text, size_t len, struct tree_req *req)
{
	char devpath[80], log_name[24];
	int ret;

	snprintf(log_name, sizeof(log_name), "mapping%u", row->arg);
	snprintf(devpath, sizeof(devpath), "/devices/platform/hmem.%llu/%s/%s",
		 (unsigned long long)obj->id >> 32, obj->name, log_name);
	ret = hp_uevent_synth(obj->tree->hp, devpath, NULL, log_name, text, len);
	return ret ? ret : (ssize_t)len;
}

#define MAPPING_ATTR(nr, name, field)                                                              \
	{                                                                                          \
		.path = "mapping" #nr "/" name, .mode = S_IFREG | 0400, .show = mapping_show,      \
		.arg = (nr)*MAPPING_FIELDS + (field)                                               \
	}
#define MAPPING_ROWS(nr)                                                                           \
	{ TREE_DIR_ROW("mapping" #nr), .visible = has_mapping, .vanishes = true, .arg = (nr) },    \
		MAPPING_ATTR(nr, "start", MAPPING_START), MAPPING_ATTR(nr, "end", MAPPING_END),    \
		MAPPING_ATTR(nr, "page_offset", MAPPING_PAGE_OFFSET),                              \
		{ .path = "mapping" #nr "/uevent",                                                 \
		  .mode = S_IFREG | 0644,                                                          \
		  .show = tree_empty_show,                                                         \
		  .store = mapping_uevent_store,                                                   \
		  .arg = (nr) },                                                                   \
		TREE_POWER_ROWS("mapping" #nr "/", 0)

static const struct tree_row dev_rows[] = {
	{ TREE_DIR_ROW(""), .target = dev_link_target, .vanishes = true },
	{ TREE_ATTR_RW(dev, uevent) },
	{ TREE_ATTR_RO(dev, dev) },
	{ TREE_ATTR_RO(dev, modalias) },
	{ TREE_ATTR_RW(dev, size) },
	{ TREE_ATTR_WO(dev, mapping) },
	{ TREE_ATTR_RO(dev, target_node) },
	{ TREE_ATTR_RW(dev, align) },
	{ .path = "resource", .mode = S_IFREG | 0400, .show = dev_resource_show },
	{ TREE_ATTR_RO(dev, numa_node) },
	{ TREE_ATTR_RW(dev, memmap_on_memory), .since = MACHINE_KERNEL(6, 8) },
	{ TREE_LINK_ROW("driver", dev_driver_target), .visible = has_driver },
	{ TREE_LINK_ROW("subsystem", dev_subsystem_target) },
	TREE_POWER_ROWS("", 0),
	MAPPING_ROWS(0),
	MAPPING_ROWS(1),
	MAPPING_ROWS(2),
	MAPPING_ROWS(3),
	MAPPING_ROWS(4),
	MAPPING_ROWS(5),
	MAPPING_ROWS(6),
	MAPPING_ROWS(7),
	MAPPING_ROWS(8),
	MAPPING_ROWS(9),
	MAPPING_ROWS(10),
	MAPPING_ROWS(11),
	MAPPING_ROWS(12),
	MAPPING_ROWS(13),
	MAPPING_ROWS(14),
	MAPPING_ROWS(15),
};

const struct tree_table tree_dax_device_table = TREE_TABLE(dev_rows);
