/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects and inodes (obj.c, inode.c). */
#ifndef TREE_OBJ_H
#define TREE_OBJ_H

#include <bsd/sys/tree.h>

#include "row.h"

/*
 * A container, for both its object in machine/ and its device
 * @dimms: their names
 * @busy: firmware has been asked to plug or to eject it, and @then gets the answer
 * @req: the write of @len bytes that waits for that; NULL: none waits any more
 */
struct tree_container {
	struct tree *tree;
	struct machine_container *container;
	char *dimms;
	bool busy;
	struct hp_completion then;
	struct tree_req *req;
	size_t len;
};

/*
 * struct tree_obj - an object
 * @serial: part of its inode numbers; never reused
 * @refs: lookups and open files; a dead object is freed with the last
 * @bits: small settings of attributes that only remember what was written
 * @nr_stores: writes to its files that have entered and are not answered yet
 * @id: block, node or CPU number
 * @born_ns: since the tree was made, by the host clock
 * @name: stored after it
 *
 * There may be half a million: it is kept small.
 */
struct tree_obj {
	struct tree *tree;
	uint64_t serial;
	uint64_t refs;
	uint64_t id;
	union {
		const struct hp_block *block;
		struct machine_dimm *dimm;
		struct machine_vmem *vmem;
		struct machine_dax *dax;
		struct machine_dax_dev *dax_dev;
		struct machine_fault *fault;
		struct tree_gate *gate;
		struct tree_firmware_map *memmap;
		struct tree_container *container;
		struct machine_workload *workload;
		struct machine_swap *swap;
		void *thing; /* any of these */
	};
	uint64_t born_ns;
	const char *name;
	RB_ENTRY(tree_obj) by_hash;
	uint32_t hash;
	uint16_t bits;
	enum tree_kind_id kind : 8;
	bool dead;
	uint32_t nr_stores;
};
RB_HEAD(tree_names, tree_obj);

/* Attributes of an inode set by chmod, chown and utimes. */
struct tree_override {
	uint64_t ino;
	unsigned int valid;
	struct tree_attr attr;
	RB_ENTRY(tree_override) link;
};
RB_HEAD(tree_overrides, tree_override);
int tree_override_cmp(const struct tree_override *a, const struct tree_override *b);
RB_PROTOTYPE(tree_overrides, tree_override, link, tree_override_cmp)

static inline uint64_t tree_ino(const struct tree_obj *obj, unsigned int slot)
{
	return obj->serial << TREE_SLOT_BITS | slot;
}

struct tree_obj *tree_obj_new(struct tree *tree, enum tree_collection collection, const char *name,
			      uint64_t id);
/* Its two halves: allocate an object outside its collection's index, and insert it there. */
struct tree_obj *tree_obj_alloc(struct tree *tree, enum tree_collection collection,
				const char *name, uint64_t id);
void tree_obj_index(struct tree_obj *obj, enum tree_collection collection);
/* Removes it from the tree; it is freed with its last reference. */
void tree_obj_remove(struct tree_obj *obj);
void tree_obj_put(struct tree_obj *obj, uint64_t nr);
/* References to it. */
void tree_obj_free(struct tree_obj *obj);
/* Frees all objects and attributes, but nothing of the machine's (tree.c). */
void tree_clear(struct tree *tree);
/* Finds the directories of collections, once the tables are complete. */
void tree_find_homes(struct tree *tree);
/* The current time of files, since the tree was made. */
uint64_t tree_time_ns(const struct tree *tree);
/* Current host time, since the epoch. */
uint64_t tree_real_ns(void);
enum tree_collection tree_obj_collection(const struct tree_obj *obj);
struct tree_obj *tree_obj_find(const struct tree *tree, enum tree_collection collection,
			       const char *name);
/* First object of a collection after (hash, name); NULL when there is none. */
struct tree_obj *tree_obj_next(const struct tree *tree, enum tree_collection collection,
			       uint32_t hash, const char *name);
/* The object of the same collection after @obj; NULL when there is none. */
struct tree_obj *tree_obj_after(struct tree_obj *obj);
/* The directory of a collection, below the mount. */
const char *tree_home_path(const struct tree *tree, enum tree_collection collection);
/* The path of a file below the mount. */
void tree_put_path(const struct tree_obj *obj, const struct tree_slot *slot, struct base_buf *buf);
/* Finds the object and slot of an inode; false when there is no such inode. */
bool tree_inode(struct tree *tree, uint64_t ino, struct tree_obj **ret_obj, unsigned int *ret_slot);
/* The object whose directory holds that of @obj, which is of a kind with parents; or the root. */
struct tree_obj *tree_obj_parent(const struct tree_obj *obj);
bool tree_slot_visible(const struct tree_obj *obj, unsigned int slot);
const struct tree_slot *tree_slot(const struct tree_obj *obj, unsigned int slot);

#endif
