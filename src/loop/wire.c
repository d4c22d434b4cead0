// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections of clients, as streams of bytes (libevent's bufferevents). What a client has not read
 * yet is kept, and its owner decides how much of that there may be.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>

#include "memhp/loop.h"
#include "loop_private.h"

/* @is_ending: it is closed once all has been sent */
struct loop_wire {
	struct bufferevent *bev;
	const struct loop_wire_calls *calls;
	void *ctx;
	bool is_ending;
};

static void wire_read(struct bufferevent *bev, void *arg)
{
	struct loop_wire *wire = arg;

	if (!wire->is_ending)
		wire->calls->input(wire->ctx);
}

static void wire_written(struct bufferevent *bev, void *arg)
{
	struct loop_wire *wire = arg;

	if (wire->is_ending)
		wire->calls->closed(wire->ctx);
	else
		wire->calls->sent(wire->ctx);
}

static void wire_event(struct bufferevent *bev, short what, void *arg)
{
	struct loop_wire *wire = arg;

	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		wire->calls->closed(wire->ctx);
}

struct loop_wire *loop_wire_new(struct loop *loop, int fd, size_t room,
				const struct loop_wire_calls *calls, void *ctx)
{
	struct loop_wire *wire = malloc(sizeof(*wire));

	if (!wire)
		return NULL;
	/* With deferred callbacks, they come from the loop only, never in the middle of a call. */
	*wire = (struct loop_wire){ .calls = calls, .ctx = ctx };
	wire->bev = bufferevent_socket_new(loop->base, fd,
					   BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!wire->bev) {
		free(wire);
		return NULL;
	}
	bufferevent_setcb(wire->bev, wire_read, wire_written, wire_event, wire);
	bufferevent_setwatermark(wire->bev, EV_READ, 0, room);
	if (bufferevent_enable(wire->bev, EV_READ | EV_WRITE)) {
		loop_wire_free(wire);
		return NULL;
	}
	return wire;
}

void loop_wire_free(struct loop_wire *wire)
{
	if (!wire)
		return;
	bufferevent_free(wire->bev);
	free(wire);
}

const char *loop_wire_input(struct loop_wire *wire, size_t *ret_len)
{
	struct evbuffer *in = bufferevent_get_input(wire->bev);

	*ret_len = evbuffer_get_length(in);
	return (const char *)evbuffer_pullup(in, -1);
}

void loop_wire_take(struct loop_wire *wire, size_t len)
{
	evbuffer_drain(bufferevent_get_input(wire->bev), len);
}

int loop_wire_send(struct loop_wire *wire, const char *text, size_t len)
{
	return bufferevent_write(wire->bev, text, len) ? -ENOMEM : 0;
}

size_t loop_wire_unsent(const struct loop_wire *wire)
{
	return evbuffer_get_length(bufferevent_get_output(wire->bev));
}

void loop_wire_end(struct loop_wire *wire)
{
	wire->is_ending = true;
	bufferevent_disable(wire->bev, EV_READ);
	if (!loop_wire_unsent(wire))
		bufferevent_trigger(wire->bev, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
}
