/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listings of directories; see listing.h. */
#include "listing.h"

bool listing_take(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	struct listing *l = ctx;
	struct entry *e = &l->entry[l->nr];

	if (!l->room)
		return false;
	assert_in_range(l->nr, 0, MAX_ENTRIES - 1);
	snprintf(e->name, sizeof(e->name), "%s", name);
	e->ino = ino;
	e->type = type;
	e->next = next;
	l->nr++;
	l->room--;
	return true;
}

struct tree_dir *listing_open(struct world *w, const char *path)
{
	struct tree_dir *dir;

	assert_int_equal(tree_opendir(w->tree, world_ino(w, path), 0, &dir), 0);
	return dir;
}

off_t listing_more(struct tree_dir *dir, struct listing *l, off_t off, size_t room)
{
	l->room = room;
	assert_int_equal(tree_readdir(dir, off, listing_take, l), 0);
	return l->nr ? l->entry[l->nr - 1].next : off;
}
