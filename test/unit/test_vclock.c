/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual clock: order, timers that start and stop timers, and the end of time.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/base.h"

struct run {
	struct base_clock *clock;
	struct base_buf log;
};

struct named {
	struct base_timer timer;
	struct run *run;
	const char *name;
	struct named *stops;
	struct named *starts;
	uint64_t starts_after_ns;
};

static void named_fn(struct base_timer *timer)
{
	struct named *named = base_container_of(timer, struct named, timer);
	struct base_clock *clock = named->run->clock;

	assert_null(timer->impl);
	base_buf_printf(&named->run->log, "%s@%ju ", named->name, (uintmax_t)clock->now_ns(clock));
	if (named->stops)
		clock->stop(clock, &named->stops->timer);
	if (named->starts)
		assert_int_equal(clock->start(clock, &named->starts->timer, named->starts_after_ns),
				 0);
}

static struct named named_init(struct run *run, const char *name)
{
	return (struct named){ .timer.fn = named_fn, .run = run, .name = name };
}

static void start(struct named *named, uint64_t delay_ns)
{
	struct base_clock *clock = named->run->clock;

	assert_int_equal(clock->start(clock, &named->timer, delay_ns), 0);
	assert_non_null(named->timer.impl);
}

static void assert_ran(struct run *run, const char *log, uint64_t now_ns)
{
	assert_string_equal(base_buf_text(&run->log), log);
	assert_true(run->clock->now_ns(run->clock) == now_ns);
	base_buf_reset(&run->log);
}

static int setup(void **state)
{
	static struct run run;

	run.clock = base_vclock_new();
	base_buf_init(&run.log);
	*state = &run;
	return run.clock ? 0 : -1;
}

static int teardown(void **state)
{
	struct run *run = *state;

	base_vclock_free(run->clock);
	base_buf_fini(&run->log);
	return 0;
}

static void no_timers(void **state)
{
	struct run *run = *state;

	assert_ran(run, "", 0);
	assert_false(base_vclock_step(run->clock));
	base_vclock_advance(run->clock, 5);
	base_vclock_advance(run->clock, 0);
	assert_ran(run, "", 5);
	base_vclock_advance(run->clock, UINT64_MAX);
	assert_ran(run, "", UINT64_MAX);
	base_vclock_free(NULL);
}

static void in_order(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b"), c = named_init(run, "c"),
		     d = named_init(run, "d");

	start(&a, 30);
	start(&b, 10);
	start(&c, 30);
	start(&d, 20);
	assert_ran(run, "", 0);
	base_vclock_advance(run->clock, 9);
	assert_ran(run, "", 9);
	base_vclock_advance(run->clock, 1);
	assert_ran(run, "b@10 ", 10);
	base_vclock_advance(run->clock, 100);
	assert_ran(run, "d@20 a@30 c@30 ", 110);
}

static void equal_times_from_different_starts(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b"), c = named_init(run, "c");

	start(&b, 10);
	base_vclock_advance(run->clock, 5);
	start(&a, 5);
	start(&c, 0);
	base_vclock_advance(run->clock, 0);
	assert_ran(run, "c@5 ", 5);
	base_vclock_advance(run->clock, 5);
	assert_ran(run, "b@10 a@10 ", 10);
}

static void step(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b");

	start(&a, 7);
	start(&b, 7);
	assert_true(base_vclock_step(run->clock));
	assert_ran(run, "a@7 ", 7);
	assert_true(base_vclock_step(run->clock));
	assert_ran(run, "b@7 ", 7);
	assert_false(base_vclock_step(run->clock));
}

static void stop(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b");

	run->clock->stop(run->clock, &a.timer);
	start(&a, 1);
	start(&b, 1);
	run->clock->stop(run->clock, &a.timer);
	run->clock->stop(run->clock, &a.timer);
	assert_null(a.timer.impl);
	base_vclock_advance(run->clock, 10);
	assert_ran(run, "b@1 ", 10);
	start(&a, 1);
	assert_true(base_vclock_step(run->clock));
	assert_ran(run, "a@11 ", 11);
}

static void timers_that_start_and_stop(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b"), c = named_init(run, "c");

	a.stops = &b;
	a.starts = &c;
	a.starts_after_ns = 5;
	start(&a, 10);
	start(&b, 10);
	base_vclock_advance(run->clock, 15);
	assert_ran(run, "a@10 c@15 ", 15);
	assert_null(b.timer.impl);

	a.stops = NULL;
	a.starts = &a;
	start(&a, 5);
	base_vclock_advance(run->clock, 17);
	assert_ran(run, "a@20 a@25 a@30 ", 32);
	assert_true(base_vclock_step(run->clock));
	assert_ran(run, "a@35 ", 35);
	run->clock->stop(run->clock, &a.timer);
}

/* A timer started without delay during a step or an advance runs, but never within start(). */
static void zero_delay(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b");

	a.starts = &b;
	start(&a, 0);
	assert_ran(run, "", 0);
	assert_true(base_vclock_step(run->clock));
	assert_ran(run, "a@0 ", 0);
	base_vclock_advance(run->clock, 0);
	assert_ran(run, "b@0 ", 0);
}

static void end_of_time(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b");

	base_vclock_advance(run->clock, 100);
	start(&a, UINT64_MAX);
	start(&b, UINT64_MAX - 100);
	base_vclock_advance(run->clock, UINT64_MAX - 101);
	assert_ran(run, "", UINT64_MAX - 1);
	base_vclock_advance(run->clock, UINT64_MAX);
	assert_ran(run, "a@18446744073709551615 b@18446744073709551615 ", UINT64_MAX);
}

static void note_ran(void *ctx)
{
	base_buf_puts(ctx, "ran ");
}

/* Reported once for all timers of the same time. */
static void tells_what_ran(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b"), c = named_init(run, "c");

	run->clock->ran = note_ran;
	run->clock->ran_ctx = &run->log;
	start(&a, 5);
	start(&b, 5);
	start(&c, 6);
	base_vclock_advance(run->clock, 4);
	assert_ran(run, "", 4);
	base_vclock_advance(run->clock, 4);
	assert_ran(run, "a@5 b@5 ran c@6 ran ", 8);
	a.starts = &b;
	start(&a, 0);
	assert_true(base_vclock_step(run->clock));
	assert_ran(run, "a@8 ", 8);
	assert_true(base_vclock_step(run->clock));
	assert_ran(run, "b@8 ran ", 8);
}

/* A moment is a time and the number of timers run: some of those due at the same time. */
static void go_to_a_moment(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b"), c = named_init(run, "c");
	struct base_moment moment = { .ns = 5, .steps = 2 };

	start(&a, 5);
	start(&b, 5);
	start(&c, 5);
	assert_int_equal(base_vclock_go(run->clock, &moment), 0);
	assert_ran(run, "a@5 b@5 ", 5);
	assert_int_equal(base_clock_moment(run->clock).steps, 2);
	assert_int_equal(base_vclock_go(run->clock, &moment), 0);
	/* c is due before that */
	moment.ns = 6;
	assert_int_equal(base_vclock_go(run->clock, &moment), -EINVAL);
	moment.steps = 3;
	assert_int_equal(base_vclock_go(run->clock, &moment), 0);
	assert_ran(run, "c@5 ", 6);
	/* it never has that many, and never goes backwards */
	moment.steps = 4;
	assert_int_equal(base_vclock_go(run->clock, &moment), -EINVAL);
	moment = (struct base_moment){ .ns = 5, .steps = 3 };
	assert_int_equal(base_vclock_go(run->clock, &moment), -EINVAL);
}

static void free_with_armed_timers(void **state)
{
	struct run *run = *state;
	struct named a = named_init(run, "a"), b = named_init(run, "b");

	start(&a, 1);
	start(&b, 2);
	base_vclock_free(run->clock);
	run->clock = NULL;
	assert_null(a.timer.impl);
	assert_null(b.timer.impl);
	assert_int_equal(run->log.len, 0);
}

#define VCLOCK_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		VCLOCK_TEST(no_timers),
		VCLOCK_TEST(in_order),
		VCLOCK_TEST(equal_times_from_different_starts),
		VCLOCK_TEST(step),
		VCLOCK_TEST(stop),
		VCLOCK_TEST(timers_that_start_and_stop),
		VCLOCK_TEST(zero_delay),
		VCLOCK_TEST(end_of_time),
		VCLOCK_TEST(tells_what_ran),
		VCLOCK_TEST(go_to_a_moment),
		VCLOCK_TEST(free_with_armed_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
