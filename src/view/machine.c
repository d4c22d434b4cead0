// SPDX-License-Identifier: GPL-2.0-or-later
/* Everything but blocks: nodes, devices, settings. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view_private.h"

static uint64_t read_number(const struct view *view, int base, const char *kind, const char *name,
			    const char *file)
{
	char text[32];

	view_read(view, text, sizeof(text), "machine/%s/%s/%s", kind, name, file);
	return strtoull(text, NULL, base);
}

static struct view_node *find_node(struct view *view, int number)
{
	struct view_node *node;
	unsigned int at = 0;

	while (at < view->nr_nodes && view->node[at].node < number)
		at++;
	if (at < view->nr_nodes && view->node[at].node == number)
		return &view->node[at];
	node = reallocarray(view->node, view->nr_nodes + 1, sizeof(*node));
	if (!node)
		return NULL;
	view->node = node;
	memmove(&node[at + 1], &node[at], (view->nr_nodes - at) * sizeof(*node));
	node[at] = (struct view_node){ .node = number };
	view->nr_nodes++;
	return &node[at];
}

static int load_nodes(struct view *view)
{
	struct view_node *node = NULL;
	char text[1024], *free;

	view->nr_nodes = 0;
	for (size_t i = 0; i < view->nr_blocks; i++) {
		const struct view_block *block = &view->block[i];

		if (!node || node->node != block->node)
			node = find_node(view, block->node);
		if (!node)
			return -ENOMEM;
		if (block->state == VIEW_OFFLINE)
			node->offline += view->block_size;
		else
			node->zone[block->zone] += view->block_size;
	}
	for (unsigned int i = 0; i < view->nr_nodes; i++) {
		view_read(view, text, sizeof(text), "sys/devices/system/node/node%d/meminfo",
			  view->node[i].node);
		free = strstr(text, "MemFree:");
		view->node[i].free = free ? strtoull(free + 8, NULL, 10) << 10 : 0;
	}
	return 0;
}

static int take_device(struct view *view, const char *kind, const char *name)
{
	struct view_device *device =
		reallocarray(view->device, view->nr_devices + 1, sizeof(*device));

	if (!device)
		return -ENOMEM;
	view->device = device;
	device += view->nr_devices++;
	*device = (struct view_device){
		.addr = read_number(view, 0, kind, name, "addr"),
		.size = read_number(view, 0, kind, name, "size"),
		.requested = read_number(view, 0, kind, name, "requested_size"),
		.given = read_number(view, 0, kind, name, "plugged_size"),
		.plugged = read_number(view, 0, kind, name, "plugged") == 1,
	};
	snprintf(device->kind, sizeof(device->kind), "%s", kind);
	snprintf(device->name, sizeof(device->name), "%s", name);
	return 0;
}

static int by_addr(const void *a, const void *b)
{
	const struct view_device *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static int load_devices(struct view *view)
{
	static const char *const kinds[] = { "dimm", "virtio-mem", "dax" };
	struct dirent *entry;
	char path[32];
	int fd, ret = 0;
	DIR *dir;

	view->nr_devices = 0;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(kinds) && !ret; i++) {
		snprintf(path, sizeof(path), "machine/%s", kinds[i]);
		fd = openat(view->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		dir = fd < 0 ? NULL : fdopendir(fd);
		if (!dir && fd >= 0)
			close(fd);
		while (dir && !ret && (entry = readdir(dir)))
			if (*entry->d_name != '.' && strlen(entry->d_name) < 48)
				ret = take_device(view, kinds[i], entry->d_name);
		if (dir)
			closedir(dir);
	}
	if (view->nr_devices)
		qsort(view->device, view->nr_devices, sizeof(*view->device), by_addr);
	return ret;
}

int view_load_machine(struct view *view)
{
	static const char parameters[] = "sys/module/memory_hotplug/parameters";
	struct view_settings *s = &view->settings;
	int ret = load_nodes(view);

	view_read(view, s->policy, sizeof(s->policy), "%s/online_policy", parameters);
	view_read(view, s->ratio, sizeof(s->ratio), "%s/auto_movable_ratio", parameters);
	view_read(view, s->auto_online, sizeof(s->auto_online),
		  "sys/devices/system/memory/auto_online_blocks");
	view_read(view, s->rate, sizeof(s->rate), "machine/clock/rate");
	return ret ?: load_devices(view);
}
