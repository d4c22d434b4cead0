// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Objects, inodes and names: what lives, who refers to it, and which inode a name stands for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree_private.h"

static int serial_cmp(const struct tree_obj *a, const struct tree_obj *b)
{
	return a->serial < b->serial ? -1 : a->serial > b->serial;
}

static int hash_cmp(const struct tree_obj *a, const struct tree_obj *b)
{
	return tree_name_cmp(a->hash, a->name, b->hash, b->name);
}

static int override_cmp(const struct tree_override *a, const struct tree_override *b)
{
	return a->ino < b->ino ? -1 : a->ino > b->ino;
}

RB_PROTOTYPE(tree_serials, tree_obj, by_serial, serial_cmp)
RB_GENERATE(tree_serials, tree_obj, by_serial, serial_cmp)
RB_PROTOTYPE(tree_names, tree_obj, by_hash, hash_cmp)
RB_GENERATE(tree_names, tree_obj, by_hash, hash_cmp)
RB_PROTOTYPE(tree_overrides, tree_override, link, override_cmp)
RB_GENERATE(tree_overrides, tree_override, link, override_cmp)

static const enum tree_kind_id collection_kind[TREE_NR_COLLECTIONS] = {
	[TREE_BLOCKS] = TREE_KIND_BLOCK, [TREE_NODES] = TREE_KIND_NODE,
	[TREE_CPUS] = TREE_KIND_CPU,	 [TREE_DIMMS] = TREE_KIND_DIMM,
	[TREE_WORKLOADS] = TREE_KIND_WORKLOAD,
};

/* ---- objects --------------------------------------------------------------------------------- */

struct tree_obj *tree_obj_new(struct tree *tree, enum tree_collection collection, const char *name,
			      uint64_t id)
{
	struct tree_obj *obj = calloc(1, sizeof(*obj));

	if (!obj)
		return NULL;
	obj->name = strdup(name);
	if (!obj->name) {
		free(obj);
		return NULL;
	}
	obj->tree = tree;
	obj->kind = collection_kind[collection];
	obj->serial = ++tree->last_serial;
	obj->hash = tree_name_hash(name);
	obj->id = id;
	clock_gettime(CLOCK_REALTIME, &obj->born);
	RB_INSERT(tree_serials, &tree->serials, obj);
	RB_INSERT(tree_names, &tree->index[collection], obj);
	tree->nr_objs[collection]++;
	return obj;
}

static void obj_free(struct tree_obj *obj)
{
	struct tree *tree = obj->tree;
	struct tree_override key = { .ino = tree_ino(obj, 0) }, *o;

	while ((o = RB_NFIND(tree_overrides, &tree->overrides, &key)) &&
	       o->ino >> TREE_SLOT_BITS == obj->serial) {
		RB_REMOVE(tree_overrides, &tree->overrides, o);
		free(o);
	}
	RB_REMOVE(tree_serials, &tree->serials, obj);
	free((void *)obj->name);
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
	obj->dead = true;
	obj->block = NULL;
	if (!obj->refs)
		obj_free(obj);
}

void tree_obj_put(struct tree_obj *obj, uint64_t nr)
{
	obj->refs -= BASE_MIN(nr, obj->refs);
	if (obj->dead && !obj->refs)
		obj_free(obj);
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

struct tree_obj *tree_obj_after(struct tree_obj *obj)
{
	return RB_NEXT(tree_names, NULL, obj);
}

/* ---- news from the machine ------------------------------------------------------------------- */

static void on_block_added(void *ctx, const struct hp_block *block)
{
	struct tree *tree = ctx;
	struct tree_obj *obj;
	char name[32];

	snprintf(name, sizeof(name), "memory%llu", (unsigned long long)hp_block_id(block));
	obj = tree_obj_new(tree, TREE_BLOCKS, name, hp_block_id(block));
	if (obj)
		obj->block = block;
}

static void on_block_removed(void *ctx, const struct hp_block *block)
{
	struct tree_obj *obj;
	char name[32];

	snprintf(name, sizeof(name), "memory%llu", (unsigned long long)hp_block_id(block));
	obj = tree_obj_find(ctx, TREE_BLOCKS, name);
	if (obj)
		tree_obj_remove(obj);
}

static void on_node_added(void *ctx, int nid)
{
	char name[32];

	snprintf(name, sizeof(name), "node%d", nid);
	(void)tree_obj_new(ctx, TREE_NODES, name, (uint64_t)nid);
}

static void on_node_removed(void *ctx, int nid)
{
	struct tree_obj *obj;
	char name[32];

	snprintf(name, sizeof(name), "node%d", nid);
	obj = tree_obj_find(ctx, TREE_NODES, name);
	if (obj)
		tree_obj_remove(obj);
}

static void on_uevent(void *ctx, const struct hp_uevent *event)
{
	tree_stream_uevent(ctx, event);
}

static void on_log(void *ctx, const char *line)
{
	/* machine/log asks the machine for the text when it is read. */
}

static const struct hp_observer tree_observer = {
	.block_added = on_block_added,
	.block_removed = on_block_removed,
	.node_added = on_node_added,
	.node_removed = on_node_removed,
	.uevent = on_uevent,
	.log = on_log,
};

/* ---- life ------------------------------------------------------------------------------------ */

static int tree_init_kinds(struct tree *tree)
{
	static const struct tree_table *const root[] = {
		&tree_top_table,    &tree_memory_table, &tree_nodes_table, &tree_bus_table,
		&tree_module_table, &tree_kernel_table, &tree_proc_table,  &tree_machine_table,
	};
	static const struct {
		const char *name;
		enum tree_fs fs;
		const struct tree_table *table;
	} kinds[TREE_NR_KINDS] = {
		[TREE_KIND_BLOCK] = { "block", TREE_SYSFS, &tree_block_table },
		[TREE_KIND_NODE] = { "node", TREE_SYSFS, &tree_node_table },
		[TREE_KIND_CPU] = { "cpu", TREE_SYSFS, &tree_cpu_table },
		[TREE_KIND_DIMM] = { "dimm", TREE_MACHINE, &tree_dimm_table },
		[TREE_KIND_WORKLOAD] = { "workload", TREE_MACHINE, &tree_workload_table },
	};
	int ret;

	ret = tree_kind_init(&tree->kind[TREE_KIND_ROOT], "root", TREE_MACHINE, root,
			     BASE_ARRAY_SIZE(root));
	for (int k = TREE_KIND_ROOT + 1; !ret && k < TREE_NR_KINDS; k++)
		ret = tree_kind_init(&tree->kind[k], kinds[k].name, kinds[k].fs, &kinds[k].table,
				     1);
	return ret;
}

static void tree_init_objs(struct tree *tree)
{
	const struct base_mask *nodes = hp_nodes_online(tree->hp);
	struct base_mask cpus;
	unsigned int nid, cpu;
	char name[32];

	for (struct hp_block *b = hp_block_next(tree->hp, 0); b;
	     b = hp_block_next(tree->hp, hp_block_id(b) + 1))
		on_block_added(tree, b);
	BASE_MASK_FOREACH(nid, nodes)
		on_node_added(tree, (int)nid);
	for (nid = 0; nid < BASE_MASK_BITS; nid++) {
		machine_node_cpus(tree->machine, (int)nid, &cpus);
		BASE_MASK_FOREACH(cpu, &cpus) {
			snprintf(name, sizeof(name), "cpu%u", cpu);
			(void)tree_obj_new(tree, TREE_CPUS, name, cpu);
		}
	}
}

struct tree *tree_new(struct machine *machine)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->machine = machine;
	tree->hp = machine_hp(machine);
	tree->mm = machine_mm(machine);
	/* Who mounts it is root in it. */
	tree->uid = geteuid();
	tree->gid = getegid();
	tree->root.tree = tree;
	tree->root.name = "";
	tree->root.refs = 1;
	clock_gettime(CLOCK_REALTIME, &tree->root.born);
	RB_INIT(&tree->serials);
	RB_INIT(&tree->overrides);
	TAILQ_INIT(&tree->events);
	TAILQ_INIT(&tree->streams);
	for (int c = 0; c < TREE_NR_COLLECTIONS; c++)
		RB_INIT(&tree->index[c]);
	if (tree_init_kinds(tree)) {
		tree_free(tree);
		return NULL;
	}
	tree_init_objs(tree);
	machine_set_observer(machine, &tree_observer, tree);
	return tree;
}

void tree_free(struct tree *tree)
{
	struct tree_override *o, *next_override;
	struct tree_obj *obj, *next_obj;

	machine_set_observer(tree->machine, NULL, NULL);
	tree_stream_fini(tree);
	RB_FOREACH_SAFE(o, tree_overrides, &tree->overrides, next_override) {
		RB_REMOVE(tree_overrides, &tree->overrides, o);
		free(o);
	}
	RB_FOREACH_SAFE(obj, tree_serials, &tree->serials, next_obj) {
		tree_machine_destroy(obj);
		obj_free(obj);
	}
	for (int k = 0; k < TREE_NR_KINDS; k++)
		tree_kind_fini(&tree->kind[k]);
	free(tree);
}

/* ---- inodes ---------------------------------------------------------------------------------- */

bool tree_inode(struct tree *tree, uint64_t ino, struct tree_obj **ret_obj, unsigned int *ret_slot)
{
	struct tree_obj key = { .serial = ino >> TREE_SLOT_BITS }, *obj;
	unsigned int slot = ino & ((1u << TREE_SLOT_BITS) - 1);

	obj = key.serial ? RB_FIND(tree_serials, &tree->serials, &key) : &tree->root;
	if (!obj || !slot || (slot < TREE_SLOT_LINK && slot >= tree->kind[obj->kind].nr))
		return false;
	*ret_obj = obj;
	*ret_slot = slot;
	return true;
}

const struct tree_slot *tree_slot(const struct tree_obj *obj, unsigned int slot)
{
	return &obj->tree->kind[obj->kind].slots[slot];
}

bool tree_slot_visible(const struct tree_obj *obj, unsigned int slot)
{
	const struct tree_row *row = tree_slot(obj, slot)->row;

	return !row->visible || row->visible(obj, row);
}

static nlink_t dir_nlink(struct tree_obj *obj, unsigned int dir)
{
	const struct tree_kind *kind = &obj->tree->kind[obj->kind];
	const struct tree_row *row = kind->slots[dir].row;
	nlink_t n = 2;
	unsigned int slot = tree_kind_next(kind, dir, 0, "");

	for (; slot; slot = tree_kind_next(kind, dir, kind->slots[slot].hash,
					   kind->slots[slot].leaf))
		n += S_ISDIR(kind->slots[slot].row->mode) && tree_slot_visible(obj, slot);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(row->children) && row->children[i]; i++) {
		if (!row->children[i]->link)
			n += obj->tree->nr_objs[row->children[i]->collection];
	}
	return n;
}

static off_t file_size(struct tree_obj *obj, const struct tree_slot *slot)
{
	struct base_buf text;
	off_t size;

	if (slot->row->is_stream || slot->fs == TREE_DEBUGFS)
		return 0;
	if (slot->fs != TREE_PROCFS)
		return 1 << machine_spec(obj->tree->machine)->page_shift;
	/*
	 * Real procfs says 0, but then sendfile(2) and splice(2) of a FUSE file give nothing.
	 */
	base_buf_init(&text);
	size = slot->row->show(obj, slot->row, &text) ? 0 : (off_t)text.len;
	base_buf_fini(&text);
	return size;
}

static bool dir_changes(const struct tree_row *row)
{
	return row->children[0] && !row->children[0]->link;
}

static void inode_attr(struct tree_obj *obj, unsigned int nr, struct tree_attr *ret_attr)
{
	struct tree *tree = obj->tree;
	struct tree_override key = { .ino = tree_ino(obj, nr) }, *o;

	*ret_attr = (struct tree_attr){
		.ino = key.ino,
		.mode = S_IFLNK | 0777,
		.nlink = 1,
		.uid = tree->uid,
		.gid = tree->gid,
		.blksize = 1 << machine_spec(tree->machine)->page_shift,
		.atime = obj->born,
		.mtime = obj->born,
		.ctime = obj->born,
		.name_fixed = nr < TREE_SLOT_LINK,
		.attr_fixed = true,
	};
	if (nr < TREE_SLOT_LINK) {
		const struct tree_slot *slot = tree_slot(obj, nr);

		ret_attr->mode = slot->row->mode;
		if (S_ISDIR(slot->row->mode)) {
			ret_attr->nlink = dir_nlink(obj, nr);
			ret_attr->name_fixed = obj->kind == TREE_KIND_ROOT || nr != TREE_SLOT_DIR;
			ret_attr->attr_fixed = !dir_changes(slot->row);
		} else if (S_ISREG(slot->row->mode)) {
			ret_attr->size = file_size(obj, slot);
			ret_attr->attr_fixed = slot->fs != TREE_PROCFS && !slot->row->waits;
			ret_attr->name_fixed = !slot->row->waits;
		} else if (slot->row->visible) {
			ret_attr->name_fixed = false;
		}
	}
	o = RB_FIND(tree_overrides, &tree->overrides, &key);
	if (!o)
		return;
	if (o->valid & TREE_SET_MODE)
		ret_attr->mode = (ret_attr->mode & S_IFMT) | (o->attr.mode & 07777);
	if (o->valid & TREE_SET_UID)
		ret_attr->uid = o->attr.uid;
	if (o->valid & TREE_SET_GID)
		ret_attr->gid = o->attr.gid;
	if (o->valid & TREE_SET_ATIME)
		ret_attr->atime = o->attr.atime;
	if (o->valid & TREE_SET_MTIME)
		ret_attr->mtime = o->attr.mtime;
	ret_attr->ctime = o->attr.ctime;
}

int tree_getattr(struct tree *tree, uint64_t ino, struct tree_attr *ret_attr)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(tree, ino, &obj, &slot))
		return -ENOENT;
	inode_attr(obj, slot, ret_attr);
	return 0;
}

int tree_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr, unsigned int valid)
{
	struct tree_override key = { .ino = ino }, *o;
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(tree, ino, &obj, &slot))
		return -ENOENT;
	if (!valid)
		return 0;
	o = RB_FIND(tree_overrides, &tree->overrides, &key);
	if (!o) {
		o = calloc(1, sizeof(*o));
		if (!o)
			return -ENOMEM;
		o->ino = ino;
		RB_INSERT(tree_overrides, &tree->overrides, o);
	}
	o->valid |= valid;
	if (valid & TREE_SET_MODE)
		o->attr.mode = attr->mode;
	if (valid & TREE_SET_UID)
		o->attr.uid = attr->uid;
	if (valid & TREE_SET_GID)
		o->attr.gid = attr->gid;
	if (valid & TREE_SET_ATIME)
		o->attr.atime = attr->atime;
	if (valid & TREE_SET_MTIME)
		o->attr.mtime = attr->mtime;
	clock_gettime(CLOCK_REALTIME, &o->attr.ctime);
	return 0;
}

/* The inode that a member of a collection shows in directory @dir of @obj. */
static uint64_t child_ino(const struct tree_children *children, struct tree_obj *obj,
			  struct tree_obj *child)
{
	return children->link ? children->link(obj, child) : tree_ino(child, TREE_SLOT_DIR);
}

int tree_lookup(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr,
		bool *ret_fixed)
{
	const struct tree_row *row;
	struct tree_obj *obj;
	unsigned int slot, found;
	uint64_t ino = 0;

	*ret_fixed = false;
	if (!tree_inode(tree, dir, &obj, &slot))
		return -ENOENT;
	if (slot >= TREE_SLOT_LINK || !S_ISDIR(tree_slot(obj, slot)->row->mode))
		return -ENOTDIR;
	if (obj->dead)
		return -ENOENT;
	row = tree_slot(obj, slot)->row;
	found = tree_kind_find(&tree->kind[obj->kind], slot, name);
	if (found && tree_slot_visible(obj, found))
		ino = tree_ino(obj, found);
	for (size_t i = 0; !ino && i < BASE_ARRAY_SIZE(row->children) && row->children[i]; i++) {
		const struct tree_children *c = row->children[i];
		struct tree_obj *child = tree_obj_find(tree, c->collection, name);

		if (child && (!c->member || c->member(obj, child)))
			ino = child_ino(c, obj, child);
	}
	if (!ino) {
		*ret_fixed = obj->kind == TREE_KIND_ROOT && !row->children[0];
		return -ENOENT;
	}
	tree_inode(tree, ino, &obj, &slot);
	inode_attr(obj, slot, ret_attr);
	obj->refs++;
	return 0;
}

void tree_forget(struct tree *tree, uint64_t ino, uint64_t nr)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (tree_inode(tree, ino, &obj, &slot) && obj != &tree->root)
		tree_obj_put(obj, nr);
}
