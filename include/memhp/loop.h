/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop: the event loop of a daemon, based on libevent, and its clocks.
 */
#ifndef MEMHP_LOOP_H
#define MEMHP_LOOP_H

#include "memhp/base.h"

struct loop;
struct loop_pace;
struct loop_watch;
struct loop_wire;

/** loop_new() - create a loop; NULL when out of memory. */
struct loop *loop_new(void);
/** loop_free() - free a loop in which nothing is watched and no timer is armed. */
void loop_free(struct loop *loop);
/** loop_run() - run until loop_quit(), which may have been called before; returns 0 or -EIO. */
int loop_run(struct loop *loop);
/** loop_quit() - leave loop_run() after the current callback. */
void loop_quit(struct loop *loop);

/** loop_clock() - the loop's own clock: CLOCK_MONOTONIC, with timers that run in the loop. */
struct base_clock *loop_clock(struct loop *loop);

/**
 * loop_pace_new() - create a machine's clock that follows CLOCK_MONOTONIC
 *
 * It begins at 0, and stands still until loop_pace_start().
 *
 * Its time advances only when it is synced or a timer falls due, and a timer runs at exactly the
 * time it was due: the behaviour of a machine depends only on external events and their times, and
 * can be replayed.
 *
 * Return: the clock; NULL when out of memory.
 */
struct loop_pace *loop_pace_new(struct loop *loop);
void loop_pace_free(struct loop_pace *pace);
struct base_clock *loop_pace_clock(struct loop_pace *pace);
/** loop_pace_go() - before the start, advance to @to without delay, like base_vclock_go(). */
int loop_pace_go(struct loop_pace *pace, const struct base_moment *to);
/** loop_pace_begin() - before anything happens, set it to @at, like base_vclock_begin(). */
int loop_pace_begin(struct loop_pace *pace, const struct base_moment *at);
/**
 * loop_pace_ask() - call @may_run before time advances; while it returns false, the clock stands
 * still, and never catches up on that time
 *
 * It is called again with each request, and ten times per second.
 */
void loop_pace_ask(struct loop_pace *pace, bool (*may_run)(void *ctx), void *ctx);
/** loop_pace_start() - follow CLOCK_MONOTONIC from now on. */
void loop_pace_start(struct loop_pace *pace);

/** loop_watch_fd() - call @fn whenever (as long as) @fd is readable; NULL when out of memory. */
struct loop_watch *loop_watch_fd(struct loop *loop, int fd, void (*fn)(void *ctx), void *ctx);
/** loop_watch_signal() - call @fn in the loop after signal @sig; NULL when out of memory. */
struct loop_watch *loop_watch_signal(struct loop *loop, int sig, void (*fn)(void *ctx), void *ctx);
/** loop_unwatch() - stop watching; allowed from within @fn, and a no-op for NULL. */
void loop_unwatch(struct loop_watch *watch);

/* ---- connections (wire.c) -------------------------------------------------------------------- */

/**
 * struct loop_wire_calls - what happens on a connection; every member must be set
 * @input: more bytes have arrived
 * @sent: all that was to be sent has been sent
 * @closed: the client has gone, or loop_wire_end() is complete: the owner frees the connection
 */
struct loop_wire_calls {
	void (*input)(void *ctx);
	void (*sent)(void *ctx);
	void (*closed)(void *ctx);
};
/**
 * loop_wire_new() - serve a connected, non-blocking socket, which it owns; NULL when out of memory
 * @room: bytes that it reads before they are taken
 *
 * The calls are made from the loop, never from within one of these functions.
 */
struct loop_wire *loop_wire_new(struct loop *loop, int fd, size_t room,
				const struct loop_wire_calls *calls, void *ctx);
/** loop_wire_free() - close it at once; a no-op for NULL. */
void loop_wire_free(struct loop_wire *wire);
/** loop_wire_input() - the bytes that have arrived; valid until the next call. */
const char *loop_wire_input(struct loop_wire *wire, size_t *ret_len);
/** loop_wire_take() - drop the first @len of them. */
void loop_wire_take(struct loop_wire *wire, size_t len);
/** loop_wire_send() - send a copy of @text, as soon as the client reads it; 0 or -ENOMEM. */
int loop_wire_send(struct loop_wire *wire, const char *text, size_t len);
/** loop_wire_unsent() - how many bytes the client has not taken yet. */
size_t loop_wire_unsent(const struct loop_wire *wire);
/** loop_wire_end() - read no more, and close it when all has been sent. */
void loop_wire_end(struct loop_wire *wire);

#endif
