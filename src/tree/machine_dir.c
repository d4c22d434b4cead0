// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/: what firmware, hypervisor and workloads do, in the manner of configfs: mkdir makes an
 * inert object, attributes configure it, one attribute makes it live, rmdir removes it.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "machine_tree.h"

/* The directory @ino, where objects of the first kind of its row's children are made; or NULL. */
static const struct tree_slot *maker(struct tree *tree, uint64_t ino, const char *name)
{
	const struct tree_slot *slot;
	struct tree_obj *obj;
	unsigned int nr;

	if (!tree_inode(tree, ino, &obj, &nr) || nr >= TREE_SLOT_LINK)
		return NULL;
	slot = tree_slot(obj, nr);
	if (slot->row->makes)
		return slot;
	if (!obj->dead)
		tree_refused(tree, obj, slot, name,
			     machine_refuse(tree->machine, -EPERM,
					    "nothing can be made or removed "
					    "here, only in the directories of machine/"),
			     false);
	return NULL;
}

static int check_new(struct tree *tree, enum tree_collection collection, const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return machine_refuse(tree->machine, -EINVAL, "that is no name");
	if (strlen(name) > NAME_MAX)
		return machine_refuse(tree->machine, -ENAMETOOLONG,
				      "the name has more than %d bytes", NAME_MAX);
	if (tree_obj_find(tree, collection, name))
		return machine_refuse(tree->machine, -EEXIST, "there is one of that name already");
	if (tree->nr_objs[collection] >= TREE_MADE_MAX)
		return machine_refuse(tree->machine, -ENOSPC,
				      "there are %d already, and cannot be more", TREE_MADE_MAX);
	return 0;
}

/* The end of a mkdir or rmdir. */
static int answer(struct tree *tree, const struct tree_slot *slot, const char *name, uint64_t id,
		  int ret)
{
	if (ret)
		tree_refused(tree, &tree->root, slot, name, ret, id != 0);
	return id ? (int)tree_journal_end(
			    tree, id,
			    tree_ino(&tree->root, (unsigned int)(slot - tree_slot(&tree->root, 0))),
			    ret) :
		    ret;
}

int tree_mkdir(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr)
{
	const struct tree_slot *slot;
	struct tree_obj *obj;
	bool has_begun = false;
	uint64_t id = 0;
	bool fixed;
	int ret;

	tree_sync(tree);
	machine_refuse_nothing(tree->machine);
	if (tree_journal_settle(tree, false))
		return -EIO;
	slot = maker(tree, dir, name);
	if (!slot)
		return -EPERM;
	ret = check_new(tree, slot->row->children[0]->collection, name);
	if (!ret) {
		ret = tree_journal_begin(tree, TREE_INPUT_MKDIR, dir, name, strlen(name), &id);
		has_begun = !ret;
	}
	if (!ret)
		ret = tree_machine_make(tree, slot->row->children[0]->collection, name, &obj);
	ret = answer(tree, slot, name, id, ret);
	if (has_begun)
		tree_journal_leave(tree);
	tree_trace_make(tree, "mkdir", slot->row->path, name, ret);
	if (!ret)
		ret = tree_lookup(tree, dir, name, ret_attr, &fixed);
	tree_race_settle(tree);
	return ret;
}

int tree_rmdir(struct tree *tree, uint64_t dir, const char *name)
{
	const struct tree_slot *slot;
	struct tree_obj *obj;
	bool has_begun = false;
	uint64_t id = 0;
	int ret;

	tree_sync(tree);
	machine_refuse_nothing(tree->machine);
	if (tree_journal_settle(tree, false))
		return -EIO;
	slot = maker(tree, dir, name);
	if (!slot)
		return -EPERM;
	obj = tree_obj_find(tree, slot->row->children[0]->collection, name);
	ret = obj ? tree_journal_begin(tree, TREE_INPUT_RMDIR, dir, name, strlen(name), &id) :
		    machine_refuse(tree->machine, -ENOENT, "there is none of that name");
	has_begun = obj && !ret;
	if (!ret)
		ret = tree_machine_unmake(obj);
	ret = answer(tree, slot, name, id, ret);
	if (has_begun)
		tree_journal_leave(tree);
	tree_trace_make(tree, "rmdir", slot->row->path, name, ret);
	tree_race_settle(tree);
	return ret;
}

/* ---- the directory --------------------------------------------------------------------------- */

static int machine_log_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct base_buf *log = machine_log_text(obj->tree->machine);
	const struct base_buf *trouble = &obj->tree->journal.trouble;

	if (tree_journal_has_log(obj->tree))
		base_buf_add(buf, base_buf_text(log), log->len);
	base_buf_add(buf, base_buf_text(trouble), trouble->len);
	return 0;
}

static size_t machine_log_size(struct tree_obj *obj, const struct tree_row *row)
{
	size_t len = tree_journal_has_log(obj->tree) ? machine_log_text(obj->tree->machine)->len :
						       0;

	return len + obj->tree->journal.trouble.len;
}

static uint64_t machine_log_gone(const struct tree_obj *obj)
{
	return machine_log_dropped(obj->tree->machine);
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
	{ .path = "machine/uevents",
	  .mode = S_IFREG | 0444,
	  .is_stream = true,
	  .arg = TREE_STREAM_UEVENTS },
	{ .path = "machine/trace",
	  .mode = S_IFREG | 0444,
	  .is_stream = true,
	  .arg = TREE_STREAM_TRACE },
	{ .path = "machine/log",
	  .mode = S_IFREG | 0444,
	  .show = machine_log_show,
	  .size = machine_log_size,
	  .dropped = machine_log_gone,
	  .guarded = true },
	{ .path = "machine/map",
	  .mode = S_IFREG | 0444,
	  .show = tree_map_show,
	  .size = tree_map_size },
	{ TREE_DIR_ROW("machine/clock") },
	{ .path = "machine/clock/mode", .mode = S_IFREG | 0444, .show = tree_clock_mode_show },
	{ .path = "machine/clock/now_ns",
	  .mode = S_IFREG | 0444,
	  .show = tree_clock_now_show,
	  .tells_time = true },
	{ .path = "machine/clock/advance_ns",
	  .mode = S_IFREG | 0200,
	  .store = tree_clock_advance_store,
	  .takes = "number of nanoseconds" },
	{ .path = "machine/clock/migrate_pages_per_ms",
	  .mode = S_IFREG | 0644,
	  .show = tree_clock_migrate_show,
	  .store = tree_clock_migrate_store,
	  .takes = "number of pages (0: as many as there are)" },
};

const struct tree_table tree_machine_table = TREE_TABLE(machine_rows);
