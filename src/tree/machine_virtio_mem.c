// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/virtio-mem/NAME, the hypervisor's side of a virtio-mem device, and sys/module/virtio_mem,
 * the parameters of the driver.
 */
#include <errno.h>

#include "machine_tree.h"

#define PARAM "sys/module/virtio_mem/parameters/"

static uint64_t vmem_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_vmem_get(obj->vmem, arg);
}

static int vmem_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_vmem_set(obj->tree->machine, obj->vmem, arg, value);
}

static uint64_t vmem_plugged_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_vmem_plugged(obj->vmem);
}

static int vmem_plugged_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_vmem_plug(obj->tree->machine, obj->vmem, value);
}

#define VMEM_ROW(name, field, type) TREE_SETTING_ROW(name, field, type, vmem_get, vmem_set)

static const struct tree_row vmem_rows[] = {
	{ TREE_DIR_ROW("") },
	VMEM_ROW("size", MACHINE_VMEM_SIZE, TREE_SIZE),
	VMEM_ROW("node", MACHINE_VMEM_NODE, TREE_NODE),
	VMEM_ROW("addr", MACHINE_VMEM_ADDR, TREE_ADDRESS),
	VMEM_ROW("block_size", MACHINE_VMEM_BLOCK_SIZE, TREE_DEVICE_BLOCK_SIZE),
	VMEM_ROW("requested_size", MACHINE_VMEM_REQUESTED, TREE_SIZE),
	TREE_VALUE_ROW("plugged_size", MACHINE_VMEM_PLUGGED, TREE_SIZE, vmem_get),
	TREE_SETTING_ROW("plugged", 0, TREE_SWITCH, vmem_plugged_get, vmem_plugged_set),
};

/* ---- the class ------------------------------------------------------------------------------- */

static int vmem_make(struct tree_obj *obj)
{
	return machine_vmem_new(obj->tree->machine, &obj->vmem);
}

static int vmem_unmake(struct tree_obj *obj)
{
	return machine_vmem_free(obj->tree->machine, obj->vmem);
}

static void *vmem_next(const struct tree *tree, void *last)
{
	return machine_vmem_next(tree->machine, last);
}

const struct tree_class tree_vmem_class = {
	.name = "virtio-mem",
	.collection = TREE_VMEMS,
	TREE_CLASS_DIR("machine/virtio-mem", TREE_VMEMS),
	.table = TREE_TABLE(vmem_rows),
	.make = vmem_make,
	.unmake = vmem_unmake,
	.next = vmem_next,
};

/* ---- parameters of the module ---------------------------------------------------------------- */

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

/* It could only be switched off on the command line, which nobody does. */
static int bbm_safe_unplug_show(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_puts(buf, "Y\n");
	return 0;
}

static const struct tree_row module_rows[] = {
	{ TREE_DIR_ROW("sys/module/virtio_mem"), .needs = MACHINE_VIRTIO_MEM },
	{ .path = "sys/module/virtio_mem/uevent",
	  .needs = MACHINE_MODULES,
	  .mode = S_IFREG | 0200,
	  .store = tree_module_uevent_store },
	{ TREE_DIR_ROW("sys/module/virtio_mem/parameters") },
	{ .path = PARAM "unplug_online",
	  .mode = S_IFREG | 0644,
	  .show = unplug_online_show,
	  .store = unplug_online_store },
	{ .path = PARAM "force_bbm", .mode = S_IFREG | 0444, .show = force_bbm_show },
	{ .path = PARAM "bbm_block_size", .mode = S_IFREG | 0444, .show = bbm_block_size_show },
	{ .path = PARAM "bbm_safe_unplug",
	  .mode = S_IFREG | 0444,
	  .show = bbm_safe_unplug_show,
	  .until = MACHINE_KERNEL(6, 5) },
};

const struct tree_table tree_virtio_mem_module_table = TREE_TABLE(module_rows);
