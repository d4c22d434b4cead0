// SPDX-License-Identifier: GPL-2.0-or-later
/* Uevents, from machine/uevents or from the kernel itself, and the reasons in machine/log. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "view_private.h"

/* A burst of more uevents than this is answered by listing all blocks. */
#define BURST 4096

void view_note(struct view *view, bool why, const char *fmt, ...)
{
	struct view_event *event = &view->event[view->nr_events % VIEW_NR_EVENTS];
	va_list ap;

	view->nr_events++;
	event->time = view->now;
	event->why = why;
	va_start(ap, fmt);
	vsnprintf(event->text, sizeof(event->text), fmt, ap);
	va_end(ap);
}

/* The kernel's own uevents: anybody may listen. */
static int open_netlink(void)
{
	const struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -1;
	}
	return fd;
}

void view_open_events(struct view *view, bool is_host)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;

	view->uevents = openat(view->root, "machine/uevents", flags);
	if (view->uevents < 0 && is_host)
		view->uevents = open_netlink();
	view->log = openat(view->root, "machine/log", flags);
}

/**
 * struct run - blocks in a row to which the same happened, for one line
 * @changed: blocks so far, to know a burst
 */
struct run {
	char action[16];
	uint64_t first, last;
	size_t changed;
	bool is_open;
};

static void end_run(struct view *view, struct run *run)
{
	const struct view_block *block = view_find(view, run->first);
	const char *zone = "";

	if (!run->is_open)
		return;
	run->is_open = false;
	if (!strcmp(run->action, "online") && block && block->zone != VIEW_MIXED)
		zone = view_zone_names[block->zone];
	if (run->first == run->last)
		view_note(view, false, "memory%ju %s %s", (uintmax_t)run->first, run->action, zone);
	else
		view_note(view, false, "memory%ju-%ju %s %s", (uintmax_t)run->first,
			  (uintmax_t)run->last, run->action, zone);
}

/* One uevent: ACTION@DEVPATH. */
static int take_uevent(struct view *view, const char *line, struct run *run)
{
	unsigned long long number;
	char action[16];
	int node;

	if (sscanf(line, "%15[a-z]@/devices/system/memory/memory%llu", action, &number) == 2) {
		if (run->is_open && (strcmp(run->action, action) || number != run->last + 1))
			end_run(view, run);
		if (!run->is_open) {
			memcpy(run->action, action, sizeof(action));
			run->first = number;
			run->is_open = true;
		}
		run->last = number;
		if (run->changed++ < BURST)
			return view_load_block(view, number);
		view->list_again = true;
	} else if (sscanf(line, "%15[a-z]@/devices/system/node/node%d", action, &node) == 2) {
		end_run(view, run);
		view_note(view, false, "node%d %s", node, action);
		view->changes++;
	}
	return 0;
}

/* Takes whole lines out of a text. Lines of a datagram end with NUL. */
static int take_lines(struct view *view, struct base_buf *buf,
		      int (*take)(struct view *view, const char *line, struct run *run),
		      struct run *run)
{
	char *line = buf->data, *end;
	size_t left = buf->len;
	int ret = 0;

	while (!ret && (end = memchr(line, '\n', left))) {
		*end = '\0';
		ret = take(view, line, run);
		left -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(buf->data, line, left);
	buf->len = left;
	return ret;
}

static int load(struct view *view, int *fd, struct base_buf *buf,
		int (*take)(struct view *view, const char *line, struct run *run))
{
	struct run run = { .is_open = false };
	char text[16384];
	ssize_t len = -1;
	int ret = 0;

	while (!ret && *fd >= 0 && (len = read(*fd, text, sizeof(text)))) {
		if (len < 0 && errno == ENOBUFS) {
			view->list_again = true;
			view_note(view, false, "some uevents were lost");
			continue;
		}
		if (len < 0) {
			ret = errno == EAGAIN || errno == EINTR ? 0 : -errno;
			break;
		}
		for (ssize_t i = 0; i < len; i++)
			text[i] = text[i] ?: '\n';
		base_buf_add(buf, text, (size_t)len);
		ret = buf->failed ? -ENOMEM : take_lines(view, buf, take, &run);
	}
	/* A file that ends, as in a copy of a tree, is not worth waiting for. */
	if (*fd >= 0 && !len && fd == &view->uevents)
		view->is_still = true;
	end_run(view, &run);
	return ret;
}

/* Of the log, only what says why something was refused. */
static int take_reason(struct view *view, const char *line, struct run *run)
{
	const struct view_event *last =
		view->nr_events ? &view->event[(view->nr_events - 1) % VIEW_NR_EVENTS] : NULL;
	const char *text = !strncmp(line, "memhpfs: ", 9) ? line + 9 :
			   !strncmp(line, "machine: ", 9) ? line + 9 :
							    NULL;

	/* An offlining that is tried again and again has the same reason each time. */
	if (text && !(last && last->why && !strcmp(last->text, text)))
		view_note(view, true, "%s", text);
	return 0;
}

int view_load_events(struct view *view)
{
	char text[32];
	struct timespec time;
	int ret;

	if (view_read(view, text, sizeof(text), "machine/clock/now_ns") > 0) {
		view->now = strtoull(text, NULL, 10);
	} else {
		clock_gettime(CLOCK_REALTIME, &time);
		view->now = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
	}
	if (!view->is_loaded)
		view->now = 0; /* nobody knows when it was */
	ret = load(view, &view->uevents, &view->uevent_text, take_uevent);
	return ret ?: load(view, &view->log, &view->log_text, take_reason);
}

int view_poll_fd(const struct view *view)
{
	return view->is_still ? -1 : view->uevents;
}
