/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop: the one event loop of a daemon, on libevent, and the real clock that runs on it.
 */
#ifndef MEMHP_LOOP_H
#define MEMHP_LOOP_H

#include "memhp/base.h"

struct loop;
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

/** loop_watch_fd() - call @fn whenever @fd is readable; level-triggered. NULL: out of memory. */
struct loop_watch *loop_watch_fd(struct loop *loop, int fd, void (*fn)(void *ctx), void *ctx);
/** loop_watch_signal() - call @fn in the loop when signal @sig came. NULL: out of memory. */
struct loop_watch *loop_watch_signal(struct loop *loop, int sig, void (*fn)(void *ctx), void *ctx);
/** loop_unwatch() - also from within its own @fn; harmless for NULL. */
void loop_unwatch(struct loop_watch *watch);

#endif
