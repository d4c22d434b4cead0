// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/dax/NAME: DAX devices, and whether they are bound to the kmem driver. */
#include <errno.h>

#include "machine_tree.h"

static uint64_t dax_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_dax_get(obj->dax, arg);
}

static int dax_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_dax_set(obj->tree->machine, obj->dax, arg, value);
}

static uint64_t dax_memmap_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_dax_memmap_on_memory(obj->dax);
}

static int dax_memmap_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_dax_set_memmap_on_memory(obj->tree->machine, obj->dax, value);
}

static uint64_t dax_plugged_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_dax_plugged(obj->dax);
}

static int dax_plugged_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	int ret = machine_dax_plug(obj->tree->machine, obj->dax, value);

	tree_dax_update(obj->tree);
	return ret;
}

static int dax_system_ram_show(struct tree_obj *obj, const struct tree_row *row,
			       struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_dax_bound(obj->dax));
	return 0;
}

static ssize_t dax_system_ram_store(struct tree_obj *obj, const struct tree_row *row,
				    const char *text, size_t len, struct tree_req *req)
{
	struct tree_call *c;
	bool bind;
	int ret = tree_take_switch(obj, text, &bind);

	if (ret)
		return ret;
	c = tree_call_new(req, len);
	if (!c)
		return -ENOMEM;
	machine_dax_bind(obj->tree->machine, obj->dax, bind, &c->call);
	return TREE_PENDING;
}

#define DAX_ROW(name, field, type) TREE_SETTING_ROW(name, field, type, dax_get, dax_set)

static const struct tree_row dax_rows[] = {
	{ TREE_DIR_ROW("") },
	DAX_ROW("size", MACHINE_DAX_SIZE, TREE_SIZE),
	DAX_ROW("node", MACHINE_DAX_NODE, TREE_NODE),
	DAX_ROW("addr", MACHINE_DAX_ADDR, TREE_ADDRESS),
	TREE_SETTING_ROW("memmap_on_memory", 0, TREE_SWITCH, dax_memmap_get, dax_memmap_set),
	TREE_SETTING_ROW("plugged", 0, TREE_SWITCH, dax_plugged_get, dax_plugged_set),
	{ TREE_ATTR_RW(dax, system_ram) },
};

/* ---- the class ------------------------------------------------------------------------------- */

static int dax_make(struct tree_obj *obj)
{
	return machine_dax_new(obj->tree->machine, obj->name, &obj->dax);
}

static int dax_unmake(struct tree_obj *obj)
{
	return machine_dax_free(obj->tree->machine, obj->dax);
}

static void *dax_next(const struct tree *tree, void *last)
{
	return machine_dax_next(tree->machine, last);
}

const struct tree_class tree_dax_class = {
	.name = "dax",
	.collection = TREE_DAXS,
	TREE_CLASS_DIR("machine/dax", TREE_DAXS),
	.table = TREE_TABLE(dax_rows),
	.make = dax_make,
	.unmake = dax_unmake,
	.next = dax_next,
};
