/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hotplug lock: the order of calls, which can be interrupted, and what a call finds when it
 * finally acquires the lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe_call.h"

static void at_once(void **state)
{
	struct fixture *f = *state;
	struct probe_call a = probe(f, "a", 0), b = probe(f, "b", -EBUSY);

	hp_submit(f->engine.hp, &a.call);
	assert_trace(f, "a[ a=0 ");
	hp_submit(f->engine.hp, &b.call);
	assert_trace(f, "b[ b=-16 ");
	assert_int_equal(a.call.state, HP_CALL_IDLE);
	/* a call can be used again */
	hp_submit(f->engine.hp, &a.call);
	assert_trace(f, "a[ a=0 ");
}

static void pending_holds_the_lock(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a"), b = probe_holder(f, "b");
	struct probe_call c = probe(f, "c", -EIO), d = probe(f, "d", 0);

	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	hp_submit(hp, &c.call);
	assert_trace(f, "a[ ");
	assert_int_equal(a.call.state, HP_CALL_RUNNING);
	assert_int_equal(b.call.state, HP_CALL_WAITING);
	probe_finish(&a, -EINTR);
	assert_trace(f, "a=-4 b[ ");
	hp_submit(hp, &d.call);
	assert_trace(f, "");
	probe_finish(&b, 0);
	assert_trace(f, "b=0 c[ c=-5 d[ d=0 ");
}

/* A running call holds the lock even against calls that it makes itself; done() no longer does. */
static void nested(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe(f, "a", 0), b = probe(f, "b", 0), c = probe(f, "c", 0);

	a.submit_in_run = &b;
	hp_submit(hp, &a.call);
	assert_trace(f, "a[ a=0 b[ b=0 ");

	a = probe(f, "a", 0);
	a.submit_in_done = &c;
	hp_submit(hp, &a.call);
	assert_trace(f, "a[ a=0 c[ c=0 a. ");

	/* waiting calls precede those submitted by done() */
	a = probe_holder(f, "a");
	a.submit_in_done = &c;
	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	probe_finish(&a, 0);
	assert_trace(f, "a[ a=0 b[ b=0 c[ c=0 a. ");

	/* and a call can resubmit itself */
	a = probe(f, "a", 0);
	a.submit_in_done = &a;
	hp_submit(hp, &a.call);
	assert_trace(f, "a[ a=0 a[ a=0 a. ");
}

static void many_wait(void **state)
{
	struct fixture *f = *state;
	struct probe_call first = probe_holder(f, "first"), calls[1000];

	hp_submit(f->engine.hp, &first.call);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(calls); i++) {
		calls[i] = probe(f, "x", -(int)i);
		hp_submit(f->engine.hp, &calls[i].call);
	}
	base_buf_reset(&f->trace);
	probe_finish(&first, 0);
	assert_non_null(strstr(base_buf_text(&f->trace), "first=0 x[ x=0 x[ x=-1 x[ x=-2 "));
	assert_non_null(strstr(base_buf_text(&f->trace), " x[ x=-998 x[ x=-999 "));
	for (size_t i = 0; i < BASE_ARRAY_SIZE(calls); i++)
		assert_int_equal(calls[i].call.state, HP_CALL_IDLE);
}

/* Waiting for the lock: signals with a handler are not noticed, only a fatal one ends it. */
static void interrupted_while_waiting(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a"), b = probe(f, "b", 0);
	struct probe_call c = probe(f, "c", 0), d = probe(f, "d", 0);

	b.interruptible = true;
	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	hp_submit(hp, &c.call);
	hp_submit(hp, &d.call);
	hp_call_interrupt(hp, &b.call, false);
	hp_call_interrupt(hp, &c.call, false);
	assert_trace(f, "a[ ");
	assert_int_equal(c.call.state, HP_CALL_WAITING);
	hp_call_interrupt(hp, &c.call, true);
	assert_trace(f, "c=-4 ");
	assert_int_equal(c.call.state, HP_CALL_IDLE);
	hp_call_interrupt(hp, &c.call, true); /* already done: no effect */
	hp_call_interrupt(hp, &c.call, false);
	assert_trace(f, "");
	/* the lock holder is not affected, the others keep their order */
	probe_finish(&a, 0);
	assert_trace(f, "a=0 b[ b=0 d[ d=0 ");
	hp_submit(hp, &c.call);
	assert_trace(f, "c[ c=0 ");
}

static void interrupted_while_running(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a"), b = probe(f, "b", 0);

	/* a call that cannot be interrupted */
	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	hp_call_interrupt(hp, &a.call, false);
	hp_call_interrupt(hp, &a.call, true);
	assert_trace(f, "a[ ");
	probe_finish(&a, 0);
	assert_trace(f, "a=0 b[ b=0 ");

	/* one that can: by any signal */
	a = probe_holder(f, "a");
	a.interruptible = true;
	for (int fatal = 0; fatal < 2; fatal++) {
		hp_submit(hp, &a.call);
		hp_submit(hp, &b.call);
		hp_call_interrupt(hp, &a.call, fatal);
		assert_trace(f, "a[ a! a=-4 b[ b=0 ");
		hp_call_interrupt(hp, &a.call, fatal);
		assert_trace(f, "");
	}

	/* state of one run does not leak into the next */
	a = probe_holder(f, "a");
	hp_submit(hp, &a.call);
	hp_call_interrupt(hp, &a.call, true);
	assert_trace(f, "a[ ");
	probe_finish(&a, 0);
	assert_trace(f, "a=0 ");
}

static void interrupted_within_run(void **state)
{
	struct fixture *f = *state;
	struct probe_call a = probe_holder(f, "a");

	a.interruptible = true;
	a.interrupt_in_run = true;
	hp_submit(f->engine.hp, &a.call);
	assert_trace(f, "a[ a! a=-4 ");
}

/* A fatal signal's done() may submit the next call. */
static void interrupted_and_again(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a"), b = probe(f, "b", 0), c = probe(f, "c", 0);

	b.submit_in_done = &c;
	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	hp_call_interrupt(hp, &b.call, true);
	assert_trace(f, "a[ b=-4 b. ");
	probe_finish(&a, 0);
	assert_trace(f, "a=0 c[ c=0 ");
}

/* The engine does not touch a call after done(). */
static void freed_done(struct hp_call *call, int ret)
{
	assert_int_equal(ret, 0);
	free(base_container_of(call, struct probe_call, call));
}

static void call_may_go_in_done(void **state)
{
	struct fixture *f = *state;
	struct probe_call first = probe_holder(f, "first"), *calls[3];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(calls); i++) {
		calls[i] = malloc(sizeof(*calls[i]));
		assert_non_null(calls[i]);
		*calls[i] = probe(f, "x", 0);
		calls[i]->call.done = freed_done;
	}
	calls[1]->waits = true;
	hp_submit(f->engine.hp, &calls[0]->call);
	hp_submit(f->engine.hp, &first.call);
	hp_submit(f->engine.hp, &calls[1]->call);
	hp_submit(f->engine.hp, &calls[2]->call);
	probe_finish(&first, 0);
	probe_finish(calls[1], 0);
	assert_trace(f, "x[ first[ first=0 x[ x[ ");
}

/* ---- waiting stores ------------------------------------------------------------------------- */

static void store_waits(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a"), store = probe(f, "store", 0);
	struct probe_call again = probe(f, "again", 0), add = probe(f, "probe", 0);

	hp_submit(hp, &a.call);
	hp_store_state(hp, engine_block(&f->engine, 40), HP_OFFLINE, &store.call);
	hp_store_online(hp, engine_block(&f->engine, 40), false, &again.call);
	hp_store_probe(hp, GIB(8), &add.call);
	assert_trace(f, "a[ ");
	assert_int_equal(hp_block_state(engine_block(&f->engine, 40)), HP_STATE_ONLINE);
	assert_null(hp_block_find(hp, 64));
	hp_call_interrupt(hp, &store.call, false);
	hp_call_interrupt(hp, &add.call, false);
	probe_finish(&a, 0);
	/* the second store finds its goal already reached */
	assert_trace(f, "a=0 store=0 again=0 probe=0 ");
	assert_string_equal(engine_news(&f->engine), "offline@memory40 +memory64 add@memory64");
}

static void store_killed(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a"), store = probe(f, "store", 0);

	hp_submit(hp, &a.call);
	hp_store_state(hp, engine_block(&f->engine, 40), HP_OFFLINE, &store.call);
	hp_call_interrupt(hp, &store.call, true);
	assert_trace(f, "a[ store=-4 ");
	probe_finish(&a, 0);
	assert_trace(f, "a=0 ");
	assert_int_equal(hp_block_state(engine_block(&f->engine, 40)), HP_STATE_ONLINE);
	assert_string_equal(engine_news(&f->engine), "");
}

static void block_vanishes(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a"), removal = probe(f, "remove", 0);
	struct probe_call words[4] = { probe(f, "online", 0), probe(f, "offline", 0),
				       probe(f, "1", 0), probe(f, "0", 0) };

	assert_int_equal(engine_probe(&f->engine, GIB(8)), 0);
	removal.remove_start = GIB(8);
	hp_submit(hp, &a.call);
	hp_submit(hp, &removal.call);
	hp_store_state(hp, engine_block(&f->engine, 64), HP_ONLINE, &words[0].call);
	hp_store_state(hp, engine_block(&f->engine, 64), HP_OFFLINE, &words[1].call);
	hp_store_online(hp, engine_block(&f->engine, 64), true, &words[2].call);
	hp_store_online(hp, engine_block(&f->engine, 64), false, &words[3].call);
	probe_finish(&a, 0);
	assert_trace(f, "a[ a=0 remove[ remove=0 online=-19 offline=-19 1=-19 0=-19 ");
	assert_null(hp_block_find(hp, 64));
}

/* A new block of the same name is a different one: the file that was written to is gone. */
static void block_comes_again(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a"), change = probe(f, "change", 0);
	struct probe_call old = probe(f, "old", 0), old_online = probe(f, "old-online", 0);
	struct probe_call fresh = probe(f, "new", 0);

	assert_int_equal(engine_probe(&f->engine, GIB(8)), 0);
	change.remove_start = GIB(8);
	change.add_start = GIB(8);
	hp_submit(hp, &a.call);
	hp_submit(hp, &change.call);
	hp_store_state(hp, engine_block(&f->engine, 64), HP_ONLINE_MOVABLE, &old.call);
	hp_store_online(hp, engine_block(&f->engine, 64), true, &old_online.call);
	probe_finish(&a, 0);
	assert_trace(f, "a[ a=0 change[ change=0 old=-19 old-online=-19 ");
	assert_int_equal(hp_block_state(engine_block(&f->engine, 64)), HP_STATE_OFFLINE);

	/* nor is the type of the old block remembered */
	hp_store_online(hp, engine_block(&f->engine, 64), true, &fresh.call);
	assert_trace(f, "new=0 ");
	assert_string_equal(engine_valid_zones(&f->engine, 64), "Normal");
}

/* A signal only affects the call that it was sent for. */
static void used_again_after_a_signal(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = probe_holder(f, "a");

	hp_submit(hp, &a.call);
	hp_call_interrupt(hp, &a.call, false);
	assert_true(a.call.interrupted);
	probe_finish(&a, -EINTR);
	a.waits = true;
	hp_submit(hp, &a.call);
	assert_false(a.call.interrupted);
	probe_finish(&a, 0);
	assert_trace(f, "a[ a=-4 a[ a=0 ");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PROBE_TEST(at_once),
		PROBE_TEST(pending_holds_the_lock),
		PROBE_TEST(nested),
		PROBE_TEST(many_wait),
		PROBE_TEST(interrupted_while_waiting),
		PROBE_TEST(interrupted_while_running),
		PROBE_TEST(interrupted_within_run),
		PROBE_TEST(interrupted_and_again),
		PROBE_TEST(used_again_after_a_signal),
		PROBE_TEST(call_may_go_in_done),
		PROBE_TEST(store_waits),
		PROBE_TEST(store_killed),
		PROBE_TEST(block_vanishes),
		PROBE_TEST(block_comes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
