// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/swap/NAME: swap areas, and whether they are in use. */
#include <errno.h>
#include <string.h>

#include "machine_tree.h"

static uint64_t swap_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_swap_get(obj->tree->machine, obj->swap, arg);
}

static int swap_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_swap_set(obj->tree->machine, obj->swap, arg, value);
}

static int swap_path_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", machine_swap_path(obj->swap));
	return 0;
}

static ssize_t swap_path_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			       size_t len, struct tree_req *req)
{
	char path[4096];
	int ret;

	snprintf(path, sizeof(path), "%.*s", (int)strcspn(text, "\n"), text);
	ret = machine_swap_set_path(obj->tree->machine, obj->swap, path);
	return ret ? ret : (ssize_t)len;
}

static uint64_t swap_on_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_swap_is_on(obj->swap);
}

static int swap_on_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_swap_turn(obj->tree->machine, obj->swap, value);
}

#define SWAP_ROW(name, field, ...) TREE_SETTING_ROW(name, field, __VA_ARGS__)

static const struct tree_row swap_rows[] = {
	{ TREE_DIR_ROW("") },
	SWAP_ROW("size", MACHINE_SWAP_SIZE, TREE_HELD_SIZE, swap_get, swap_set),
	SWAP_ROW("type", MACHINE_SWAP_TYPE, TREE_WORD, swap_get, swap_set, machine_swap_type_names,
		 MACHINE_NR_SWAP_TYPES),
	{ TREE_ATTR_RW(swap, path) },
	SWAP_ROW("priority", MACHINE_SWAP_PRIORITY, TREE_PRIORITY, swap_get, swap_set),
	TREE_VALUE_ROW("used", MACHINE_SWAP_USED, TREE_NUMBER, swap_get),
	SWAP_ROW("on", 0, TREE_SWITCH, swap_on_get, swap_on_set),
};

/* ---- the class ------------------------------------------------------------------------------- */

static int swap_make(struct tree_obj *obj)
{
	return machine_swap_new(obj->tree->machine, obj->name, &obj->swap);
}

static int swap_unmake(struct tree_obj *obj)
{
	return machine_swap_free(obj->tree->machine, obj->swap);
}

static void *swap_next(const struct tree *tree, void *last)
{
	return machine_swap_next(tree->machine, last);
}

const struct tree_class tree_swap_class = {
	.name = "swap",
	.collection = TREE_SWAPS,
	TREE_CLASS_DIR("machine/swap", TREE_SWAPS, .needs = MACHINE_SWAP),
	.table = TREE_TABLE(swap_rows),
	.make = swap_make,
	.unmake = swap_unmake,
	.next = swap_next,
};
