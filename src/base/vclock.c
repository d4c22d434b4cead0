/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual clock, which stands still until it is advanced: memhpsim and the unit tests run on it,
 * so that an hour of retries costs nothing.
 *
 * The armed timers are a list sorted by due time; timers due at the same time run in the order in
 * which they were started. A timer is disarmed before its function runs, which may start it again.
 */
#include <bsd/sys/queue.h>
#include <errno.h>
#include <stdlib.h>

#include "memhp/base.h"

struct vclock_entry {
	struct base_timer *timer;
	uint64_t due_ns;
	TAILQ_ENTRY(vclock_entry) link;
};

TAILQ_HEAD(vclock_queue, vclock_entry);

struct vclock {
	struct base_clock clock;
	uint64_t now_ns;
	uint64_t steps;
	bool in_timer;
	struct vclock_queue queue;
};

static struct vclock *vclock_of(struct base_clock *clock)
{
	return base_container_of(clock, struct vclock, clock);
}

static uint64_t vclock_after(const struct vclock *vclock, uint64_t ns)
{
	return ns > UINT64_MAX - vclock->now_ns ? UINT64_MAX : vclock->now_ns + ns;
}

static uint64_t vclock_now_ns(struct base_clock *clock)
{
	return vclock_of(clock)->now_ns;
}

static uint64_t vclock_steps(struct base_clock *clock)
{
	return vclock_of(clock)->steps;
}

static bool vclock_in_timer(struct base_clock *clock)
{
	return vclock_of(clock)->in_timer;
}

static int vclock_start(struct base_clock *clock, struct base_timer *timer, uint64_t delay_ns)
{
	struct vclock *vclock = vclock_of(clock);
	struct vclock_entry *entry, *before;

	entry = malloc(sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->timer = timer;
	entry->due_ns = vclock_after(vclock, delay_ns);
	TAILQ_FOREACH_REVERSE(before, &vclock->queue, vclock_queue, link) {
		if (before->due_ns <= entry->due_ns)
			break;
	}
	if (before)
		TAILQ_INSERT_AFTER(&vclock->queue, before, entry, link);
	else
		TAILQ_INSERT_HEAD(&vclock->queue, entry, link);
	timer->impl = entry;
	return 0;
}

static void vclock_stop(struct base_clock *clock, struct base_timer *timer)
{
	struct vclock_entry *entry = timer->impl;

	if (!entry)
		return;
	TAILQ_REMOVE(&vclock_of(clock)->queue, entry, link);
	timer->impl = NULL;
	free(entry);
}

static void vclock_run_first(struct vclock *vclock)
{
	struct vclock_entry *entry = TAILQ_FIRST(&vclock->queue);
	struct base_timer *timer = entry->timer;
	bool was_in_timer;

	vclock->now_ns = entry->due_ns;
	vclock->steps++;
	vclock_stop(&vclock->clock, timer);
	was_in_timer = vclock->in_timer;
	vclock->in_timer = true;
	timer->fn(timer);
	entry = TAILQ_FIRST(&vclock->queue);
	if (vclock->clock.ran && (!entry || entry->due_ns > vclock->now_ns))
		vclock->clock.ran(vclock->clock.ran_ctx);
	vclock->in_timer = was_in_timer;
}

static int vclock_advance(struct base_clock *clock, uint64_t ns)
{
	struct vclock *vclock = vclock_of(clock);
	uint64_t until_ns = vclock_after(vclock, ns);
	struct vclock_entry *entry;

	if (vclock->in_timer)
		return -EBUSY;
	while ((entry = TAILQ_FIRST(&vclock->queue)) && entry->due_ns <= until_ns)
		vclock_run_first(vclock);
	vclock->now_ns = until_ns;
	return 0;
}

struct base_clock *base_vclock_new(void)
{
	struct vclock *vclock = malloc(sizeof(*vclock));

	if (!vclock)
		return NULL;
	*vclock = (struct vclock){
		.clock = {
			.now_ns = vclock_now_ns,
			.start = vclock_start,
			.stop = vclock_stop,
			.advance = vclock_advance,
			.due = base_vclock_due,
			.steps = vclock_steps,
			.in_timer = vclock_in_timer,
		},
	};
	TAILQ_INIT(&vclock->queue);
	return &vclock->clock;
}

void base_vclock_free(struct base_clock *clock)
{
	struct vclock *vclock;
	struct vclock_entry *entry;

	if (!clock)
		return;
	vclock = vclock_of(clock);
	while ((entry = TAILQ_FIRST(&vclock->queue)))
		vclock_stop(clock, entry->timer);
	free(vclock);
}

void base_vclock_advance(struct base_clock *clock, uint64_t ns)
{
	(void)clock->advance(clock, ns);
}

bool base_vclock_step(struct base_clock *clock)
{
	struct vclock *vclock = vclock_of(clock);

	if (TAILQ_EMPTY(&vclock->queue))
		return false;
	vclock_run_first(vclock);
	return true;
}

int base_vclock_go(struct base_clock *clock, const struct base_moment *to)
{
	struct vclock *vclock = vclock_of(clock);
	struct vclock_entry *entry;

	while ((entry = TAILQ_FIRST(&vclock->queue)) && vclock->steps < to->steps &&
	       entry->due_ns <= to->ns)
		vclock_run_first(vclock);
	entry = TAILQ_FIRST(&vclock->queue);
	if (vclock->steps != to->steps || vclock->now_ns > to->ns ||
	    (entry && entry->due_ns < to->ns))
		return -EINVAL;
	vclock->now_ns = to->ns;
	return 0;
}

int base_vclock_begin(struct base_clock *clock, const struct base_moment *at)
{
	struct vclock *vclock = vclock_of(clock);
	struct vclock_entry *entry = TAILQ_FIRST(&vclock->queue);

	if (vclock->steps || vclock->now_ns > at->ns || (entry && entry->due_ns < at->ns))
		return -EINVAL;
	vclock->now_ns = at->ns;
	vclock->steps = at->steps;
	return 0;
}

struct base_moment base_clock_moment(struct base_clock *clock)
{
	return (struct base_moment){
		.ns = clock->now_ns(clock),
		.steps = clock->steps ? clock->steps(clock) : 0,
	};
}

int base_moment_cmp(const struct base_moment *a, const struct base_moment *b)
{
	if (a->steps != b->steps)
		return a->steps < b->steps ? -1 : 1;
	return a->ns < b->ns ? -1 : a->ns > b->ns;
}

bool base_vclock_due(const struct base_clock *clock, uint64_t *ret_ns)
{
	const struct vclock *vclock = base_container_of(clock, const struct vclock, clock);
	const struct vclock_entry *entry = TAILQ_FIRST(&vclock->queue);

	if (!entry)
		return false;
	*ret_ns = entry->due_ns;
	return true;
}
