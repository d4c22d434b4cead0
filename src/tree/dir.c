// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Listing directories as kernfs does (kernfs_fop_readdir()): ".", "..", then by the hash of the
 * name. An entry's d_off is the hash of the following entry.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

#define POS_DOT 0
#define POS_DOTDOT 1
#define POS_FIRST 2
#define POS_END 0x7fffffff

/*
 * @uid: whose share it counts in
 * @at, @at_name: the entry at position @at: several names may share a hash, and then the position
 *		  alone does not identify the next entry
 */
struct tree_dir {
	struct tree_obj *obj;
	unsigned int slot;
	uid_t uid;
	off_t at;
	char at_name[NAME_MAX + 1];
};

/* The entry found; it follows all earlier ones. */
struct entry {
	const char *name;
	uint32_t hash;
	uint64_t ino;
	mode_t type;
};

int kernfs_opendir(struct tree *tree, uint64_t ino, uid_t uid, struct tree_dir **ret_dir)
{
	struct tree_dir *dir;
	struct tree_obj *obj;
	unsigned int slot;

	if (!tree_inode(tree, ino, &obj, &slot))
		return -ENOENT;
	if (slot >= TREE_SLOT_LINK || !S_ISDIR(tree_slot(obj, slot)->row->mode))
		return -ENOTDIR;
	dir = calloc(1, sizeof(*dir));
	if (!dir)
		return -ENOMEM;
	if (!tree_take(tree, uid, TREE_SHARE_FILES, 1)) {
		free(dir);
		return -ENFILE;
	}
	dir->uid = uid;
	dir->obj = obj;
	dir->slot = slot;
	obj->refs++;
	*ret_dir = dir;
	return 0;
}

void tree_closedir(struct tree_dir *dir)
{
	tree_give(dir->obj->tree, dir->uid, TREE_SHARE_FILES, 1);
	if (dir->obj != &dir->obj->tree->root)
		tree_obj_put(dir->obj, 1);
	else
		dir->obj->refs--;
	free(dir);
}

/*
 * The position of a listing in its sources: rows of the directory's kind and members of
 * collections, all in the same order. Valid until an object is added or removed.
 */
struct cursor {
	struct tree_dir *dir;
	unsigned int slot;
	struct tree_obj *child[2];
};

static unsigned int visible_from(const struct tree_dir *dir, unsigned int slot)
{
	const struct tree_kind *kind = &dir->obj->tree->kind[dir->obj->kind];

	while (slot && !tree_slot_visible(dir->obj, slot))
		slot = kind->slots[slot].next;
	return slot;
}

static struct tree_obj *member_from(const struct tree_dir *dir, const struct tree_children *c,
				    struct tree_obj *child)
{
	while (child && c->member && !c->member(dir->obj, child))
		child = tree_obj_after(child);
	return child;
}

/* Positions before the first entry after (hash, name). */
static void cursor_init(struct cursor *cursor, struct tree_dir *dir, uint32_t hash,
			const char *name)
{
	struct tree *tree = dir->obj->tree;
	const struct tree_kind *kind = &tree->kind[dir->obj->kind];
	const struct tree_row *row = kind->slots[dir->slot].row;

	*cursor = (struct cursor){ .dir = dir };
	cursor->slot = visible_from(dir, tree_kind_next(kind, dir->slot, hash, name));
	for (size_t i = 0; i < BASE_ARRAY_SIZE(row->children) && row->children[i]; i++) {
		const struct tree_children *c = row->children[i];

		cursor->child[i] =
			member_from(dir, c, tree_obj_next(tree, c->collection, hash, name));
	}
}

/* Takes the first remaining entry; false at the end. */
static bool cursor_next(struct cursor *cursor, struct entry *ret)
{
	const struct tree_dir *dir = cursor->dir;
	const struct tree_kind *kind = &dir->obj->tree->kind[dir->obj->kind];
	const struct tree_slot *slot = &kind->slots[cursor->slot];
	struct tree_children const *const *children = kind->slots[dir->slot].row->children;
	struct tree_obj **lowest = NULL, *child;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cursor->child); i++) {
		child = cursor->child[i];
		if (child && (!lowest || tree_name_cmp(child->hash, child->name, (*lowest)->hash,
						       (*lowest)->name) < 0))
			lowest = &cursor->child[i];
	}
	child = lowest ? *lowest : NULL;
	if (cursor->slot &&
	    (!child || tree_name_cmp(slot->hash, slot->leaf, child->hash, child->name) < 0)) {
		*ret = (struct entry){
			.name = slot->leaf,
			.hash = slot->hash,
			.ino = tree_ino(dir->obj, cursor->slot),
			.type = slot->row->mode & S_IFMT,
		};
		cursor->slot = visible_from(dir, slot->next);
	} else if (child) {
		const struct tree_children *c = children[lowest - cursor->child];

		*ret = (struct entry){
			.name = child->name,
			.hash = child->hash,
			.ino = c->link ? c->link(dir->obj, child) : tree_ino(child, TREE_SLOT_DIR),
			.type = c->link ? S_IFLNK : S_IFDIR,
		};
		*lowest = member_from(dir, c, tree_obj_after(child));
	} else {
		return false;
	}
	return true;
}

/* The directory that holds the object itself, not a link to it. */
static uint64_t home_ino(const struct tree_obj *obj)
{
	if (obj == &obj->tree->root)
		return TREE_ROOT_INO;
	if (obj->tree->kind[obj->kind].parent)
		return tree_ino(tree_obj_parent(obj), TREE_SLOT_DIR);
	return obj->tree->home[tree_obj_collection(obj)];
}

static uint64_t parent_ino(const struct tree_dir *dir)
{
	if (dir->slot == TREE_SLOT_DIR)
		return home_ino(dir->obj);
	return tree_ino(dir->obj, tree_slot(dir->obj, dir->slot)->parent);
}

struct tree *kernfs_dir_tree(const struct tree_dir *dir)
{
	return dir->obj->tree;
}

int kernfs_readdir(struct tree_dir *dir, off_t off, tree_dirent_fn *fn, void *ctx)
{
	struct cursor cursor;
	struct entry e, after;
	bool more;

	if (dir->obj->dead)
		return -ENOENT;
	if (off == POS_DOT) {
		if (!fn(ctx, ".", tree_ino(dir->obj, dir->slot), S_IFDIR, POS_DOTDOT))
			return 0;
		off = POS_DOTDOT;
	}
	if (off == POS_DOTDOT) {
		cursor_init(&cursor, dir, 0, "");
		more = cursor_next(&cursor, &e);
		if (!fn(ctx, "..", parent_ino(dir), S_IFDIR, more ? e.hash : POS_END))
			return 0;
	} else if (off >= POS_END || off < 0) {
		return 0;
	} else {
		/* Where the last call stopped, even among names with the same hash. */
		cursor_init(&cursor, dir, (uint32_t)off, off == dir->at ? dir->at_name : "");
		more = cursor_next(&cursor, &e);
	}
	while (more) {
		more = cursor_next(&cursor, &after);
		if (!fn(ctx, e.name, e.ino, e.type, more ? after.hash : POS_END))
			return 0;
		/* e's d_off is the hash of the entry after it. */
		dir->at = more ? after.hash : POS_END;
		snprintf(dir->at_name, sizeof(dir->at_name), "%s",
			 more && after.hash == e.hash ? e.name : "");
		e = after;
	}
	return 0;
}
