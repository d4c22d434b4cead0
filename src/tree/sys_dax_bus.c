// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/bus/dax: the bus of DAX devices with its drivers (drivers/base/bus.c, drivers/dax/bus.c),
 * their modules, and the part of sys/bus/platform that has DAX regions. And the objects of regions
 * and devices, which follow those of the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sys_dax.h"

#define BUS "sys/bus/dax"

/* ---- objects --------------------------------------------------------------------------------- */

static struct machine_dax *region_of(const struct tree *tree, const char *name)
{
	struct machine_dax *dax = NULL;
	char wanted[24];

	while ((dax = machine_dax_next(tree->machine, dax))) {
		if (!machine_dax_plugged(dax))
			continue;
		snprintf(wanted, sizeof(wanted), "hmem.%u", machine_dax_id(dax));
		if (!strcmp(wanted, name))
			return dax;
	}
	return NULL;
}

bool tree_dax_attach(const struct tree *tree, struct tree_obj *obj)
{
	if (obj->kind == TREE_KIND_DAX_REGION)
		obj->dax = region_of(tree, obj->name);
	else
		obj->dax_dev = machine_dax_dev_find(tree->machine, obj->name);
	return obj->thing;
}

/* Removes the objects whose part of the machine is gone. */
static void forget_gone(struct tree *tree, enum tree_collection collection)
{
	struct tree_obj *obj = tree_obj_next(tree, collection, 0, ""), *next;

	for (; obj; obj = next) {
		next = tree_obj_after(obj);
		if (!tree_dax_attach(tree, obj))
			tree_obj_remove(obj);
	}
}

static void device_appear(struct tree *tree, const struct machine_dax *dax,
			  struct machine_dax_dev *dev)
{
	const char *name = machine_dax_dev_name(dev);
	struct tree_obj *obj = tree_obj_find(tree, TREE_DAX_DEVICES, name);

	if (!obj)
		obj = tree_obj_new(tree, TREE_DAX_DEVICES, name,
				   (uint64_t)machine_dax_id(dax) << 32);
	if (obj)
		obj->dax_dev = dev;
}

static void region_appear(struct tree *tree, struct machine_dax *dax)
{
	struct machine_dax_dev *dev = NULL;
	struct tree_obj *obj;
	char name[24];

	snprintf(name, sizeof(name), "hmem.%u", machine_dax_id(dax));
	obj = tree_obj_find(tree, TREE_DAX_REGIONS, name);
	if (!obj)
		obj = tree_obj_new(tree, TREE_DAX_REGIONS, name, machine_dax_id(dax));
	if (obj)
		obj->dax = dax;
	while ((dev = machine_dax_dev_next(dax, dev)))
		device_appear(tree, dax, dev);
}

void tree_dax_update(struct tree *tree)
{
	struct machine_dax *dax = NULL;

	if (!machine_spec_has(machine_spec(tree->machine), MACHINE_ZONE_DEVICE))
		return;
	forget_gone(tree, TREE_DAX_DEVICES);
	forget_gone(tree, TREE_DAX_REGIONS);
	while ((dax = machine_dax_next(tree->machine, dax))) {
		if (machine_dax_plugged(dax))
			region_appear(tree, dax);
	}
}

void tree_dax_parent(const struct tree_obj *dev, char *name, size_t size)
{
	snprintf(name, size, "hmem.%llu", (unsigned long long)dev->id >> 32);
}

enum machine_dax_driver tree_dax_driver(const struct tree_obj *dev)
{
	struct machine_dax_info info;

	if (dev->dead || !dev->dax_dev)
		return MACHINE_DAX_UNBOUND;
	machine_dax_dev_info(dev->dax_dev, &info);
	return info.driver;
}

/* ---- the files that name a device ------------------------------------------------------------ */

/* The argument of such a row. */
#define ORDER(driver, verb) ((driver)*8 + (verb))

static int order_run(struct hp_call *call)
{
	return machine_dax_obey(call->data);
}

static ssize_t order_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			   size_t len, struct tree_req *req)
{
	struct machine_dax_order order;
	struct tree_call *c;
	int ret = machine_dax_check(obj->tree->machine, row->arg % 8, row->arg / 8, text, &order);

	if (ret)
		return ret;
	c = tree_call_new(req, len);
	if (!c)
		return -ENOMEM;
	c->dax_order = order;
	c->call.data = &c->dax_order;
	c->call.run = order_run;
	c->call.waits_always = true;
	hp_submit(obj->tree->hp, &c->call);
	return TREE_PENDING;
}

static int autoprobe_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_dax_autoprobe(obj->tree->machine));
	return 0;
}

static ssize_t autoprobe_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			       size_t len, struct tree_req *req)
{
	/* QUIRK: anything but a leading 0 switches it on. */
	machine_dax_set_autoprobe(obj->tree->machine, *text != '0');
	return (ssize_t)len;
}

/* The `uevent` of a bus or a driver, whose directory is the object's path. */
static ssize_t uevent_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			    size_t len, struct tree_req *req)
{
	const char *path = &row->path[strlen("sys")];
	char devpath[64];
	int ret;

	snprintf(devpath, sizeof(devpath), "%.*s", (int)(strrchr(path, '/') - path), path);
	ret = hp_uevent_synth(obj->tree->hp, devpath, strstr(path, "/drivers/") ? "drivers" : "bus",
			      NULL, text, len);
	return ret ? ret : (ssize_t)len;
}

/* ---- links ----------------------------------------------------------------------------------- */

static uint64_t bus_link(const struct tree_obj *bus, const struct tree_obj *device)
{
	return tree_ino(device, TREE_SLOT_BUS);
}

static uint64_t driver_link(const struct tree_obj *bus, const struct tree_obj *device)
{
	return tree_ino(device, TREE_SLOT_LINK);
}

static bool is_device_dax(const struct tree_obj *bus, const struct tree_obj *device)
{
	return tree_dax_driver(device) == MACHINE_DAX_DEVICE;
}

static bool is_kmem(const struct tree_obj *bus, const struct tree_obj *device)
{
	return tree_dax_driver(device) == MACHINE_DAX_KMEM;
}

static const struct tree_children regions = { .collection = TREE_DAX_REGIONS };
static const struct tree_children bus_devices = { .collection = TREE_DAX_DEVICES,
						  .link = bus_link };
static const struct tree_children device_dax_devices = { .collection = TREE_DAX_DEVICES,
							 .member = is_device_dax,
							 .link = driver_link };
static const struct tree_children kmem_devices = { .collection = TREE_DAX_DEVICES,
						   .member = is_kmem,
						   .link = driver_link };
static const struct tree_children platform_devices = { .collection = TREE_DAX_REGIONS,
						       .link = bus_link };
static const struct tree_children hmem_devices = { .collection = TREE_DAX_REGIONS,
						   .link = driver_link };

/* The name of the driver is the last part of the path of the directory. */
static int driver_module_target(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_printf(buf, "../../../../module/%s", machine_dax_drivers[row->arg]);
	return 0;
}

static int module_driver_target(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_printf(buf, "../../../bus/dax/drivers/%s", machine_dax_drivers[row->arg]);
	return 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define DAX_DIR(p, ...)                                                                            \
	{                                                                                          \
		TREE_DIR_ROW(p), .needs = MACHINE_ZONE_DEVICE, __VA_ARGS__                         \
	}
#define DAX_STORE(p, fn, nr)                                                                       \
	{                                                                                          \
		.path = (p), .mode = S_IFREG | 0200, .needs = MACHINE_ZONE_DEVICE, .store = (fn),  \
		.arg = (nr)                                                                        \
	}
#define DAX_LINK(p, fn, nr)                                                                        \
	{                                                                                          \
		TREE_LINK_ROW(p, fn), .needs = MACHINE_ZONE_DEVICE, .arg = (nr)                    \
	}
#define DRIVER_ROWS(name, driver, links)                                                           \
	DAX_DIR(BUS "/drivers/" name, .children = { (links) }),                                    \
		DAX_STORE(BUS "/drivers/" name "/bind", order_store,                               \
			  ORDER(driver, MACHINE_DAX_BIND)),                                        \
		DAX_STORE(BUS "/drivers/" name "/unbind", order_store,                             \
			  ORDER(driver, MACHINE_DAX_UNBIND)),                                      \
		DAX_STORE(BUS "/drivers/" name "/new_id", order_store,                             \
			  ORDER(driver, MACHINE_DAX_NEW_ID)),                                      \
		DAX_STORE(BUS "/drivers/" name "/remove_id", order_store,                          \
			  ORDER(driver, MACHINE_DAX_REMOVE_ID)),                                   \
		DAX_STORE(BUS "/drivers/" name "/uevent", uevent_store, 0),                        \
		DAX_LINK(BUS "/drivers/" name "/module", driver_module_target, driver)
#define MODULE_ROWS(name, driver)                                                                  \
	DAX_DIR("sys/module/" name), DAX_DIR("sys/module/" name "/drivers"),                       \
		DAX_LINK("sys/module/" name "/drivers/dax:" name, module_driver_target, driver),   \
		DAX_STORE("sys/module/" name "/uevent", tree_module_uevent_store, 0)

static const struct tree_row dax_rows[] = {
	DAX_DIR("sys/devices/platform", .children = { &regions }),
	DAX_DIR("sys/bus/platform"),
	DAX_DIR("sys/bus/platform/devices", .children = { &platform_devices }),
	DAX_DIR("sys/bus/platform/drivers"),
	DAX_DIR("sys/bus/platform/drivers/hmem", .children = { &hmem_devices }),
	DAX_DIR(BUS),
	DAX_DIR(BUS "/devices", .children = { &bus_devices }),
	DAX_DIR(BUS "/drivers"),
	{ .path = BUS "/drivers_autoprobe",
	  .mode = S_IFREG | 0644,
	  .needs = MACHINE_ZONE_DEVICE,
	  .show = autoprobe_show,
	  .store = autoprobe_store },
	DAX_STORE(BUS "/drivers_probe", order_store, ORDER(0, MACHINE_DAX_PROBE)),
	DAX_STORE(BUS "/uevent", uevent_store, 0),
	DRIVER_ROWS("device_dax", MACHINE_DAX_DEVICE, &device_dax_devices),
	DRIVER_ROWS("kmem", MACHINE_DAX_KMEM, &kmem_devices),
	MODULE_ROWS("device_dax", MACHINE_DAX_DEVICE),
	MODULE_ROWS("kmem", MACHINE_DAX_KMEM),
};

const struct tree_table tree_dax_fixed_table = TREE_TABLE(dax_rows);
