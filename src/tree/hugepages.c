// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pools of huge pages: of a node, and of all nodes in sys/kernel/mm/hugepages (the kernel's
 * mm/hugetlb.c: per_node_hstate_attrs[], hstate_attrs[]).
 */
#include <errno.h>

#include "hugepages.h"
#include "tree_private.h"

#define MM_HUGEPAGES "sys/kernel/mm/hugepages/"

static int nid_of(const struct tree_obj *obj)
{
	return obj == &obj->tree->root ? MM_NODE_NONE : (int)obj->id;
}

enum mm_huge tree_huge_of_kb(const struct tree_obj *obj, unsigned int kb)
{
	enum mm_huge size = 0;

	while (mm_huge_kb(obj->tree->mm, size) != kb)
		size++;
	return size;
}

static struct mm_huge_info row_huge_info(const struct tree_obj *obj, const struct tree_row *row)
{
	struct mm_huge_info info;

	mm_huge_info(obj->tree->mm, nid_of(obj), tree_huge_of_kb(obj, row->arg), &info);
	return info;
}

int tree_nr_hugepages_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)row_huge_info(obj, row).nr);
	return 0;
}

int tree_free_hugepages_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)row_huge_info(obj, row).free);
	return 0;
}

int tree_surplus_hugepages_show(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)row_huge_info(obj, row).surplus);
	return 0;
}

/* As many as possible; too few is no error, unless the kernel can allocate none at run time. */
ssize_t tree_nr_hugepages_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				size_t len, struct tree_req *req)
{
	uint64_t nr;
	int ret = base_kstrtoull(text, 10, &nr);

	if (!ret)
		ret = mm_huge_set_nr(obj->tree->mm, nid_of(obj), tree_huge_of_kb(obj, row->arg),
				     nr);
	return ret ? ret : (ssize_t)len;
}

bool tree_has_hugepages(const struct tree_obj *obj, const struct tree_row *row)
{
	const struct machine_spec *spec = machine_spec(obj->tree->machine);

	return machine_spec_has_hugepages(spec, row->arg);
}

bool tree_has_huge_files(const struct tree_obj *obj, const struct tree_row *row)
{
	return !machine_spec(obj->tree->machine)->arch->no_huge_files;
}

/* The next smaller size, into which pages of a row's are split; 0: there is none. */
static unsigned int demote_kb(const struct tree_obj *obj, const struct tree_row *row)
{
	const struct machine_spec *spec = machine_spec(obj->tree->machine);

	return machine_spec_smaller_hugepages(spec, row->arg);
}

bool tree_can_demote(const struct tree_obj *obj, const struct tree_row *row)
{
	return tree_has_hugepages(obj, row) && demote_kb(obj, row);
}

int tree_demote_size_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%ukB\n", demote_kb(obj, row));
	return 0;
}

/* QUIRK: what follows the number is not looked at. */
ssize_t tree_demote_size_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			       size_t len, struct tree_req *req)
{
	const char *end;

	return base_memparse(text, &end) == (uint64_t)demote_kb(obj, row) << 10 ? (ssize_t)len :
										  -EINVAL;
}

ssize_t tree_demote_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			  size_t len, struct tree_req *req)
{
	uint64_t nr;
	int ret = base_kstrtoull(text, 10, &nr);

	if (!ret)
		ret = mm_huge_demote(obj->tree->mm, nid_of(obj), tree_huge_of_kb(obj, row->arg),
				     tree_huge_of_kb(obj, demote_kb(obj, row)), nr);
	return ret ? ret : (ssize_t)len;
}

/* ---- those of all nodes only ----------------------------------------------------------------- */

static int overcommit_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	uint64_t nr = mm_huge_overcommit(obj->tree->mm, tree_huge_of_kb(obj, row->arg));

	base_buf_printf(buf, "%llu\n", (unsigned long long)nr);
	return 0;
}

static ssize_t overcommit_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				size_t len, struct tree_req *req)
{
	enum mm_huge size = tree_huge_of_kb(obj, row->arg);
	uint64_t nr;
	int ret;

	if (mm_huge_is_gigantic(obj->tree->mm, size))
		return -EINVAL;
	ret = base_kstrtoull(text, 10, &nr);
	if (ret)
		return ret;
	mm_huge_set_overcommit(obj->tree->mm, size, nr);
	return (ssize_t)len;
}

/* Whoever writes to nr_hugepages_mempolicy has no memory policy. */
#define GLOBAL_ROWS(prefix, dir, kb)                                                               \
	TREE_HUGEPAGES_ROWS(prefix, dir, kb),                                                      \
		{ .path = prefix dir "/nr_hugepages_mempolicy",                                    \
		  .mode = S_IFREG | 0644,                                                          \
		  .needs = MACHINE_NUMA,                                                           \
		  .show = tree_nr_hugepages_show,                                                  \
		  .store = tree_nr_hugepages_store,                                                \
		  .arg = (kb) },                                                                   \
		{ .path = prefix dir "/nr_overcommit_hugepages",                                   \
		  .mode = S_IFREG | 0644,                                                          \
		  .show = overcommit_show,                                                         \
		  .store = overcommit_store,                                                       \
		  .arg = (kb) },                                                                   \
	{                                                                                          \
		.path = prefix dir "/resv_hugepages", .mode = S_IFREG | 0444,                      \
		.show = tree_zero_show, .arg = (kb)                                                \
	}

static const struct tree_row hugepages_rows[] = {
	{ TREE_DIR_ROW("sys/kernel/mm") },
	{ TREE_DIR_ROW("sys/kernel/mm/hugepages"), .needs = MACHINE_HUGETLB,
	  .visible = tree_has_huge_files },
	TREE_ALL_HUGEPAGES(GLOBAL_ROWS, MM_HUGEPAGES),
};

const struct tree_table tree_hugepages_table = TREE_TABLE(hugepages_rows);
