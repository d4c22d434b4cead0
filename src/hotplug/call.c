// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hotplug lock (the kernel's device_hotplug_lock) as a queue. In the kernel a store that finds
 * the lock taken is restarted every 5 ms until it gets it; who comes first is chance there, first
 * come first served here. When its turn comes a store starts from the beginning, so that a block
 * that vanished meanwhile is -ENODEV.
 */
#include <errno.h>

#include "hp_private.h"

static void call_end(struct hp_call *call, int ret)
{
	call->state = HP_CALL_IDLE;
	call->on_interrupt = NULL;
	call->done(call, ret);
}

/* Runs waiting calls until one of them takes time. */
static void call_run_all(struct hp *hp)
{
	struct hp_call *call;

	while (!hp->running && (call = TAILQ_FIRST(&hp->waiting))) {
		int ret;

		TAILQ_REMOVE(&hp->waiting, call, link);
		hp->running = call;
		call->state = HP_CALL_RUNNING;
		call->in_run = true;
		call->result = HP_PENDING;
		ret = call->run(call);
		call->in_run = false;
		if (ret == HP_PENDING)
			ret = call->result;
		if (ret == HP_PENDING)
			return;
		hp->running = NULL;
		call_end(call, ret);
	}
}

static void call_run_waiting(struct hp *hp)
{
	if (!hp->running)
		hp_task_run(hp, call_run_all);
}

void hp_set_origin(struct hp *hp, uint64_t origin)
{
	hp->origin = origin;
}

uint64_t hp_origin(const struct hp *hp)
{
	return hp->running ? hp->running->origin : 0;
}

/* What a call brings about by another one is its own doing. */
void hp_submit(struct hp *hp, struct hp_call *call)
{
	call->origin = hp->origin ? hp->origin : hp_origin(hp);
	call->hp = hp;
	call->state = HP_CALL_WAITING;
	call->on_interrupt = NULL;
	call->interrupted = false;
	TAILQ_INSERT_TAIL(&hp->waiting, call, link);
	call_run_waiting(hp);
}

void hp_call_finish(struct hp *hp, struct hp_call *call, int ret)
{
	if (call->in_run) {
		call->result = ret;
		return;
	}
	hp->running = NULL;
	call_end(call, ret);
	call_run_waiting(hp);
}

void hp_call_interrupt(struct hp *hp, struct hp_call *call, bool fatal)
{
	if (call->state == HP_CALL_WAITING && !call->waits_always) {
		if (!fatal)
			return;
		TAILQ_REMOVE(&hp->waiting, call, link);
		call_end(call, -EINTR);
	} else if (call->state != HP_CALL_IDLE) {
		call->interrupted = true;
		if (call->on_interrupt)
			call->on_interrupt(call);
	}
}
