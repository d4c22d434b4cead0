// SPDX-License-Identifier: GPL-2.0-or-later
/* Uevents of a mount (machine/uevents) or of a machine (netlink). */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live_private.h"

/* How long to wait for events that are under way */
#define GRACE_MS 50
#define MESSAGE_SIZE 16384
/* Room for the events of a large DIMM */
#define QUEUE_SIZE (32 << 20)

/* The kernel's multicast group; udev has another one. */
#define KERNEL_GROUP 1

int live_events_open(struct sim_live *live)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	int size = QUEUE_SIZE;

	if (live->kind == SIM_ROOT_MOUNT) {
		live->events = live_open(live, "machine/uevents", O_RDONLY | O_NONBLOCK);
		return live->events < 0 ? live->events : 0;
	}
	live->events = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			      NETLINK_KOBJECT_UEVENT);
	if (live->events < 0)
		return -errno;
	/* needs root */
	if (setsockopt(live->events, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(live->events, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return bind(live->events, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
}

/* Whether memhpfs has the object: case files have only such events. */
static bool is_ours(const char *header)
{
	static const char *const dirs[] = {
		"/devices/system/memory", "/devices/system/node", "/bus/memory", "/bus/node",
		"/module/memory_hotplug",
	};
	const char *path = strchr(header, '@');

	for (size_t i = 0; path && i < BASE_ARRAY_SIZE(dirs); i++) {
		size_t len = strlen(dirs[i]);

		if (!strncmp(path + 1, dirs[i], len) && (!path[1 + len] || path[1 + len] == '/'))
			return true;
	}
	return false;
}

/* Adds a message of the kernel: strings that end with NUL, like lines of machine/uevents. */
static void add_message(const char *message, size_t len, struct base_buf *buf)
{
	if (!is_ours(message))
		return;
	for (const char *p = message; p < message + len; p += strlen(p) + 1)
		base_buf_printf(buf, "%s\n", p);
	base_buf_puts(buf, "\n");
}

static ssize_t read_message(const struct sim_live *live, struct base_buf *buf)
{
	char message[MESSAGE_SIZE + 1];
	struct sockaddr_nl from = { .nl_pid = 0 };
	socklen_t size = sizeof(from);
	ssize_t n;

	if (live->kind == SIM_ROOT_MOUNT) {
		n = read(live->events, message, MESSAGE_SIZE);
		if (n > 0)
			base_buf_add(buf, message, (size_t)n);
		return n;
	}
	n = recvfrom(live->events, message, MESSAGE_SIZE, 0, (struct sockaddr *)&from, &size);
	if (n > 0 && !from.nl_pid) {
		message[n] = '\0';
		add_message(message, (size_t)n, buf);
	}
	return n;
}

int live_events_read(struct sim_live *live, struct base_buf *buf)
{
	ssize_t n;

	do {
		while ((n = read_message(live, buf)) > 0)
			;
		if (n < 0 && errno != EAGAIN)
			return -errno;
	} while (live_pause(live, live->events, -1, GRACE_MS));
	return 0;
}
