// SPDX-License-Identifier: GPL-2.0-or-later
/* Results of writes to `state`, `online` and `probe`. */
#include <errno.h>
#include <string.h>

#include "engine.h"

#define BLOCK 40 /* of node 1 of engine_plain */

/* The table of kernel-behaviour: the same block, online or not, and both files. */
static void state_and_online(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);

	/* online */
	assert_int_equal(engine_state(&e, BLOCK, HP_ONLINE), -EINVAL);
	assert_int_equal(engine_state(&e, BLOCK, HP_ONLINE_KERNEL), -EINVAL);
	assert_int_equal(engine_state(&e, BLOCK, HP_ONLINE_MOVABLE), -EINVAL);
	assert_int_equal(engine_online(&e, BLOCK, true), 0);
	assert_string_equal(engine_news(&e), "");
	assert_int_equal(engine_state(&e, BLOCK, HP_OFFLINE), 0);
	assert_string_equal(engine_news(&e), "offline@memory40");

	/* offline */
	assert_int_equal(engine_state(&e, BLOCK, HP_OFFLINE), -EINVAL);
	assert_int_equal(engine_online(&e, BLOCK, false), 0);
	assert_string_equal(engine_news(&e), "");
	assert_int_equal(engine_state(&e, BLOCK, HP_ONLINE), 0);
	assert_string_equal(engine_news(&e), "online@memory40");
	assert_int_equal(engine_online(&e, BLOCK, false), 0);
	assert_string_equal(engine_news(&e), "offline@memory40");
	assert_int_equal(engine_online(&e, BLOCK, true), 0);
	assert_string_equal(engine_news(&e), "online@memory40");
	engine_fini(&e);
}

/* A type left from a failed attempt is used once by the next `online`. */
static void stale_type(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_pc);
	assert_string_equal(engine_valid_zones(&e, 10), "DMA32");
	assert_int_equal(engine_state(&e, 10, HP_ONLINE_MOVABLE), -EINVAL);
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), 0);
	/* never seen in valid_zones */
	assert_string_equal(engine_valid_zones(&e, 10), "DMA32 Movable");
	assert_int_equal(engine_online(&e, 10, true), 0);
	assert_string_equal(engine_valid_zones(&e, 10), "Movable");
	assert_int_equal(engine_online(&e, 10, false), 0);
	assert_int_equal(engine_online(&e, 10, true), 0);
	assert_string_equal(engine_valid_zones(&e, 10), "DMA32");

	/* `online` of a block that is online leaves it alone, `offline` too */
	assert_int_equal(engine_state(&e, 10, HP_ONLINE_MOVABLE), -EINVAL);
	assert_int_equal(engine_online(&e, 10, true), 0);
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), -EINVAL);
	assert_int_equal(engine_online(&e, 10, true), 0);
	assert_string_equal(engine_valid_zones(&e, 10), "Movable");
	engine_fini(&e);
}

static void stale_type_is_overwritten(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_pc);
	assert_int_equal(engine_state(&e, 10, HP_ONLINE_MOVABLE), -EINVAL);
	assert_int_equal(engine_state(&e, 10, HP_ONLINE), -EINVAL);
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), 0);
	assert_int_equal(engine_online(&e, 10, true), 0);
	assert_string_equal(engine_valid_zones(&e, 10), "DMA32");
	assert_int_equal(engine_state(&e, 10, HP_ONLINE_MOVABLE), -EINVAL);
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 10, HP_ONLINE_KERNEL), 0);
	assert_string_equal(engine_valid_zones(&e, 10), "DMA32");
	engine_fini(&e);
}

/* A failed attempt also consumes it; a failed offlining does not. */
static void stale_type_is_used_up(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_pc);
	assert_int_equal(engine_state(&e, 10, HP_ONLINE_MOVABLE), -EINVAL);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -EAGAIN;
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), -EAGAIN);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = 0;
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), 0);
	*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE) = -ENOMEM;
	assert_int_equal(engine_online(&e, 10, true), -ENOMEM);
	*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE) = 0;
	assert_int_equal(engine_online(&e, 10, true), 0);
	assert_string_equal(engine_valid_zones(&e, 10), "DMA32");

	assert_int_equal(engine_state(&e, 10, HP_ONLINE_MOVABLE), -EINVAL);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -EAGAIN;
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), -EAGAIN);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = 0;
	assert_int_equal(engine_online(&e, 10, false), 0);
	assert_int_equal(engine_online(&e, 10, true), 0);
	assert_string_equal(engine_valid_zones(&e, 10), "Movable");
	engine_fini(&e);
}

static void failures_change_nothing(void **state)
{
	struct engine e;
	uint64_t managed;

	(void)state;
	engine_init(&e, &engine_plain);
	managed = mm_total_managed(e.mm);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -EXDEV;
	assert_int_equal(engine_state(&e, BLOCK, HP_OFFLINE), -EXDEV);
	assert_int_equal(engine_online(&e, BLOCK, false), -EXDEV);
	assert_int_equal(hp_block_state(engine_block(&e, BLOCK)), HP_STATE_ONLINE);
	assert_true(hp_block_is_online(engine_block(&e, BLOCK)));
	assert_int_equal(mm_total_managed(e.mm), managed);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = 0;
	assert_int_equal(engine_state(&e, BLOCK, HP_OFFLINE), 0);
	assert_string_equal(engine_news(&e), "offline@memory40");
	*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE) = -EXDEV;
	assert_int_equal(engine_state(&e, BLOCK, HP_ONLINE), -EXDEV);
	assert_int_equal(engine_online(&e, BLOCK, true), -EXDEV);
	assert_int_equal(hp_block_state(engine_block(&e, BLOCK)), HP_STATE_OFFLINE);
	assert_false(hp_block_is_online(engine_block(&e, BLOCK)));
	assert_int_equal(mm_total_managed(e.mm), managed - 32768);
	assert_string_equal(engine_news(&e), "");
	engine_fini(&e);
}

static void probe(void **state)
{
	static const struct {
		uint64_t addr;
		int answer;
		const char *log;
	} rows[] = {
		{ GIB(8), 0, "" },
		{ GIB(8), -EEXIST, "" },	    /* probed before */
		{ GIB(4), -EEXIST, "" },	    /* boot memory */
		{ 1ULL << 40, -EEXIST, "" },	    /* above the CPU's addresses */
		{ (1ULL << 40) - MIB(128), 0, "" }, /* the last block below */
		{ 1ULL << 46, -E2BIG,
		  "Hotplug memory [0x400000000000-0x400008000000] exceeds maximum "
		  "addressable range [0x0-0x3fffffffffff]\n" },
		{ (1ULL << 46) - MIB(64), -E2BIG,
		  "Hotplug memory [0x3ffffc000000-0x400004000000] exceeds maximum "
		  "addressable range [0x0-0x3fffffffffff]\n" },
		/* the end wraps to 0 */
		{ UINT64_MAX - MIB(128) + 1, -E2BIG,
		  "Hotplug memory [0xfffffffff8000000-0x0] exceeds maximum "
		  "addressable range [0x0-0x3fffffffffff]\n" },
		{ GIB(9) + 1, -EINVAL,
		  "Block size [0x8000000] unaligned hotplug range: start 0x240000001, size "
		  "0x8000000\n" },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		assert_int_equal(engine_probe(&e, rows[i].addr), rows[i].answer);
		assert_string_equal(engine_log(&e), rows[i].log);
	}
	assert_string_equal(engine_news(&e), "+memory64 add@memory64 +memory8191 add@memory8191");
	assert_int_equal(hp_block_state(engine_block(&e, 64)), HP_STATE_OFFLINE);
	engine_fini(&e);
}

/* On the node that the machine reports, inside an unused range, but not across its edge. */
static void probe_in_a_window(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_pc);
	assert_int_equal(hp_resource_insert(e.hp, GIB(2), 0xfebfffff, "PCI Bus 0000:00", false), 0);
	e.add_nid = 1;
	assert_int_equal(engine_probe(&e, 0xc0000000), 0);
	assert_int_equal(hp_block_nid(engine_block(&e, 24)), 1);
	assert_string_equal(engine_valid_zones(&e, 24), "Normal Movable");
	assert_int_equal(engine_probe(&e, 0xf8000000), -EEXIST);
	e.add_nid = 9; /* not a possible node */
	assert_int_equal(engine_probe(&e, 0xd0000000), -EINVAL);
	assert_string_equal(engine_log(&e), "node 9 was absent from the node_possible_map\n");
	e.add_nid = 0;
	assert_int_equal(engine_probe(&e, 0xd0000000), 0);
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_and_online),
		cmocka_unit_test(stale_type),
		cmocka_unit_test(stale_type_is_overwritten),
		cmocka_unit_test(stale_type_is_used_up),
		cmocka_unit_test(failures_change_nothing),
		cmocka_unit_test(probe),
		cmocka_unit_test(probe_in_a_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
