/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of a daemon, and the clock whose timers run in it. This file and wire.c are the
 * only ones that use libevent.
 *
 * An armed timer owns one libevent event; it is disarmed before its function runs, which may
 * therefore restart or free it.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "memhp/loop.h"
#include "loop_private.h"

#define LOOP_NS_PER_US 1000u
#define LOOP_US_PER_S 1000000u
#define LOOP_NS_PER_S 1000000000u

/* libevent refuses intervals that overflow its own clock; a century is enough */
#define LOOP_DELAY_MAX_US (100ull * 365 * 86400 * LOOP_US_PER_S)

struct loop_watch {
	struct event *event;
	void (*fn)(void *ctx);
	void *ctx;
};

static struct loop *loop_of(struct base_clock *clock)
{
	return base_container_of(clock, struct loop, clock);
}

static uint64_t loop_now_ns(struct base_clock *clock)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * LOOP_NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void loop_timer_stop(struct base_clock *clock, struct base_timer *timer)
{
	if (!timer->impl)
		return;
	event_free(timer->impl);
	timer->impl = NULL;
}

static void loop_timer_fire(evutil_socket_t fd, short what, void *arg)
{
	struct base_timer *timer = arg;

	loop_timer_stop(NULL, timer);
	timer->fn(timer);
}

static int loop_timer_start(struct base_clock *clock, struct base_timer *timer, uint64_t delay_ns)
{
	uint64_t us = delay_ns / LOOP_NS_PER_US + (delay_ns % LOOP_NS_PER_US != 0);
	struct event *event;
	struct timeval tv;

	/* libevent counts from the last whole microsecond, and a timer is never early */
	us = BASE_MIN(us + (us > 0), LOOP_DELAY_MAX_US);
	tv.tv_sec = (time_t)(us / LOOP_US_PER_S);
	tv.tv_usec = (suseconds_t)(us % LOOP_US_PER_S);
	event = evtimer_new(loop_of(clock)->base, loop_timer_fire, timer);
	if (!event)
		return -ENOMEM;
	if (evtimer_add(event, &tv)) {
		event_free(event);
		return -ENOMEM;
	}
	timer->impl = event;
	return 0;
}

static struct event_base *loop_base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (!config)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

struct loop *loop_new(void)
{
	struct loop *loop = malloc(sizeof(*loop));

	if (!loop)
		return NULL;
	*loop = (struct loop){
		.clock = {
			.now_ns = loop_now_ns,
			.start = loop_timer_start,
			.stop = loop_timer_stop,
		},
		.base = loop_base_new(),
	};
	if (!loop->base) {
		free(loop);
		return NULL;
	}
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	event_base_free(loop->base);
	free(loop);
}

int loop_run(struct loop *loop)
{
	if (loop->quit)
		return 0;
	if (event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY) < 0)
		return -EIO;
	return 0;
}

void loop_quit(struct loop *loop)
{
	loop->quit = true;
	event_base_loopbreak(loop->base);
}

struct base_clock *loop_clock(struct loop *loop)
{
	return &loop->clock;
}

static void loop_watch_fire(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *watch = arg;

	watch->fn(watch->ctx);
}

static struct loop_watch *loop_watch_new(struct loop *loop, int fd, short what,
					 void (*fn)(void *ctx), void *ctx)
{
	struct loop_watch *watch = malloc(sizeof(*watch));

	if (!watch)
		return NULL;
	*watch = (struct loop_watch){
		.event = event_new(loop->base, fd, what | EV_PERSIST, loop_watch_fire, watch),
		.fn = fn,
		.ctx = ctx,
	};
	if (!watch->event)
		goto out_free;
	if (event_add(watch->event, NULL))
		goto out_event;
	return watch;

out_event:
	event_free(watch->event);
out_free:
	free(watch);
	return NULL;
}

struct loop_watch *loop_watch_fd(struct loop *loop, int fd, void (*fn)(void *ctx), void *ctx)
{
	return loop_watch_new(loop, fd, EV_READ, fn, ctx);
}

struct loop_watch *loop_watch_signal(struct loop *loop, int sig, void (*fn)(void *ctx), void *ctx)
{
	return loop_watch_new(loop, sig, EV_SIGNAL, fn, ctx);
}

void loop_unwatch(struct loop_watch *watch)
{
	if (!watch)
		return;
	event_free(watch->event);
	free(watch);
}
