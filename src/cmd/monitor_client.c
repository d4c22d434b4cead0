// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A client of the monitor: its messages are carried out one after the other, each as a write to
 * machine/qmp. It may send many before it reads the answers: then it waits, and nobody else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monitor_private.h"

/* The longest message; QEMU accepts 64 MiB. */
#define MESSAGE_MAX ((size_t)1 << 20)
/* With so much unread, nothing more is done for a client; with more, it is disconnected. */
#define UNREAD_PAUSE ((size_t)64 << 10)
#define UNREAD_MAX ((size_t)256 << 10)
#define EOL "\r\n"

static void pump(struct monitor_client *c);

void monitor_client_free(struct monitor_client *c)
{
	struct monitor *m = c->monitor;

	if (!c->is_gone) {
		TAILQ_REMOVE(&m->clients, c, link);
		m->nr_clients--;
		loop_wire_free(c->wire);
		c->wire = NULL;
		c->is_gone = true;
	}
	/* What it has asked for is not undone. */
	if (c->is_busy || c->is_pumping)
		return;
	if (c->file)
		tree_release(c->file);
	base_buf_fini(&c->later);
	free(c);
}

void monitor_client_send(struct monitor_client *c, const char *text, size_t len)
{
	size_t unsent;

	if (c->is_gone)
		return;
	unsent = loop_wire_unsent(c->wire);
	/* One answer alone may be longer. */
	if ((unsent && unsent + len > UNREAD_MAX) || loop_wire_send(c->wire, text, len) ||
	    loop_wire_send(c->wire, EOL, strlen(EOL)))
		loop_wire_end(c->wire);
}

static void send_later(struct monitor_client *c)
{
	if (c->later.len && !c->later.failed && !c->is_gone)
		(void)loop_wire_send(c->wire, c->later.data, c->later.len);
	base_buf_reset(&c->later);
}

static void send_error(struct monitor_client *c, const char *text, size_t len, int err)
{
	struct base_buf answer;

	base_buf_init(&answer);
	qmp_refuse(text, len, err, &answer);
	monitor_client_send(c, base_buf_text(&answer), answer.len);
	base_buf_fini(&answer);
}

static void on_done(struct tree_req *req, ssize_t result)
{
	struct monitor_client *c = base_container_of(req, struct monitor_client, req);
	const struct base_buf *answer = tree_file_answer(c->file);

	c->is_busy = false;
	/* A fault plan lets some messages be lost. */
	if (result == -ETIMEDOUT)
		base_buf_reset(&c->later);
	else if (result < 0)
		send_error(c, "", 0, (int)result);
	else if (answer->len)
		monitor_client_send(c, base_buf_text(answer), answer->len - 1);
	send_later(c);
	if (!c->is_pumping)
		pump(c);
}

static void negotiate(struct monitor_client *c, const char *text, size_t len)
{
	struct base_buf answer;

	base_buf_init(&answer);
	qmp_negotiate(text, len, &answer, &c->negotiated);
	monitor_client_send(c, base_buf_text(&answer), answer.len);
	base_buf_fini(&answer);
}

static void execute(struct monitor_client *c, const char *text, size_t len)
{
	if (!c->negotiated) {
		negotiate(c, text, len);
		return;
	}
	c->is_busy = true;
	c->req = (struct tree_req){ .done = on_done, .caller = c->caller };
	tree_write(c->file, &c->req, text, len);
}

/* Carries out the next message; false: there is none, or it has to wait. */
static bool next(struct monitor_client *c)
{
	size_t len, start, end;
	const char *text;

	if (c->is_busy || c->is_gone || loop_wire_unsent(c->wire) > UNREAD_PAUSE)
		return false;
	text = loop_wire_input(c->wire, &len);
	end = len ? qmp_message_len(text, len, &start) : 0;
	if (!end) {
		if (len >= MESSAGE_MAX) {
			send_error(c, text, len, -EMSGSIZE);
			loop_wire_end(c->wire);
		}
		return false;
	}
	execute(c, text + start, end - start);
	if (!c->is_gone)
		loop_wire_take(c->wire, end);
	return true;
}

static void pump(struct monitor_client *c)
{
	c->is_pumping = true;
	while (next(c))
		;
	c->is_pumping = false;
	if (c->is_gone)
		monitor_client_free(c);
}

static void on_input(void *ctx)
{
	pump(ctx);
}

static void on_closed(void *ctx)
{
	monitor_client_free(ctx);
}

static const struct loop_wire_calls wire_calls = {
	.input = on_input,
	.sent = on_input,
	.closed = on_closed,
};

/* Who it is, for traces, gates and shares; somebody on the network is this process. */
static struct tree_caller caller_of(int fd)
{
	struct ucred peer = { .pid = getpid(), .uid = getuid() }, asked;
	socklen_t len = sizeof(asked);

	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &asked, &len) && asked.pid > 0)
		peer = asked;
	return (struct tree_caller){ .pid = peer.pid, .uid = peer.uid };
}

void monitor_client_new(struct monitor *m, int fd)
{
	struct monitor_client *c = calloc(1, sizeof(*c));
	struct base_buf greeting;

	if (!c) {
		close(fd);
		return;
	}
	c->monitor = m;
	c->caller = caller_of(fd);
	base_buf_init(&c->later);
	c->wire = loop_wire_new(m->loop, fd, MESSAGE_MAX, &wire_calls, c);
	TAILQ_INSERT_TAIL(&m->clients, c, link);
	m->nr_clients++;
	if (!c->wire || tree_open(m->tree, m->ino, O_RDWR, &c->file)) {
		if (!c->wire)
			close(fd);
		monitor_client_free(c);
		return;
	}
	base_buf_init(&greeting);
	qmp_greeting(&greeting);
	monitor_client_send(c, base_buf_text(&greeting), greeting.len);
	base_buf_fini(&greeting);
}
