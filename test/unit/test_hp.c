// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine's hotplug state at boot: defaults, nodes, blocks and the numbers of their events; the
 * log.
 */
#include <string.h>

#include "engine.h"

static void defaults(void **state)
{
	struct engine e;
	const struct hp_params *params;

	(void)state;
	engine_init(&e, &engine_pc);
	params = hp_params(e.hp);
	assert_int_equal(params->auto_online, HP_OFFLINE);
	assert_int_equal(params->policy, HP_POLICY_CONTIG_ZONES);
	assert_int_equal(params->auto_movable_ratio, 301);
	assert_true(params->auto_movable_numa_aware);
	assert_int_equal(params->memmap_on_memory, HP_MEMMAP_N);
	assert_false(params->movable_node);
	assert_ptr_equal(hp_mm(e.hp), e.mm);
	assert_int_equal(hp_config(e.hp)->block_size, MIB(128));
	engine_fini(&e);
	hp_free(NULL);
}

static void words(void **state)
{
	static const char *const types[] = { "offline", "online", "online_kernel",
					     "online_movable" };
	static const char *const policies[] = { "contig-zones", "auto-movable" };

	(void)state;
	assert_int_equal(HP_NR_TYPES, BASE_ARRAY_SIZE(types));
	for (int i = 0; i < HP_NR_TYPES; i++)
		assert_string_equal(hp_type_names[i], types[i]);
	for (int i = 0; i < HP_NR_POLICIES; i++)
		assert_string_equal(hp_policy_names[i], policies[i]);
}

/*
 * Nodes with memory or CPUs are online, others possible; each device uses a number, without an
 * event.
 */
static void boot(void **state)
{
	static const struct engine_range memory[] = {
		{ 0, MIB(256), 0 },
		{ MIB(256), MIB(512), 2 },
		{ GIB(1), GIB(1) + 4096, 2 },
		{ 0 },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory, .cpu_nodes = "0,5" });
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0,2,5");
	assert_string_equal(engine_mask(&e, mm_nodes_with_memory(e.mm)), "0,2");
	assert_true(mm_node_is_up(e.mm, 5));
	assert_int_equal(e.nr_events, 0);
	assert_int_equal(hp_uevent_seqnum(e.hp), 3 + 5);
	engine_fini(&e);
}

/* A block shared by several nodes has links to each of them, and no zone. */
static void shared_blocks(void **state)
{
	static const struct engine_range memory[] = {
		{ 0, MIB(160), 0 },
		{ MIB(160), MIB(192), 1 },
		{ MIB(192), MIB(200), 0 },
		{ MIB(200), MIB(256), 3 },
		{ MIB(256), MIB(320), 3 },
		{ MIB(321), MIB(384), 3 },
		{ 0 },
	};
	static const bool on_node[3][4] = {
		{ true, false, false, false },
		{ true, true, false, true },
		{ false, false, false, true },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory });
	for (uint64_t id = 0; id < 3; id++) {
		for (int nid = 0; nid < 4; nid++)
			assert_int_equal(hp_block_on_node(e.hp, engine_block(&e, id), nid),
					 on_node[id][nid]);
	}
	assert_int_equal(hp_block_nid(engine_block(&e, 1)), 3);
	assert_string_equal(engine_valid_zones(&e, 1), "none");
	/* several ranges of one node are allowed */
	assert_string_equal(engine_valid_zones(&e, 2), "DMA32");
	engine_fini(&e);
}

/* "of several, the last that claimed it": nodes claim in their order, regardless of addresses. */
static void last_node_claims(void **state)
{
	static const struct engine_range memory[] = {
		{ 0, MIB(128), 0 },
		{ MIB(128), MIB(192), 2 },
		{ MIB(192), MIB(256), 1 },
		{ 0 },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory });
	assert_int_equal(hp_block_nid(engine_block(&e, 1)), 2);
	assert_string_equal(engine_valid_zones(&e, 1), "none");
	engine_fini(&e);
}

static void log_lines(void **state)
{
	struct engine e;
	char wide[700];

	(void)state;
	engine_init(&e, &engine_plain);
	hp_log(e.hp, "%s %d", "text", 5);
	assert_string_equal(engine_log(&e), "text 5\n");
	/* a line that is too long is truncated */
	memset(wide, 'x', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	hp_log(e.hp, "%s", wide);
	assert_int_equal(strlen(engine_log(&e)), 511 + 1);
	/* no observer */
	hp_set_observer(e.hp, NULL, NULL);
	hp_log(e.hp, "to nobody");
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), 0);
	assert_int_equal(engine_probe(&e, GIB(8)), 0);
	assert_int_equal(engine_remove(&e, GIB(8), MIB(128)), 0);
	assert_int_equal(engine_add(&e, GIB(8), MIB(128), 4, NULL), 0);
	assert_int_equal(engine_remove(&e, GIB(8), MIB(128)), 0);
	assert_string_equal(engine_log(&e), "");
	engine_fini(&e);
}

/* Added memory is freed with the machine. */
static void free_with_memory(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_non_null(hp_group_new_static(e.hp, 0, 32768));
	assert_int_equal(engine_add(&e, GIB(8), MIB(256), 5, NULL), 0);
	assert_int_equal(engine_state(&e, 64, HP_ONLINE_MOVABLE), 0);
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(words),
		cmocka_unit_test(boot),
		cmocka_unit_test(shared_blocks),
		cmocka_unit_test(last_node_claims),
		cmocka_unit_test(log_lines),
		cmocka_unit_test(free_with_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
