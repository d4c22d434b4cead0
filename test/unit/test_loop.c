/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: descriptors, signals and timers are delivered, and can be removed, even from
 * within their own callback. The test takes no longer than a few timers of milliseconds.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "memhp/loop.h"

#define AGES_NS (UINT64_C(1) << 62)

struct run {
	struct loop *loop;
	struct base_clock *clock;
	struct loop_watch *watch;
	struct base_timer timer;
	struct base_timer other;
	unsigned int calls;
	unsigned int quit_at;
};

static struct run *run_of(struct base_timer *timer)
{
	return base_container_of(timer, struct run, timer);
}

static void count(void *ctx)
{
	struct run *run = ctx;

	if (++run->calls == run->quit_at)
		loop_quit(run->loop);
}

static void count_and_unwatch(void *ctx)
{
	struct run *run = ctx;

	loop_unwatch(run->watch);
	run->watch = NULL;
	count(run);
}

static void timer_count(struct base_timer *timer)
{
	assert_null(timer->impl);
	count(run_of(timer));
}

static void timer_again(struct base_timer *timer)
{
	struct run *run = run_of(timer);

	assert_int_equal(run->clock->start(run->clock, timer, 1), 0);
	count(run);
}

static void timer_stops_other(struct base_timer *timer)
{
	struct run *run = run_of(timer);

	run->clock->stop(run->clock, &run->other);
	run->clock->stop(run->clock, timer);
	count(run);
}

static void start(struct run *run, void (*fn)(struct base_timer *timer), uint64_t delay_ns)
{
	run->timer.fn = fn;
	assert_int_equal(run->clock->start(run->clock, &run->timer, delay_ns), 0);
	assert_non_null(run->timer.impl);
}

static void descriptor_is_level_triggered(void **state)
{
	struct run *run = *state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	run->watch = loop_watch_fd(run->loop, fds[0], count, run);
	run->quit_at = 3;
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 3);
	loop_unwatch(run->watch);
	close(fds[0]);
	close(fds[1]);
}

static void descriptor_unwatched_in_its_call(void **state)
{
	struct run *run = *state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	close(fds[1]);
	run->watch = loop_watch_fd(run->loop, fds[0], count_and_unwatch, run);
	run->quit_at = 2;
	start(run, timer_count, 1000000);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 2);
	close(fds[0]);
}

static void signals(void **state)
{
	struct run *run = *state;

	run->watch = loop_watch_signal(run->loop, SIGUSR1, count_and_unwatch, run);
	run->quit_at = 1;
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(run->calls, 0);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 1);
}

static void timer_runs_later(void **state)
{
	struct run *run = *state;
	uint64_t before_ns = run->clock->now_ns(run->clock);

	run->quit_at = 1;
	start(run, timer_count, 1);
	assert_int_equal(run->calls, 0);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 1);
	assert_true(run->clock->now_ns(run->clock) > before_ns);
}

static void timer_started_in_its_call(void **state)
{
	struct run *run = *state;

	run->quit_at = 3;
	start(run, timer_again, 0);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 3);
	run->clock->stop(run->clock, &run->timer);
	assert_null(run->timer.impl);
}

static void timers_stopped(void **state)
{
	struct run *run = *state;

	run->quit_at = 1;
	run->other.fn = timer_count;
	assert_int_equal(run->clock->start(run->clock, &run->other, AGES_NS), 0);
	start(run, timer_stops_other, 1);
	assert_int_equal(loop_run(run->loop), 0);
	assert_int_equal(run->calls, 1);
	assert_null(run->other.impl);
	run->clock->stop(run->clock, &run->other);
}

/* However busy the host is: a timer may be late, but not early. */
static void timer_is_never_early(void **state)
{
	static const uint64_t delays_ns[] = { 1, 999, 1500, 999999, 1500000, 12345678 };

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(delays_ns); i++) {
		struct run one = { .loop = loop_new(), .quit_at = 1 };
		uint64_t before;

		one.clock = loop_clock(one.loop);
		before = one.clock->now_ns(one.clock);
		start(&one, timer_count, delays_ns[i]);
		assert_int_equal(loop_run(one.loop), 0);
		assert_true(one.clock->now_ns(one.clock) - before >= delays_ns[i]);
		loop_free(one.loop);
	}
}

static void quit_before_run(void **state)
{
	struct run *run = *state;

	loop_quit(run->loop);
	assert_int_equal(loop_run(run->loop), 0);
}

static int setup(void **state)
{
	static struct run run;

	run = (struct run){ .loop = loop_new() };
	if (!run.loop)
		return -1;
	run.clock = loop_clock(run.loop);
	*state = &run;
	return 0;
}

static int teardown(void **state)
{
	struct run *run = *state;

	loop_free(run->loop);
	return 0;
}

#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LOOP_TEST(descriptor_is_level_triggered),
		LOOP_TEST(descriptor_unwatched_in_its_call),
		LOOP_TEST(signals),
		LOOP_TEST(timer_runs_later),
		LOOP_TEST(timer_started_in_its_call),
		LOOP_TEST(timers_stopped),
		cmocka_unit_test(timer_is_never_early),
		LOOP_TEST(quit_before_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
