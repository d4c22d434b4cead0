// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/state: what programs bring about, without counters and times, so that two of them can be
 * compared: a line for each block, for each device, and for each parameter of memory hotplug.
 */
#include <string.h>

#include "machine_tree.h"

/* Of devices. */
static const char *const settings[] = { "plugged", "plugged_size", "requested_size" };
/* A "/" at the end stands for all files there. */
static const char *const parameters[] = {
	"sys/devices/system/memory/auto_online_blocks",
	"sys/module/memory_hotplug/parameters/",
};

static bool is_device_setting(const struct tree_row *row)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(settings); i++) {
		if (!strcmp(row->path, settings[i]))
			return true;
	}
	return false;
}

static bool is_parameter(const struct tree_row *row)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(parameters); i++) {
		size_t len = strlen(parameters[i]);

		if (!strncmp(row->path, parameters[i], len) &&
		    (!row->path[len] || row->path[len - 1] == '/'))
			return true;
	}
	return false;
}

/* A line for each of the files of an object that belong to the state. */
static void put_files(struct tree_obj *obj, bool (*belongs)(const struct tree_row *row),
		      struct base_buf *buf)
{
	const struct tree_kind *kind = &obj->tree->kind[obj->kind];

	for (unsigned int i = TREE_SLOT_DIR; i < kind->nr; i++) {
		const struct tree_slot *slot = &kind->slots[i];

		if (!S_ISREG(slot->row->mode) || !belongs(slot->row) || !tree_slot_visible(obj, i))
			continue;
		tree_put_path(obj, slot, buf);
		base_buf_puts(buf, " ");
		/* It ends with a newline. */
		if (slot->row->show(obj, slot->row, buf))
			base_buf_puts(buf, "\n");
	}
}

static void put_block(const struct hp *hp, const struct hp_block *block, struct base_buf *buf)
{
	const char *zone = tree_block_zone(hp, block);

	base_buf_printf(buf, "memory%llu %s", (unsigned long long)hp_block_id(block),
			hp_state_names[hp_block_state(block)]);
	if (strcmp(zone, "offline") != 0 && strcmp(zone, "none") != 0)
		base_buf_printf(buf, " %s", zone);
	base_buf_printf(buf, " node%d\n", hp_block_nid(block));
}

int tree_state_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct tree *tree = obj->tree;
	const struct hp_block *block;

	for (block = hp_block_next(tree->hp, 0); block;
	     block = hp_block_next(tree->hp, hp_block_id(block) + 1))
		put_block(tree->hp, block, buf);
	for (int kind = 0; kind < TREE_NR_KINDS; kind++) {
		const struct tree_class *class = tree_classes[kind];
		struct tree_obj *device = class ? tree_obj_next(tree, class->collection, 0, "") :
						  NULL;

		for (; device; device = tree_obj_after(device))
			put_files(device, is_device_setting, buf);
	}
	put_files(&tree->root, is_parameter, buf);
	return 0;
}
