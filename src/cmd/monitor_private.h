/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the monitor: its socket, its clients, and events. */
#ifndef MONITOR_PRIVATE_H
#define MONITOR_PRIVATE_H

#include <bsd/sys/queue.h>

#include "memhp/qmp.h"
#include "monitor.h"

/*
 * struct monitor_client - a connection
 * @file: machine/qmp, opened for it
 * @req: the request of the message in progress, if @is_busy
 * @later: events that come after the answer to that
 * @negotiated: it has sent qmp_capabilities
 * @is_gone: the connection is closed, and the request in progress frees the rest
 */
struct monitor_client {
	struct monitor *monitor;
	struct loop_wire *wire;
	struct tree_file *file;
	struct tree_caller caller;
	struct tree_req req;
	struct base_buf later;
	bool negotiated;
	bool is_busy;
	bool is_pumping;
	bool is_gone;
	TAILQ_ENTRY(monitor_client) link;
};

/* An event that is sent at a limited rate. @text: the next one; empty: there is none */
struct monitor_rate {
	struct monitor *monitor;
	char *key;
	struct base_timer timer;
	struct base_buf text;
	TAILQ_ENTRY(monitor_rate) link;
};

/*
 * struct monitor - the socket
 * @where: as machine/qmp shows it; @path: to be removed at the end; NULL: no path
 * @watch: NULL while there are so many clients that no more are accepted
 * @ending: a client has ended the machine: the program quits when all have been told, or now
 */
struct monitor {
	struct tree *tree;
	struct loop *loop;
	char *where;
	char *path;
	int fd;
	uint64_t ino;
	struct loop_watch *watch;
	TAILQ_HEAD(, monitor_client) clients;
	unsigned int nr_clients;
	TAILQ_HEAD(, monitor_rate) rates;
	void (*quit)(void *ctx);
	void *quit_ctx;
	bool has_quit;
	unsigned int nr_endings;
	struct base_timer ending;
};

/* monitor_client.c: a connection has been accepted. */
void monitor_client_new(struct monitor *m, int fd);
void monitor_client_free(struct monitor_client *c);
/* Sends a line, unless the client reads too little: then it is disconnected. */
void monitor_client_send(struct monitor_client *c, const char *text, size_t len);
/* monitor_event.c */
extern const struct tree_monitor monitor_calls;
void monitor_rates_free(struct monitor *m);

#endif
