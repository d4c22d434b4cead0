// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kinds: the tables of rows, prepared for lookups. Entries of a directory are contiguous, in
 * kernfs's order: by a hash of the name, then by the name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

uint32_t tree_name_hash(const char *name)
{
	uint64_t hash = 0;

	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		hash = (hash + ((uint64_t)*c << 4) + (*c >> 4)) * 11;
	hash = (hash * 0x61C8864680B583EBULL) >> 32;
	hash &= 0x7fffffff;
	/* 0 and 1 are "." and "..", the largest value is the end. */
	if (hash < 2)
		hash += 2;
	if (hash >= 0x7fffffff)
		hash = 0x7ffffffe;
	return (uint32_t)hash;
}

int tree_name_cmp(uint32_t hash_a, const char *name_a, uint32_t hash_b, const char *name_b)
{
	if (hash_a != hash_b)
		return hash_a < hash_b ? -1 : 1;
	return strcmp(name_a, name_b);
}

static int order_cmp(const void *a, const void *b, void *ctx)
{
	const struct tree_slot *slots = ctx;
	const struct tree_slot *x = &slots[*(const uint16_t *)a], *y = &slots[*(const uint16_t *)b];

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return tree_name_cmp(x->hash, x->leaf, y->hash, y->leaf);
}

/* The slot of the row that is the directory of @path; directories precede the rows in them. */
static uint16_t find_parent(const struct tree_kind *kind, size_t nr, const char *path,
			    const char *leaf)
{
	size_t len = leaf > path ? (size_t)(leaf - path) - 1 : 0;
	const struct tree_slot *last = &kind->slots[nr - 1];

	/* Most rows are in the same directory as the one before. */
	if (nr - 1 > TREE_SLOT_DIR && last->leaf - last->row->path == leaf - path &&
	    !memcmp(last->row->path, path, (size_t)(leaf - path)))
		return last->parent;
	/* It is usually a near one. */
	for (size_t i = nr; i-- > 1;)
		if (kind->slots[i].len == len && !memcmp(kind->slots[i].row->path, path, len))
			return (uint16_t)i;
	return TREE_SLOT_DIR;
}

static enum tree_fs fs_of_path(const char *path, enum tree_fs fs)
{
	static const struct {
		const char *prefix;
		enum tree_fs fs;
	} fs_map[] = {
		{ "sys/kernel/debug", TREE_DEBUGFS },
		{ "sys", TREE_SYSFS },
		{ "proc", TREE_PROCFS },
		{ "machine", TREE_MACHINE },
		{ "dev", TREE_DEVICES },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(fs_map); i++) {
		size_t len = strlen(fs_map[i].prefix);

		if (!strncmp(path, fs_map[i].prefix, len) && (!path[len] || path[len] == '/'))
			return fs_map[i].fs;
	}
	return fs;
}

/* Notes for each directory where its entries are, and for each entry which is the next one. */
static void note_entries(struct tree_kind *kind)
{
	for (size_t at = 1; at < kind->nr; at++) {
		struct tree_slot *slot = &kind->slots[kind->order[at]];
		struct tree_slot *dir = &kind->slots[slot->parent];

		if (!dir->end)
			dir->first = (uint16_t)at;
		else
			kind->slots[kind->order[at - 1]].next = kind->order[at];
		dir->end = (uint16_t)(at + 1);
	}
}

int tree_kind_init(struct tree_kind *kind, const char *name, enum tree_fs fs,
		   const struct tree_table *const *tables, size_t nr_tables)
{
	size_t nr = 1, next = 1;

	for (size_t t = 0; t < nr_tables; t++)
		nr += tables[t]->nr;
	kind->name = name;
	kind->nr = nr;
	kind->slots = calloc(nr, sizeof(*kind->slots));
	kind->order = calloc(nr, sizeof(*kind->order));
	if (!kind->slots || !kind->order)
		return -ENOMEM;
	for (size_t t = 0; t < nr_tables; t++) {
		for (size_t i = 0; i < tables[t]->nr; i++, next++) {
			struct tree_slot *slot = &kind->slots[next];
			const char *path = tables[t]->rows[i].path, *cut = strrchr(path, '/');

			slot->row = &tables[t]->rows[i];
			slot->leaf = cut ? cut + 1 : path;
			slot->len = (uint16_t)strlen(path);
			slot->hash = tree_name_hash(slot->leaf);
			slot->fs = fs_of_path(path, fs);
			/* The first row is the object's directory itself. */
			if (next > TREE_SLOT_DIR)
				slot->parent = find_parent(kind, next, path, slot->leaf);
			kind->order[next] = (uint16_t)next;
		}
	}
	qsort_r(kind->order + 1, nr - 1, sizeof(*kind->order), order_cmp, kind->slots);
	note_entries(kind);
	return 0;
}

void tree_kind_fini(struct tree_kind *kind)
{
	free(kind->slots);
	free(kind->order);
}

/* Position in @order of the first entry of @parent at or after (hash, name), or of its end. */
static size_t order_lower_bound(const struct tree_kind *kind, unsigned int parent, uint32_t hash,
				const char *name)
{
	size_t low = kind->slots[parent].first, high = kind->slots[parent].end;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct tree_slot *slot = &kind->slots[kind->order[mid]];

		if (tree_name_cmp(slot->hash, slot->leaf, hash, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

unsigned int tree_kind_find(const struct tree_kind *kind, unsigned int parent, const char *name)
{
	size_t at;

	if (parent >= kind->nr)
		return 0;
	at = order_lower_bound(kind, parent, tree_name_hash(name), name);
	if (at == kind->slots[parent].end)
		return 0;
	return !strcmp(kind->slots[kind->order[at]].leaf, name) ? kind->order[at] : 0;
}

unsigned int tree_kind_next(const struct tree_kind *kind, unsigned int parent, uint32_t hash,
			    const char *name)
{
	if (parent >= kind->nr)
		return 0;
	for (size_t at = order_lower_bound(kind, parent, hash, name); at < kind->slots[parent].end;
	     at++) {
		const struct tree_slot *slot = &kind->slots[kind->order[at]];

		if (tree_name_cmp(slot->hash, slot->leaf, hash, name) > 0)
			return kind->order[at];
	}
	return 0;
}
