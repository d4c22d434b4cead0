// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/map, which has all blocks in one file, and the table of blocks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view_private.h"

const char *const view_zone_names[] = { "none", "DMA", "DMA32", "Normal", "Movable" };
const char *const view_state_names[] = { "offline", "online", "going-offline" };
const char *const view_page_names[] = { "free", "movable", "unmovable", "pinned", "huge" };

int view_zone_of(const char *word)
{
	for (int i = 0; i < VIEW_NR_ZONES; i++)
		if (!strcmp(word, view_zone_names[i]))
			return i;
	return VIEW_MIXED;
}

static int state_of(const char *word)
{
	for (int i = 0; i < VIEW_NR_STATES; i++)
		if (!strcmp(word, view_state_names[i]))
			return i;
	return VIEW_OFFLINE;
}

struct view_block *view_put(struct view *view, size_t *at, uint64_t number)
{
	struct view_block *block;
	size_t room;

	while (*at < view->nr_blocks && view->block[*at].number < number)
		++*at;
	if (*at < view->nr_blocks && view->block[*at].number == number)
		return &view->block[*at];
	if (view->nr_blocks == view->room) {
		room = view->room ? view->room + view->room / 2 : 256;
		block = reallocarray(view->block, room, sizeof(*block));
		if (!block)
			return NULL;
		view->block = block;
		view->room = room;
	}
	block = &view->block[*at];
	memmove(block + 1, block, (view->nr_blocks - *at) * sizeof(*block));
	view->nr_blocks++;
	*block = (struct view_block){ .number = (uint32_t)number, .node = -1 };
	view->changes++;
	return block;
}

static int take_line(struct view *view, const char *line, size_t *at)
{
	struct view_block new = { .round = view->round }, *block;
	char zone[16], state[16];
	int node;

	if (sscanf(line, "%u %d %15s %15s %u %u %u %u %u", &new.number, &node, zone, state,
		   &new.pages[VIEW_FREE], &new.pages[VIEW_MOVE], &new.pages[VIEW_STAY],
		   &new.pages[VIEW_PINNED], &new.pages[VIEW_HUGE]) != 9)
		return 0; /* the header */
	block = view_put(view, at, new.number);
	if (!block)
		return -ENOMEM;
	new.node = (int16_t)node;
	new.state = (uint8_t)state_of(state);
	new.zone = (uint8_t)view_zone_of(zone);
	if (block->node != new.node || block->state != new.state || block->zone != new.zone)
		view->changes++;
	*block = new;
	return 0;
}

/* Takes the whole lines, and moves the rest to the beginning; returns its length, or -ENOMEM. */
static ssize_t take_lines(struct view *view, char *text, size_t len, size_t *at)
{
	char *line = text, *end;

	text[len] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		if (take_line(view, line, at))
			return -ENOMEM;
		line = end + 1;
	}
	len -= (size_t)(line - text);
	memmove(text, line, len);
	return (ssize_t)len;
}

int view_load_map(struct view *view)
{
	static const size_t room = 128 << 10;
	char *text = malloc(room + 1);
	size_t at = 0, kept = 0;
	ssize_t len = 0, rest;
	int fd, ret = 0;

	if (!text)
		return -ENOMEM;
	fd = openat(view->root, "machine/map", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		ret = -errno;
	while (!ret && (len = read(fd, text + kept, room - kept)) > 0) {
		rest = take_lines(view, text, kept + (size_t)len, &at);
		if (rest < 0 || rest == (ssize_t)room)
			ret = rest < 0 ? (int)rest : -EIO;
		else
			kept = (size_t)rest;
	}
	if (!ret && len < 0)
		ret = -errno;
	if (fd >= 0)
		close(fd);
	free(text);
	if (!ret)
		view->pages_at = view_clock();
	return ret;
}
