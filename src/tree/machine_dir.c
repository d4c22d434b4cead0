// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/: what firmware, hypervisor and workloads do, in the manner of configfs: mkdir makes an
 * inert object, attributes configure it, one attribute makes it live, rmdir removes it.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "tree_private.h"

static struct tree_obj *maker(struct tree *tree, uint64_t dir, const struct tree_row **ret_row)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(tree, dir, &obj, &slot) || slot >= TREE_SLOT_LINK)
		return NULL;
	*ret_row = tree_slot(obj, slot)->row;
	return (*ret_row)->makes ? obj : NULL;
}

int tree_mkdir(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr)
{
	const struct tree_row *row;
	struct tree_obj *obj;
	uint64_t id;
	bool fixed;
	int ret;

	tree_sync(tree);
	if (!maker(tree, dir, &row))
		return -EPERM;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	if (tree_obj_find(tree, row->children[0]->collection, name))
		return -EEXIST;
	if (tree->nr_objs[row->children[0]->collection] >= TREE_MADE_MAX)
		return -ENOSPC;
	ret = tree_journal_begin(tree, TREE_INPUT_MKDIR, dir, name, strlen(name), &id);
	if (!ret)
		ret = (int)tree_journal_end(
			tree, id,
			tree_machine_make(tree, row->children[0]->collection, name, &obj));
	tree_trace_make(tree, "mkdir", row->path, name, ret);
	if (!ret)
		ret = tree_lookup(tree, dir, name, ret_attr, &fixed);
	tree_race_settle(tree);
	return ret;
}

int tree_rmdir(struct tree *tree, uint64_t dir, const char *name)
{
	const struct tree_row *row;
	struct tree_obj *obj;
	uint64_t id;
	int ret;

	tree_sync(tree);
	if (!maker(tree, dir, &row))
		return -EPERM;
	obj = tree_obj_find(tree, row->children[0]->collection, name);
	ret = obj ? tree_journal_begin(tree, TREE_INPUT_RMDIR, dir, name, strlen(name), &id) :
		    -ENOENT;
	if (!ret)
		ret = (int)tree_journal_end(tree, id, tree_machine_unmake(obj));
	tree_trace_make(tree, "rmdir", row->path, name, ret);
	tree_race_settle(tree);
	return ret;
}

/* ---- the directory --------------------------------------------------------------------------- */

static int machine_log_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct base_buf *log = machine_log_text(obj->tree->machine);

	base_buf_add(buf, base_buf_text(log), log->len);
	return 0;
}

static const struct tree_children dimms = { .collection = TREE_DIMMS };
static const struct tree_children virtio_mems = { .collection = TREE_VIRTIO_MEMS };
static const struct tree_children daxes = { .collection = TREE_DAXES };
static const struct tree_children faults = { .collection = TREE_FAULTS };
static const struct tree_children races = { .collection = TREE_RACES };
static const struct tree_children workloads = { .collection = TREE_WORKLOADS };

static const struct tree_row machine_rows[] = {
	{ TREE_DIR_ROW("machine") },
	{ TREE_DIR_ROW("machine/dimm"), .children = { &dimms }, .makes = true },
	{ TREE_DIR_ROW("machine/virtio-mem"), .children = { &virtio_mems }, .makes = true },
	{ TREE_DIR_ROW("machine/dax"), .children = { &daxes }, .makes = true },
	{ TREE_DIR_ROW("machine/fault"), .children = { &faults }, .makes = true },
	{ TREE_DIR_ROW("machine/race"), .children = { &races }, .makes = true },
	{ TREE_DIR_ROW("machine/workload"), .children = { &workloads }, .makes = true },
	{ .path = "machine/uevents", .mode = S_IFREG | 0444, .is_stream = true,
	  .arg = TREE_STREAM_UEVENTS },
	{ .path = "machine/trace", .mode = S_IFREG | 0444, .is_stream = true,
	  .arg = TREE_STREAM_TRACE },
	{ .path = "machine/log", .mode = S_IFREG | 0444, .show = machine_log_show },
	{ .path = "machine/map", .mode = S_IFREG | 0444, .show = tree_map_show },
	{ TREE_DIR_ROW("machine/clock") },
	{ .path = "machine/clock/mode", .mode = S_IFREG | 0444, .show = tree_clock_mode_show },
	{ .path = "machine/clock/now_ns", .mode = S_IFREG | 0444, .show = tree_clock_now_show },
	{ .path = "machine/clock/advance_ns", .mode = S_IFREG | 0200,
	  .store = tree_clock_advance_store },
	{ .path = "machine/clock/migrate_pages_per_ms", .mode = S_IFREG | 0644,
	  .show = tree_clock_migrate_show, .store = tree_clock_migrate_store },
};

const struct tree_table tree_machine_table = TREE_TABLE(machine_rows);
