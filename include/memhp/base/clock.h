/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time as a counter that is advanced. */
#ifndef MEMHP_BASE_CLOCK_H
#define MEMHP_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct base_clock;

/** BASE_CLOCK_PPM - the rate of time on the host, in millionths of it. */
#define BASE_CLOCK_PPM 1000000u
#define BASE_CLOCK_PPM_MAX (UINT64_C(1000) * BASE_CLOCK_PPM)

/**
 * struct base_timer - a single future call; embedded by its owner
 *
 * @fn runs once, from the clock's own context, never from within base_timer_start().
 */
struct base_timer {
	void (*fn)(struct base_timer *timer);
	void *impl; /* private to the clock; NULL while not armed */
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
	 * lets @ns pass at once, running due timers in order; 0, -EBUSY from within a timer, or
	 * -EAGAIN when so many timers were due that it stopped before. NULL: cannot be done
	 */
	int (*advance)(struct base_clock *clock, uint64_t ns);
	/**
	 * from now on, time that passes by itself passes @ppm millionths as fast as on the host,
	 * at most BASE_CLOCK_PPM_MAX; 0: it stands still. NULL: time does not pass by itself
	 */
	void (*set_rate)(struct base_clock *clock, uint64_t ppm);
	/** when the next timer is due; false when there is none. NULL: unknown */
	bool (*due)(const struct base_clock *clock, uint64_t *ret_ns);
	/**
	 * catches up with the time that has passed, running the timers that fell due. Called before
	 * each external event is handled, so that the event has one time. NULL: nothing to do
	 */
	void (*sync)(struct base_clock *clock);
	/** how many timers have started to run since it was created; NULL: not counted */
	uint64_t (*steps)(struct base_clock *clock);
	/** whether a timer is running; NULL: unknown */
	bool (*in_timer)(struct base_clock *clock);
	/** called when all timers that were due at one time have run; NULL: no call */
	void (*ran)(void *ctx);
	void *ran_ctx;
};

/**
 * struct base_moment - a point in the history of a clock
 * @ns: its time
 * @steps: how many timers have run
 *
 * Timers that are due at the same time run one after the other, so the time alone does not tell
 * which of them have run.
 */
struct base_moment {
	uint64_t ns;
	uint64_t steps;
};

/** base_clock_moment() - the present moment of a clock. */
struct base_moment base_clock_moment(struct base_clock *clock);
/** base_moment_cmp() - below 0, 0 or above 0: @a is before @b, the same, or after it. */
int base_moment_cmp(const struct base_moment *a, const struct base_moment *b);

/** base_vclock_new() - create a virtual clock at 0; NULL when out of memory. */
struct base_clock *base_vclock_new(void);
void base_vclock_free(struct base_clock *clock);
/** base_vclock_advance() - let @ns pass, like @advance of the clock; a no-op within a timer. */
void base_vclock_advance(struct base_clock *clock, uint64_t ns);
/** base_vclock_step() - advance to the next timer and run it; false when there is none. */
bool base_vclock_step(struct base_clock *clock);
/**
 * base_vclock_go() - advance to the moment @to, running exactly the timers that are missing
 *
 * Return: 0; -EINVAL when this clock cannot reach that moment: it is past it, has no timer that is
 * due by then, or would have to run another one.
 */
int base_vclock_go(struct base_clock *clock, const struct base_moment *to);
/**
 * base_vclock_begin() - set the clock to @at before anything has happened
 *
 * Return: 0; -EINVAL when the clock is already past @at, or a timer is due before it.
 */
int base_vclock_begin(struct base_clock *clock, const struct base_moment *at);
/** base_vclock_due() - when the next timer is due; false when there is none. */
bool base_vclock_due(const struct base_clock *clock, uint64_t *ret_ns);

#endif
