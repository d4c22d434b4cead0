// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/workload/NAME: holders of memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_tree.h"

/* ---- stores that wait until pages are pinned ------------------------------------------------ */

struct pin_wait {
	struct hp_completion then;
	struct tree_req *req;
	size_t len;
};

static void pin_answer(struct hp_completion *then, int ret)
{
	struct pin_wait *wait = base_container_of(then, struct pin_wait, then);
	struct tree_req *req = wait->req;
	ssize_t result = ret ? ret : (ssize_t)wait->len;

	free(wait);
	tree_req_finish(req, result);
}

static void pin_interrupt(struct tree_req *req, bool fatal)
{
	machine_workload_interrupt(req->file->obj->workload, fatal);
}

/* Has @ret, the result of a store, answered later if that has begun to pin pages. */
static ssize_t wait_if_pinning(struct tree_obj *obj, struct tree_req *req, size_t len, ssize_t ret)
{
	struct pin_wait *wait;

	if (ret < 0 || !machine_workload_is_pinning(obj->workload))
		return ret;
	wait = malloc(sizeof(*wait));
	if (!wait) {
		machine_workload_interrupt(obj->workload, true);
		return -ENOMEM;
	}
	*wait = (struct pin_wait){ .then.fn = pin_answer, .req = req, .len = len };
	req->interrupt = pin_interrupt;
	machine_workload_wait(obj->workload, &wait->then);
	return TREE_PENDING;
}

/* ---- the files ------------------------------------------------------------------------------ */

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

	return wait_if_pinning(obj, req, len, ret ? ret : (ssize_t)len);
}

static uint64_t workload_block_get(const struct tree_obj *obj, unsigned int arg)
{
	return (uint64_t)machine_workload_block(obj->workload);
}

static int workload_block_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_workload_set_block(obj->tree->machine, obj->workload, (int64_t)value);
}

static uint64_t workload_node_get(const struct tree_obj *obj, unsigned int arg)
{
	return (uint64_t)machine_workload_node(obj->workload);
}

static int workload_node_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_workload_set_node(obj->tree->machine, obj->workload, (int)value);
}

static uint64_t workload_size_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_workload_size(obj->tree->machine, obj->workload);
}

static int workload_size_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_workload_set_size(obj->tree->machine, obj->workload, value);
}

static ssize_t workload_size_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	return wait_if_pinning(obj, req, len, tree_setting_store(obj, row, text, len, req));
}

static uint64_t workload_busy_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_workload_busy(obj->workload, arg);
}

static int workload_busy_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_workload_set_busy(obj->tree->machine, obj->workload, arg, value);
}

static uint64_t workload_swapped_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_workload_swapped(obj->tree->machine, obj->workload);
}

static int workload_swapped_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_workload_set_swapped(obj->tree->machine, obj->workload, value);
}

static int workload_resident_show(struct tree_obj *obj, const struct tree_row *row,
				  struct base_buf *buf)
{
	machine_workload_resident(obj->tree->machine, obj->workload, buf);
	return 0;
}

static uint64_t workload_policy_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_workload_mempolicy(obj->workload);
}

static int workload_policy_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	machine_workload_set_mempolicy(obj->workload, value);
	return 0;
}

static uint64_t workload_oom_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_workload_oom(obj->workload);
}

static int workload_oom_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	machine_workload_set_oom(obj->workload, value);
	return 0;
}

static const struct tree_row workload_rows[] = {
	{ TREE_DIR_ROW("") },
	{ TREE_ATTR_RW(workload, kind) },
	TREE_SETTING_ROW("block", 0, TREE_OPTIONAL_BLOCK, workload_block_get, workload_block_set),
	TREE_SETTING_ROW("node", 0, TREE_OPTIONAL_NODE, workload_node_get, workload_node_set),
	TREE_SETTING_ROW("policy", 0, TREE_WORD, workload_policy_get, workload_policy_set,
			 machine_mempolicy_names, MACHINE_NR_MEMPOLICIES),
	TREE_SETTING_ROW("busy_ms", MACHINE_BUSY_MS, TREE_NUMBER, workload_busy_get,
			 workload_busy_set),
	TREE_SETTING_ROW("idle_ms", MACHINE_IDLE_MS, TREE_NUMBER, workload_busy_get,
			 workload_busy_set),
	{ .path = "size",
	  .mode = S_IFREG | 0644,
	  .show = tree_setting_show,
	  .store = workload_size_store,
	  .setting = &(const struct tree_setting){ TREE_HELD_SIZE, workload_size_get,
						   workload_size_set } },
	{ TREE_ATTR_RO(workload, resident), .size = tree_text_size },
	{ .path = "swapped",
	  .needs = MACHINE_SWAP,
	  .mode = S_IFREG | 0644,
	  .show = tree_setting_show,
	  .store = tree_setting_store,
	  .setting = &(const struct tree_setting){ TREE_HELD_SIZE, workload_swapped_get,
						   workload_swapped_set } },
	TREE_SETTING_ROW("oom", 0, TREE_WORD, workload_oom_get, workload_oom_set, machine_oom_names,
			 MACHINE_NR_OOM),
};

/* The usual state of a machine is not worth a word. */
static bool workload_follows(const struct tree_obj *obj, const struct tree_row *row)
{
	return !strcmp(row->path, "swapped") &&
	       !machine_workload_swapped(obj->tree->machine, obj->workload);
}

/* ---- the class ------------------------------------------------------------------------------- */

static int workload_make(struct tree_obj *obj)
{
	return machine_workload_new(obj->tree->machine, obj->name, &obj->workload);
}

static int workload_unmake(struct tree_obj *obj)
{
	machine_workload_free(obj->tree->machine, obj->workload);
	return 0;
}

static void *workload_next(const struct tree *tree, void *last)
{
	return machine_workload_next(tree->machine, last);
}

const struct tree_class tree_workload_class = {
	.name = "workload",
	.collection = TREE_WORKLOADS,
	TREE_CLASS_DIR("machine/workload", TREE_WORKLOADS),
	.table = TREE_TABLE(workload_rows),
	.make = workload_make,
	.unmake = workload_unmake,
	.follows = workload_follows,
	.next = workload_next,
};
