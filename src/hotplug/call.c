// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hotplug lock (the kernel's device_hotplug_lock) as a queue, and the coroutine in which its
 * holder runs. In the kernel, a store that finds the lock taken is restarted every 5 ms until it
 * gets the lock, so that the order is random; here it is first come, first served. A store starts
 * from the beginning at its turn, so that it returns -ENODEV if its block has vanished meanwhile.
 *
 * The holder may wait anywhere, with hp_sleep(), while everything else continues. If the machine
 * ends while it waits, its stack is dropped without being unwound: memory that stays allocated
 * across a wait must belong to an object that frees it.
 */
#include <errno.h>

#include "hp_private.h"

static void call_end(struct hp_call *call, int ret)
{
	call->state = HP_CALL_IDLE;
	call->done(call, ret);
}

/* Runs in the coroutine. */
static void lock_holder(void *ctx)
{
	struct hp *hp = ctx;

	for (;;) {
		hp->lock.result = hp->lock.holder->run(hp->lock.holder);
		hp_task_leave(hp->lock.task);
	}
}

/* Runs the holder until it waits or ends. */
static void lock_resume(struct hp *hp)
{
	struct hp_call *call = hp->lock.holder;

	hp->lock.wait = HP_NO_WAIT;
	hp_task_enter(hp->lock.task);
	if (hp->lock.wait != HP_NO_WAIT)
		return;
	hp->lock.holder = NULL;
	call_end(call, hp->lock.result);
}

/* Runs the calls in the queue until one of them waits. */
static void lock_run_queue(struct hp *hp)
{
	struct hp_call *call;

	while (!hp->lock.holder && (call = TAILQ_FIRST(&hp->lock.queue))) {
		TAILQ_REMOVE(&hp->lock.queue, call, link);
		call->state = HP_CALL_RUNNING;
		hp->lock.holder = call;
		lock_resume(hp);
	}
}

static void lock_wake(struct hp *hp)
{
	lock_resume(hp);
	lock_run_queue(hp);
}

static void lock_timer(struct base_timer *timer)
{
	lock_wake(base_container_of(timer, struct hp, lock.timer));
}

int hp_lock_init(struct hp *hp)
{
	TAILQ_INIT(&hp->lock.queue);
	hp->lock.timer.fn = lock_timer;
	hp->lock.task = hp_task_new(lock_holder, hp);
	return hp->lock.task ? 0 : -ENOMEM;
}

void hp_lock_fini(struct hp *hp)
{
	if (hp->lock.holder)
		hp->config.clock->stop(hp->config.clock, &hp->lock.timer);
	hp_task_free(hp->lock.task);
}

int hp_sleep(struct hp *hp, uint64_t ns, enum hp_wait wait)
{
	struct base_clock *clock = hp->config.clock;

	/* Only the lock holder can wait; at boot, everything is done without waiting. */
	if (!hp_task_is_inside(hp->lock.task))
		return 0;
	if (ns != HP_FOR_EVER && clock->start(clock, &hp->lock.timer, ns))
		return -ENOMEM;
	hp->lock.wait = wait;
	hp_task_leave(hp->lock.task);
	return 0;
}

bool hp_signal_pending(const struct hp *hp)
{
	return hp->lock.holder && hp->lock.holder->interrupted;
}

void hp_end_delay(struct hp *hp)
{
	struct base_clock *clock = hp->config.clock;

	if (hp->lock.wait != HP_WAIT_DELAY)
		return;
	/* Not resumed directly, because the caller is in the middle of something else. */
	clock->stop(clock, &hp->lock.timer);
	if (clock->start(clock, &hp->lock.timer, 0))
		lock_wake(hp);
}

void hp_set_origin(struct hp *hp, uint64_t origin)
{
	hp->origin = origin;
}

uint64_t hp_origin(const struct hp *hp)
{
	return hp->lock.holder ? hp->lock.holder->origin : 0;
}

/* A call that is submitted by another call inherits its origin. */
void hp_submit(struct hp *hp, struct hp_call *call)
{
	call->origin = hp->origin ? hp->origin : hp_origin(hp);
	call->hp = hp;
	call->state = HP_CALL_WAITING;
	call->interrupted = false;
	TAILQ_INSERT_TAIL(&hp->lock.queue, call, link);
	lock_run_queue(hp);
}

void hp_abort(struct hp *hp, int err)
{
	struct hp_call *call = hp->lock.holder, nobody = { .state = HP_CALL_RUNNING };
	struct hp_waiter *waiter;

	/* Nothing that is submitted meanwhile runs. */
	hp->lock.holder = &nobody;
	hp->config.clock->stop(hp->config.clock, &hp->lock.timer);
	if (call)
		call_end(call, err);
	while ((call = TAILQ_FIRST(&hp->lock.queue))) {
		TAILQ_REMOVE(&hp->lock.queue, call, link);
		call_end(call, err);
	}
	while ((waiter = TAILQ_FIRST(&hp->waiters))) {
		TAILQ_REMOVE(&hp->waiters, waiter, link);
		waiter->fn(waiter);
	}
	hp->lock.holder = NULL;
}

void hp_call_interrupt(struct hp *hp, struct hp_call *call, bool fatal)
{
	if (call->state == HP_CALL_WAITING && !call->waits_always) {
		if (!fatal)
			return;
		TAILQ_REMOVE(&hp->lock.queue, call, link);
		call_end(call, -EINTR);
	} else if (call->state != HP_CALL_IDLE) {
		call->interrupted = true;
		if (hp->lock.holder == call && hp->lock.wait == HP_WAIT_INTERRUPTIBLE) {
			hp->config.clock->stop(hp->config.clock, &hp->lock.timer);
			lock_wake(hp);
		}
	}
}
