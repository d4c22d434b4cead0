// SPDX-License-Identifier: GPL-2.0-or-later
/* The top of the tree, and show and store functions that several kinds share. */
#include <errno.h>
#include <stdio.h>

#include "tree_private.h"

int tree_zero_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "0\n");
	return 0;
}

int tree_empty_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	return 0;
}

ssize_t tree_accept_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			  size_t len, struct tree_req *req)
{
	return (ssize_t)len;
}

int tree_power_status_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "unsupported\n");
	return 0;
}

int tree_power_control_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, obj->bits & 1u << row->arg ? "on\n" : "auto\n");
	return 0;
}

ssize_t tree_power_control_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	static const char *const words[] = { "auto", "on" };
	int i = base_sysfs_match(words, BASE_ARRAY_SIZE(words), text);

	if (i < 0)
		return i;
	obj->bits = (uint16_t)((obj->bits & ~(1u << row->arg)) | (unsigned int)i << row->arg);
	return (ssize_t)len;
}

/* The `uevent` of a block or a node: both are devices of a subsystem of the kind's name. */
ssize_t tree_device_uevent_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	const char *subsystem = obj->kind == TREE_KIND_BLOCK ? "memory" : "node";
	char devpath[64], log_name[64];
	int ret;

	snprintf(devpath, sizeof(devpath), "/devices/system/%s/%s", subsystem, obj->name);
	snprintf(log_name, sizeof(log_name), "%s %s", subsystem, obj->name);
	ret = hp_uevent_synth(obj->tree->hp, devpath, subsystem, log_name, text, len);
	return ret ? ret : (ssize_t)len;
}

static const struct tree_row top_rows[] = {
	{ TREE_DIR_ROW("") },
	{ .path = "sys", .mode = S_IFDIR | 0555 },
	{ TREE_DIR_ROW("sys/devices") },
	{ TREE_DIR_ROW("sys/devices/system") },
	{ TREE_DIR_ROW("sys/bus") },
	{ TREE_DIR_ROW("sys/module") },
	{ TREE_DIR_ROW("sys/kernel") },
};

const struct tree_table tree_top_table = TREE_TABLE(top_rows);
