// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logical partitions: requests by count, index and range, the hypervisor's constraints, and the
 * rollback when a request cannot be completed.
 */
#include "world.h"

#define PSERIES(flags)                                                                             \
	"arch: ppc64le\nblock_size: 256M\npossible_nodes: \"0-1\"\nmemory:\n"                      \
	"  - {start: 0x0, end: 0x7fffffff, node: 0}\n"                                             \
	"  - {start: 0x80000000, end: 0xbfffffff, node: 0" flags "}\n"                             \
	"cpus:\n  - {list: \"0\", node: 0}\n  - {list: \"1\", node: 1}\n"
#define DLPAR "sys/kernel/dlpar"
#define GOING_ONLINE SYS_INJECT "MEM_GOING_ONLINE/error"
#define GOING_OFFLINE SYS_INJECT "MEM_GOING_OFFLINE/error"
#define FIRST 12 /* first block of plugged memory */

static int setup(void **state)
{
	*state = world_new(PSERIES(""));
	return 0;
}

/* The states of @nr blocks from @first on: "+" online, "-" offline, "." absent. */
static const char *states(struct world *w, unsigned int first, unsigned int nr)
{
	static char text[64];

	for (unsigned int i = 0; i < nr; i++) {
		const struct hp_block *block = hp_block_find(w->hp, first + i);

		text[i] = !block ? '.' : hp_block_is_online(block) ? '+' : '-';
	}
	text[nr] = '\0';
	return text;
}

#define assert_states(w, first, wanted)                                                            \
	assert_string_equal(states(w, first, strlen(wanted)), wanted)

static void words(void **state)
{
	static const char *const bad[] = {
		"",
		"memory",
		"memory add",
		"memory add count",
		"memory add count x",
		"memory add count 0",
		"memory add count -1",
		"memory  add count 1",
		" memory add count 1",
		"memory add count 4294967296",
		"memory take count 1",
		"memory add index",
		"memory add indexed-count 1",
		"memory add indexed-count 1 x",
		"memory\nadd count 1",
		"cpu add count 1",
		"dt add count 1",
		"disk add index 1",
	};
	static const char *const good[] = {
		"memory remove index 0x8000000c",
		"memory remove index 2147483661\n",
		"memory remove index 020000000016 and more",
		"dt remove index 1",
	};
	struct world *w = *state;

	assert_reads(w, DLPAR, "memory,cpu,dt\n");
	assert_plugs(w, "d0", "size=1G node=0");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(bad); i++) {
		if (*bad[i])
			assert_writes(w, DLPAR, bad[i], -EINVAL);
		assert_states(w, FIRST, "++++");
	}
	assert_true(
		world_logged(w, "dlpar: Could not handle DLPAR request \"memory add count x\"\n"));
	for (size_t i = 0; i < BASE_ARRAY_SIZE(good); i++)
		assert_takes(w, DLPAR, good[i]);
	assert_states(w, FIRST, "...+");
	assert_writes(w, DLPAR, "cpu remove index 1", -ENODEV);
	assert_writes(w, DLPAR, "cpu add index 1", -EINVAL);
	assert_writes(w, DLPAR, "dt add index 1", -EIO);
}

/* Plugged memory is onlined whatever the default; a block that cannot be onlined is removed. */
static void plugging(void **state)
{
	struct world *w = *state;

	assert_takes(w, SYS_MEMORY "auto_online_blocks", "offline");
	assert_plugs(w, "n", "size=256M node=1");
	assert_int_equal(hp_block_nid(hp_block_find(w->hp, FIRST)), 1);
	assert_int_equal(world_dimm_write(w, "n", "plugged", "0"), 1);
	assert_plugs(w, "d0", "size=512M node=0");
	assert_states(w, FIRST, "++");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "none\n");
	assert_takes(w, GOING_ONLINE, "-12");
	world_watch(w);
	assert_plugs(w, "d1", "size=1G node=0");
	/* only the first one: the rest is not tried */
	assert_string_equal(world_events(w), "add@/devices/system/memory/memory14 "
					     "remove@/devices/system/memory/memory14 ");
	assert_string_equal(world_dimm_read(w, "d1", "plugged"), "1\n");
	assert_takes(w, GOING_ONLINE, "0");
	/* The hypervisor has not got that one back, the others were never taken. */
	assert_writes(w, DLPAR, "memory add index 0x8000000e", -EPERM);
	assert_takes(w, DLPAR, "memory add index 0x8000000f");
	assert_writes(w, DLPAR, "memory add index 0x8000000f", -EPERM);
	assert_takes(w, DLPAR, "memory add count 2");
	assert_states(w, FIRST, "++.+++");
	/* The first one can no longer be released, for which the hypervisor waits. */
	assert_int_equal(world_dimm_write(w, "d1", "plugged", "0"), -ETIMEDOUT);
	assert_states(w, FIRST, "++....");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_states(w, FIRST, "......");
	assert_int_equal(world_plug(w, "d2", "size=384M node=0"), -EINVAL);
}

/* Misaligned, no room, no node: nothing is offered. */
static void too_many(void **state)
{
	struct world *w = *state;

	/* No memory was ever plugged: there is no table of blocks. */
	assert_writes(w, DLPAR, "memory add index 0x8000000c", -EINVAL);
	assert_writes(w, DLPAR, "memory add count 1", -EINVAL);
	assert_plugs(w, "d0", "size=1G node=0");
	assert_writes(w, DLPAR, "memory add index 0x80000064", -EINVAL); /* belongs to no DIMM */
	assert_writes(w, DLPAR, "memory add index 0", -EPERM);
	assert_writes(w, DLPAR, "memory remove index 0", -EINVAL);
	assert_writes(w, DLPAR, "memory remove index 0x80000064", -EINVAL);
	assert_writes(w, DLPAR, "memory remove index 0x90000000", -EINVAL);
	assert_writes(w, DLPAR, "memory remove count 5", -EINVAL);
	assert_true(world_logged(w, "Not enough LMBs available (4 of 5) to satisfy request"));
	/* boot memory cannot be removed */
	assert_writes(w, DLPAR, "memory remove index 0x80000001", -EINVAL);
	assert_writes(w, DLPAR, "memory remove indexed-count 2 0x8000000b", -EINVAL);
	assert_writes(w, DLPAR, "memory remove indexed-count 0 0x8000000c", -EINVAL);
	assert_states(w, FIRST, "++++");
}

static void by_count(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=1G node=0");
	assert_int_equal(world_hold(w, "k", "block=13 size=64K"), 3);
	/* the lowest that can go offline, around one that cannot */
	assert_takes(w, DLPAR, "memory remove count 2");
	assert_states(w, FIRST, ".+.+");
	assert_true(world_logged(w, "pseries-hotplug-mem: Memory at c0000000 was hot-removed\n"));
	/* not enough: removed blocks are added again, in the zone that plain online selects */
	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online_movable");
	assert_writes(w, DLPAR, "memory remove count 2", -EINVAL);
	assert_states(w, FIRST, ".+.+");
	assert_true(world_logged(w, "Memory hot-remove failed, adding LMB's back\n"));
	assert_reads(w, SYS_MEMORY "memory15/valid_zones", "Movable\n");
	/* The hypervisor still has those removed before: none can be added. */
	assert_writes(w, DLPAR, "memory add count 1", -EINVAL);
}

static void by_range(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=1G node=0");
	assert_takes(w, DLPAR, "memory remove index 0x8000000d");
	assert_int_equal(world_hold(w, "k", "block=15 size=64K"), 3);
	world_watch(w);
	assert_writes(w, DLPAR, "memory remove indexed-count 4 0x8000000c", -EINVAL);
	assert_states(w, FIRST, "+.++");
	assert_true(
		world_logged(w, "Memory indexed-count-remove failed, adding any removed LMBs\n"));
	assert_string_equal(world_events(w), "offline@/devices/system/memory/memory12 "
					     "remove@/devices/system/memory/memory12 "
					     "offline@/devices/system/memory/memory14 "
					     "remove@/devices/system/memory/memory14 "
					     "add@/devices/system/memory/memory12 "
					     "online@/devices/system/memory/memory12 "
					     "add@/devices/system/memory/memory14 "
					     "online@/devices/system/memory/memory14 ");
	/* an already removed block is no error */
	assert_takes(w, DLPAR, "memory remove indexed-count 3 0x8000000c");
	assert_states(w, FIRST, "...+");
	/* an already added block is no error either; a gap is */
	assert_writes(w, DLPAR, "memory add indexed-count 2 0x8000000f", -EINVAL);
	assert_states(w, FIRST, "...+");
	assert_true(world_logged(w, "Memory indexed-count-add failed, removing any added LMBs\n"));
}

/* Requests by index return the reason. */
static void refusals(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=512M node=0");
	assert_int_equal(world_hold(w, "k", "block=12 size=64K"), 3);
	assert_writes(w, DLPAR, "memory remove index 0x8000000c", -EBUSY);
	assert_takes(w, GOING_OFFLINE, "-95");
	assert_writes(w, DLPAR, "memory remove index 0x8000000d", -EOPNOTSUPP);
	assert_states(w, FIRST, "++");
	/* an offline one is just removed */
	assert_takes(w, GOING_OFFLINE, "0");
	assert_takes(w, SYS_MEMORY "memory13/state", "offline");
	world_watch(w);
	assert_takes(w, DLPAR, "memory remove index 0x8000000d");
	assert_string_equal(world_events(w), "remove@/devices/system/memory/memory13 ");
}

/* Migration takes time; a signal ends it, and removed blocks are added again. */
static void takes_time(void **state)
{
	struct world *w = *state;
	struct world_req r;
	struct tree_file *file;

	assert_plugs(w, "d0", "size=512M node=0");
	assert_takes(w, "machine/clock/migrate_pages_per_ms", "1");
	assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
	assert_takes(w, "machine/workload/a/kind", "anon");
	assert_takes(w, "machine/workload/a/block", "13");
	assert_takes(w, "machine/workload/a/size", "64M");
	file = world_open_good(w, DLPAR, O_WRONLY);
	world_req_write(&r, file, "memory remove count 2", 21);
	assert_false(r.done);
	assert_states(w, FIRST, ".+");
	assert_reads(w, SYS_MEMORY "memory13/state", "going-offline\n");
	tree_interrupt(&r.req, false);
	assert_true(r.done);
	assert_int_equal(r.result, -EINVAL);
	assert_states(w, FIRST, "++");
	world_req_fini(&r);
	/* without a signal it completes */
	world_req_write(&r, file, "memory remove count 2", 21);
	base_vclock_advance(w->clock, UINT64_C(10000000000));
	assert_true(r.done);
	assert_int_equal(r.result, 21);
	assert_states(w, FIRST, "..");
	world_req_fini(&r);
	tree_release(file);
}

/* A write waits for the lock indefinitely, but a signal counts when it acquires the lock. */
static void signal_while_waiting(void **state)
{
	struct world *w = *state;
	struct world_req r;
	struct tree_file *file;

	assert_plugs(w, "d0", "size=512M node=0");
	file = world_open_good(w, DLPAR, O_WRONLY);
	world_lock(w);
	world_req_write(&r, file, "memory remove index 0x8000000c", 30);
	tree_interrupt(&r.req, true);
	assert_false(r.done);
	world_unlock(w);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	assert_states(w, FIRST, "++");
	world_req_fini(&r);
	tree_release(file);
}

/* Boot memory that firmware marks hot-pluggable can be removed, and added again. */
static void lent_memory(void **state)
{
	struct world *w = *state;

	assert_takes(w, DLPAR, "memory remove count 2");
	assert_states(w, 8, "..++");
	assert_writes(w, DLPAR, "memory remove count 3", -EINVAL);
	assert_writes(w, DLPAR, "memory add index 0x8000000a", -EPERM);
	assert_takes(w, DLPAR, "memory add index 0x80000009");
	assert_states(w, 8, ".+++");
	/* a gap in the windows between them is no obstacle */
	assert_takes(w, DLPAR, "memory add count 1");
	assert_states(w, 8, "++++");
	assert_writes(w, DLPAR, "memory add count 1", -EINVAL);
	/* one that could not be added is returned, and available later */
	assert_takes(w, DLPAR, "memory remove index 0x80000009");
	assert_takes(w, GOING_ONLINE, "-12");
	assert_writes(w, DLPAR, "memory add index 0x80000009", -ENOMEM);
	assert_takes(w, GOING_ONLINE, "0");
	assert_states(w, 8, "+.++");
	assert_takes(w, DLPAR, "memory add index 0x80000009");
	assert_states(w, 8, "++++");
}

static int lent_setup(void **state)
{
	*state = world_new(PSERIES(", hotpluggable: true"));
	return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words),
		TEST(plugging),
		TEST(too_many),
		TEST(by_count),
		TEST(by_range),
		TEST(refusals),
		TEST(takes_time),
		TEST(signal_while_waiting),
		cmocka_unit_test_setup_teardown(lent_memory, lent_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
