// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events as the kernel sends them: the kernel numbers the messages that root in the namespace sends
 * to its port of NETLINK_KOBJECT_UEVENT, and broadcasts them to the listeners there
 * (uevent_net_rcv_skb() in the kernel's lib/kobject_uevent.c).
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run.h"

#define READ_BYTES 65536
#define EVENT_BYTES 4096 /* the kernel's own events have at most 2048 and a header */

struct message {
	struct nlmsghdr header;
	char text[EVENT_BYTES];
};

/* Converts lines to strings, without SEQNUM=, which the kernel adds. */
static size_t message_text(struct message *message, const char *event, size_t len)
{
	size_t used = 0;

	for (size_t at = 0, line; at < len; at += line + 1) {
		line = strcspn(event + at, "\n");
		if (!strncmp(event + at, "SEQNUM=", 7) || used + line + 1 > EVENT_BYTES)
			continue;
		memcpy(message->text + used, event + at, line);
		used += line;
		message->text[used++] = '\0';
	}
	return used;
}

static void broadcast(int sock, const char *event, size_t len)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct message message;

	len = message_text(&message, event, len);
	message.header = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
		.nlmsg_type = NLMSG_MIN_TYPE,
		.nlmsg_flags = NLM_F_REQUEST,
	};
	/* It is not an error if there are no listeners. */
	(void)sendto(sock, &message, message.header.nlmsg_len, 0, (const void *)&kernel,
		     sizeof(kernel));
}

/* Broadcasts the complete events, which end with an empty line; returns the bytes left. */
static size_t take_events(const struct run *run, char *text, size_t len, int sock)
{
	char *event = text, *end;

	text[len] = '\0';
	for (; (end = strstr(event, "\n\n")); event = end + 2) {
		*end = '\0';
		run_dax_event(run, event);
		broadcast(sock, event, (size_t)(end - event));
	}
	len -= (size_t)(event - text);
	memmove(text, event, len);
	return len;
}

/* If this process is too slow (ENOBUFS), events are lost for all listeners. */
static void pass_on(const struct run *run, int events, int sock)
{
	char text[READ_BYTES + 1];
	size_t left = 0;

	for (;;) {
		ssize_t len = read(events, text + left, READ_BYTES - left);

		if (len > 0)
			left = take_events(run, text, left + (size_t)len, sock);
		else if (!len || (errno != EINTR && errno != ENOBUFS))
			return;
	}
}

static bool enter(pid_t pid, const char *name, int namespace)
{
	char path[64];
	bool good;
	int ns;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	good = ns >= 0 && !setns(ns, namespace);
	if (!good)
		warn("%s", path);
	if (ns >= 0)
		close(ns);
	return good;
}

/*
 * The socket belongs to the network namespace in which it was created; files in /dev and /sys come
 * and go in the view.
 */
static int socket_in(pid_t pid)
{
	int sock;

	if (!enter(pid, "net", CLONE_NEWNET) || !enter(pid, "mnt", CLONE_NEWNS))
		return -1;
	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (sock < 0)
		warn("a netlink socket for uevents");
	return sock;
}

pid_t run_uevents(const struct run *run, pid_t in)
{
	char path[PATH_MAX + 32];
	int ready[2], events, sock;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/machine/uevents", run->root);
	events = open(path, O_RDONLY | O_CLOEXEC);
	if (events < 0 || pipe2(ready, O_CLOEXEC)) {
		warn("%s", path);
		return -1;
	}
	pid = run_fork_helper();
	if (!pid) {
		sock = socket_in(in);
		if (sock < 0 || !run_step_done(ready[1]))
			_exit(RUN_FAILED);
		close(ready[1]);
		pass_on(run, events, sock);
		_exit(0);
	}
	close(ready[1]);
	close(events);
	if (pid > 0 && !run_step_wait(ready[0]))
		pid = -1;
	close(ready[0]);
	return pid;
}
