/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the hotplug lock that trace themselves, for tests of their order. */
#ifndef TEST_PROBE_CALL_H
#define TEST_PROBE_CALL_H

#include "engine.h"

/*
 * A call that traces itself: "a[" when it runs, "a!" when a signal ends its wait, "a=0" when it is
 * done, "a." when the calls that it submitted then have returned.
 * @answer: of run()
 * @waits: run() holds the lock until probe_finish(); @interruptible: or until there is a signal
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

struct fixture {
	struct engine engine;
	struct base_buf trace;
};

/* Lets run() return @answer. */
void probe_finish(struct probe_call *p, int answer);
int probe_setup(void **state);
int probe_teardown(void **state);
/* A call that is answered at once. */
struct probe_call probe(struct fixture *f, const char *name, int answer);
/* A call that holds the lock until probe_finish(). */
struct probe_call probe_holder(struct fixture *f, const char *name);
/* The trace since the last one. */
void assert_trace(struct fixture *f, const char *want);

#define PROBE_TEST(fn) cmocka_unit_test_setup_teardown(fn, probe_setup, probe_teardown)

#endif
