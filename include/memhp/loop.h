/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop: the one event loop of a daemon, on libevent, and the clocks that run on it.
 */
#ifndef MEMHP_LOOP_H
#define MEMHP_LOOP_H

#include "memhp/base.h"

struct loop;
struct loop_pace;
struct loop_watch;

/** loop_new() - NULL when out of memory. */
struct loop *loop_new(void);
/** loop_free() - everything must be unwatched, every timer disarmed. */
void loop_free(struct loop *loop);
/** loop_run() - until loop_quit(); 0 or -EIO. A quit before it starts counts. */
int loop_run(struct loop *loop);
/** loop_quit() - leave loop_run() after the callback that is running. */
void loop_quit(struct loop *loop);

/** loop_clock() - CLOCK_MONOTONIC, timers in the loop; owned by the loop. */
struct base_clock *loop_clock(struct loop *loop);

/**
 * loop_pace_new() - a machine's clock that follows CLOCK_MONOTONIC: begins at 0 and stands still
 * until loop_pace_start()
 *
 * Its time only moves when it is synced or a timer falls due, and a timer runs at exactly the time
 * it was due: what a machine does follows from what came from outside, and when, and can be
 * repeated. NULL: out of memory.
 */
struct loop_pace *loop_pace_new(struct loop *loop);
void loop_pace_free(struct loop_pace *pace);
struct base_clock *loop_pace_clock(struct loop_pace *pace);
/** loop_pace_go() - before the start: run on to @to as fast as it goes, as base_vclock_go(). */
int loop_pace_go(struct loop_pace *pace, const struct base_moment *to);
/** loop_pace_begin() - before anything has happened: it is @at, as base_vclock_begin(). */
int loop_pace_begin(struct loop_pace *pace, const struct base_moment *at);
/**
 * loop_pace_ask() - @may_run is asked before the time goes on; while it says no, the machine stands
 * still, and that time is lost to it
 *
 * It is asked again with each request, and ten times in a second.
 */
void loop_pace_ask(struct loop_pace *pace, bool (*may_run)(void *ctx), void *ctx);
/** loop_pace_start() - from now on a second is a second. */
void loop_pace_start(struct loop_pace *pace);

/** loop_watch_fd() - call @fn whenever @fd is readable; level-triggered. NULL: out of memory. */
struct loop_watch *loop_watch_fd(struct loop *loop, int fd, void (*fn)(void *ctx), void *ctx);
/** loop_watch_signal() - call @fn in the loop when signal @sig came. NULL: out of memory. */
struct loop_watch *loop_watch_signal(struct loop *loop, int sig, void (*fn)(void *ctx), void *ctx);
/** loop_unwatch() - also from within its own @fn; harmless for NULL. */
void loop_unwatch(struct loop_watch *watch);

#endif
