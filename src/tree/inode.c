// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inodes: which one a name stands for, and its attributes, including those set by chmod, chown and
 * utimes (kernfs_iop_lookup(), kernfs_iop_getattr(), kernfs_iop_setattr()).
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

bool tree_inode(struct tree *tree, uint64_t ino, struct tree_obj **ret_obj, unsigned int *ret_slot)
{
	uint64_t serial = ino >> TREE_SLOT_BITS;
	struct tree_obj *obj = serial ? base_map_find(&tree->serials, serial) : &tree->root;
	unsigned int slot = ino & ((1u << TREE_SLOT_BITS) - 1);

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
	const struct machine_spec *spec = machine_spec(obj->tree->machine);
	const struct tree_row *row = tree_slot(obj, slot)->row;

	if (!machine_spec_has(spec, row->needs) ||
	    !machine_kernel_has(&spec->profile, row->since, row->until))
		return false;
	return !row->visible || row->visible(obj, row);
}

/* The objects whose own directories are in a directory of @obj. */
static size_t nr_children(const struct tree_obj *obj, const struct tree_children *c)
{
	const struct tree *tree = obj->tree;
	size_t nr = 0;

	if (c->link)
		return 0;
	if (!c->member)
		return tree->nr_objs[c->collection];
	for (struct tree_obj *child = tree_obj_next(tree, c->collection, 0, ""); child;
	     child = tree_obj_after(child))
		nr += c->member(obj, child);
	return nr;
}

static nlink_t dir_nlink(struct tree_obj *obj, unsigned int dir)
{
	const struct tree_kind *kind = &obj->tree->kind[obj->kind];
	const struct tree_row *row = kind->slots[dir].row;
	nlink_t n = 2;

	for (unsigned int slot = tree_kind_next(kind, dir, 0, ""); slot;
	     slot = kind->slots[slot].next)
		n += S_ISDIR(kind->slots[slot].row->mode) && tree_slot_visible(obj, slot);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(row->children) && row->children[i]; i++)
		n += nr_children(obj, row->children[i]);
	return n;
}

static bool is_kept(const struct tree_obj *obj, const struct tree_slot *slot)
{
	return obj->tree->cache_listener && !obj->dead && slot->row->fixed && slot->row->fixed(obj);
}

size_t tree_text_size(struct tree_obj *obj, const struct tree_row *row)
{
	struct base_buf text;
	size_t size;

	base_buf_init(&text);
	size = row->show(obj, row, &text) ? 0 : text.len;
	base_buf_fini(&text);
	return size;
}

static off_t file_size(struct tree_obj *obj, const struct tree_slot *slot)
{
	if (slot->row->size && !obj->dead)
		return (off_t)slot->row->size(obj, slot->row);
	/* Appending to a file of proc/sys has to write at its beginning. */
	if (slot->row->stream || slot->fs == TREE_DEBUGFS || slot->row->sysctl ||
	    slot->row->read_at)
		return 0;
	if (slot->fs != TREE_PROCFS && !is_kept(obj, slot))
		return 1 << machine_spec(obj->tree->machine)->page_shift;
	/*
	 * Real procfs reports 0, but then sendfile(2) and splice(2) of a FUSE file transfer
	 * nothing.
	 */
	return (off_t)tree_text_size(obj, slot->row);
}

static bool dir_changes(const struct tree_row *row)
{
	return row->children[0] && !row->children[0]->link;
}

/* Users of these attributes are notified when they change. */
static void know_home(struct tree *tree, uint64_t ino, const struct tree_row *row, bool *ret_fixed)
{
	enum tree_collection collection = row->children[0]->collection;

	*ret_fixed = tree->watcher && tree->home[collection] == ino;
	tree->home_known[collection] = tree->home_known[collection] || *ret_fixed;
}

/* @ns: since the tree was made */
static struct timespec file_time(const struct tree *tree, uint64_t ns)
{
	uint64_t since_epoch = tree->root.born_ns + ns;

	return (struct timespec){
		.tv_sec = (time_t)(since_epoch / TREE_NS_PER_S),
		.tv_nsec = (long)(since_epoch % TREE_NS_PER_S),
	};
}

static void inode_attr(struct tree_obj *obj, unsigned int nr, struct tree_attr *ret_attr)
{
	struct tree *tree = obj->tree;
	struct tree_override key = { .ino = tree_ino(obj, nr) }, *o;
	const struct timespec born = file_time(tree, obj == &tree->root ? 0 : obj->born_ns);

	*ret_attr = (struct tree_attr){
		.ino = key.ino,
		.mode = S_IFLNK | 0777,
		.nlink = 1,
		.uid = tree->uid,
		.gid = tree->gid,
		.blksize = 1 << machine_spec(tree->machine)->page_shift,
		.atime = born,
		.mtime = born,
		.ctime = born,
		.name_fixed = nr < TREE_SLOT_LINK,
		.attr_fixed = true,
	};
	if (nr < TREE_SLOT_LINK) {
		const struct tree_slot *slot = tree_slot(obj, nr);

		ret_attr->mode = slot->row->mode;
		if (S_ISDIR(slot->row->mode)) {
			ret_attr->nlink = dir_nlink(obj, nr);
			ret_attr->name_fixed = obj->kind == TREE_KIND_ROOT || nr != TREE_SLOT_DIR;
			ret_attr->name_kept = tree->cache_listener &&
					      obj->kind == TREE_KIND_BLOCK && !obj->dead;
			if (slot->row->vanishes) {
				ret_attr->name_fixed = false;
				ret_attr->attr_fixed = false;
			}
			if (dir_changes(slot->row))
				know_home(tree, key.ino, slot->row, &ret_attr->attr_fixed);
		} else if (S_ISREG(slot->row->mode)) {
			ret_attr->size = file_size(obj, slot);
			/*
			 * Any store may wait, if only at a race gate; then one name may stand for
			 * several opens at a time, see tree_attr.
			 */
			ret_attr->attr_fixed = slot->fs != TREE_PROCFS && !slot->row->size;
			ret_attr->name_fixed = !slot->row->store;
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

int kernfs_getattr(struct tree *tree, uint64_t ino, struct tree_attr *ret_attr)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(tree, ino, &obj, &slot))
		return -ENOENT;
	inode_attr(obj, slot, ret_attr);
	return 0;
}

int kernfs_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr,
		   unsigned int valid)
{
	struct tree_override key = { .ino = ino }, *o;

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
	o->attr.ctime = file_time(tree, tree_time_ns(tree));
	return 0;
}

/* The inode that stands for a member of a collection in directory @dir of @obj. */
static uint64_t child_ino(const struct tree_children *children, struct tree_obj *obj,
			  struct tree_obj *child)
{
	return children->link ? children->link(obj, child) : tree_ino(child, TREE_SLOT_DIR);
}

int kernfs_lookup(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr,
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
	/* configfs_lookup(); kernfs has neither such a limit nor such a name */
	if (row->makes && strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
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

/* ---- paths of files -------------------------------------------------------------------------- */

void tree_find_homes(struct tree *tree)
{
	const struct tree_kind *root = &tree->kind[TREE_KIND_ROOT];

	for (unsigned int slot = 1; slot < root->nr; slot++) {
		const struct tree_children *children = root->slots[slot].row->children[0];

		if (children && !children->link && tree_slot_visible(&tree->root, slot))
			tree->home[children->collection] = tree_ino(&tree->root, slot);
	}
}

const char *tree_home_path(const struct tree *tree, enum tree_collection collection)
{
	return tree_slot(&tree->root, tree->home[collection] & (TREE_SLOT_LINK - 1))->row->path;
}

void tree_put_path(const struct tree_obj *obj, const struct tree_slot *slot, struct base_buf *buf)
{
	const char *path = slot->row->path;

	const struct tree_kind *kind = &obj->tree->kind[obj->kind];
	char parent[64];

	if (kind->parent) {
		kind->parent(obj, parent, sizeof(parent));
		base_buf_printf(buf, "%s/%s/%s%s", tree_home_path(obj->tree, kind->within), parent,
				obj->name, *path ? "/" : "");
	} else if (obj != &obj->tree->root) {
		base_buf_printf(buf, "%s/%s%s", tree_home_path(obj->tree, tree_obj_collection(obj)),
				obj->name, *path ? "/" : "");
	}
	base_buf_puts(buf, path);
}
