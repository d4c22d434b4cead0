// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/firmware/memmap: memory as firmware announced it, and each range since added as System RAM
 * (drivers/firmware/memmap.c). The ranges are those of /proc/iomem; each gets a number when it
 * first appears, which is never reused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

#define MEMMAP "sys/firmware/memmap"

struct tree_firmware_map {
	uint64_t start;
	uint64_t end;
	const char *type;
	bool seen;
	struct tree_obj *obj;
	TAILQ_ENTRY(tree_firmware_map) link;
};

static int memmap_start_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
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

const struct tree_table tree_firmware_map_table = TREE_TABLE(memmap_rows);

static const struct tree_children entries = { .collection = TREE_FIRMWARE_MAPS };

static const struct tree_row fixed_rows[] = {
	{ TREE_DIR_ROW(MEMMAP), .needs = MACHINE_FIRMWARE_MEMMAP, .children = { &entries } },
};

const struct tree_table tree_firmware_map_fixed_table = TREE_TABLE(fixed_rows);

/* ---- updating the entries from /proc/iomem --------------------------------------------------- */

/*
 * struct seeing - /proc/iomem and the entries are walked in parallel, as there may be many
 * @next: the first entry at or above the position in /proc/iomem; NULL: none
 */
struct seeing {
	struct tree *tree;
	struct tree_firmware_map *next;
};

static void entry_new(struct seeing *seeing, uint64_t start, uint64_t end, const char *type)
{
	struct tree_firmware_map *memmap = malloc(sizeof(*memmap));
	struct tree *tree = seeing->tree;
	char name[24];

	if (!memmap)
		return;
	*memmap = (struct tree_firmware_map){
		.start = start, .end = end, .type = type, .seen = true
	};
	snprintf(name, sizeof(name), "%llu", (unsigned long long)tree->next_memmap);
	memmap->obj = tree_obj_new(tree, TREE_FIRMWARE_MAPS, name, tree->next_memmap);
	if (!memmap->obj) {
		free(memmap);
		return;
	}
	tree->next_memmap++;
	memmap->obj->memmap = memmap;
	if (seeing->next)
		TAILQ_INSERT_BEFORE(seeing->next, memmap, link);
	else
		TAILQ_INSERT_TAIL(&tree->memmaps, memmap, link);
}

static void entry_see(void *ctx, unsigned int depth, uint64_t start, uint64_t end, const char *name)
{
	struct seeing *seeing = ctx;

	if (depth || (strcmp(name, "System RAM") && strcmp(name, "Reserved")))
		return;
	while (seeing->next && seeing->next->start < start)
		seeing->next = TAILQ_NEXT(seeing->next, link);
	if (seeing->next && seeing->next->start == start && seeing->next->end == end)
		seeing->next->seen = true;
	else
		entry_new(seeing, start, end, name);
}

void tree_firmware_map_update(struct tree *tree)
{
	struct seeing seeing = { .tree = tree, .next = TAILQ_FIRST(&tree->memmaps) };
	struct tree_firmware_map *memmap, *next;

	if (!machine_spec_has(machine_spec(tree->machine), MACHINE_FIRMWARE_MEMMAP))
		return;
	TAILQ_FOREACH(memmap, &tree->memmaps, link)
		memmap->seen = false;
	hp_resource_walk(tree->hp, entry_see, &seeing);
	TAILQ_FOREACH_SAFE(memmap, &tree->memmaps, link, next) {
		struct tree_obj *obj = memmap->obj;

		if (memmap->seen)
			continue;
		tree_firmware_map_free(obj);
		tree_obj_remove(obj);
	}
}

void tree_firmware_map_free(struct tree_obj *obj)
{
	/* an object whose loading failed may have none */
	if (obj->kind != TREE_KIND_FIRMWARE_MAP || obj->dead || !obj->memmap)
		return;
	TAILQ_REMOVE(&obj->tree->memmaps, obj->memmap, link);
	free(obj->memmap);
	obj->memmap = NULL;
}

void tree_firmware_map_forget(struct tree *tree)
{
	struct tree_firmware_map *memmap;

	while ((memmap = TAILQ_FIRST(&tree->memmaps))) {
		struct tree_obj *obj = memmap->obj;

		tree_firmware_map_free(obj);
		tree_obj_remove(obj);
	}
	tree->next_memmap = 0;
}

/* ---- saving and loading ---------------------------------------------------------------------- */

static void memmap_type(struct base_save *s, struct tree_firmware_map *memmap, void *ctx)
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
	ROW(SKIP, seen, "used only during an update")                                              \
	ROW(SKIP, obj, "the owner, set on creation")                                               \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(memmap_save, struct tree_firmware_map, void, MEMMAP_ROWS)

void tree_firmware_map_save(struct base_save *s, struct tree_obj *obj)
{
	if (base_save_loads(s)) {
		obj->memmap = calloc(1, sizeof(*obj->memmap));
		if (!obj->memmap) {
			base_save_fail(s, -ENOMEM, "out of memory");
			return;
		}
		obj->memmap->obj = obj;
		TAILQ_INSERT_TAIL(&obj->tree->memmaps, obj->memmap, link);
	}
	BASE_SAVE_ONE(s, memmap_save, obj->memmap, NULL);
}

static int by_start(const void *a, const void *b)
{
	const struct tree_firmware_map *x = *(struct tree_firmware_map *const *)a;
	const struct tree_firmware_map *y = *(struct tree_firmware_map *const *)b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void tree_firmware_map_sort(struct base_save *s, struct tree *tree)
{
	struct tree_firmware_map **all, *memmap;
	size_t nr = 0;

	all = calloc(tree->nr_objs[TREE_FIRMWARE_MAPS] + 1, sizeof(*all));
	if (!all) {
		base_save_fail(s, -ENOMEM, "out of memory");
		return;
	}
	TAILQ_FOREACH(memmap, &tree->memmaps, link)
		all[nr++] = memmap;
	qsort(all, nr, sizeof(*all), by_start);
	TAILQ_INIT(&tree->memmaps);
	for (size_t i = 0; i < nr; i++)
		TAILQ_INSERT_TAIL(&tree->memmaps, all[i], link);
	free(all);
}
