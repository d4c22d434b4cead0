// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects, their lifetime and references. */
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

static int hash_cmp(const struct tree_obj *a, const struct tree_obj *b)
{
	return tree_name_cmp(a->hash, a->name, b->hash, b->name);
}

int tree_override_cmp(const struct tree_override *a, const struct tree_override *b)
{
	return a->ino < b->ino ? -1 : a->ino > b->ino;
}

RB_PROTOTYPE(tree_names, tree_obj, by_hash, hash_cmp)
RB_GENERATE(tree_names, tree_obj, by_hash, hash_cmp)
RB_GENERATE(tree_overrides, tree_override, link, tree_override_cmp)

static const enum tree_kind_id collection_kind[TREE_NR_COLLECTIONS] = {
	[TREE_BLOCKS] = TREE_KIND_BLOCK,
	[TREE_NODES] = TREE_KIND_NODE,
	[TREE_CPUS] = TREE_KIND_CPU,
	[TREE_ACPIS] = TREE_KIND_ACPI,
	[TREE_PHYSICAL_NODES] = TREE_KIND_PHYSICAL_NODE,
	[TREE_FIRMWARE_MAPS] = TREE_KIND_FIRMWARE_MAP,
	[TREE_CONTAINER_DEVICES] = TREE_KIND_CONTAINER_DEVICE,
	[TREE_DAX_REGIONS] = TREE_KIND_DAX_REGION,
	[TREE_DAX_DEVICES] = TREE_KIND_DAX_DEVICE,
#define CLASS(NAME, name) [TREE_##NAME##S] = TREE_KIND_##NAME,
	TREE_CLASSES(CLASS)
#undef CLASS
};

/* ---- objects --------------------------------------------------------------------------------- */

void tree_set_watcher(struct tree *tree, tree_watch_fn *fn, void *ctx)
{
	tree->watcher = fn;
	tree->watcher_ctx = ctx;
}

void tree_set_cache_listener(struct tree *tree, const struct tree_cache_listener *cache_listener,
			     void *ctx)
{
	tree->cache_listener = cache_listener;
	tree->cache_listener_ctx = ctx;
}

/* Names that were never looked up are not cached. */
static void tell_cache_listener(const struct tree_obj *obj)
{
	const struct tree *tree = obj->tree;
	const struct tree_kind *kind = &tree->kind[obj->kind];

	if (!tree->cache_listener || obj->kind != TREE_KIND_BLOCK || !obj->refs)
		return;
	tree->cache_listener->name_gone(tree->cache_listener_ctx, tree->home[TREE_BLOCKS],
					obj->name);
	for (unsigned int slot = 1; slot < kind->nr; slot++) {
		if (kind->slots[slot].row->fixed)
			tree->cache_listener->text_gone(tree->cache_listener_ctx,
							tree_ino(obj, slot));
	}
}

/* A directory's link count includes its subdirectories. */
static void home_changed(struct tree *tree, enum tree_collection collection)
{
	if (!tree->watcher || !tree->home_known[collection])
		return;
	tree->home_known[collection] = false;
	tree->watcher(tree->watcher_ctx, tree->home[collection]);
}

uint64_t tree_time_ns(const struct tree *tree)
{
	struct base_clock *clock = hp_config(tree->hp)->clock;

	return clock->now_ns(clock) + tree->real_ahead_ns - tree->root.born_ns;
}

/* Not yet in its collection's index. */
struct tree_obj *tree_obj_alloc(struct tree *tree, enum tree_collection collection,
				const char *name, uint64_t id)
{
	size_t size = strlen(name) + 1;
	struct tree_obj *obj = malloc(sizeof(*obj) + size);

	if (!obj)
		return NULL;
	*obj = (struct tree_obj){
		.tree = tree,
		.kind = collection_kind[collection],
		.serial = tree->last_serial + 1,
		.name = memcpy(obj + 1, name, size),
		.hash = tree_name_hash(name),
		.id = id,
		.born_ns = tree_time_ns(tree),
	};
	if (base_map_insert(&tree->serials, obj->serial, obj)) {
		free(obj);
		return NULL;
	}
	tree->last_serial++;
	return obj;
}

void tree_obj_index(struct tree_obj *obj, enum tree_collection collection)
{
	RB_INSERT(tree_names, &obj->tree->index[collection], obj);
	obj->tree->nr_objs[collection]++;
	home_changed(obj->tree, collection);
}

struct tree_obj *tree_obj_new(struct tree *tree, enum tree_collection collection, const char *name,
			      uint64_t id)
{
	struct tree_obj *obj = tree_obj_alloc(tree, collection, name, id);

	if (obj)
		tree_obj_index(obj, collection);
	return obj;
}

void tree_obj_free(struct tree_obj *obj)
{
	struct tree *tree = obj->tree;
	struct tree_override key = { .ino = tree_ino(obj, 0) }, *o;

	while ((o = RB_NFIND(tree_overrides, &tree->overrides, &key)) &&
	       o->ino >> TREE_SLOT_BITS == obj->serial) {
		RB_REMOVE(tree_overrides, &tree->overrides, o);
		free(o);
	}
	base_map_erase(&tree->serials, obj->serial);
	free(obj);
}

enum tree_collection tree_obj_collection(const struct tree_obj *obj)
{
	enum tree_collection c = 0;

	while (collection_kind[c] != obj->kind)
		c++;
	return c;
}

void tree_obj_remove(struct tree_obj *obj)
{
	struct tree *tree = obj->tree;
	enum tree_collection collection = tree_obj_collection(obj);

	RB_REMOVE(tree_names, &tree->index[collection], obj);
	tree->nr_objs[collection]--;
	home_changed(tree, collection);
	tell_cache_listener(obj);
	obj->dead = true;
	obj->block = NULL;
	if (!obj->refs)
		tree_obj_free(obj);
}

void tree_obj_put(struct tree_obj *obj, uint64_t nr)
{
	obj->refs -= BASE_MIN(nr, obj->refs);
	if (obj->dead && !obj->refs)
		tree_obj_free(obj);
}

struct tree_obj *tree_obj_find(const struct tree *tree, enum tree_collection collection,
			       const char *name)
{
	struct tree_obj key = { .hash = tree_name_hash(name), .name = name };

	return RB_FIND(tree_names, (struct tree_names *)&tree->index[collection], &key);
}

struct tree_obj *tree_obj_next(const struct tree *tree, enum tree_collection collection,
			       uint32_t hash, const char *name)
{
	struct tree_obj key = { .hash = hash, .name = name };
	struct tree_obj *obj =
		RB_NFIND(tree_names, (struct tree_names *)&tree->index[collection], &key);

	if (obj && !hash_cmp(obj, &key))
		obj = RB_NEXT(tree_names, (struct tree_names *)&tree->index[collection], obj);
	return obj;
}

struct tree_obj *tree_obj_parent(const struct tree_obj *obj)
{
	struct tree *tree = obj->tree;
	const struct tree_kind *kind = &tree->kind[obj->kind];
	struct tree_obj *parent;
	char name[64];

	kind->parent(obj, name, sizeof(name));
	parent = tree_obj_find(tree, kind->within, name);
	return parent ? parent : &tree->root;
}

struct tree_obj *tree_obj_after(struct tree_obj *obj)
{
	return RB_NEXT(tree_names, NULL, obj);
}
