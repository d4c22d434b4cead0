/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node ids. The usual node id of an inode is its number. The kernel has an inode of its own for
 * each node id, and locks it for the duration of a write, in ftruncate(2), in chmod(2) and in
 * lseek(2) to a hole; nothing interrupts a task that waits for this lock. In sysfs none of them
 * waits for another file's write, which may take arbitrarily long. Therefore a file that is open
 * for writing shares its node with no other open file:
 *
 * - An open that would share one is answered with ESTALE. The kernel then looks up the path again
 *   and finds a node that is new. Where it cannot look up (the root of a bind mount, or a name in
 *   /proc/PID/fd), it opens the same node again, which is accepted.
 * - While a write waits, each lookup finds a new node, for calls that open nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "fuse_private.h"

#define ALIAS_BIT ((fuse_ino_t)1 << 63)

/* The kernel looks up again at once; a caller that was killed never does. */
#define REOPEN_MAX_NS 30000000000u

/* struct memfuse_reopen - the caller @pid has been told to look up @ino again, at @when */
struct memfuse_reopen {
	pid_t pid;
	uint64_t ino;
	uint64_t when;
	TAILQ_ENTRY(memfuse_reopen) link;
};

static int node_cmp(const struct memfuse_node *a, const struct memfuse_node *b)
{
	return a->id < b->id ? -1 : a->id > b->id;
}

RB_PROTOTYPE(memfuse_nodes, memfuse_node, link, node_cmp)
RB_GENERATE(memfuse_nodes, memfuse_node, link, node_cmp)

void memfuse_nodes_init(struct memfuse *fuse)
{
	RB_INIT(&fuse->nodes);
	TAILQ_INIT(&fuse->reopens);
}

static struct memfuse_node *node_find(const struct memfuse *fuse, fuse_ino_t id)
{
	struct memfuse_node key = { .id = id };

	return RB_FIND(memfuse_nodes, (struct memfuse_nodes *)&fuse->nodes, &key);
}

static struct memfuse_node *node_new(struct memfuse *fuse, fuse_ino_t id, uint64_t ino)
{
	struct memfuse_node *node = malloc(sizeof(*node));

	if (!node)
		return NULL;
	*node = (struct memfuse_node){ .id = id, .ino = ino };
	RB_INSERT(memfuse_nodes, &fuse->nodes, node);
	return node;
}

static void node_put(struct memfuse *fuse, struct memfuse_node *node)
{
	if (node->nr_lookups || node->nr_files)
		return;
	RB_REMOVE(memfuse_nodes, &fuse->nodes, node);
	free(node);
}

static bool is_alias(fuse_ino_t id)
{
	return id & ALIAS_BIT;
}

uint64_t memfuse_node_ino(const struct memfuse *fuse, fuse_ino_t id)
{
	const struct memfuse_node *node;

	if (!is_alias(id))
		return id;
	node = node_find(fuse, id);
	return node ? node->ino : 0;
}

static struct memfuse_reopen *reopen_find(const struct memfuse *fuse, pid_t pid, uint64_t ino)
{
	struct memfuse_reopen *reopen;

	TAILQ_FOREACH(reopen, &fuse->reopens, link)
		if (reopen->pid == pid && reopen->ino == ino)
			return reopen;
	return NULL;
}

static void reopen_free(struct memfuse *fuse, struct memfuse_reopen *reopen)
{
	TAILQ_REMOVE(&fuse->reopens, reopen, link);
	free(reopen);
}

static int reopen_add(struct memfuse *fuse, pid_t pid, uint64_t ino)
{
	struct memfuse_reopen *reopen;
	uint64_t now = fuse->clock->now_ns(fuse->clock);

	while ((reopen = TAILQ_FIRST(&fuse->reopens)) && now - reopen->when > REOPEN_MAX_NS)
		reopen_free(fuse, reopen);
	reopen = malloc(sizeof(*reopen));
	if (!reopen)
		return -ENOMEM;
	*reopen = (struct memfuse_reopen){ .pid = pid, .ino = ino, .when = now };
	TAILQ_INSERT_TAIL(&fuse->reopens, reopen, link);
	return 0;
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

fuse_ino_t memfuse_node_take(struct memfuse *fuse, uint64_t ino, pid_t pid)
{
	struct memfuse_node *node;

	if (!write_waits(fuse, ino) && !reopen_find(fuse, pid, ino))
		return ino;
	node = node_new(fuse, ALIAS_BIT | ++fuse->last_alias, ino);
	if (!node)
		return ino;
	node->nr_lookups = 1;
	return node->id;
}

void memfuse_node_forget(struct memfuse *fuse, fuse_ino_t id, uint64_t nr)
{
	struct memfuse_node *node;

	tree_forget(fuse->tree, memfuse_node_ino(fuse, id), nr);
	node = is_alias(id) ? node_find(fuse, id) : NULL;
	if (!node)
		return;
	node->nr_lookups -= BASE_MIN(nr, node->nr_lookups);
	node_put(fuse, node);
}

int memfuse_node_open(struct memfuse *fuse, fuse_ino_t id, pid_t pid, bool writes)
{
	uint64_t ino = memfuse_node_ino(fuse, id);
	struct memfuse_reopen *reopen = reopen_find(fuse, pid, ino);
	struct memfuse_node *node = node_find(fuse, id);

	if (!reopen && node && (node->nr_writers || (writes && node->nr_files))) {
		int err = reopen_add(fuse, pid, ino);

		return err ? err : -ESTALE;
	}
	if (reopen)
		reopen_free(fuse, reopen);
	if (!node)
		node = node_new(fuse, id, ino);
	if (!node)
		return -ENOMEM;
	node->nr_files++;
	node->nr_writers += writes;
	return 0;
}

void memfuse_node_close(struct memfuse *fuse, fuse_ino_t id, bool writes)
{
	struct memfuse_node *node = node_find(fuse, id);

	node->nr_files--;
	node->nr_writers -= writes;
	node_put(fuse, node);
}

void memfuse_nodes_fini(struct memfuse *fuse)
{
	struct memfuse_reopen *reopen;
	struct memfuse_node *node, *next;

	while ((reopen = TAILQ_FIRST(&fuse->reopens)))
		reopen_free(fuse, reopen);
	RB_FOREACH_SAFE(node, memfuse_nodes, &fuse->nodes, next) {
		RB_REMOVE(memfuse_nodes, &fuse->nodes, node);
		free(node);
	}
}
