// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/firmware/memmap: memory as firmware announced it, and each range that was added as System
 * RAM since (drivers/firmware/memmap.c). The ranges are those of /proc/iomem; each gets a number
 * when it first appears, which no other one gets again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

#define MEMMAP "sys/firmware/memmap"

struct tree_memmap {
	uint64_t start;
	uint64_t end;
	const char *type;
	bool seen;
};

static bool has_memmap(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_spec(obj->tree->machine)->arch->is_pc;
}

static int memmap_start_show(struct tree_obj *obj, const struct tree_row *row,
			     struct base_buf *buf)
{
	base_buf_printf(buf, "0x%llx\n", (unsigned long long)obj->memmap->start);
	return 0;
}

static int memmap_end_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "0x%llx\n", (unsigned long long)obj->memmap->end);
	return 0;
}

static int memmap_type_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", obj->memmap->type);
	return 0;
}

static const struct tree_row memmap_rows[] = {
	{ TREE_DIR_ROW("") },
	{ TREE_ATTR_RO(memmap, start) },
	{ TREE_ATTR_RO(memmap, end) },
	{ TREE_ATTR_RO(memmap, type) },
};

const struct tree_table tree_memmap_table = TREE_TABLE(memmap_rows);

static const struct tree_children entries = { .collection = TREE_MEMMAPS };

static const struct tree_row memmap_fixed_rows[] = {
	{ TREE_DIR_ROW(MEMMAP), .visible = has_memmap, .children = { &entries } },
};

const struct tree_table tree_memmap_fixed_table = TREE_TABLE(memmap_fixed_rows);

/* ---- keeping it as /proc/iomem is ------------------------------------------------------------ */

static struct tree_obj *entry_first(const struct tree *tree)
{
	return tree_obj_next(tree, TREE_MEMMAPS, 0, "");
}

static struct tree_obj *entry_find(struct tree *tree, uint64_t start, uint64_t end)
{
	for (struct tree_obj *obj = entry_first(tree); obj; obj = tree_obj_after(obj)) {
		if (obj->memmap->start == start && obj->memmap->end == end)
			return obj;
	}
	return NULL;
}

static void entry_new(struct tree *tree, uint64_t start, uint64_t end, const char *type)
{
	struct tree_memmap *memmap = malloc(sizeof(*memmap));
	char name[24];
	struct tree_obj *obj;

	if (!memmap)
		return;
	*memmap = (struct tree_memmap){ .start = start, .end = end, .type = type, .seen = true };
	snprintf(name, sizeof(name), "%llu", (unsigned long long)tree->next_memmap);
	obj = tree_obj_new(tree, TREE_MEMMAPS, name, tree->next_memmap);
	if (!obj) {
		free(memmap);
		return;
	}
	tree->next_memmap++;
	obj->memmap = memmap;
}

static void entry_see(void *ctx, unsigned int depth, uint64_t start, uint64_t end,
		      const char *name)
{
	struct tree *tree = ctx;
	struct tree_obj *obj;

	if (depth || (strcmp(name, "System RAM") && strcmp(name, "Reserved")))
		return;
	obj = entry_find(tree, start, end);
	if (obj)
		obj->memmap->seen = true;
	else
		entry_new(tree, start, end, name);
}

void tree_memmap_update(struct tree *tree)
{
	struct tree_obj *obj, *next;

	if (!has_memmap(&tree->root, NULL))
		return;
	for (obj = entry_first(tree); obj; obj = tree_obj_after(obj))
		obj->memmap->seen = false;
	hp_resource_walk(tree->hp, entry_see, tree);
	for (obj = entry_first(tree); obj; obj = next) {
		next = tree_obj_after(obj);
		if (obj->memmap->seen)
			continue;
		tree_memmap_free(obj);
		tree_obj_remove(obj);
	}
}

void tree_memmap_free(struct tree_obj *obj)
{
	if (obj->kind != TREE_KIND_MEMMAP || obj->dead)
		return;
	free(obj->memmap);
	obj->memmap = NULL;
}

/* ---- as bytes -------------------------------------------------------------------------------- */

static void memmap_type(struct base_save *s, struct tree_memmap *memmap, void *ctx)
{
	static const char *const types[] = { "System RAM", "Reserved" };
	uint64_t type = 0;

	while (!base_save_loads(s) && strcmp(types[type], memmap->type))
		type++;
	memmap->type = types[base_save_below(s, type, BASE_ARRAY_SIZE(types))];
}

#define MEMMAP_ROWS(ROW)                                                                           \
	ROW(NUMBER, start)                                                                         \
	ROW(NUMBER, end)                                                                           \
	ROW(WITH, type, memmap_type)                                                               \
	ROW(SKIP, seen, "only while they are looked at")
BASE_SAVE_STRUCT(memmap_save, struct tree_memmap, void, MEMMAP_ROWS)

void tree_memmap_save(struct base_save *s, struct tree_obj *obj)
{
	if (base_save_loads(s))
		obj->memmap = calloc(1, sizeof(*obj->memmap));
	if (obj->memmap)
		BASE_SAVE_ONE(s, memmap_save, obj->memmap, NULL);
	else
		base_save_fail(s, -ENOMEM, "out of memory");
}
