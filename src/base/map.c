/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pointers by number, like the kernel's xarray: a tree with 64 slots per node, as high as the
 * largest number requires. For numbers that are close together it costs little more than an array.
 */
#include <errno.h>
#include <stdlib.h>

#include "memhp/base.h"

#define MAP_BITS 6
#define MAP_SLOTS (1u << MAP_BITS)

/* @used: a bit for each occupied slot: a child node, or at the lowest level a value */
struct map_node {
	uint64_t used;
	void *slot[MAP_SLOTS];
};

static unsigned int slot_of(uint64_t key, unsigned int level)
{
	return key >> level * MAP_BITS & (MAP_SLOTS - 1);
}

static bool key_fits(const struct base_map *map, uint64_t key)
{
	return map->height * MAP_BITS >= 64 || !(key >> map->height * MAP_BITS);
}

void base_map_init(struct base_map *map)
{
	*map = (struct base_map){ .root = NULL };
}

static void node_free(struct map_node *node, unsigned int level)
{
	for (; level && node->used; node->used &= node->used - 1)
		node_free(node->slot[__builtin_ctzll(node->used)], level - 1);
	free(node);
}

void base_map_fini(struct base_map *map)
{
	if (map->root)
		node_free(map->root, map->height - 1);
	base_map_init(map);
}

/* An empty root can simply be used at the next height. */
static int map_grow(struct base_map *map)
{
	struct map_node *node = map->root;

	if (node && !node->used) {
		map->height++;
		return 0;
	}
	node = calloc(1, sizeof(*node));
	if (!node)
		return -ENOMEM;
	if (map->root) {
		node->slot[0] = map->root;
		node->used = 1;
	}
	map->root = node;
	map->height++;
	return 0;
}

int base_map_insert(struct base_map *map, uint64_t key, void *value)
{
	struct map_node *node;
	unsigned int slot;

	while (!map->root || !key_fits(map, key)) {
		if (map_grow(map))
			return -ENOMEM;
	}
	node = map->root;
	for (unsigned int level = map->height - 1; level; level--) {
		slot = slot_of(key, level);
		if (!(node->used >> slot & 1)) {
			node->slot[slot] = calloc(1, sizeof(*node));
			if (!node->slot[slot])
				return -ENOMEM;
			node->used |= UINT64_C(1) << slot;
		}
		node = node->slot[slot];
	}
	slot = slot_of(key, 0);
	node->slot[slot] = value;
	node->used |= UINT64_C(1) << slot;
	return 0;
}

void *base_map_find(const struct base_map *map, uint64_t key)
{
	const struct map_node *node = map->root;

	if (!key_fits(map, key))
		return NULL;
	for (unsigned int level = map->height - 1; node && level; level--)
		node = node->slot[slot_of(key, level)];
	return node ? node->slot[slot_of(key, 0)] : NULL;
}

/* The first value of a subtree at or above @key; @key: within the subtree. */
static void *node_next(const struct map_node *node, unsigned int level, uint64_t key)
{
	unsigned int slot = slot_of(key, level);
	uint64_t left = node->used >> slot << slot;
	void *found;

	for (; left; left &= left - 1) {
		unsigned int next = (unsigned int)__builtin_ctzll(left);

		if (!level)
			return node->slot[next];
		found = node_next(node->slot[next], level - 1, next == slot ? key : 0);
		if (found)
			return found;
	}
	return NULL;
}

void *base_map_next(const struct base_map *map, uint64_t key)
{
	return map->root && key_fits(map, key) ? node_next(map->root, map->height - 1, key) : NULL;
}

/* Frees child nodes that have become empty; returns whether @node has, too. */
static bool node_erase(struct map_node *node, unsigned int level, uint64_t key)
{
	unsigned int slot = slot_of(key, level);

	if (!(node->used >> slot & 1) || (level && !node_erase(node->slot[slot], level - 1, key)))
		return false;
	if (level)
		free(node->slot[slot]);
	node->slot[slot] = NULL;
	node->used &= ~(UINT64_C(1) << slot);
	return !node->used;
}

void base_map_erase(struct base_map *map, uint64_t key)
{
	if (map->root && key_fits(map, key) && node_erase(map->root, map->height - 1, key))
		base_map_fini(map);
}
