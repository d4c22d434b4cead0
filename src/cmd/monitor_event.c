// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events of the monitor for all clients. As in QEMU, those about sizes are sent at a limited rate,
 * and the last one counts. QEMU sends one a second; the guest here answers within milliseconds, and
 * who waits for it need not wait for longer.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "monitor_private.h"

#define RATE_NS 200000000ULL
#define END_POLL_NS 10000000ULL
#define NS_PER_S 1000000000ULL

static uint64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void send_all(struct monitor *m, const char *text, size_t len, bool by_guest)
{
	struct monitor_client *c, *next;

	TAILQ_FOREACH_SAFE(c, &m->clients, link, next) {
		if (!c->negotiated)
			continue;
		if (c->is_busy && by_guest)
			base_buf_printf(&c->later, "%s\r\n", text);
		else
			monitor_client_send(c, text, len);
	}
}

/* ---- rates ----------------------------------------------------------------------------------- */

static void rate_free(struct monitor_rate *r)
{
	struct base_clock *clock = loop_clock(r->monitor->loop);

	clock->stop(clock, &r->timer);
	TAILQ_REMOVE(&r->monitor->rates, r, link);
	base_buf_fini(&r->text);
	free(r->key);
	free(r);
}

void monitor_rates_free(struct monitor *m)
{
	struct monitor_rate *r;

	while ((r = TAILQ_FIRST(&m->rates)))
		rate_free(r);
}

static void rate_expired(struct base_timer *timer)
{
	struct monitor_rate *r = base_container_of(timer, struct monitor_rate, timer);
	struct base_clock *clock = loop_clock(r->monitor->loop);

	if (!r->text.len || clock->start(clock, &r->timer, RATE_NS)) {
		rate_free(r);
		return;
	}
	send_all(r->monitor, base_buf_text(&r->text), r->text.len, false);
	base_buf_reset(&r->text);
}

static struct monitor_rate *rate_find(struct monitor *m, const char *key)
{
	struct monitor_rate *r;

	TAILQ_FOREACH(r, &m->rates, link) {
		if (!strcmp(r->key, key))
			return r;
	}
	return NULL;
}

/* Takes over @key. Without memory, the next event is not held back. */
static void rate_new(struct monitor *m, char *key)
{
	struct base_clock *clock = loop_clock(m->loop);
	struct monitor_rate *r = calloc(1, sizeof(*r));

	if (!r) {
		free(key);
		return;
	}
	r->monitor = m;
	r->key = key;
	r->timer.fn = rate_expired;
	base_buf_init(&r->text);
	TAILQ_INSERT_TAIL(&m->rates, r, link);
	if (clock->start(clock, &r->timer, RATE_NS))
		rate_free(r);
}

/* ---- what the tree tells --------------------------------------------------------------------- */

static void on_event(void *ctx, const char *name, const char *data, bool by_guest)
{
	char *key = qmp_event_key(name, data);
	struct monitor *m = ctx;
	struct monitor_rate *r = key ? rate_find(m, key) : NULL;
	struct base_buf text;

	base_buf_init(&text);
	qmp_event_text(name, data, real_ns(), &text);
	if (r) {
		base_buf_reset(&r->text);
		base_buf_add(&r->text, base_buf_text(&text), text.len);
		free(key);
	} else {
		send_all(m, base_buf_text(&text), text.len, by_guest);
		if (key)
			rate_new(m, key);
	}
	base_buf_fini(&text);
}

static const char *where(void *ctx)
{
	const struct monitor *m = ctx;

	return m->where;
}

static bool all_told(const struct monitor *m)
{
	const struct monitor_client *c;

	TAILQ_FOREACH(c, &m->clients, link) {
		if (loop_wire_unsent(c->wire))
			return false;
	}
	return true;
}

/* The answers have been written by now, and clients that read get them; the others have a while. */
static void ending(struct base_timer *timer)
{
	struct monitor *m = base_container_of(timer, struct monitor, ending);
	struct base_clock *clock = loop_clock(m->loop);

	clock->stop(clock, timer);
	if (m->nr_endings++ < 100 && !all_told(m) && !clock->start(clock, timer, END_POLL_NS))
		return;
	m->quit(m->quit_ctx);
}

static void on_quit(void *ctx)
{
	struct monitor *m = ctx;
	struct base_clock *clock = loop_clock(m->loop);

	if (m->has_quit)
		return;
	m->has_quit = true;
	m->ending.fn = ending;
	if (clock->start(clock, &m->ending, END_POLL_NS))
		m->quit(m->quit_ctx);
}

const struct tree_monitor monitor_calls = {
	.event = on_event,
	.where = where,
	.quit = on_quit,
};
