/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node ids. An inode's usual node id is its number. While a write to it waits, each further lookup
 * gets a node id of its own: the kernel then sees a different inode, with its own lock. Otherwise
 * the next `echo > state` would wait in the kernel for the first one's lock, where neither its
 * invalid words can be refused nor its signals be seen.
 */
#include <stdlib.h>

#include "fuse_private.h"

#define ALIAS_BIT ((fuse_ino_t)1 << 63)

static int alias_cmp(const struct memfuse_alias *a, const struct memfuse_alias *b)
{
	return a->node < b->node ? -1 : a->node > b->node;
}

RB_PROTOTYPE(memfuse_aliases, memfuse_alias, link, alias_cmp)
RB_GENERATE(memfuse_aliases, memfuse_alias, link, alias_cmp)

static struct memfuse_alias *alias_find(const struct memfuse *fuse, fuse_ino_t node)
{
	struct memfuse_alias key = { .node = node };

	return RB_FIND(memfuse_aliases, (struct memfuse_aliases *)&fuse->aliases, &key);
}

static bool is_alias(fuse_ino_t node)
{
	return node & ALIAS_BIT;
}

uint64_t memfuse_node_ino(const struct memfuse *fuse, fuse_ino_t node)
{
	const struct memfuse_alias *alias;

	if (!is_alias(node))
		return node;
	alias = alias_find(fuse, node);
	return alias ? alias->ino : 0;
}

static bool write_waits(const struct memfuse *fuse, uint64_t ino)
{
	const struct memfuse_io *io;

	LIST_FOREACH(io, &fuse->writes, write_link) {
		if (io->written_ino == ino)
			return true;
	}
	return false;
}

fuse_ino_t memfuse_node_take(struct memfuse *fuse, uint64_t ino)
{
	struct memfuse_alias *alias;

	if (!write_waits(fuse, ino))
		return ino;
	alias = malloc(sizeof(*alias));
	if (!alias)
		return ino;
	*alias = (struct memfuse_alias){
		.node = ALIAS_BIT | ++fuse->last_alias,
		.ino = ino,
		.nr = 1,
	};
	RB_INSERT(memfuse_aliases, &fuse->aliases, alias);
	return alias->node;
}

void memfuse_node_forget(struct memfuse *fuse, fuse_ino_t node, uint64_t nr)
{
	struct memfuse_alias *alias;

	tree_forget(fuse->tree, memfuse_node_ino(fuse, node), nr);
	alias = is_alias(node) ? alias_find(fuse, node) : NULL;
	if (!alias)
		return;
	alias->nr -= nr < alias->nr ? nr : alias->nr;
	if (alias->nr)
		return;
	RB_REMOVE(memfuse_aliases, &fuse->aliases, alias);
	free(alias);
}

void memfuse_aliases_fini(struct memfuse *fuse)
{
	struct memfuse_alias *alias, *next;

	RB_FOREACH_SAFE(alias, memfuse_aliases, &fuse->aliases, next) {
		RB_REMOVE(memfuse_aliases, &fuse->aliases, alias);
		free(alias);
	}
}
