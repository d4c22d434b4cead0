/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine's clock in a daemon: a virtual one that advances whenever something happens. When a
 * timer of the machine runs late because the daemon was busy, the machine does not notice, and the
 * order of its actions is always the same.
 */
#include <errno.h>
#include <stdlib.h>

#include "memhp/loop.h"

/*
 * If more timers than this are due at once, the daemon did not run for a while, or they take longer
 * than their interval: the machine skips the remaining time, or it would never answer again.
 */
#define LOOP_PACE_MAX_TIMERS 32
/* So many timers run while time advances at once; a client that wants more must ask again. */
#define LOOP_PACE_MAX_ADVANCE 100000
/* The time after which @may_run is called again. */
#define LOOP_PACE_ASK_NS 100000000u
/* However slowly time passes, @wake expires after at most a day. */
#define LOOP_PACE_MAX_SLEEP_NS UINT64_C(86400000000000)

/*
 * @rate_ppm: how fast the machine's time passes, in millionths of real time
 * @goal_ns: what the machine's time would have been at the real time @read_ns, were it never late
 * @carry: the fraction of a nanosecond to be added to @goal_ns, in millionths
 * @wake: expires when the machine's next timer is due, at the machine's time @wake_ns
 * @may_run: whether time may advance; NULL: it always may
 * @stands_still: time may not advance, and @wake expires when @may_run is called again
 */
struct loop_pace {
	struct base_clock clock;
	struct base_clock *machine;
	struct base_clock *real;
	uint64_t rate_ppm;
	uint64_t goal_ns;
	uint64_t read_ns;
	uint64_t carry;
	struct base_timer wake;
	uint64_t wake_ns;
	bool (*may_run)(void *ctx);
	void *may_run_ctx;
	bool stands_still;
	bool is_started;
	bool in_sync;
};

static struct loop_pace *loop_pace_of(struct base_clock *clock)
{
	return base_container_of(clock, struct loop_pace, clock);
}

static uint64_t loop_pace_now_ns(struct base_clock *clock)
{
	struct loop_pace *pace = loop_pace_of(clock);

	return pace->machine->now_ns(pace->machine);
}

static uint64_t loop_pace_steps(struct base_clock *clock)
{
	struct loop_pace *pace = loop_pace_of(clock);

	return pace->machine->steps(pace->machine);
}

static bool loop_pace_in_timer(struct base_clock *clock)
{
	struct loop_pace *pace = loop_pace_of(clock);

	return pace->machine->in_timer(pace->machine);
}

static bool loop_pace_due(const struct base_clock *clock, uint64_t *ret_ns)
{
	return base_vclock_due(base_container_of(clock, const struct loop_pace, clock)->machine,
			       ret_ns);
}

/*
 * Brings the goal up to date and returns it. The products fit: the rate is at most
 * BASE_CLOCK_PPM_MAX, and the time since the last reading at most as long as the host has run.
 */
static uint64_t loop_pace_goal_ns(struct loop_pace *pace)
{
	uint64_t now_ns = pace->real->now_ns(pace->real);
	uint64_t passed_ns = now_ns - pace->read_ns;
	uint64_t part = passed_ns % BASE_CLOCK_PPM * pace->rate_ppm + pace->carry;

	pace->goal_ns += passed_ns / BASE_CLOCK_PPM * pace->rate_ppm + part / BASE_CLOCK_PPM;
	pace->carry = part % BASE_CLOCK_PPM;
	pace->read_ns = now_ns;
	return pace->goal_ns;
}

/* The real time after which @ns of the machine's time have passed, or less. */
static uint64_t loop_pace_real_ns(const struct loop_pace *pace, uint64_t ns)
{
	uint64_t times = ns / pace->rate_ppm, rest = ns % pace->rate_ppm;

	if (times >= LOOP_PACE_MAX_SLEEP_NS / BASE_CLOCK_PPM)
		return LOOP_PACE_MAX_SLEEP_NS;
	return times * BASE_CLOCK_PPM + rest * BASE_CLOCK_PPM / pace->rate_ppm + 1;
}

/* If there is no memory for @wake, the machine's timers run when the next request arrives. */
static void loop_pace_arm(struct loop_pace *pace)
{
	uint64_t due_ns, now_ns;

	if (!pace->is_started || pace->in_sync || pace->stands_still || !pace->rate_ppm ||
	    !base_vclock_due(pace->machine, &due_ns) ||
	    (pace->wake.impl && pace->wake_ns <= due_ns))
		return;
	pace->real->stop(pace->real, &pace->wake);
	now_ns = loop_pace_goal_ns(pace);
	pace->wake_ns = due_ns;
	(void)pace->real->start(pace->real, &pace->wake,
				due_ns > now_ns ? loop_pace_real_ns(pace, due_ns - now_ns) : 0);
}

/* The machine does not catch up on the time that it is late. */
static void loop_pace_forgo(struct loop_pace *pace)
{
	pace->read_ns = pace->real->now_ns(pace->real);
	pace->goal_ns = pace->machine->now_ns(pace->machine);
}

static void loop_pace_stand_still(struct loop_pace *pace)
{
	loop_pace_forgo(pace);
	pace->real->stop(pace->real, &pace->wake);
	pace->stands_still = true;
	(void)pace->real->start(pace->real, &pace->wake, LOOP_PACE_ASK_NS);
}

/* Does nothing from within a timer: an event during a timer has the timer's time. */
static void loop_pace_sync(struct base_clock *clock)
{
	struct loop_pace *pace = loop_pace_of(clock);
	uint64_t until_ns, due_ns, now_ns;
	int nr = 0;

	if (!pace->is_started || pace->in_sync)
		return;
	pace->in_sync = true;
	if (pace->may_run && !pace->may_run(pace->may_run_ctx)) {
		loop_pace_stand_still(pace);
		pace->in_sync = false;
		return;
	}
	if (pace->stands_still)
		pace->real->stop(pace->real, &pace->wake);
	pace->stands_still = false;
	until_ns = loop_pace_goal_ns(pace);
	while (nr < LOOP_PACE_MAX_TIMERS && base_vclock_due(pace->machine, &due_ns) &&
	       due_ns <= until_ns) {
		base_vclock_step(pace->machine);
		nr++;
	}
	now_ns = pace->machine->now_ns(pace->machine);
	if (nr == LOOP_PACE_MAX_TIMERS)
		pace->goal_ns = now_ns;
	else if (until_ns > now_ns)
		base_vclock_advance(pace->machine, until_ns - now_ns);
	pace->in_sync = false;
	loop_pace_arm(pace);
}

static void loop_pace_wake(struct base_timer *timer)
{
	loop_pace_sync(&base_container_of(timer, struct loop_pace, wake)->clock);
}

static void loop_pace_set_rate(struct base_clock *clock, uint64_t ppm)
{
	struct loop_pace *pace = loop_pace_of(clock);

	(void)loop_pace_goal_ns(pace);
	pace->rate_ppm = ppm;
	if (!pace->stands_still)
		pace->real->stop(pace->real, &pace->wake);
	loop_pace_arm(pace);
}

static int loop_pace_advance(struct base_clock *clock, uint64_t ns)
{
	struct loop_pace *pace = loop_pace_of(clock);
	uint64_t now_ns = pace->machine->now_ns(pace->machine), due_ns;
	uint64_t until_ns = ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + ns;
	int nr = 0;

	if (pace->machine->in_timer(pace->machine))
		return -EBUSY;
	pace->in_sync = true;
	while (base_vclock_due(pace->machine, &due_ns) && due_ns <= until_ns) {
		if (nr++ == LOOP_PACE_MAX_ADVANCE)
			break;
		base_vclock_step(pace->machine);
	}
	if (nr <= LOOP_PACE_MAX_ADVANCE)
		base_vclock_advance(pace->machine, until_ns - pace->machine->now_ns(pace->machine));
	pace->in_sync = false;
	loop_pace_forgo(pace);
	loop_pace_arm(pace);
	return nr <= LOOP_PACE_MAX_ADVANCE ? 0 : -EAGAIN;
}

static int loop_pace_timer_start(struct base_clock *clock, struct base_timer *timer,
				 uint64_t delay_ns)
{
	struct loop_pace *pace = loop_pace_of(clock);
	int ret = pace->machine->start(pace->machine, timer, delay_ns);

	if (!ret)
		loop_pace_arm(pace);
	return ret;
}

static void loop_pace_timer_stop(struct base_clock *clock, struct base_timer *timer)
{
	struct loop_pace *pace = loop_pace_of(clock);

	pace->machine->stop(pace->machine, timer);
}

static void loop_pace_ran(void *ctx)
{
	struct loop_pace *pace = ctx;

	if (pace->clock.ran)
		pace->clock.ran(pace->clock.ran_ctx);
}

struct loop_pace *loop_pace_new(struct loop *loop)
{
	struct loop_pace *pace = malloc(sizeof(*pace));

	if (!pace)
		return NULL;
	*pace = (struct loop_pace){
		.clock = {
			.now_ns = loop_pace_now_ns,
			.start = loop_pace_timer_start,
			.stop = loop_pace_timer_stop,
			.advance = loop_pace_advance,
			.set_rate = loop_pace_set_rate,
			.due = loop_pace_due,
			.sync = loop_pace_sync,
			.steps = loop_pace_steps,
			.in_timer = loop_pace_in_timer,
		},
		.machine = base_vclock_new(),
		.real = loop_clock(loop),
		.rate_ppm = BASE_CLOCK_PPM,
		.wake.fn = loop_pace_wake,
	};
	if (!pace->machine) {
		free(pace);
		return NULL;
	}
	pace->machine->ran = loop_pace_ran;
	pace->machine->ran_ctx = pace;
	return pace;
}

void loop_pace_free(struct loop_pace *pace)
{
	if (!pace)
		return;
	pace->real->stop(pace->real, &pace->wake);
	base_vclock_free(pace->machine);
	free(pace);
}

struct base_clock *loop_pace_clock(struct loop_pace *pace)
{
	return &pace->clock;
}

int loop_pace_go(struct loop_pace *pace, const struct base_moment *to)
{
	return base_vclock_go(pace->machine, to);
}

int loop_pace_begin(struct loop_pace *pace, const struct base_moment *at)
{
	return base_vclock_begin(pace->machine, at);
}

void loop_pace_ask(struct loop_pace *pace, bool (*may_run)(void *ctx), void *ctx)
{
	pace->may_run = may_run;
	pace->may_run_ctx = ctx;
}

void loop_pace_start(struct loop_pace *pace)
{
	loop_pace_forgo(pace);
	pace->is_started = true;
	loop_pace_arm(pace);
}
