// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks, from machine/map or from their files below sys/devices/system/memory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view_private.h"

/* How many blocks are read at a time, where there is no map or it takes long, and for how long. */
#define SOME 64
#define SOME_NS 5000000ULL
/* Listing all blocks may take this share of the time. */
#define SHARE 50
/* A map that takes longer than this is read at the beginning only. */
#define SLOW_NS 100000000ULL

size_t view_index(const struct view *view, uint64_t number)
{
	size_t low = 0, high = view->nr_blocks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (view->block[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct view_block *view_find(const struct view *view, uint64_t number)
{
	size_t at = view_index(view, number);

	return at < view->nr_blocks && view->block[at].number == number ? &view->block[at] : NULL;
}

static void take_away(struct view *view, uint64_t number)
{
	size_t at = view_index(view, number);

	if (at == view->nr_blocks || view->block[at].number != number)
		return;
	memmove(&view->block[at], &view->block[at + 1],
		(view->nr_blocks - at - 1) * sizeof(*view->block));
	view->nr_blocks--;
	view->changes++;
}

/* The directory of a block has a link for its node. */
static int node_of(const struct view *view, uint64_t number)
{
	char path[80], text[8];
	int fd, node = -1;
	struct dirent *entry;
	DIR *dir;

	for (unsigned int i = 0; i < view->nr_nodes; i++) {
		snprintf(path, sizeof(path), "memory%ju/node%d", (uintmax_t)number,
			 view->node[i].node);
		if (readlinkat(view->memory, path, text, sizeof(text)) > 0)
			return view->node[i].node;
	}
	snprintf(path, sizeof(path), "memory%ju", (uintmax_t)number);
	fd = openat(view->memory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir && fd >= 0)
		close(fd);
	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "node%d", &node) == 1)
			break;
	if (dir)
		closedir(dir);
	return node;
}

int view_load_block(struct view *view, uint64_t number)
{
	char text[64];
	const char *dir = "sys/devices/system/memory/memory";
	size_t at = view_index(view, number);
	struct view_block *block, old;

	if (view_read(view, text, sizeof(text), "%s%ju/state", dir, (uintmax_t)number) < 0) {
		take_away(view, number);
		return 0;
	}
	block = view_put(view, &at, number);
	if (!block)
		return -ENOMEM;
	old = *block;
	for (int i = 0; i < VIEW_NR_STATES; i++)
		if (!strcmp(text, view_state_names[i]))
			block->state = (uint8_t)i;
	/* While it goes offline, valid_zones has what it could become. */
	if (block->state != VIEW_GOING_OFFLINE)
		block->zone = VIEW_MIXED;
	if (block->state == VIEW_OFFLINE)
		memset(block->pages, 0, sizeof(block->pages));
	else if (block->state == VIEW_ONLINE &&
		 view_read(view, text, sizeof(text), "%s%ju/valid_zones", dir, (uintmax_t)number) >
			 0)
		block->zone = (uint8_t)view_zone_of(text);
	if (block->node < 0)
		block->node = (int16_t)node_of(view, number);
	if (old.node != block->node || old.state != block->state || old.zone != block->zone)
		view->changes++;
	return 0;
}

int view_load_some(struct view *view)
{
	uint64_t end = view_clock() + SOME_NS;

	for (int i = 0; i < SOME && view->nr_blocks && view_clock() < end; i++) {
		if (view->next >= view->nr_blocks)
			view->next = 0;
		if (view_load_block(view, view->block[view->next].number))
			return -ENOMEM;
		view->next++;
		if ((size_t)i + 1 >= view->nr_blocks)
			break;
	}
	return 0;
}

/* Lists the directory; new blocks are read, known ones only seen. */
static int load_names(struct view *view)
{
	int fd = openat(view->memory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	unsigned long long number;
	struct dirent *entry;
	size_t at;
	int end, ret = 0;

	if (!dir) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (!ret && (entry = readdir(dir))) {
		end = 0;
		if (sscanf(entry->d_name, "memory%llu%n", &number, &end) != 1 || entry->d_name[end])
			continue;
		if (!view_find(view, number))
			ret = view_load_block(view, number);
		at = view_index(view, number);
		if (!ret && at < view->nr_blocks)
			view->block[at].round = view->round;
	}
	closedir(dir);
	return ret;
}

/* Blocks that were not there are gone. */
static void drop_unseen(struct view *view)
{
	size_t kept = 0;

	for (size_t i = 0; i < view->nr_blocks; i++)
		if (view->block[i].round == view->round)
			view->block[kept++] = view->block[i];
	view->changes += view->nr_blocks - kept;
	view->nr_blocks = kept;
}

static bool is_time(const struct view *view, uint64_t now)
{
	if (!view->is_loaded || view->list_again)
		return true;
	if (view->has_map && view->list_took > SLOW_NS)
		return false;
	return now - view->listed_at >= SHARE * view->list_took;
}

int view_load_blocks(struct view *view)
{
	uint64_t start = view_clock();
	int ret;

	if (!is_time(view, start))
		return 0;
	view->round++;
	ret = view->has_map ? view_load_map(view) : load_names(view);
	if (ret)
		return ret;
	drop_unseen(view);
	view->is_loaded = true;
	view->list_again = false;
	view->listed_at = view_clock();
	view->list_took = view->listed_at - start;
	return 0;
}
