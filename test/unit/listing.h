/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listings of directories, as their readers get them. */
#ifndef TEST_LISTING_H
#define TEST_LISTING_H

#include "world.h"

#define MAX_ENTRIES 128

struct entry {
	char name[64];
	uint64_t ino;
	mode_t type;
	off_t next;
};

/* @room: so many more entries are taken. */
struct listing {
	struct entry entry[MAX_ENTRIES];
	size_t nr;
	size_t room;
};

/* For tree_readdir() with a listing. */
bool listing_take(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next);
struct tree_dir *listing_open(struct world *w, const char *path);
/* Up to @room more entries from @off on. */
off_t listing_more(struct tree_dir *dir, struct listing *l, off_t off, size_t room);

#endif
