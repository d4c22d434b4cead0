/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of pools of huge pages, which nodes and sys/kernel/mm/hugepages have (hugepages.c). */
#ifndef TREE_HUGEPAGES_H
#define TREE_HUGEPAGES_H

#include "row.h"

/* @arg of all these rows: the size in kB. The pools are of a node, or of all in the root. */
tree_show_fn tree_nr_hugepages_show, tree_free_hugepages_show, tree_surplus_hugepages_show,
	tree_demote_size_show;
tree_store_fn tree_nr_hugepages_store, tree_demote_store, tree_demote_size_store;
bool tree_has_hugepages(const struct tree_obj *obj, const struct tree_row *row);
/* Whether sys/kernel/mm has files of huge pages, of either kind. */
bool tree_has_huge_files(const struct tree_obj *obj, const struct tree_row *row);
bool tree_can_demote(const struct tree_obj *obj, const struct tree_row *row);
/* The pool of a size that the machine has. */
enum mm_huge tree_huge_of_kb(const struct tree_obj *obj, unsigned int kb);

#define TREE_HUGEPAGES_ROWS(prefix, dir, kb)                                                       \
	{ TREE_DIR_ROW(prefix dir), .visible = tree_has_hugepages, .arg = (kb) },                  \
		{ .path = prefix dir "/nr_hugepages",                                              \
		  .mode = S_IFREG | 0644,                                                          \
		  .show = tree_nr_hugepages_show,                                                  \
		  .store = tree_nr_hugepages_store,                                                \
		  .arg = (kb) },                                                                   \
		{ .path = prefix dir "/free_hugepages",                                            \
		  .mode = S_IFREG | 0444,                                                          \
		  .show = tree_free_hugepages_show,                                                \
		  .arg = (kb) },                                                                   \
		{ .path = prefix dir "/demote",                                                    \
		  .mode = S_IFREG | 0200,                                                          \
		  .visible = tree_can_demote,                                                      \
		  .store = tree_demote_store,                                                      \
		  .arg = (kb) },                                                                   \
		{ .path = prefix dir "/demote_size",                                               \
		  .mode = S_IFREG | 0644,                                                          \
		  .visible = tree_can_demote,                                                      \
		  .show = tree_demote_size_show,                                                   \
		  .store = tree_demote_size_store,                                                 \
		  .arg = (kb) },                                                                   \
	{                                                                                          \
		.path = prefix dir "/surplus_hugepages", .mode = S_IFREG | 0444,                   \
		.show = tree_surplus_hugepages_show, .arg = (kb)                                   \
	}

/* The sizes of all architectures. */
#define TREE_ALL_HUGEPAGES(ROWS, prefix)                                                           \
	ROWS(prefix, "hugepages-64kB", 64), ROWS(prefix, "hugepages-1024kB", 1024),                \
		ROWS(prefix, "hugepages-2048kB", 2048), ROWS(prefix, "hugepages-32768kB", 32768),  \
		ROWS(prefix, "hugepages-262144kB", 262144),                                        \
		ROWS(prefix, "hugepages-524288kB", 524288),                                        \
		ROWS(prefix, "hugepages-1048576kB", 1048576),                                      \
		ROWS(prefix, "hugepages-2097152kB", 2097152),                                      \
		ROWS(prefix, "hugepages-16777216kB", 16777216)

#endif
