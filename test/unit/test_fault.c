// SPDX-License-Identifier: GPL-2.0-or-later
/* Fault plans: what they fail, how often, and that nothing remains half done. */
#include "world.h"

#define F "machine/fault/f/"
#define STATE(n) SYS_MEMORY "memory" #n "/state"

static void plan(struct world *w, const char *phase, const char *block, const char *error)
{
	if (!world_exists(w, "machine/fault/f"))
		assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	assert_takes(w, F "enabled", "0");
	assert_takes(w, F "phase", phase);
	assert_takes(w, F "block", block);
	assert_takes(w, F "errno", error);
	assert_takes(w, F "enabled", "1");
}

static void words(void **state)
{
	static const struct {
		const char *file, *text;
		int ret;
		const char *shown;
	} rows[] = {
		{ F "phase", "isolate\n", 8, "isolate\n" },
		{ F "phase", "isolated", -EINVAL, "isolate\n" },
		{ F "block", "any", 3, "any\n" },
		{ F "block", "33", 2, "33\n" },
		{ F "block", "33-40\n", 6, "33-40\n" },
		{ F "block", "40-33", -EINVAL, "33-40\n" },
		{ F "block", "33-", -EINVAL, "33-40\n" },
		{ F "block", "every 3", 7, "every 3\n" },
		{ F "block", "every 0", -EINVAL, "every 3\n" },
		{ F "block", "node 1", 6, "node 1\n" },
		{ F "block", "node 1024", -EINVAL, "node 1\n" },
		{ F "block", "zone Movable", 12, "zone Movable\n" },
		{ F "block", "zone Mobile", -EINVAL, "zone Movable\n" },
		{ F "block", "", 0, "zone Movable\n" },
		{ F "errno", "ENOMEM\n", 7, "ENOMEM\n" },
		{ F "errno", "16", 2, "EBUSY\n" },
		{ F "errno", "133", 3, "EHWPOISON\n" },
		{ F "errno", "EWHAT", -EINVAL, "EHWPOISON\n" },
		{ F "errno", "134", -EINVAL, "EHWPOISON\n" },
		{ F "errno", "0", -EINVAL, "EHWPOISON\n" },
		{ F "probability", "101", -EINVAL, "100\n" },
		{ F "errno", "none", 4, "none\n" },
		{ F "delay_ms", "250\n", 4, "250\n" },
		{ F "delay_ms", "hang\n", 5, "hang\n" },
		{ F "delay_ms", "hangs", -EINVAL, "hang\n" },
		{ F "delay_ms", "18446744073709551615", 20, "hang\n" },
		{ F "delay_ms", "18446744073709551614", -ERANGE, "hang\n" },
		{ F "delay_ms", "0", 1, "0\n" },
		{ F "count", "0x10", 4, "16\n" },
		{ F "after", "-1", -EINVAL, "0\n" },
	};
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		if (*rows[i].text)
			assert_writes(w, rows[i].file, rows[i].text, rows[i].ret);
		assert_reads(w, rows[i].file, rows[i].shown);
	}
	assert_takes(w, F "enabled", "1");
	assert_writes(w, F "phase", "migrate", -EBUSY);
	assert_writes(w, F "block", "1", -EBUSY);
	assert_writes(w, F "errno", "EIO", -EBUSY);
	assert_writes(w, F "seed", "1", -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/fault/f"), 0);
}

/* Each phase fails its operation, and everything is restored. */
static void phases(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=512M node=1");
	plan(w, "prepare_online", "32", "EIO");
	assert_writes(w, STATE(32), "online", -EIO);
	assert_reads(w, STATE(32), "offline\n");
	assert_takes(w, STATE(33), "online_movable");
	plan(w, "going_online", "zone Movable", "ENOMEM");
	assert_writes(w, STATE(32), "online_movable", -ENOMEM);
	assert_takes(w, STATE(32), "online_kernel");
	plan(w, "going_offline", "zone Movable", "EPERM");
	assert_writes(w, STATE(33), "offline", -EPERM);
	assert_takes(w, STATE(32), "offline");
	plan(w, "isolate", "node 1", "EBUSY");
	world_watch(w);
	assert_writes(w, STATE(33), "offline", -EBUSY);
	assert_reads(w, STATE(33), "online\n");
	plan(w, "dissolve", "any", "ENOMEM");
	assert_writes(w, STATE(33), "offline", -ENOMEM);
	assert_reads(w, STATE(33), "online\n");
	assert_string_equal(world_events(w), "");
	assert_non_null(strstr(world_read(w, "machine/log"), "failure to dissolve huge pages"));
	assert_non_null(strstr(world_read(w, "machine/log"),
			       "fault f: dissolve of memory33 fails with ENOMEM\n"));
	plan(w, "eject", "35", "EIO");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EIO);
	assert_reads(w, STATE(33), "online\n");
	plan(w, "plug", "36", "ENODEV");
	assert_int_equal(world_plug(w, "d1", "size=256M node=1"), -ENODEV);
	assert_string_equal(world_dimm_read(w, "d1", "plugged"), "0\n");
	plan(w, "memmap_alloc", "37", "ENOMEM");
	assert_int_equal(world_dimm_write(w, "d1", "plugged", "1"), 1);
	assert_false(world_exists(w, SYS_MEMORY "memory36"));
	assert_int_equal(world_rmdir(w, "machine/fault/f"), 0);
}

/* Nothing migrates while it fails. */
static void migration(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_takes(w, STATE(32), "online_movable");
	plan(w, "migrate", "any", "EAGAIN");
	assert_takes(w, F "enabled", "0");
	assert_takes(w, F "count", "3");
	assert_takes(w, F "enabled", "1");
	file = world_open_good(w, STATE(32), O_WRONLY);
	world_req_write(&r, file, "offline", 7);
	assert_false(r.done);
	assert_reads(w, STATE(32), "going-offline\n");
	base_vclock_advance(w->clock, UINT64_C(20000000));
	assert_false(r.done);
	base_vclock_advance(w->clock, UINT64_C(10000000));
	assert_true(r.done);
	assert_int_equal(r.result, 7);
	world_req_fini(&r);
	/* a signal ends it in this case, too */
	assert_takes(w, STATE(32), "online_movable");
	assert_takes(w, F "enabled", "0");
	assert_takes(w, F "count", "0");
	assert_takes(w, F "enabled", "1");
	world_req_write(&r, file, "offline", 7);
	base_vclock_advance(w->clock, UINT64_C(1000000000));
	assert_false(r.done);
	tree_interrupt(&r.req, false);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	world_req_fini(&r);
	tree_release(file);
}

static void node_alloc(void **state)
{
	struct world *w =
		world_new(PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"
				 "hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 1}\n" ONE_CPU);

	(void)state;
	plan(w, "node_alloc", "any", "ENOMEM");
	assert_plugs(w, "d0", "size=128M node=1");
	assert_false(world_exists(w, SYS_NODE "node1"));
	assert_reads(w, F "failures", "1\n");
	assert_takes(w, F "enabled", "0");
	assert_plugs(w, "d1", "size=128M node=1");
	assert_true(world_exists(w, SYS_NODE "node1"));
	world_free(w);
}

/* After some successes, a number of times, every third time. */
static void which(void **state)
{
	struct world *w = *state;
	char text[9] = "";

	assert_plugs(w, "d0", "size=1G node=1");
	assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	assert_takes(w, F "after", "2");
	assert_takes(w, F "count", "3");
	assert_takes(w, F "enabled", "1");
	for (unsigned int i = 0; i < 8; i++) {
		char path[64];

		snprintf(path, sizeof(path), SYS_MEMORY "memory%u/state", 32 + i);
		text[i] = world_write(w, path, "online") < 0 ? '-' : '+';
	}
	assert_string_equal(text, "++---+++");
	assert_reads(w, F "hits", "8\n");
	assert_reads(w, F "failures", "3\n");
	plan(w, "going_offline", "every 3", "EBUSY");
	assert_takes(w, F "enabled", "0");
	assert_takes(w, F "after", "0");
	assert_takes(w, F "count", "0");
	assert_takes(w, F "enabled", "1");
	assert_writes(w, STATE(39), "offline", -EBUSY);
	assert_takes(w, STATE(38), "offline");
}

/* The same seed always gives the same decisions. */
static void seeds(void **state)
{
	struct world *w = *state;
	char text[3][101] = { "", "", "" };
	unsigned int failed = 0;

	assert_plugs(w, "d0", "size=128M node=1");
	plan(w, "going_online", "any", "EBUSY");
	for (unsigned int run = 0; run < 3; run++) {
		assert_takes(w, F "enabled", "0");
		assert_takes(w, F "probability", "30");
		assert_takes(w, F "seed", run == 1 ? "8" : "7");
		assert_takes(w, F "enabled", "1");
		for (unsigned int i = 0; i < 100; i++) {
			bool ok = world_write(w, STATE(32), "online") > 0;

			text[run][i] = ok ? '+' : '-';
			failed += !ok && !run;
			if (ok)
				assert_takes(w, STATE(32), "offline");
		}
	}
	assert_in_range(failed, 20, 40);
	assert_string_equal(text[0], text[2]);
	assert_string_not_equal(text[0], text[1]);
}

/* Plans of a machine file are active from the beginning. */
static void machine_file(void **state)
{
	struct world *w =
		world_new(PC_LOW "  - {start: 1M, end: 0x3fffffff, node: 0}\n" ONE_CPU "faults:\n"
				 "  - {name: f, phase: going_offline, block: 3-4, errno: EIO, "
				 "count: 1}\n"
				 "  - {name: g, phase: isolate}\n"
				 "  - {name: h, phase: plug, errno: none, delay_ms: hang}\n"
				 "  - {name: i, phase: plug, delay_ms: 20}\n");

	(void)state;
	assert_reads(w, F "enabled", "1\n");
	assert_reads(w, F "block", "3-4\n");
	assert_reads(w, "machine/fault/g/errno", "EBUSY\n");
	assert_reads(w, "machine/fault/h/errno", "none\n");
	assert_reads(w, "machine/fault/h/delay_ms", "hang\n");
	assert_reads(w, "machine/fault/i/delay_ms", "20\n");
	assert_writes(w, STATE(3), "offline", -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/fault/g"), 0);
	assert_writes(w, STATE(3), "offline", -EIO);
	assert_takes(w, STATE(3), "offline");
	world_free(w);
}

/* Two plans for one passing each: both count all passings. */
static void two_passings(void **state)
{
	struct world *w = *state;

	plan(w, "isolate", "9", "EBUSY");
	assert_takes(w, F "enabled", "0");
	assert_takes(w, F "count", "1");
	assert_takes(w, F "enabled", "1");
	assert_int_equal(world_mkdir(w, "machine/fault/g"), 0);
	assert_takes(w, "machine/fault/g/phase", "isolate");
	assert_takes(w, "machine/fault/g/errno", "EINTR");
	assert_takes(w, "machine/fault/g/after", "1");
	assert_takes(w, "machine/fault/g/count", "1");
	assert_takes(w, "machine/fault/g/enabled", "1");
	assert_writes(w, STATE(9), "offline", -EBUSY);
	assert_writes(w, STATE(9), "offline", -EINTR);
	assert_takes(w, STATE(9), "offline");
	assert_reads(w, "machine/fault/g/hits", "3\n");
}

/* ---- events ---------------------------------------------------------------------------------- */

#define AT9 "/devices/system/memory/memory9 "

static void lost_events(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);

	world_watch(w);
	plan(w, "uevent", "9", "ENOBUFS");
	assert_takes(w, STATE(9), "offline");
	assert_takes(w, STATE(10), "offline");
	assert_string_equal(world_events(w), "offline@/devices/system/memory/memory10 ");
	/* the listener can see that there is one that it has not got */
	assert_int_equal(hp_uevent_seqnum(w->hp), before + 2);
	assert_reads(w, F "failures", "1\n");
	assert_true(world_logged(w, "fault f: uevent of memory9 fails with ENOBUFS"));
}

/* No event overtakes a late one, and the operations do not wait. */
static void late_events(void **state)
{
	struct world *w = *state;

	world_watch(w);
	assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	assert_takes(w, F "delay_ms", "100");
	assert_takes(w, F "count", "1");
	plan(w, "uevent", "9", "none");
	assert_takes(w, STATE(9), "offline");
	base_vclock_advance(w->clock, 99999999);
	assert_takes(w, STATE(10), "offline");
	assert_takes(w, STATE(9), "online");
	assert_string_equal(world_events(w), "");
	assert_false(hp_is_quiet(w->hp));
	base_vclock_advance(w->clock, 1);
	assert_string_equal(world_events(w),
			    "offline@" AT9 "offline@/devices/system/memory/memory10 online@" AT9);
	assert_true(hp_is_quiet(w->hp));
	/* until the plan ends */
	assert_takes(w, F "enabled", "0");
	assert_takes(w, F "delay_ms", "hang");
	assert_takes(w, F "enabled", "1");
	assert_takes(w, STATE(9), "offline");
	base_vclock_advance(w->clock, 1000000000000);
	assert_string_equal(world_events(w), "");
	assert_takes(w, F "enabled", "0");
	assert_string_equal(world_events(w), "offline@" AT9);
	/* one that is never delivered */
	assert_takes(w, F "enabled", "1");
	assert_takes(w, STATE(9), "online");
	assert_string_equal(world_events(w), "");
}

/* What is said about each step is complete. */
static void table(void **state)
{
	struct world *w = *state;
	struct machine_fault_plan parsed;
	char errnos[64], *save, *name;

	assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	for (int phase = 0; phase < HP_NR_FAULTS; phase++) {
		const struct hp_fault_info *info = &hp_fault_infos[phase];

		assert_takes(w, F "phase", info->name);
		assert_true(strlen(info->what) > 0);
		strcpy(errnos, info->errnos);
		name = strtok_r(errnos, " ", &save);
		assert_non_null(name);
		for (; name; name = strtok_r(NULL, " ", &save))
			assert_int_equal(machine_plan_parse_errno(&parsed, name), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(words),
		WORLD_TEST(phases),
		WORLD_TEST(migration),
		cmocka_unit_test(node_alloc),
		WORLD_TEST(which),
		WORLD_TEST(seeds),
		cmocka_unit_test(machine_file),
		WORLD_TEST(two_passings),
		WORLD_TEST(lost_events),
		WORLD_TEST(late_events),
		WORLD_TEST(table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
