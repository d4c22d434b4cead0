// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine from the first look to the last. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view_private.h"

static bool is_host(int root)
{
	struct stat there, here;

	return !fstat(root, &there) && !stat("/", &here) && there.st_dev == here.st_dev &&
	       there.st_ino == here.st_ino;
}

int view_open(struct view *view, const char *root, struct base_text *ret_error)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	char text[32];
	int ret;

	*view = (struct view){ .memory = -1, .uevents = -1, .log = -1 };
	base_buf_init(&view->uevent_text);
	base_buf_init(&view->log_text);
	view->root = open(root, flags);
	if (view->root >= 0)
		view->memory = openat(view->root, "sys/devices/system/memory", flags);
	if (view->memory < 0) {
		ret = -errno;
		snprintf(ret_error->s, sizeof(ret_error->s), "%s",
			 view->root < 0 ? "" : "sys/devices/system/memory: ");
		snprintf(ret_error->s + strlen(ret_error->s),
			 sizeof(ret_error->s) - strlen(ret_error->s), "%s",
			 ret == -ENOENT && view->root >= 0 ?
				 "there is no memory that can be hotplugged" :
				 strerror(-ret));
		view_close(view);
		return ret;
	}
	view->is_emulated = !faccessat(view->root, "machine/log", F_OK, 0);
	view->has_map = !faccessat(view->root, "machine/map", F_OK, 0);
	view_read(view, text, sizeof(text), "sys/devices/system/memory/block_size_bytes");
	view->block_size = strtoull(text, NULL, 16);
	view_open_events(view, is_host(view->root));
	ret = view_refresh(view);
	if (ret) {
		snprintf(ret_error->s, sizeof(ret_error->s), "%s", strerror(-ret));
		view_close(view);
	}
	return ret;
}

void view_close(struct view *view)
{
	const int fds[] = { view->root, view->memory, view->uevents, view->log };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	base_buf_fini(&view->uevent_text);
	base_buf_fini(&view->log_text);
	free(view->block);
	free(view->node);
	free(view->device);
	*view = (struct view){ .root = -1, .memory = -1, .uevents = -1, .log = -1 };
}

int view_refresh(struct view *view)
{
	bool first = !view->is_loaded;
	uint64_t listed = view->listed_at;
	int ret = view_load_events(view);

	ret = ret ?: view_load_blocks(view);
	if (!ret && !first && (!view->has_map || view->listed_at == listed))
		ret = view_load_some(view);
	return ret ?: view_load_machine(view);
}
