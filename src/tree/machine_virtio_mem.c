// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/virtio-mem/NAME, the hypervisor's side of such a device, and sys/module/virtio_mem, the
 * parameters of the driver.
 */
#include <errno.h>

#include "machine_tree.h"

#define PARAM "sys/module/virtio_mem/parameters/"

static int vmem_field_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	return tree_show_number(buf, machine_vmem_get(obj->vmem, row->arg),
				row->arg == MACHINE_VMEM_ADDR ? "x" : "u");
}

static ssize_t vmem_field_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = row->arg == MACHINE_VMEM_ADDR ? tree_take_size_or_auto(obj, row, text, &value) :
						  tree_take_size(obj, row, text, &value);

	if (!ret)
		ret = machine_vmem_set(obj->tree->machine, obj->vmem, row->arg, value);
	return ret ? ret : (ssize_t)len;
}

static int vmem_plugged_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_vmem_plugged(obj->vmem));
	return 0;
}

static ssize_t vmem_plugged_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	bool plug;
	int ret = tree_take_switch(obj, text, &plug);

	if (!ret)
		ret = machine_vmem_plug(obj->tree->machine, obj->vmem, plug);
	return ret ? ret : (ssize_t)len;
}

#define VMEM_FIELD_ROW(name, field, what)                                                          \
	{                                                                                          \
		.path = (name), .mode = S_IFREG | 0644, .show = vmem_field_show,                   \
		.store = vmem_field_store, .arg = (field), .takes = (what)                         \
	}

static const struct tree_row vmem_rows[] = {
	{ TREE_DIR_ROW("") },
	VMEM_FIELD_ROW("size", MACHINE_VMEM_SIZE, "size (use 4G or 512M)"),
	VMEM_FIELD_ROW("node", MACHINE_VMEM_NODE, "node (use a number)"),
	VMEM_FIELD_ROW("addr", MACHINE_VMEM_ADDR, "address (use 4G, 0x100000000 or auto)"),
	VMEM_FIELD_ROW("block_size", MACHINE_VMEM_BLOCK_SIZE, "size (use 2M or 4M)"),
	VMEM_FIELD_ROW("requested_size", MACHINE_VMEM_REQUESTED, "size (use 4G or 512M)"),
	{ .path = "plugged_size",
	  .mode = S_IFREG | 0444,
	  .show = vmem_field_show,
	  .arg = MACHINE_VMEM_PLUGGED },
	{ TREE_ATTR_RW(vmem, plugged) },
};

const struct tree_table tree_vmem_table = TREE_TABLE(vmem_rows);

/* ---- the module ------------------------------------------------------------------------------ */

static int unplug_online_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_puts(buf, machine_vmem_params(obj->tree->machine)->unplug_online ? "Y\n" : "N\n");
	return 0;
}

static ssize_t unplug_online_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	int ret = base_kstrtobool(text, &machine_vmem_params(obj->tree->machine)->unplug_online);

	return ret ? ret : (ssize_t)len;
}

static int force_bbm_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, machine_vmem_params(obj->tree->machine)->force_bbm ? "Y\n" : "N\n");
	return 0;
}

static int bbm_block_size_show(struct tree_obj *obj, const struct tree_row *row,
			       struct base_buf *buf)
{
	const struct machine_vmem_params *params = machine_vmem_params(obj->tree->machine);

	base_buf_printf(buf, "%llu\n", (unsigned long long)params->bbm_block_size);
	return 0;
}

static const struct tree_row module_rows[] = {
	{ TREE_DIR_ROW("sys/module/virtio_mem") },
	{ TREE_DIR_ROW("sys/module/virtio_mem/parameters") },
	{ .path = PARAM "unplug_online",
	  .mode = S_IFREG | 0644,
	  .show = unplug_online_show,
	  .store = unplug_online_store },
	{ .path = PARAM "force_bbm", .mode = S_IFREG | 0444, .show = force_bbm_show },
	{ .path = PARAM "bbm_block_size", .mode = S_IFREG | 0444, .show = bbm_block_size_show },
};

const struct tree_table tree_virtio_mem_module_table = TREE_TABLE(module_rows);
