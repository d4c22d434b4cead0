/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine's clock in a daemon: stands still, resumes, follows real time; its timers see the time
 * at which they were due, however late they run.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "memhp/loop.h"

struct run {
	struct loop *loop;
	struct loop_pace *pace;
	struct base_clock *clock;
	struct base_timer timer;
	unsigned int calls;
	uint64_t at_ns;
};

static uint64_t now(struct run *run)
{
	return run->clock->now_ns(run->clock);
}

static int go(struct run *run, uint64_t ns, uint64_t steps)
{
	return loop_pace_go(run->pace, &(struct base_moment){ .ns = ns, .steps = steps });
}

static void timer_note(struct base_timer *timer)
{
	struct run *run = base_container_of(timer, struct run, timer);

	run->calls++;
	run->at_ns = now(run);
}

static void timer_quit(struct base_timer *timer)
{
	struct run *run = base_container_of(timer, struct run, timer);

	timer_note(timer);
	loop_quit(run->loop);
}

static void timer_again(struct base_timer *timer)
{
	struct run *run = base_container_of(timer, struct run, timer);

	timer_note(timer);
	assert_int_equal(run->clock->start(run->clock, timer, 1), 0);
}

static void start(struct run *run, void (*fn)(struct base_timer *timer), uint64_t delay_ns)
{
	run->timer.fn = fn;
	assert_int_equal(run->clock->start(run->clock, &run->timer, delay_ns), 0);
}

static void stands_still_until_started(void **state)
{
	struct run *run = *state;

	start(run, timer_note, 500);
	run->clock->sync(run->clock);
	assert_int_equal(now(run), 0);
	assert_int_equal(run->calls, 0);
	assert_int_equal(go(run, 499, 0), 0);
	assert_int_equal(run->calls, 0);
	assert_int_equal(go(run, 2000, 1), 0);
	assert_int_equal(run->calls, 1);
	assert_int_equal(run->at_ns, 500);
	assert_int_equal(now(run), 2000);
	/* never backwards */
	assert_int_equal(go(run, 1000, 1), -EINVAL);
	assert_int_equal(now(run), 2000);
}

static void follows_real_time(void **state)
{
	struct run *run = *state;
	struct base_clock *real = loop_clock(run->loop);
	uint64_t before, real_before;

	assert_int_equal(go(run, 1000000, 0), 0);
	real_before = real->now_ns(real);
	loop_pace_start(run->pace);
	run->clock->sync(run->clock);
	before = now(run);
	assert_true(before >= 1000000);
	/* and only on request */
	while (real->now_ns(real) < real_before + 100000)
		;
	assert_int_equal(now(run), before);
	run->clock->sync(run->clock);
	assert_in_range(now(run), before + 1, 1000000 + real->now_ns(real) - real_before);
}

static void late_timer_sees_its_own_time(void **state)
{
	struct run *run = *state;
	struct base_clock *real = loop_clock(run->loop);
	uint64_t began;

	loop_pace_start(run->pace);
	began = now(run);
	start(run, timer_note, 1000);
	for (uint64_t until = real->now_ns(real) + 100000; real->now_ns(real) < until;)
		;
	run->clock->sync(run->clock);
	assert_int_equal(run->calls, 1);
	assert_int_equal(run->at_ns, began + 1000);
	assert_true(now(run) > began + 1000);
}

static void loop_runs_timers(void **state)
{
	struct run *run = *state;

	/* armed before the start, and after it */
	start(run, timer_quit, 1);
	loop_pace_start(run->pace);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 1);
}

static void loop_runs_timers_started_later(void **state)
{
	struct run *run = *state;

	loop_pace_start(run->pace);
	start(run, timer_note, UINT64_MAX / 4);
	run->clock->stop(run->clock, &run->timer);
	start(run, timer_quit, 1);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 1);
}

/* A machine that needs more time than there is must not block everything else. */
static void endless_timers_lose_time(void **state)
{
	struct run *run = *state;
	struct base_clock *real = loop_clock(run->loop);
	uint64_t began = real->now_ns(real);

	loop_pace_start(run->pace);
	start(run, timer_again, 1);
	while (real->now_ns(real) < began + 100000)
		;
	run->clock->sync(run->clock);
	assert_in_range(run->calls, 1, 1000);
	assert_true(now(run) < real->now_ns(real) - began);
	run->clock->stop(run->clock, &run->timer);
}

static void busy_wait(struct run *run, uint64_t ns)
{
	struct base_clock *real = loop_clock(run->loop);

	for (uint64_t until = real->now_ns(real) + ns; real->now_ns(real) < until;)
		;
}

/* What has passed at one rate is not counted at the next one. */
static void passes_at_its_rate(void **state)
{
	struct run *run = *state;
	struct base_clock *clock = run->clock, *real = loop_clock(run->loop);
	uint64_t began, real_began, slow;

	loop_pace_start(run->pace);
	clock->set_rate(clock, 0);
	clock->sync(clock);
	began = now(run);
	busy_wait(run, 100000);
	clock->sync(clock);
	assert_int_equal(now(run), began);

	clock->set_rate(clock, 100 * BASE_CLOCK_PPM);
	busy_wait(run, 100000);
	clock->sync(clock);
	assert_true(now(run) >= began + 100 * 100000);

	began = now(run);
	real_began = real->now_ns(real);
	clock->set_rate(clock, BASE_CLOCK_PPM / 10);
	clock->sync(clock);
	slow = now(run);
	/* So often that each time less than a nanosecond has passed, or little more. */
	for (uint64_t until = real->now_ns(real) + 1000000; real->now_ns(real) < until;)
		clock->sync(clock);
	clock->sync(clock);
	assert_in_range(now(run), slow + 99000, slow + (real->now_ns(real) - real_began) / 10 + 1);
	assert_true(slow >= began);
}

static void loop_runs_timers_at_its_rate(void **state)
{
	struct run *run = *state;
	struct base_clock *clock = run->clock;

	loop_pace_start(run->pace);
	clock->set_rate(clock, 0);
	/* a second, which the highest rate makes a millisecond */
	start(run, timer_quit, UINT64_C(1000000000));
	clock->set_rate(clock, BASE_CLOCK_PPM_MAX);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 1);
}

static void advances_at_once(void **state)
{
	struct run *run = *state;
	struct base_clock *clock = run->clock;
	uint64_t began, due_ns;

	loop_pace_start(run->pace);
	clock->set_rate(clock, 0);
	clock->sync(clock);
	began = now(run);
	assert_false(clock->due(clock, &due_ns));
	start(run, timer_note, 5000);
	assert_true(clock->due(clock, &due_ns));
	assert_int_equal(due_ns, began + 5000);
	assert_int_equal(clock->advance(clock, 4999), 0);
	assert_int_equal(run->calls, 0);
	assert_int_equal(clock->advance(clock, 10), 0);
	assert_int_equal(run->calls, 1);
	assert_int_equal(run->at_ns, began + 5000);
	assert_int_equal(now(run), began + 5009);
	clock->sync(clock);
	assert_int_equal(now(run), began + 5009);
	/* and real time goes on from there */
	clock->set_rate(clock, BASE_CLOCK_PPM);
	busy_wait(run, 1000);
	clock->sync(clock);
	assert_in_range(now(run), began + 6009, began + UINT64_C(60000000000));
}

/* However many timers there are, an advance ends, and says that it has not come as far. */
static void advance_ends(void **state)
{
	struct run *run = *state;
	struct base_clock *clock = run->clock;

	loop_pace_start(run->pace);
	clock->set_rate(clock, 0);
	start(run, timer_again, 1);
	assert_int_equal(clock->advance(clock, UINT64_MAX), -EAGAIN);
	assert_in_range(run->calls, 1000, 1000000);
	assert_int_equal(now(run), run->at_ns);
	clock->stop(clock, &run->timer);
	assert_int_equal(clock->advance(clock, UINT64_MAX), 0);
	assert_int_equal(now(run), UINT64_MAX);
}

static void quit_when_ran(void *ctx)
{
	struct run *run = ctx;

	assert_int_equal(run->calls, 1);
	loop_quit(run->loop);
}

static void tells_what_ran(void **state)
{
	struct run *run = *state;

	run->clock->ran = quit_when_ran;
	run->clock->ran_ctx = run;
	loop_pace_start(run->pace);
	start(run, timer_note, 1);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 1);
}

static bool may_run(void *ctx)
{
	return *(bool *)ctx;
}

/* Time stands still while inputs cannot be recorded; the time until then is lost. */
static void stands_still_when_told(void **state)
{
	struct run *run = *state;
	struct base_clock *real = loop_clock(run->loop);
	bool may = false;
	uint64_t began, last = 0;

	loop_pace_start(run->pace);
	start(run, timer_note, 1000);
	loop_pace_ask(run->pace, may_run, &may);
	began = now(run);
	for (uint64_t until = real->now_ns(real) + 1000000; real->now_ns(real) < until;) {
		last = real->now_ns(real);
		run->clock->sync(run->clock);
	}
	assert_int_equal(run->calls, 0);
	assert_int_equal(now(run), began);
	may = true;
	run->clock->sync(run->clock);
	assert_in_range(now(run), began, began + real->now_ns(real) - last);
	while (!run->calls)
		run->clock->sync(run->clock);
	assert_in_range(run->at_ns, began, began + 1000);
}

/* Without any request. */
static void goes_on_by_itself(void **state)
{
	struct run *run = *state;
	bool may = false;

	loop_pace_start(run->pace);
	start(run, timer_quit, 1);
	loop_pace_ask(run->pace, may_run, &may);
	run->clock->sync(run->clock);
	may = true;
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 1);
}

/* Of several timers due at the same time, some have run: the time alone does not tell which. */
static void stops_between_timers_of_one_time(void **state)
{
	struct run *run = *state;
	struct base_timer second = { .fn = timer_note };
	struct base_moment moment;

	start(run, timer_note, 5);
	assert_int_equal(run->clock->start(run->clock, &second, 5), 0);
	assert_int_equal(go(run, 5, 1), 0);
	assert_int_equal(run->calls, 1);
	moment = base_clock_moment(run->clock);
	assert_int_equal(moment.ns, 5);
	assert_int_equal(moment.steps, 1);
	/* the second one is due before that */
	assert_int_equal(go(run, 6, 1), -EINVAL);
	run->clock->stop(run->clock, &second);
	assert_int_equal(go(run, 6, 1), 0);
	/* there is no further timer */
	assert_int_equal(go(run, 7, 2), -EINVAL);
}

static int setup(void **state)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		return -1;
	run->loop = loop_new();
	run->pace = loop_pace_new(run->loop);
	run->clock = loop_pace_clock(run->pace);
	*state = run;
	return 0;
}

static int teardown(void **state)
{
	struct run *run = *state;

	loop_pace_free(run->pace);
	loop_free(run->loop);
	free(run);
	return 0;
}

#define PACE_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PACE_TEST(stands_still_until_started),
		PACE_TEST(follows_real_time),
		PACE_TEST(late_timer_sees_its_own_time),
		PACE_TEST(loop_runs_timers),
		PACE_TEST(loop_runs_timers_started_later),
		PACE_TEST(endless_timers_lose_time),
		PACE_TEST(passes_at_its_rate),
		PACE_TEST(loop_runs_timers_at_its_rate),
		PACE_TEST(advances_at_once),
		PACE_TEST(advance_ends),
		PACE_TEST(tells_what_ran),
		PACE_TEST(stands_still_when_told),
		PACE_TEST(goes_on_by_itself),
		PACE_TEST(stops_between_timers_of_one_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
