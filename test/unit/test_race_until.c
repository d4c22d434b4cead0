/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Race gates: until when they hold requests, in which order these are released, and what ends the
 * wait.
 */
#include "race.h"

/* ---- until ---------------------------------------------------------------------------------- */

static void until_somebody_wrote(void **state)
{
	struct world *w = *state;
	struct race_writer agent, udev;

	race_gate(w, "g", "actor=agent;path=*/memory33/state;until=" STATE(34) " online");
	world_watch(w);
	race_begin(w, &agent, AGENT, STATE(33), "online");
	assert_held(&agent);
	assert_reads(w, STATE(33), "offline\n");
	assert_takes(w, STATE(32), "online");
	assert_held(&agent);
	race_begin(w, &udev, UDEV, STATE(34), "online");
	race_end(&udev, 6);
	race_end(&agent, 6);
	assert_string_equal(world_events(w), "online@/devices/system/memory/memory32 "
					     "online@/devices/system/memory/memory34 "
					     "online@/devices/system/memory/memory33 ");
	assert_int_equal(race_number(w, "g", "passed"), 1);
	/* and the next one passes */
	race_begin(w, &agent, AGENT, STATE(33), "offline");
	race_end(&agent, 7);
	assert_int_equal(race_number(w, "g", "passed"), 2);
}

/* Also when time, not a request, changed it. */
static void until_time_passed(void **state)
{
	struct world *w = *state;
	struct race_writer slow, begun, ended;

	assert_takes(w, "machine/clock/migrate_pages_per_ms", "1");
	assert_takes(w, STATE(32), "online_movable");
	assert_int_equal(world_hold(w, "w0", "kind=anon block=32 size=64K"), 3);
	race_gate(w, "begun", "path=*/memory33/state;until=" STATE(32) " going-offline");
	race_gate(w, "ended", "path=*/memory34/state;until=" STATE(32) " offline");
	race_begin(w, &begun, AGENT, STATE(33), "online");
	race_begin(w, &ended, AGENT, STATE(34), "online");
	race_begin(w, &slow, UDEV, STATE(32), "offline");
	assert_false(slow.r.done);
	/* on its way to the lock that the offlining holds */
	assert_false(tree_req_held(&begun.r.req));
	assert_held(&ended);
	base_vclock_advance(w->clock, UINT64_C(1000000));
	assert_held(&ended);
	base_vclock_advance(w->clock, UINT64_C(1000000000));
	race_end(&slow, 7);
	race_end(&begun, 6);
	race_end(&ended, 6);
}

/* A released request makes the condition of another true, and that one a third's. */
static void one_after_the_other(void **state)
{
	struct world *w = *state;
	struct race_writer a[3];

	race_gate(w, "g2", "path=" STATE(34) ";until=" STATE(33) " online");
	race_gate(w, "g1", "path=" STATE(33) ";until=" STATE(32) " online");
	race_gate(w, "g0", "path=" STATE(32));
	race_begin(w, &a[2], AGENT, STATE(34), "online");
	race_begin(w, &a[1], AGENT, STATE(33), "online");
	race_begin(w, &a[0], UDEV, STATE(32), "online");
	world_watch(w);
	assert_takes(w, RACE "g0/release", "1");
	for (int i = 0; i < 3; i++)
		race_end(&a[i], 6);
	assert_string_equal(world_events(w), "online@/devices/system/memory/memory32 "
					     "online@/devices/system/memory/memory33 "
					     "online@/devices/system/memory/memory34 ");
}

static void until_made_and_removed(void **state)
{
	struct world *w = *state;
	struct race_writer made, gone;

	race_gate(w, "made", "path=" STATE(32) ";until=machine/workload/w0/size *");
	race_begin(w, &made, AGENT, STATE(32), "online");
	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	race_end(&made, 6);
	race_gate(w, "gone", "path=" STATE(33) ";until=machine/workload/w0");
	race_begin(w, &gone, AGENT, STATE(33), "online");
	assert_held(&gone);
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
	race_end(&gone, 6);
}

/* The block is removed while its writer is held. */
static void lost(void **state)
{
	struct world *w = *state;
	struct race_writer a, b;

	race_gate(w, "g", "until=machine/dimm/d0/plugged 0");
	race_begin(w, &a, AGENT, STATE(32), "online");
	race_begin(w, &b, UDEV, STATE(33), "online");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	race_end(&a, -ENODEV);
	race_end(&b, -ENODEV);
}

/* ---- barriers, counts, order ---------------------------------------------------------------- */

static void barrier(void **state)
{
	struct world *w = *state;
	struct race_writer a[4];

	race_gate(w, "g", "parties=2;path=*/state");
	world_watch(w);
	race_begin(w, &a[0], AGENT, STATE(33), "online");
	assert_held(&a[0]);
	race_begin(w, &a[1], UDEV, STATE(32), "online");
	race_end(&a[0], 6);
	race_end(&a[1], 6);
	assert_string_equal(world_events(w), "online@/devices/system/memory/memory33 "
					     "online@/devices/system/memory/memory32 ");
	/* it closes again; a killed process does not count */
	race_begin(w, &a[0], AGENT, STATE(33), "offline");
	tree_interrupt(&a[0].r.req, true);
	race_end(&a[0], -EINTR);
	race_begin(w, &a[1], UDEV, STATE(32), "offline");
	assert_held(&a[1]);
	race_begin(w, &a[2], AGENT, STATE(33), "offline");
	race_end(&a[1], 7);
	race_end(&a[2], 7);
	assert_int_equal(race_number(w, "g", "passed"), 4);
}

static void so_many_only(void **state)
{
	struct world *w = *state;
	struct race_writer a[3];

	race_gate(w, "g", "count=2");
	race_begin(w, &a[0], AGENT, STATE(32), "online");
	race_begin(w, &a[1], AGENT, STATE(33), "online");
	race_begin(w, &a[2], AGENT, STATE(34), "online");
	race_end(&a[2], 6);
	assert_int_equal(race_number(w, "g", "waiting"), 2);
	assert_writes(w, RACE "g/release", "3", -EAGAIN);
	assert_takes(w, RACE "g/release", "1");
	race_end(&a[0], 6);
	assert_held(&a[1]);
	assert_takes(w, RACE "g/enabled", "0");
	race_end(&a[1], 6);
	assert_int_equal(race_number(w, "g", "passed"), 2);
	/* counted from zero */
	assert_takes(w, RACE "g/enabled", "1");
	assert_int_equal(race_number(w, "g", "passed"), 0);
	race_begin(w, &a[0], AGENT, STATE(32), "offline");
	assert_held(&a[0]);
	assert_int_equal(world_rmdir(w, RACE "g"), 0);
	race_end(&a[0], 7);
}

/* Each gate in turn, in order of creation, even when one of them is removed. */
static void in_turn(void **state)
{
	struct world *w = *state;
	struct race_writer a, b;

	race_gate(w, "z", "");
	race_gate(w, "a", "");
	race_gate(w, "m", "actor=udev");
	race_begin(w, &a, AGENT, STATE(32), "online");
	race_begin(w, &b, UDEV, STATE(33), "online");
	assert_int_equal(race_number(w, "z", "waiting"), 2);
	assert_int_equal(race_number(w, "a", "waiting"), 0);
	assert_int_equal(world_rmdir(w, RACE "z"), 0);
	assert_int_equal(race_number(w, "a", "waiting"), 2);
	assert_takes(w, RACE "a/release", "2");
	race_end(&a, 6);
	assert_int_equal(race_number(w, "m", "waiting"), 1);
	/* created while the request waited: it meets this one, too */
	race_gate(w, "last", "");
	assert_takes(w, RACE "m/release", "1");
	assert_int_equal(race_number(w, "last", "waiting"), 1);
	assert_takes(w, RACE "last/release", "1");
	race_end(&b, 6);
}

/* A released request may itself release others, or remove the gate. */
static void in_each_other(void **state)
{
	struct world *w = *state;
	struct race_writer a[3];

	race_gate(w, "g", "path=*/state");
	race_gate(w, "h", "path=machine/dimm/*");
	race_begin(w, &a[0], AGENT, STATE(32), "online");
	race_begin(w, &a[1], UDEV, "machine/dimm/d0/plugged", "0");
	race_begin(w, &a[2], UDEV, STATE(33), "online");
	assert_takes(w, RACE "h/release", "1");
	race_end(&a[1], 1);
	assert_held(&a[0]);
	assert_takes(w, RACE "g/release", "2");
	race_end(&a[0], -ENODEV);
	race_end(&a[2], -ENODEV);
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void signals(void **state)
{
	struct world *w = *state;
	struct race_writer a, b;

	race_gate(w, "g", "");
	race_begin(w, &a, AGENT, STATE(32), "online");
	race_begin(w, &b, UDEV, STATE(33), "online");
	tree_interrupt(&a.r.req, false);
	assert_held(&a);
	tree_interrupt(&a.r.req, true);
	race_end(&a, -EINTR);
	assert_reads(w, STATE(32), "offline\n");
	assert_int_equal(race_number(w, "g", "waiting"), 1);
	assert_int_equal(race_number(w, "g", "passed"), 0);
	tree_interrupt(&b.r.req, true);
	race_end(&b, -EINTR);
	assert_writes(w, RACE "g/release", "1", -EAGAIN);
}

/* The maximum number of gates. */
static void full(void **state)
{
	struct race_writer *a = calloc(1025, sizeof(*a));
	struct world *w = *state;

	assert_non_null(a);
	race_gate(w, "g", "");
	for (int i = 0; i < 1025; i++)
		race_begin(w, &a[i], AGENT, SYS_MEMORY "auto_online_blocks", "online");
	assert_int_equal(race_number(w, "g", "waiting"), 1024);
	race_end(&a[1024], -ENOMEM);
	assert_takes(w, RACE "g/enabled", "0");
	for (int i = 0; i < 1024; i++)
		race_end(&a[i], 6);
	free(a);
}

/* The tree can be freed with gates in it. */
static void left_behind(void **state)
{
	struct world *w = *state;
	struct tree_file *file;

	race_gate(w, "g", "");
	file = world_open_good(w, RACE "g/waiting", O_RDONLY);
	race_gate(w, "h", "");
	assert_int_equal(world_rmdir(w, RACE "g"), 0);
	tree_release(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RACE_TEST(until_somebody_wrote),
		RACE_TEST(until_time_passed),
		RACE_TEST(one_after_the_other),
		RACE_TEST(until_made_and_removed),
		RACE_TEST(lost),
		RACE_TEST(barrier),
		RACE_TEST(so_many_only),
		RACE_TEST(in_turn),
		RACE_TEST(in_each_other),
		RACE_TEST(signals),
		RACE_TEST(full),
		RACE_TEST(left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
