// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/dax/NAME: DAX devices, and whether the kmem driver has them. */
#include <errno.h>

#include "machine_tree.h"

static int dax_field_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	return tree_show_number(buf, machine_dax_get(obj->dax, row->arg),
				row->arg == MACHINE_DAX_ADDR ? "x" : "u");
}

static ssize_t dax_field_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			       size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = row->arg == MACHINE_DAX_ADDR ? tree_take_size_or_auto(obj, row, text, &value) :
						 tree_take_size(obj, row, text, &value);

	if (!ret)
		ret = machine_dax_set(obj->tree->machine, obj->dax, row->arg, value);
	return ret ? ret : (ssize_t)len;
}

static int dax_memmap_on_memory_show(struct tree_obj *obj, const struct tree_row *row,
				     struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_dax_memmap_on_memory(obj->dax));
	return 0;
}

static ssize_t dax_memmap_on_memory_store(struct tree_obj *obj, const struct tree_row *row,
					  const char *text, size_t len, struct tree_req *req)
{
	bool on;
	int ret = tree_take_switch(obj, text, &on);

	if (!ret)
		ret = machine_dax_set_memmap_on_memory(obj->tree->machine, obj->dax, on);
	return ret ? ret : (ssize_t)len;
}

static int dax_plugged_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_dax_plugged(obj->dax));
	return 0;
}

static ssize_t dax_plugged_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	bool plug;
	int ret = tree_take_switch(obj, text, &plug);

	if (!ret)
		ret = machine_dax_plug(obj->tree->machine, obj->dax, plug);
	return ret ? ret : (ssize_t)len;
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

#define DAX_FIELD_ROW(name, field, what)                                                           \
	{                                                                                          \
		.path = (name), .mode = S_IFREG | 0644, .show = dax_field_show,                    \
		.store = dax_field_store, .arg = (field), .takes = (what)                          \
	}

static const struct tree_row dax_rows[] = {
	{ TREE_DIR_ROW("") },
	DAX_FIELD_ROW("size", MACHINE_DAX_SIZE, "size (use 4G or 512M)"),
	DAX_FIELD_ROW("node", MACHINE_DAX_NODE, "node (use a number)"),
	DAX_FIELD_ROW("addr", MACHINE_DAX_ADDR, "address (use 4G, 0x100000000 or auto)"),
	{ TREE_ATTR_RW(dax, memmap_on_memory) },
	{ TREE_ATTR_RW(dax, plugged) },
	{ TREE_ATTR_RW(dax, system_ram) },
};

const struct tree_table tree_dax_table = TREE_TABLE(dax_rows);
