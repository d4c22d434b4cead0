// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/dimm/NAME: DIMMs, and plugging them. */
#include <errno.h>
#include <stdlib.h>

#include "machine_tree.h"

static uint64_t dimm_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_dimm_get(obj->dimm, arg);
}

static int dimm_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_dimm_set(obj->tree->machine, obj->dimm, arg, value);
}

static int dimm_plugged_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_dimm_plugged(obj->dimm));
	return 0;
}

/* A store to `plugged` that waits for its result. */
struct plug_wait {
	struct hp_completion then;
	struct tree_req *req;
	size_t len;
};

static void plug_answer(struct hp_completion *then, int ret)
{
	struct plug_wait *wait = base_container_of(then, struct plug_wait, then);
	struct tree_req *req = wait->req;
	ssize_t result = ret ? ret : (ssize_t)wait->len;
	const struct machine_dimm *dimm = req->file->obj->dimm;

	/* Also when the kernel has created no blocks for it. */
	if (!req->file->obj->dead && machine_dimm_plugged(dimm))
		tree_acpi_appear(req->file->obj->tree,
				 (unsigned int)machine_dimm_get(dimm, MACHINE_DIMM_SLOT));
	free(wait);
	tree_req_finish(req, result);
}

static void plug_interrupt(struct tree_req *req, bool fatal)
{
	struct tree_obj *obj = req->file->obj;

	machine_dimm_interrupt(obj->tree->machine, obj->dimm, fatal);
}

static ssize_t dimm_plugged_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	struct plug_wait *wait;
	bool plug;
	int ret;

	ret = tree_take_switch(obj, text, &plug);
	if (ret)
		return ret;
	wait = malloc(sizeof(*wait));
	if (!wait)
		return -ENOMEM;
	*wait = (struct plug_wait){ .then.fn = plug_answer, .req = req, .len = len };
	req->interrupt = plug_interrupt;
	machine_dimm_plug(obj->tree->machine, obj->dimm, plug, &wait->then);
	return TREE_PENDING;
}

void tree_print_ost(struct base_buf *buf, int ost)
{
	if (ost == MACHINE_OST_NONE)
		base_buf_puts(buf, "none\n");
	else
		base_buf_printf(buf, "%d\n", ost);
}

static int dimm_ost_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	tree_print_ost(buf, machine_dimm_ost(obj->dimm));
	return 0;
}

#define DIMM_ROW(name, field, type) TREE_SETTING_ROW(name, field, type, dimm_get, dimm_set)

static const struct tree_row dimm_rows[] = {
	{ TREE_DIR_ROW("") },
	DIMM_ROW("size", MACHINE_DIMM_SIZE, TREE_SIZE),
	DIMM_ROW("node", MACHINE_DIMM_NODE, TREE_NODE),
	DIMM_ROW("addr", MACHINE_DIMM_ADDR, TREE_ADDRESS),
	DIMM_ROW("slot", MACHINE_DIMM_SLOT, TREE_SLOT),
	DIMM_ROW("backed", MACHINE_DIMM_BACKED, TREE_SIZE_OR_AUTO),
	{ TREE_ATTR_RW(dimm, plugged) },
	{ TREE_ATTR_RO(dimm, ost) },
};

/* ---- the class ------------------------------------------------------------------------------- */

static int dimm_make(struct tree_obj *obj)
{
	return machine_dimm_new(obj->tree->machine, &obj->dimm);
}

static int dimm_unmake(struct tree_obj *obj)
{
	if (machine_container_holds(obj->tree->machine, obj->dimm))
		return machine_refuse(obj->tree->machine, -EBUSY,
				      "it belongs to a plugged container: write 0 to that one's "
				      "plugged first");
	return machine_dimm_free(obj->tree->machine, obj->dimm);
}

static void *dimm_next(const struct tree *tree, void *last)
{
	return machine_dimm_next(tree->machine, last);
}

/* DIMMs follow their container's plugging. */
static bool dimm_follows(const struct tree_obj *obj, const struct tree_row *row)
{
	return row->show == dimm_plugged_show &&
	       machine_container_holds(obj->tree->machine, obj->dimm);
}

const struct tree_class tree_dimm_class = {
	.name = "dimm",
	.collection = TREE_DIMMS,
	TREE_CLASS_DIR("machine/dimm", TREE_DIMMS),
	.table = TREE_TABLE(dimm_rows),
	.make = dimm_make,
	.unmake = dimm_unmake,
	.next = dimm_next,
	.follows = dimm_follows,
};
