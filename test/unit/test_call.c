// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hotplug lock: the order of calls, which can be interrupted, and what a call finds when it
 * finally acquires the lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/*
 * A call that traces itself: "a[" when it runs, "a!" when a signal ends its wait, "a=0" when it is
 * done, "a." when the calls that it submitted then have returned.
 * @answer: of run()
 * @waits: run() holds the lock until finish(); @interruptible: or until there is a signal
 */
struct probe_call {
	struct hp_call call;
	const char *name;
	struct base_buf *trace;
	int answer;
	bool waits;
	bool interruptible;
	struct probe_call *submit_in_run;
	struct probe_call *submit_in_done;
	bool interrupt_in_run;
	bool in_run;
	struct engine *engine;
	uint64_t remove_start; /* bytes; removed by run() */
	uint64_t add_start;    /* bytes; added again by run() */
};

static int trace_wait(struct probe_call *p)
{
	while (p->waits) {
		if (p->interruptible && p->call.interrupted) {
			base_buf_printf(p->trace, "%s! ", p->name);
			return -EINTR;
		}
		assert_int_equal(hp_sleep(p->call.hp, HP_FOR_EVER, HP_WAIT_INTERRUPTIBLE), 0);
	}
	return p->answer;
}

static int trace_run(struct hp_call *call)
{
	struct probe_call *p = base_container_of(call, struct probe_call, call);
	struct hp_add add = { .start = p->add_start, .size = MIB(128), .name = "System RAM" };
	int ret;

	base_buf_printf(p->trace, "%s[ ", p->name);
	p->in_run = true;
	if (p->submit_in_run)
		hp_submit(call->hp, &p->submit_in_run->call);
	if (p->remove_start)
		assert_int_equal(hp_remove_memory(call->hp, p->remove_start, MIB(128)), 0);
	if (p->add_start)
		assert_int_equal(hp_add_memory(call->hp, &add), 0);
	if (p->interrupt_in_run)
		hp_call_interrupt(call->hp, call, true);
	ret = trace_wait(p);
	p->in_run = false;
	return ret;
}

/* The signal makes it check @waits again. */
static void finish(struct probe_call *p, int answer)
{
	p->waits = false;
	p->answer = answer;
	hp_call_interrupt(p->call.hp, &p->call, true);
}

static void trace_done(struct hp_call *call, int ret)
{
	struct probe_call *p = base_container_of(call, struct probe_call, call);
	struct probe_call *next = p->submit_in_done;

	assert_false(p->in_run);
	base_buf_printf(p->trace, "%s=%d ", p->name, ret);
	p->submit_in_done = NULL;
	if (!next)
		return;
	hp_submit(p->engine->hp, &next->call);
	base_buf_printf(p->trace, "%s. ", p->name);
}

struct fixture {
	struct engine engine;
	struct base_buf trace;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	engine_init(&f->engine, &engine_plain);
	base_buf_init(&f->trace);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	engine_fini(&f->engine);
	base_buf_fini(&f->trace);
	free(f);
	return 0;
}

static struct probe_call probe(struct fixture *f, const char *name, int answer)
{
	return (struct probe_call){
		.call = { .run = trace_run, .done = trace_done },
		.name = name,
		.trace = &f->trace,
		.answer = answer,
		.engine = &f->engine,
	};
}

/* A call that holds the lock until finish(). */
static struct probe_call holder(struct fixture *f, const char *name)
{
	struct probe_call p = probe(f, name, 0);

	p.waits = true;
	return p;
}

static void assert_trace(struct fixture *f, const char *want)
{
	assert_string_equal(base_buf_text(&f->trace), want);
	base_buf_reset(&f->trace);
}

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
	struct probe_call a = holder(f, "a"), b = holder(f, "b");
	struct probe_call c = probe(f, "c", -EIO), d = probe(f, "d", 0);

	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	hp_submit(hp, &c.call);
	assert_trace(f, "a[ ");
	assert_int_equal(a.call.state, HP_CALL_RUNNING);
	assert_int_equal(b.call.state, HP_CALL_WAITING);
	finish(&a, -EINTR);
	assert_trace(f, "a=-4 b[ ");
	hp_submit(hp, &d.call);
	assert_trace(f, "");
	finish(&b, 0);
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
	a = holder(f, "a");
	a.submit_in_done = &c;
	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	finish(&a, 0);
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
	struct probe_call first = holder(f, "first"), calls[1000];

	hp_submit(f->engine.hp, &first.call);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(calls); i++) {
		calls[i] = probe(f, "x", -(int)i);
		hp_submit(f->engine.hp, &calls[i].call);
	}
	base_buf_reset(&f->trace);
	finish(&first, 0);
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
	struct probe_call a = holder(f, "a"), b = probe(f, "b", 0);
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
	finish(&a, 0);
	assert_trace(f, "a=0 b[ b=0 d[ d=0 ");
	hp_submit(hp, &c.call);
	assert_trace(f, "c[ c=0 ");
}

static void interrupted_while_running(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = holder(f, "a"), b = probe(f, "b", 0);

	/* a call that cannot be interrupted */
	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	hp_call_interrupt(hp, &a.call, false);
	hp_call_interrupt(hp, &a.call, true);
	assert_trace(f, "a[ ");
	finish(&a, 0);
	assert_trace(f, "a=0 b[ b=0 ");

	/* one that can: by any signal */
	a = holder(f, "a");
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
	a = holder(f, "a");
	hp_submit(hp, &a.call);
	hp_call_interrupt(hp, &a.call, true);
	assert_trace(f, "a[ ");
	finish(&a, 0);
	assert_trace(f, "a=0 ");
}

static void interrupted_within_run(void **state)
{
	struct fixture *f = *state;
	struct probe_call a = holder(f, "a");

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
	struct probe_call a = holder(f, "a"), b = probe(f, "b", 0), c = probe(f, "c", 0);

	b.submit_in_done = &c;
	hp_submit(hp, &a.call);
	hp_submit(hp, &b.call);
	hp_call_interrupt(hp, &b.call, true);
	assert_trace(f, "a[ b=-4 b. ");
	finish(&a, 0);
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
	struct probe_call first = holder(f, "first"), *calls[3];

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
	finish(&first, 0);
	finish(calls[1], 0);
	assert_trace(f, "x[ first[ first=0 x[ x[ ");
}

/* ---- waiting stores ------------------------------------------------------------------------- */

static void store_waits(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = holder(f, "a"), store = probe(f, "store", 0);
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
	finish(&a, 0);
	/* the second store finds its goal already reached */
	assert_trace(f, "a=0 store=0 again=0 probe=0 ");
	assert_string_equal(engine_news(&f->engine), "offline@memory40 +memory64 add@memory64");
}

static void store_killed(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = holder(f, "a"), store = probe(f, "store", 0);

	hp_submit(hp, &a.call);
	hp_store_state(hp, engine_block(&f->engine, 40), HP_OFFLINE, &store.call);
	hp_call_interrupt(hp, &store.call, true);
	assert_trace(f, "a[ store=-4 ");
	finish(&a, 0);
	assert_trace(f, "a=0 ");
	assert_int_equal(hp_block_state(engine_block(&f->engine, 40)), HP_STATE_ONLINE);
	assert_string_equal(engine_news(&f->engine), "");
}

static void block_vanishes(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = holder(f, "a"), removal = probe(f, "remove", 0);
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
	finish(&a, 0);
	assert_trace(f, "a[ a=0 remove[ remove=0 online=-19 offline=-19 1=-19 0=-19 ");
	assert_null(hp_block_find(hp, 64));
}

/* A new block of the same name is a different one: the file that was written to is gone. */
static void block_comes_again(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = holder(f, "a"), change = probe(f, "change", 0);
	struct probe_call old = probe(f, "old", 0), old_online = probe(f, "old-online", 0);
	struct probe_call fresh = probe(f, "new", 0);

	assert_int_equal(engine_probe(&f->engine, GIB(8)), 0);
	change.remove_start = GIB(8);
	change.add_start = GIB(8);
	hp_submit(hp, &a.call);
	hp_submit(hp, &change.call);
	hp_store_state(hp, engine_block(&f->engine, 64), HP_ONLINE_MOVABLE, &old.call);
	hp_store_online(hp, engine_block(&f->engine, 64), true, &old_online.call);
	finish(&a, 0);
	assert_trace(f, "a[ a=0 change[ change=0 old=-19 old-online=-19 ");
	assert_int_equal(hp_block_state(engine_block(&f->engine, 64)), HP_STATE_OFFLINE);

	/* nor is the type of the old block remembered */
	hp_store_online(hp, engine_block(&f->engine, 64), true, &fresh.call);
	assert_trace(f, "new=0 ");
	assert_string_equal(engine_valid_zones(&f->engine, 64), "Normal");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A signal only affects the call that it was sent for. */
static void used_again_after_a_signal(void **state)
{
	struct fixture *f = *state;
	struct hp *hp = f->engine.hp;
	struct probe_call a = holder(f, "a");

	hp_submit(hp, &a.call);
	hp_call_interrupt(hp, &a.call, false);
	assert_true(a.call.interrupted);
	finish(&a, -EINTR);
	a.waits = true;
	hp_submit(hp, &a.call);
	assert_false(a.call.interrupted);
	finish(&a, 0);
	assert_trace(f, "a[ a=-4 a[ a=0 ");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(at_once),
		TEST(pending_holds_the_lock),
		TEST(nested),
		TEST(many_wait),
		TEST(interrupted_while_waiting),
		TEST(interrupted_while_running),
		TEST(interrupted_within_run),
		TEST(interrupted_and_again),
		TEST(used_again_after_a_signal),
		TEST(call_may_go_in_done),
		TEST(store_waits),
		TEST(store_killed),
		TEST(block_vanishes),
		TEST(block_comes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
