// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/devices/system/memory and the memory blocks in it (drivers/base/memory.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tree_private.h"

#define MEMORY "sys/devices/system/memory/"

/* ---- files of the memory directory ----------------------------------------------------------- */

/* Files of a recorded machine show the recorded texts until something happens to a block. */
static bool text_is_fixed(const struct tree_obj *obj)
{
	return !machine_spec(obj->tree->machine)->nr_recorded;
}

static int auto_online_blocks_show(struct tree_obj *obj, const struct tree_row *row,
				   struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", hp_type_names[hp_params(obj->tree->hp)->auto_online]);
	return 0;
}

static ssize_t auto_online_blocks_store(struct tree_obj *obj, const struct tree_row *row,
					const char *text, size_t len, struct tree_req *req)
{
	int type = base_sysfs_match(hp_type_names, HP_NR_TYPES, text);

	if (type < 0)
		return type;
	hp_params(obj->tree->hp)->auto_online = type;
	return (ssize_t)len;
}

static int block_size_bytes_show(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_printf(buf, "%llx\n", (unsigned long long)hp_config(obj->tree->hp)->block_size);
	return 0;
}

static ssize_t probe_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			   size_t len, struct tree_req *req)
{
	struct tree_call *c;
	uint64_t addr;
	int ret;

	ret = base_kstrtoull(text, 0, &addr);
	if (ret)
		return ret;
	if (!BASE_ALIGNED(addr, hp_config(obj->tree->hp)->block_size))
		return -EINVAL;
	c = tree_call_new(req, len);
	if (!c)
		return -ENOMEM;
	hp_store_probe(obj->tree->hp, addr, &c->call);
	return TREE_PENDING;
}

/* Every invalid number is EINVAL here, even one that is too large. */
static ssize_t offline_page_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	uint64_t addr;
	int ret;

	if (base_kstrtoull(text, 0, &addr))
		return -EINVAL;
	ret = row->arg ? hp_hard_offline(obj->tree->hp, addr) :
			 hp_soft_offline(obj->tree->hp, addr);
	return ret ? ret : (ssize_t)len;
}

static ssize_t memory_uevent_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	/* A device with neither bus nor class: its events are filtered. */
	int ret = hp_uevent_synth(obj->tree->hp, "/devices/system/memory", NULL, " memory", text,
				  len);

	return ret ? ret : (ssize_t)len;
}

static const struct tree_children memory_blocks = { .collection = TREE_BLOCKS };

static const struct tree_row memory_rows[] = {
	{ TREE_DIR_ROW("sys/devices/system/memory"), .children = { &memory_blocks } },
	{ .path = MEMORY "uevent",
	  .mode = S_IFREG | 0644,
	  .show = tree_empty_show,
	  .store = memory_uevent_store },
	{ .path = MEMORY "probe",
	  .needs = MACHINE_MEMORY_PROBE,
	  .mode = S_IFREG | 0200,
	  .store = probe_store },
	{ .path = MEMORY "soft_offline_page",
	  .needs = MACHINE_MEMORY_FAILURE,
	  .mode = S_IFREG | 0200,
	  .store = offline_page_store,
	  .arg = 0 },
	{ .path = MEMORY "hard_offline_page",
	  .needs = MACHINE_MEMORY_FAILURE,
	  .mode = S_IFREG | 0200,
	  .store = offline_page_store,
	  .arg = 1 },
	{ .path = MEMORY "block_size_bytes",
	  .mode = S_IFREG | 0444,
	  .show = block_size_bytes_show,
	  .fixed = text_is_fixed },
	{ .path = MEMORY "auto_online_blocks",
	  .mode = S_IFREG | 0644,
	  .show = auto_online_blocks_show,
	  .store = auto_online_blocks_store },
	{ .path = MEMORY "crash_hotplug",
	  .needs = MACHINE_CRASH_HOTPLUG,
	  .mode = S_IFREG | 0444,
	  .show = tree_zero_show,
	  .since = MACHINE_KERNEL(6, 6) },
	TREE_POWER_ROWS(MEMORY, 0),
};

const struct tree_table tree_memory_table = TREE_TABLE(memory_rows);

/* ---- files of a block ------------------------------------------------------------------------ */

static int block_phys_index_show(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_printf(buf, "%08llx\n", (unsigned long long)obj->id);
	return 0;
}

static int block_removable_show(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	const struct machine_recorded *recorded = machine_recorded(obj->tree->machine, obj->block);
	const struct machine_spec *spec = machine_spec(obj->tree->machine);
	const char *text = machine_spec_has(spec, MACHINE_MEMORY_HOTREMOVE) ? "1" : "0";

	base_buf_printf(buf, "%s\n", recorded && recorded->removable ? recorded->removable : text);
	return 0;
}

static int block_phys_device_show(struct tree_obj *obj, const struct tree_row *row,
				  struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n",
			(unsigned long long)machine_phys_device(obj->tree->machine, obj->block));
	return 0;
}

static int block_state_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", hp_state_names[hp_block_state(obj->block)]);
	return 0;
}

static ssize_t block_state_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	int type = base_sysfs_match(hp_type_names, HP_NR_TYPES, text);
	struct tree_call *c;

	if (type < 0)
		return type;
	c = tree_call_new(req, len);
	if (!c)
		return -ENOMEM;
	hp_store_state(obj->tree->hp, obj->block, type, &c->call);
	return TREE_PENDING;
}

static int block_online_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", hp_block_is_online(obj->block));
	return 0;
}

static bool block_is_locked(const struct tree_obj *obj)
{
	return hp_block_is_locked(obj->tree->hp, obj->block);
}

static ssize_t block_online_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	struct tree_call *c;
	bool online;
	int ret;

	ret = base_kstrtobool(text, &online);
	if (ret)
		return ret;
	c = tree_call_new(req, len);
	if (!c)
		return -ENOMEM;
	hp_store_online(obj->tree->hp, obj->block, online, &c->call);
	return TREE_PENDING;
}

static int block_valid_zones_show(struct tree_obj *obj, const struct tree_row *row,
				  struct base_buf *buf)
{
	const struct machine_recorded *recorded = machine_recorded(obj->tree->machine, obj->block);

	if (recorded && recorded->zones) {
		base_buf_printf(buf, "%s\n", recorded->zones);
		return 0;
	}
	hp_block_print_zones(obj->tree->hp, obj->block, buf);
	base_buf_puts(buf, "\n");
	return 0;
}

static int block_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				  struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../bus/memory");
	return 0;
}

static bool block_has_firmware_node(const struct tree_obj *obj, const struct tree_row *row)
{
	return !obj->dead && machine_dimm_of_block(obj->tree->machine, obj->block) >= 0;
}

static int block_firmware_node_target(struct tree_obj *obj, const struct tree_row *row,
				      struct base_buf *buf)
{
	if (obj->dead)
		return -ENOENT;
	base_buf_printf(buf, "../../../%s/PNP0C80:%02x",
			&tree_home_path(obj->tree, TREE_ACPIS)[strlen("sys/devices/")],
			(unsigned int)machine_dimm_of_block(obj->tree->machine, obj->block));
	return 0;
}

/* Links of a block: nodeK in its own directory, and itself in nodeK's and on the bus. */
#define LINK_NODE(nid) (TREE_SLOT_LINK + (unsigned int)(nid))
#define LINK_IN_NODE(nid) (2 * TREE_SLOT_LINK + (unsigned int)(nid))

static int block_link_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	if (row->arg == TREE_SLOT_BUS)
		base_buf_printf(buf, "../../../devices/system/memory/%s", obj->name);
	else if (row->arg >= LINK_IN_NODE(0))
		base_buf_printf(buf, "../../memory/%s", obj->name);
	else
		base_buf_printf(buf, "../../node/node%u", row->arg - LINK_NODE(0));
	return 0;
}

static bool block_on_node(const struct tree_obj *block, const struct tree_obj *node)
{
	return hp_block_on_node(block->tree->hp, block->block, (int)node->id);
}

static uint64_t block_node_link(const struct tree_obj *block, const struct tree_obj *node)
{
	return tree_ino(block, LINK_NODE(node->id));
}

static const struct tree_children block_nodes = {
	.collection = TREE_NODES,
	.member = block_on_node,
	.link = block_node_link,
};

static const struct tree_row block_rows[] = {
	{ TREE_DIR_ROW(""), .children = { &block_nodes }, .target = block_link_target },
	{ .path = "uevent",
	  .mode = S_IFREG | 0644,
	  .show = tree_empty_show,
	  .store = tree_device_uevent_store },
	{ TREE_ATTR_RO(block, phys_index), .fixed = text_is_fixed },
	{ TREE_ATTR_RW(block, state) },
	{ TREE_ATTR_RO(block, phys_device), .fixed = text_is_fixed },
	{ TREE_ATTR_RO(block, removable), .fixed = text_is_fixed },
	{ TREE_ATTR_RO(block, valid_zones), .needs = MACHINE_MEMORY_HOTREMOVE },
	{ TREE_ATTR_RW(block, online), .locked = block_is_locked },
	{ TREE_LINK_ROW("subsystem", block_subsystem_target) },
	TREE_POWER_ROWS("", 0),
	{ TREE_LINK_ROW("firmware_node", block_firmware_node_target),
	  .visible = block_has_firmware_node },
};

const struct tree_table tree_block_table = TREE_TABLE(block_rows);

/* ---- links to blocks in other directories ---------------------------------------------------- */

static bool node_has_block(const struct tree_obj *node, const struct tree_obj *block)
{
	return block_on_node(block, node);
}

static uint64_t node_block_link(const struct tree_obj *node, const struct tree_obj *block)
{
	return tree_ino(block, LINK_IN_NODE(node->id));
}

const struct tree_children tree_node_blocks = {
	.collection = TREE_BLOCKS,
	.member = node_has_block,
	.link = node_block_link,
};

static uint64_t bus_block_link(const struct tree_obj *bus, const struct tree_obj *block)
{
	return tree_ino(block, TREE_SLOT_BUS);
}

const struct tree_children tree_bus_blocks = {
	.collection = TREE_BLOCKS,
	.link = bus_block_link,
};
