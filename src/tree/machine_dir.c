// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/: what firmware, hypervisor and workloads do, in the manner of configfs: mkdir makes an
 * inert object, attributes configure it, one attribute makes it live, rmdir removes it.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

int tree_show_number(struct base_buf *buf, uint64_t value, const char *format)
{
	if (value == MACHINE_DIMM_AUTO)
		base_buf_puts(buf, "auto\n");
	else if (*format == 'x')
		base_buf_printf(buf, "0x%llx\n", (unsigned long long)value);
	else
		base_buf_printf(buf, "%llu\n", (unsigned long long)value);
	return 0;
}

int tree_parse_number(const char *text, bool may_be_auto, uint64_t *ret_value)
{
	int ret;

	if (may_be_auto && base_sysfs_streq(text, "auto")) {
		*ret_value = MACHINE_DIMM_AUTO;
		return 0;
	}
	ret = base_parse_size(text, ret_value);
	return !ret && *ret_value == MACHINE_DIMM_AUTO ? -ERANGE : ret;
}

/* ---- DIMMs ----------------------------------------------------------------------------------- */

static int dimm_field_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	return tree_show_number(buf, machine_dimm_get(obj->dimm, row->arg),
			   row->arg == MACHINE_DIMM_ADDR ? "x" : "u");
}

static ssize_t dimm_field_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				size_t len, struct tree_req *req)
{
	bool may_be_auto = row->arg == MACHINE_DIMM_ADDR || row->arg == MACHINE_DIMM_SLOT ||
			   row->arg == MACHINE_DIMM_BACKED;
	uint64_t value;
	int ret = tree_parse_number(text, may_be_auto, &value);

	if (!ret)
		ret = machine_dimm_set(obj->tree->machine, obj->dimm, row->arg, value);
	return ret ? ret : (ssize_t)len;
}

static int dimm_plugged_show(struct tree_obj *obj, const struct tree_row *row,
			     struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_dimm_plugged(obj->dimm));
	return 0;
}

/* A store of `plugged` that waits for its answer. */
struct plug_wait {
	struct hp_then then;
	struct tree_req *req;
	size_t len;
};

static void plug_answer(struct hp_then *then, int ret)
{
	struct plug_wait *wait = base_container_of(then, struct plug_wait, then);
	struct tree_req *req = wait->req;
	ssize_t result = ret ? ret : (ssize_t)wait->len;
	const struct machine_dimm *dimm = req->file->obj->dimm;

	/* Also when the kernel has not made a block of it. */
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

	ret = base_kstrtobool(text, &plug);
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

static int dimm_ost_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	int ost = machine_dimm_ost(obj->dimm);

	if (ost < 0)
		base_buf_puts(buf, "none\n");
	else
		base_buf_printf(buf, "%d\n", ost);
	return 0;
}

#define DIMM_FIELD_ROW(name, field)                                                                \
	{ .path = (name), .mode = S_IFREG | 0644, .show = dimm_field_show,                         \
	  .store = dimm_field_store, .arg = (field) }

static const struct tree_row dimm_rows[] = {
	{ TREE_DIR_ROW("") },
	DIMM_FIELD_ROW("size", MACHINE_DIMM_SIZE),
	DIMM_FIELD_ROW("node", MACHINE_DIMM_NODE),
	DIMM_FIELD_ROW("addr", MACHINE_DIMM_ADDR),
	DIMM_FIELD_ROW("slot", MACHINE_DIMM_SLOT),
	DIMM_FIELD_ROW("backed", MACHINE_DIMM_BACKED),
	{ TREE_ATTR_RW(dimm, plugged) },
	{ TREE_ATTR_RO(dimm, ost) },
};

const struct tree_table tree_dimm_table = TREE_TABLE(dimm_rows);

/* ---- workloads ------------------------------------------------------------------------------- */

static int workload_kind_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", machine_workload_kind(obj->workload));
	return 0;
}

static ssize_t workload_kind_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	int ret = machine_workload_set_kind(obj->tree->machine, obj->workload, text);

	return ret ? ret : (ssize_t)len;
}

/* A number, or -1 for none. */
static int parse_optional(const char *text, uint64_t most, int64_t *ret_value)
{
	int ret = base_kstrtoll(text, 0, ret_value);

	if (ret)
		return ret;
	return *ret_value < -1 || (*ret_value >= 0 && (uint64_t)*ret_value > most) ? -EINVAL : 0;
}

static int workload_block_show(struct tree_obj *obj, const struct tree_row *row,
			       struct base_buf *buf)
{
	base_buf_printf(buf, "%lld\n", (long long)machine_workload_block(obj->workload));
	return 0;
}

static ssize_t workload_block_store(struct tree_obj *obj, const struct tree_row *row,
				    const char *text, size_t len, struct tree_req *req)
{
	int64_t block;
	int ret = parse_optional(text, UINT32_MAX, &block);

	if (!ret)
		ret = machine_workload_set_block(obj->workload, block);
	return ret ? ret : (ssize_t)len;
}

static int workload_node_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_workload_node(obj->workload));
	return 0;
}

static ssize_t workload_node_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	int64_t nid;
	int ret = parse_optional(text, BASE_MASK_BITS - 1, &nid);

	if (!ret)
		ret = machine_workload_set_node(obj->workload, (int)nid);
	return ret ? ret : (ssize_t)len;
}

static int workload_size_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	return tree_show_number(buf, machine_workload_size(obj->tree->machine, obj->workload), "u");
}

static ssize_t workload_size_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	uint64_t bytes;
	int ret = base_parse_size(text, &bytes);

	if (!ret)
		ret = machine_workload_set_size(obj->tree->machine, obj->workload, bytes);
	return ret ? ret : (ssize_t)len;
}

static int workload_resident_show(struct tree_obj *obj, const struct tree_row *row,
				  struct base_buf *buf)
{
	machine_workload_resident(obj->tree->machine, obj->workload, buf);
	return 0;
}

static int workload_policy_show(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", machine_numa_names[machine_workload_numa(obj->workload)]);
	return 0;
}

static ssize_t workload_policy_store(struct tree_obj *obj, const struct tree_row *row,
				     const char *text, size_t len, struct tree_req *req)
{
	int numa = base_sysfs_match(machine_numa_names, MACHINE_NR_NUMA, text);

	if (numa < 0)
		return numa;
	machine_workload_set_numa(obj->workload, numa);
	return (ssize_t)len;
}

static int workload_oom_show(struct tree_obj *obj, const struct tree_row *row,
			     struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", machine_oom_names[machine_workload_oom(obj->workload)]);
	return 0;
}

static ssize_t workload_oom_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	int oom = base_sysfs_match(machine_oom_names, MACHINE_NR_OOM, text);

	if (oom < 0)
		return oom;
	machine_workload_set_oom(obj->workload, oom);
	return (ssize_t)len;
}

static const struct tree_row workload_rows[] = {
	{ TREE_DIR_ROW("") },
	{ TREE_ATTR_RW(workload, kind) },
	{ TREE_ATTR_RW(workload, block) },
	{ TREE_ATTR_RW(workload, node) },
	{ TREE_ATTR_RW(workload, policy) },
	{ TREE_ATTR_RW(workload, size) },
	{ TREE_ATTR_RO(workload, resident) },
	{ TREE_ATTR_RW(workload, oom) },
};

const struct tree_table tree_workload_table = TREE_TABLE(workload_rows);

/* ---- making and removing them ---------------------------------------------------------------- */

int tree_machine_make(struct tree *tree, enum tree_collection collection, const char *name,
		      struct tree_obj **ret_obj)
{
	struct tree_obj *obj = tree_obj_new(tree, collection, name, 0);
	int ret;

	if (!obj)
		return -ENOMEM;
	if (collection == TREE_DIMMS)
		ret = machine_dimm_new(tree->machine, &obj->dimm);
	else if (collection == TREE_VIRTIO_MEMS)
		ret = machine_vmem_new(tree->machine, &obj->vmem);
	else if (collection == TREE_DAXES)
		ret = machine_dax_new(tree->machine, name, &obj->dax);
	else if (collection == TREE_CONTAINERS)
		ret = tree_container_new(tree, obj);
	else if (collection == TREE_FAULTS)
		ret = machine_fault_new(tree->machine, name, &obj->fault);
	else if (collection == TREE_RACES)
		ret = tree_gate_new(tree, name, &obj->gate);
	else
		ret = machine_workload_new(tree->machine, name, &obj->workload);
	if (ret) {
		tree_obj_remove(obj);
		return ret;
	}
	*ret_obj = obj;
	return 0;
}

int tree_machine_unmake(struct tree_obj *obj)
{
	int ret = 0;

	if (obj->kind == TREE_KIND_DIMM)
		ret = machine_dimm_free(obj->tree->machine, obj->dimm);
	else if (obj->kind == TREE_KIND_VIRTIO_MEM)
		ret = machine_vmem_free(obj->tree->machine, obj->vmem);
	else if (obj->kind == TREE_KIND_DAX)
		ret = machine_dax_free(obj->tree->machine, obj->dax);
	else if (obj->kind == TREE_KIND_CONTAINER)
		ret = tree_container_free(obj);
	else if (obj->kind == TREE_KIND_FAULT)
		machine_fault_free(obj->tree->machine, obj->fault);
	else if (obj->kind == TREE_KIND_RACE)
		tree_gate_free(obj->tree, obj->gate);
	else
		machine_workload_free(obj->tree->machine, obj->workload);
	if (!ret)
		tree_obj_remove(obj);
	return ret;
}

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
	if (tree_journal_settle(tree, false))
		return -EIO;
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
	if (!ret) {
		ret = tree_machine_make(tree, row->children[0]->collection, name, &obj);
		ret = (int)tree_journal_end(tree, id, dir, ret);
		tree_journal_leave(tree);
	}
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
	if (tree_journal_settle(tree, false))
		return -EIO;
	if (!maker(tree, dir, &row))
		return -EPERM;
	obj = tree_obj_find(tree, row->children[0]->collection, name);
	ret = obj ? tree_journal_begin(tree, TREE_INPUT_RMDIR, dir, name, strlen(name), &id) :
		    -ENOENT;
	if (!ret) {
		ret = (int)tree_journal_end(tree, id, dir, tree_machine_unmake(obj));
		tree_journal_leave(tree);
	}
	tree_trace_make(tree, "rmdir", row->path, name, ret);
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
	{ .path = "machine/log", .mode = S_IFREG | 0444, .show = machine_log_show,
	  .guarded = true },
	{ .path = "machine/map", .mode = S_IFREG | 0444, .show = tree_map_show },
	{ TREE_DIR_ROW("machine/clock") },
	{ .path = "machine/clock/mode", .mode = S_IFREG | 0444, .show = tree_clock_mode_show },
	{ .path = "machine/clock/now_ns", .mode = S_IFREG | 0444, .show = tree_clock_now_show,
	  .tells_time = true },
	{ .path = "machine/clock/advance_ns", .mode = S_IFREG | 0200,
	  .store = tree_clock_advance_store },
	{ .path = "machine/clock/migrate_pages_per_ms", .mode = S_IFREG | 0644,
	  .show = tree_clock_migrate_show, .store = tree_clock_migrate_store },
};

const struct tree_table tree_machine_table = TREE_TABLE(machine_rows);
