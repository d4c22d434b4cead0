// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events as the kernel sends them: what is sent to the kernel's own port of NETLINK_KOBJECT_UEVENT,
 * by one who is root in the namespace, it numbers and broadcasts to the listeners there
 * (uevent_net_rcv_skb() in the kernel's lib/kobject_uevent.c).
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run.h"

#define EVENT_BYTES 4096 /* the kernel's own are at most 2048 and a header */

struct message {
	struct nlmsghdr header;
	char text[EVENT_BYTES];
};

/* Lines become strings; the number is the kernel's own. */
static size_t event_text(char *text, size_t len)
{
	size_t used = 0;

	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line = end ? (size_t)(end - (text + at)) : len - at;

		if (line && strncmp(text + at, "SEQNUM=", 7)) {
			memmove(text + used, text + at, line);
			used += line;
			text[used++] = '\0';
		}
		at += line + 1;
	}
	return used;
}

static void broadcast(int sock, struct message *message, size_t len)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	len = event_text(message->text, len);
	message->header = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
		.nlmsg_type = NLMSG_MIN_TYPE,
		.nlmsg_flags = NLM_F_REQUEST,
	};
	/* That nobody listens is no error of ours. */
	(void)sendto(sock, message, message->header.nlmsg_len, 0, (const void *)&kernel,
		     sizeof(kernel));
}

/* A read gives one event. Those that were lost because we are too slow are lost to all. */
static void pass_on(int events, int sock)
{
	struct message message;
	ssize_t len;

	for (;;) {
		len = read(events, message.text, sizeof(message.text) - 1);
		if (len > 0)
			broadcast(sock, &message, (size_t)len);
		else if (!len || (errno != EINTR && errno != ENOBUFS))
			return;
	}
}

pid_t run_uevents(const struct run *run)
{
	char path[PATH_MAX + 32];
	int events, sock;
	sigset_t none;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/machine/uevents", run->root);
	events = open(path, O_RDONLY | O_CLOEXEC);
	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (events < 0 || sock < 0) {
		warn("%s", events < 0 ? path : "a netlink socket for uevents");
		return -1;
	}
	sigemptyset(&none);
	pid = fork();
	if (!pid) {
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		setsid();
		pass_on(events, sock);
		_exit(0);
	}
	if (pid < 0)
		warn("fork");
	close(events);
	close(sock);
	return pid;
}
