/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time, a counter that somebody advances. */
#ifndef MEMHP_BASE_CLOCK_H
#define MEMHP_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct base_clock;

/**
 * struct base_timer - one call in the future; embedded by its owner
 *
 * @fn runs once, from the clock's own context, never from within base_timer_start().
 */
struct base_timer {
	void (*fn)(struct base_timer *timer);
	void *impl; /* the clock's; NULL while not armed */
};

/**
 * struct base_clock - where time comes from: libevent in the daemons, a counter elsewhere
 */
struct base_clock {
	uint64_t (*now_ns)(struct base_clock *clock);
	/** arms @timer, which must not be armed; 0 or -ENOMEM */
	int (*start)(struct base_clock *clock, struct base_timer *timer, uint64_t delay_ns);
	/** disarms; harmless when not armed */
	void (*stop)(struct base_clock *clock, struct base_timer *timer);
	/**
	 * lets @ns pass, running timers that fall due in their order; 0, or -EBUSY from within a
	 * timer. NULL: time passes by itself
	 */
	int (*advance)(struct base_clock *clock, uint64_t ns);
	/**
	 * takes notice of the time that has passed, running what fell due: to be called before
	 * anything that comes from outside, which then has one time. NULL: nothing to do
	 */
	void (*sync)(struct base_clock *clock);
	/** how many timers have begun to run since it was made; NULL: nobody counts them */
	uint64_t (*steps)(struct base_clock *clock);
	/** whether a timer runs just now; NULL: nobody knows */
	bool (*in_timer)(struct base_clock *clock);
	/** told when all timers that were due at one time have run; NULL: nobody is */
	void (*ran)(void *ctx);
	void *ran_ctx;
};

/**
 * struct base_moment - a point in what a clock does
 * @ns: its time; @steps: how many timers have run. Several that are due at one time run one after
 *	the other, so that the time alone does not tell which of them have.
 */
struct base_moment {
	uint64_t ns;
	uint64_t steps;
};

/** base_clock_moment() - now. */
struct base_moment base_clock_moment(struct base_clock *clock);
/** base_moment_cmp() - below 0, 0, above 0: @a comes before @b, is the same, comes after it. */
int base_moment_cmp(const struct base_moment *a, const struct base_moment *b);

/** base_vclock_new() - a virtual clock at 0; NULL when out of memory. */
struct base_clock *base_vclock_new(void);
void base_vclock_free(struct base_clock *clock);
/** base_vclock_advance() - let @ns pass, as @advance of the clock; nothing within a timer. */
void base_vclock_advance(struct base_clock *clock, uint64_t ns);
/** base_vclock_step() - go to the next timer and run it; false when there is none. */
bool base_vclock_step(struct base_clock *clock);
/**
 * base_vclock_go() - to the moment @to: runs as many timers as are missing, and then none
 *
 * Return: 0; -EINVAL when this clock never comes to that moment: it has passed it, has no timer
 * that is due by then, or would have to run another one.
 */
int base_vclock_go(struct base_clock *clock, const struct base_moment *to);
/**
 * base_vclock_begin() - it is @at, before anything has happened
 *
 * Return: 0; -EINVAL when it is later already, or a timer is due before that.
 */
int base_vclock_begin(struct base_clock *clock, const struct base_moment *at);
/** base_vclock_due() - when the next timer is due; false when there is none. */
bool base_vclock_due(const struct base_clock *clock, uint64_t *ret_ns);

#endif
