/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pointers by number (map.c). */
#ifndef MEMHP_BASE_MAP_H
#define MEMHP_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

/** struct base_map - values by number; the members are private */
struct base_map {
	void *root;
	unsigned int height;
};

void base_map_init(struct base_map *map);
/** base_map_fini() - empty the map; the values belong to the caller. */
void base_map_fini(struct base_map *map);
/**
 * base_map_insert() - set the value of @key, replacing the previous one if any
 * @value: not NULL
 *
 * Return: 0 or -ENOMEM.
 */
int base_map_insert(struct base_map *map, uint64_t key, void *value);
/** base_map_erase() - remove a value; a no-op when there is none. Never allocates memory. */
void base_map_erase(struct base_map *map, uint64_t key);
/** base_map_find() - the value of @key; NULL when there is none. */
void *base_map_find(const struct base_map *map, uint64_t key);
/** base_map_next() - the value of the first number at or above @key; NULL when there is none. */
void *base_map_next(const struct base_map *map, uint64_t key);

#endif
