// SPDX-License-Identifier: GPL-2.0-or-later
/* The objects of a kernel that has just booted. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine_tree.h"

struct tree_obj *tree_block_alloc(struct tree *tree, const struct hp_block *block)
{
	struct tree_obj *obj;
	char name[32];

	snprintf(name, sizeof(name), "memory%llu", (unsigned long long)hp_block_id(block));
	obj = tree_obj_alloc(tree, TREE_BLOCKS, name, hp_block_id(block));
	if (obj)
		obj->block = block;
	return obj;
}

void tree_block_appear(struct tree *tree, const struct hp_block *block)
{
	int slot = machine_dimm_of_block(tree->machine, block);

	if (slot >= 0)
		tree_acpi_appear(tree, (unsigned int)slot);
}

struct by_hash {
	uint32_t hash;
	struct tree_obj *obj;
};

static int by_hash_cmp(const void *a, const void *b)
{
	const struct by_hash *x = a, *y = b;

	/* names are seldom needed, and cost a cache miss */
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return strcmp(x->obj->name, y->obj->name);
}

/* Sorted before insertion into the index: in the order of ids they would go to scattered places. */
static int tree_init_blocks(struct tree *tree)
{
	size_t nr = 0, room = 0;
	struct by_hash *blocks = NULL;
	int ret = -ENOMEM;

	for (struct hp_block *b = hp_block_next(tree->hp, 0); b;
	     b = hp_block_next(tree->hp, hp_block_id(b) + 1), nr++) {
		if (nr == room) {
			struct by_hash *more;

			room = room ? 2 * room : 64;
			more = reallocarray(blocks, room, sizeof(*blocks));
			if (!more)
				goto out;
			blocks = more;
		}
		blocks[nr].obj = tree_block_alloc(tree, b);
		if (!blocks[nr].obj)
			goto out;
		blocks[nr].hash = blocks[nr].obj->hash;
		tree_block_appear(tree, b);
	}
	if (nr)
		qsort(blocks, nr, sizeof(*blocks), by_hash_cmp);
	for (size_t i = 0; i < nr; i++)
		tree_obj_index(blocks[i].obj, TREE_BLOCKS);
	ret = 0;
out:
	free(blocks);
	return ret;
}

void tree_node_appear(struct tree *tree, int nid)
{
	char name[32];

	snprintf(name, sizeof(name), "node%d", nid);
	(void)tree_obj_new(tree, TREE_NODES, name, (uint64_t)nid);
}

static void tree_init_objs(struct tree *tree)
{
	const struct base_mask *nodes = hp_nodes_online(tree->hp);
	struct base_mask cpus;
	unsigned int nid, cpu;
	char name[32];

	/* Without NUMA there is a node, but no device of it. */
	BASE_MASK_FOREACH(nid, nodes) {
		if (machine_spec_has(machine_spec(tree->machine), MACHINE_NUMA))
			tree_node_appear(tree, (int)nid);
	}
	for (nid = 0; nid < BASE_MASK_BITS; nid++) {
		machine_node_cpus(tree->machine, (int)nid, &cpus);
		BASE_MASK_FOREACH(cpu, &cpus) {
			snprintf(name, sizeof(name), "cpu%u", cpu);
			(void)tree_obj_new(tree, TREE_CPUS, name, cpu);
		}
	}
	tree_slots_container_appear(tree);
	for (unsigned int slot = 0; slot < machine_acpi_slots(tree->machine); slot++)
		tree_acpi_appear(tree, slot);
	for (struct machine_swap *s = machine_swap_next(tree->machine, NULL); s;
	     s = machine_swap_next(tree->machine, s)) {
		struct tree_obj *obj = tree_obj_new(tree, TREE_SWAPS, machine_swap_name(s), 0);

		if (obj)
			obj->swap = s;
	}
}

int tree_objs_boot(struct tree *tree)
{
	int ret = tree_init_blocks(tree);

	if (ret)
		return ret;
	tree_init_objs(tree);
	tree_firmware_map_update(tree);
	tree_dax_update(tree);
	return 0;
}
