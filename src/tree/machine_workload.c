// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/workload/NAME: what holds memory. */
#include <errno.h>

#include "machine_tree.h"

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
	int ret = tree_take_optional(obj, row, text, UINT32_MAX, &block);

	if (!ret)
		ret = machine_workload_set_block(obj->tree->machine, obj->workload, block);
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
	int ret = tree_take_optional(obj, row, text, BASE_MASK_BITS - 1, &nid);

	if (!ret)
		ret = machine_workload_set_node(obj->tree->machine, obj->workload, (int)nid);
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

	if (ret)
		ret = tree_refuse_text(obj, row, text, ret);
	else
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
	base_buf_printf(buf, "%s\n",
			machine_mempolicy_names[machine_workload_mempolicy(obj->workload)]);
	return 0;
}

static ssize_t workload_policy_store(struct tree_obj *obj, const struct tree_row *row,
				     const char *text, size_t len, struct tree_req *req)
{
	int mempolicy = tree_take_word(obj, machine_mempolicy_names, MACHINE_NR_MEMPOLICIES, text);

	if (mempolicy < 0)
		return mempolicy;
	machine_workload_set_mempolicy(obj->workload, mempolicy);
	return (ssize_t)len;
}

static int workload_oom_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", machine_oom_names[machine_workload_oom(obj->workload)]);
	return 0;
}

static ssize_t workload_oom_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	int oom = tree_take_word(obj, machine_oom_names, MACHINE_NR_OOM, text);

	if (oom < 0)
		return oom;
	machine_workload_set_oom(obj->workload, oom);
	return (ssize_t)len;
}

static const struct tree_row workload_rows[] = {
	{ TREE_DIR_ROW("") },
	{ TREE_ATTR_RW(workload, kind) },
	{ TREE_ATTR_RW(workload, block), .takes = "block (use a number, or -1 for none)" },
	{ TREE_ATTR_RW(workload, node), .takes = "node (use a number, or -1 for none)" },
	{ TREE_ATTR_RW(workload, policy) },
	{ TREE_ATTR_RW(workload, size), .takes = "size (use 4G or 512M)" },
	{ TREE_ATTR_RO(workload, resident), .size = tree_text_size },
	{ TREE_ATTR_RW(workload, oom) },
};

const struct tree_table tree_workload_table = TREE_TABLE(workload_rows);
