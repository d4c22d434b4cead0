// SPDX-License-Identifier: GPL-2.0-or-later
/* Uevents that a fault plan delivers late: a queue in which no event overtakes another. */
#include <stdlib.h>
#include <string.h>

#include "hp_private.h"

/* @due_ns: UINT64_MAX: never by itself; @event: refers to @text */
struct hp_late_event {
	struct hp_uevent event;
	uint64_t due_ns;
	TAILQ_ENTRY(hp_late_event) link;
	const char **env;
	char text[];
};

static void arm(struct hp *hp)
{
	struct hp_late_event *first = TAILQ_FIRST(&hp->late.events);
	struct base_clock *clock = hp->config.clock;
	uint64_t now_ns = clock->now_ns(clock);

	clock->stop(clock, &hp->late.timer);
	if (!first || first->due_ns == UINT64_MAX)
		return;
	/* Without memory for a timer, it is late no longer. */
	if (clock->start(clock, &hp->late.timer,
			 first->due_ns > now_ns ? first->due_ns - now_ns : 0))
		hp_uevents_deliver(hp);
}

static void late_free(struct hp *hp, struct hp_late_event *late)
{
	TAILQ_REMOVE(&hp->late.events, late, link);
	free(late->env);
	free(late);
}

static void deliver_until(struct hp *hp, uint64_t ns)
{
	struct hp_late_event *late;

	while ((late = TAILQ_FIRST(&hp->late.events)) && late->due_ns <= ns) {
		if (hp->observer)
			hp->observer->uevent(hp->observer_ctx, &late->event);
		late_free(hp, late);
	}
}

static void late_due(struct base_timer *timer)
{
	struct hp *hp = base_container_of(timer, struct hp, late.timer);
	struct base_clock *clock = hp->config.clock;

	deliver_until(hp, clock->now_ns(clock));
	arm(hp);
}

void hp_uevents_deliver(struct hp *hp)
{
	deliver_until(hp, UINT64_MAX);
	arm(hp);
}

void hp_late_init(struct hp *hp)
{
	TAILQ_INIT(&hp->late.events);
	hp->late.timer.fn = late_due;
}

void hp_late_fini(struct hp *hp)
{
	struct hp_late_event *late;

	if (hp->late.timer.impl)
		hp->config.clock->stop(hp->config.clock, &hp->late.timer);
	while ((late = TAILQ_FIRST(&hp->late.events)))
		late_free(hp, late);
}

static const char *put(char **at, const char *text)
{
	const char *copy = *at;

	*at = stpcpy(*at, text) + 1;
	return copy;
}

static struct hp_late_event *late_new(const struct hp_uevent *event)
{
	size_t len = strlen(event->action) + strlen(event->devpath) + strlen(event->subsystem) + 3;
	struct hp_late_event *late;
	char *at;

	for (size_t i = 0; i < event->nr_env; i++)
		len += strlen(event->env[i]) + 1;
	late = malloc(sizeof(*late) + len);
	if (!late)
		return NULL;
	late->env = calloc(event->nr_env + 1, sizeof(*late->env));
	if (!late->env) {
		free(late);
		return NULL;
	}
	at = late->text;
	late->event = (struct hp_uevent){
		.action = put(&at, event->action),
		.devpath = put(&at, event->devpath),
		.subsystem = put(&at, event->subsystem),
		.env = late->env,
		.nr_env = event->nr_env,
		.seqnum = event->seqnum,
	};
	for (size_t i = 0; i < event->nr_env; i++)
		late->env[i] = put(&at, event->env[i]);
	return late;
}

void hp_uevent_pass(struct hp *hp, const struct hp_uevent *event, uint64_t delay_ns)
{
	struct hp_late_event *last = TAILQ_LAST(&hp->late.events, hp_late_events), *late;
	uint64_t now_ns = hp->config.clock->now_ns(hp->config.clock);

	late = last || delay_ns ? late_new(event) : NULL;
	if (!late) {
		if (hp->observer)
			hp->observer->uevent(hp->observer_ctx, event);
		return;
	}
	late->due_ns = delay_ns == HP_FOR_EVER ? UINT64_MAX : now_ns + delay_ns;
	if (last)
		late->due_ns = BASE_MAX(late->due_ns, last->due_ns);
	TAILQ_INSERT_TAIL(&hp->late.events, late, link);
	if (!last)
		arm(hp);
}
