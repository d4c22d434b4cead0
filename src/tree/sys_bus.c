// SPDX-License-Identifier: GPL-2.0-or-later
/* sys/bus/memory and sys/bus/node (drivers/base/bus.c): links to the devices, no drivers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tree_private.h"

enum { BUS_MEMORY, BUS_NODE };

static const struct {
	const char *name;
	enum tree_collection collection;
} buses[] = {
	[BUS_MEMORY] = { "memory", TREE_BLOCKS },
	[BUS_NODE] = { "node", TREE_NODES },
};

/* Bits of the root object: whether probing was switched off, next to those of power/. */
#define NO_AUTOPROBE(bus) (1u << (8 + (bus)))

static int drivers_autoprobe_show(struct tree_obj *obj, const struct tree_row *row,
				  struct base_buf *buf)
{
	base_buf_puts(buf, obj->bits & NO_AUTOPROBE(row->arg) ? "0\n" : "1\n");
	return 0;
}

static ssize_t drivers_autoprobe_store(struct tree_obj *obj, const struct tree_row *row,
				       const char *text, size_t len, struct tree_req *req)
{
	/* QUIRK: anything but a leading 0 switches it on. */
	if (*text == '0')
		obj->bits |= NO_AUTOPROBE(row->arg);
	else
		obj->bits &= ~NO_AUTOPROBE(row->arg);
	return (ssize_t)len;
}

/* A device's name, with or without a newline; nothing binds, but the device must exist. */
static ssize_t drivers_probe_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	char name[64];
	size_t n = strcspn(text, "\n");

	if (n >= sizeof(name) || (text[n] && text[n + 1]))
		return -ENODEV;
	memcpy(name, text, n);
	name[n] = '\0';
	if (!tree_obj_find(obj->tree, buses[row->arg].collection, name))
		return -ENODEV;
	return (ssize_t)len;
}

static ssize_t bus_uevent_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				size_t len, struct tree_req *req)
{
	char devpath[32];
	int ret;

	snprintf(devpath, sizeof(devpath), "/bus/%s", buses[row->arg].name);
	ret = hp_uevent_synth(obj->tree->hp, devpath, "bus", NULL, text, len);
	return ret ? ret : (ssize_t)len;
}

#define BUS_ROWS(name, bus, links, features)                                                       \
	{ TREE_DIR_ROW("sys/bus/" name), .needs = (features) },                                    \
		{ TREE_DIR_ROW("sys/bus/" name "/devices"), .children = { (links) } },             \
		{ TREE_DIR_ROW("sys/bus/" name "/drivers") },                                      \
		{ .path = "sys/bus/" name "/drivers_autoprobe",                                    \
		  .mode = S_IFREG | 0644,                                                          \
		  .show = drivers_autoprobe_show,                                                  \
		  .store = drivers_autoprobe_store,                                                \
		  .arg = (bus) },                                                                  \
		{ .path = "sys/bus/" name "/drivers_probe",                                        \
		  .mode = S_IFREG | 0200,                                                          \
		  .store = drivers_probe_store,                                                    \
		  .arg = (bus) },                                                                  \
	{                                                                                          \
		.path = "sys/bus/" name "/uevent", .mode = S_IFREG | 0200,                         \
		.store = bus_uevent_store, .arg = (bus)                                            \
	}

static const struct tree_row bus_rows[] = {
	BUS_ROWS("memory", BUS_MEMORY, &tree_bus_blocks, 0),
	BUS_ROWS("node", BUS_NODE, &tree_bus_nodes, MACHINE_NUMA),
};

const struct tree_table tree_bus_table = TREE_TABLE(bus_rows);
