// SPDX-License-Identifier: GPL-2.0-or-later
/* libmemhp: time, and requests that wait. */
#include "lib_test.h"

/* Going offline takes 50 ms more. */
static const char *const slow[] = { "phase=going_offline", "block=8",	"errno=none",
				    "delay_ms=50",	   "enabled=1", NULL };
/* It never ends, not even by a signal. */
static const char *const stuck[] = { "phase=going_offline", "block=8",	 "errno=none",
				     "delay_ms=hang",	    "enabled=1", NULL };

struct heard {
	struct memhp *m;
	unsigned int calls;
	uint64_t id;
	int result;
	uint64_t at;
	char text[32];
};

static void hear(void *ctx, uint64_t id, int result, const char *text, size_t len)
{
	struct heard *heard = ctx;

	heard->calls++;
	heard->id = id;
	heard->result = result;
	heard->at = memhp_now(heard->m);
	snprintf(heard->text, sizeof(heard->text), "%.*s", (int)len, text);
}

static void test_clock(void **state)
{
	struct memhp *m = lib_boot();

	assert_int_equal(memhp_now(m), 0);
	assert_int_equal(memhp_advance(m, 5), 0);
	assert_int_equal(memhp_advance(m, SECOND), 0);
	assert_int_equal(memhp_now(m), SECOND + 5);
	assert_int_equal(memhp_run(m, SECOND), 0);
	assert_int_equal(memhp_now(m), SECOND + 5);
	assert_int_equal(memhp_advance(m, UINT64_MAX), 0);
	assert_int_equal(memhp_now(m), UINT64_MAX);
	memhp_free(m);
}

/* A write waits in virtual time for exactly as long as it takes. */
static void test_write_waits(void **state)
{
	struct memhp *m = lib_boot();

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_int_equal(memhp_now(m), 50 * MS);
	memhp_free(m);
}

/* What never ends is interrupted. */
static void test_endless_write(void **state)
{
	static const char *const pinned[] = { "kind=pinned", "block=8", "size=4K", NULL };
	struct memhp *m = lib_boot();

	lib_write(m, BLOCKS "memory8/state", "offline");
	lib_write(m, BLOCKS "memory8/state", "online_movable");
	assert_int_equal(memhp_make(m, "workload", "w", pinned), 0);
	assert_int_equal(memhp_write(m, BLOCKS "memory8/state", "offline"), -ETIMEDOUT);
	assert_ptr_equal(strstr(memhp_error(m), BLOCKS "memory8/state: Connection timed out"),
			 memhp_error(m));
	lib_expect(m, BLOCKS "memory8/state", "online\n");
	memhp_free(m);
}

static void test_begin_write(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };
	uint64_t id;

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	assert_int_equal(
		memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, hear, &heard, &id), 0);
	assert_int_equal(memhp_pending(m, id), 1);
	lib_expect(m, BLOCKS "memory8/state", "going-offline\n");
	assert_int_equal(memhp_advance(m, 49 * MS), 0);
	assert_int_equal(heard.calls, 0);
	assert_int_equal(memhp_advance(m, SECOND), 0);
	assert_int_equal(heard.calls, 1);
	assert_int_equal(heard.id, id);
	assert_int_equal(heard.result, 0);
	assert_int_equal(heard.at, 50 * MS);
	assert_int_equal(memhp_pending(m, id), -ENOENT);
	assert_int_equal(memhp_wait(m, id), -ENOENT);
	assert_string_equal(memhp_error(m), "there is no request 1");
	memhp_free(m);
}

/* What needs no time is told before the function returns. */
static void test_begin_read(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };
	uint64_t id;

	assert_int_equal(memhp_begin_read(m, BLOCKS "memory8/state", hear, &heard, &id), 0);
	assert_int_equal(heard.calls, 1);
	assert_int_equal(heard.id, id);
	assert_string_equal(heard.text, "online\n");
	assert_int_equal(memhp_begin_read(m, "none", hear, &heard, &id), 0);
	assert_int_equal(heard.calls, 2);
	assert_int_equal(heard.result, -ENOENT);
	assert_string_equal(heard.text, "");
	memhp_free(m);
}

static void test_wait(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };
	uint64_t first, second, third;

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, NULL, NULL, &first);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, hear, &heard, &second);
	memhp_begin_write(m, BLOCKS "memory9/state", "nonsense", 8, NULL, NULL, &third);
	assert_int_equal(memhp_pending(m, third), 0);
	assert_int_equal(memhp_wait(m, second), -EINVAL);
	assert_int_equal(heard.calls, 1);
	assert_int_equal(heard.result, -EINVAL);
	assert_int_equal(memhp_pending(m, first), 0);
	assert_int_equal(memhp_wait(m, first), 0);
	assert_int_equal(memhp_wait(m, first), -ENOENT);
	assert_int_equal(memhp_wait(m, third), -EINVAL);
	assert_string_equal(memhp_error(m), "Invalid argument");
	memhp_free(m);
}

static void test_stuck(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };
	uint64_t id;

	assert_int_equal(memhp_make(m, "fault", "f", stuck), 0);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, hear, &heard, &id);
	assert_int_equal(memhp_run(m, SECOND), -ETIMEDOUT);
	assert_string_equal(memhp_error(m), "the machine is still busy");
	assert_int_equal(memhp_wait(m, id), -ETIMEDOUT);
	assert_string_equal(memhp_error(m), "nothing ends request 1");
	assert_int_equal(memhp_cancel(m, id), -ETIMEDOUT);
	assert_string_equal(memhp_error(m), "request 1 does not end");
	assert_int_equal(memhp_cancel(m, id), -ENOENT);
	assert_int_equal(memhp_set(m, "fault", "f", "enabled", "0"), 0);
	assert_int_equal(memhp_run(m, SECOND), 0);
	assert_int_equal(heard.calls, 0);
	lib_expect(m, BLOCKS "memory8/state", "online\n");
	/* one that never ends does so with the machine */
	assert_int_equal(memhp_set(m, "fault", "f", "enabled", "1"), 0);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, hear, &heard, &id);
	memhp_free(m);
	assert_int_equal(heard.calls, 0);
}

static void test_run(void **state)
{
	struct memhp *m = lib_boot();
	uint64_t id;

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, NULL, NULL, &id);
	assert_int_equal(memhp_run(m, 10 * MS), -ETIMEDOUT);
	assert_int_equal(memhp_run(m, SECOND), 0);
	assert_int_equal(memhp_now(m), 50 * MS);
	assert_int_equal(memhp_wait(m, id), 0);
	memhp_free(m);
}

/* ---- races ----------------------------------------------------------------------------------- */

static void test_race(void **state)
{
	static const char *const gate[] = { "op=write", "actor=agent", "enabled=1", NULL };
	struct memhp *m = lib_boot();
	uint64_t id;

	assert_int_equal(memhp_make(m, "race", "g", gate), 0);
	lib_write(m, BLOCKS "memory9/state", "offline");
	assert_int_equal(memhp_set_actor(m, "agent"), 0);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, NULL, NULL, &id);
	assert_int_equal(memhp_set_actor(m, NULL), 0);
	lib_expect(m, "machine/race/g/waiting", "1\n");
	lib_expect(m, BLOCKS "memory8/state", "online\n");
	assert_int_equal(memhp_pending(m, id), 1);
	assert_int_equal(memhp_set(m, "race", "g", "release", "1"), 0);
	assert_int_equal(memhp_wait(m, id), 0);
	lib_expect(m, BLOCKS "memory8/state", "offline\n");

	assert_int_equal(memhp_set_actor(m, ""), -EINVAL);
	assert_int_equal(memhp_set_actor(m, "sixteen-letters!"), -EINVAL);
	assert_string_equal(memhp_error(m),
			    "'sixteen-letters!': an actor's name has 1 to 15 characters");
	memhp_free(m);
}

/* ---- callbacks that use the machine ---------------------------------------------------------- */

/* Brings the block online again, and waits for that. */
static void react(void *ctx, uint64_t id, int result, const char *text, size_t len)
{
	struct heard *heard = ctx;

	hear(ctx, id, result, text, len);
	lib_write(heard->m, BLOCKS "memory8/state", "online_movable");
	assert_int_equal(memhp_advance(heard->m, SECOND), 0);
}

static void test_callback_acts(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };
	uint64_t id;

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, react, &heard, &id);
	assert_int_equal(memhp_advance(m, 100 * MS), 0);
	assert_int_equal(heard.at, 50 * MS);
	lib_expect(m, BLOCKS "memory8/valid_zones", "Movable\n");
	assert_int_equal(memhp_now(m), SECOND + 50 * MS);
	memhp_free(m);
}

static void end(void *ctx, uint64_t id, int result, const char *text, size_t len)
{
	struct heard *heard = ctx;

	hear(ctx, id, result, text, len);
	memhp_free(heard->m);
}

static void test_callback_frees(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };
	uint64_t id;

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, end, &heard, &id);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, hear, &heard, &id);
	assert_int_equal(memhp_advance(m, SECOND), 0);
	assert_int_equal(heard.calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock),	       cmocka_unit_test(test_write_waits),
		cmocka_unit_test(test_endless_write),  cmocka_unit_test(test_begin_write),
		cmocka_unit_test(test_begin_read),     cmocka_unit_test(test_wait),
		cmocka_unit_test(test_stuck),	       cmocka_unit_test(test_run),
		cmocka_unit_test(test_race),	       cmocka_unit_test(test_callback_acts),
		cmocka_unit_test(test_callback_frees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
