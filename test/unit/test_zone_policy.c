// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which zone a block goes to: kernel zones by their spans, and the contig-zones policy.
 */
#include <errno.h>

#include "engine.h"

static void online(struct engine *e, uint64_t id, enum hp_type type)
{
	assert_int_equal(engine_state(e, id, type), 0);
}

/* Blocks 32 to 47 of node 1 above engine_pc's memory, all offline. */
static void pc_with_dimm(struct engine *e)
{
	engine_init(e, &engine_pc);
	assert_int_equal(engine_add(e, GIB(4), GIB(2), 1, NULL), 0);
}

/* Neither zone, one of them, both; and that nothing else counts. */
static void table(void **state)
{
	struct engine e;

	(void)state;
	pc_with_dimm(&e);
	assert_string_equal(engine_valid_zones(&e, 34), "Normal Movable"); /* neither */
	online(&e, 34, HP_ONLINE_MOVABLE);
	online(&e, 36, HP_ONLINE_MOVABLE);
	assert_string_equal(engine_valid_zones(&e, 35), "Movable Normal"); /* Movable only */
	online(&e, 38, HP_ONLINE_KERNEL);
	online(&e, 40, HP_ONLINE_KERNEL);
	assert_string_equal(engine_valid_zones(&e, 39), "Normal Movable"); /* Normal only */
	assert_string_equal(engine_valid_zones(&e, 37), "Normal Movable"); /* between */
	online(&e, 42, HP_ONLINE_MOVABLE);
	assert_string_equal(engine_valid_zones(&e, 39), "Normal Movable"); /* both */
	assert_string_equal(engine_valid_zones(&e, 35), "Movable Normal");
	/* adjacent to a zone is not in it */
	assert_string_equal(engine_valid_zones(&e, 43), "Normal Movable");
	assert_string_equal(engine_valid_zones(&e, 33), "Normal Movable");
	engine_fini(&e);
}

static void movable_node(void **state)
{
	struct engine e;

	(void)state;
	pc_with_dimm(&e);
	hp_params(e.hp)->movable_node = true;
	assert_string_equal(engine_valid_zones(&e, 34), "Movable Normal"); /* neither */
	online(&e, 38, HP_ONLINE_KERNEL);
	online(&e, 40, HP_ONLINE_KERNEL);
	assert_string_equal(engine_valid_zones(&e, 39), "Normal Movable"); /* Normal only */
	assert_string_equal(engine_valid_zones(&e, 41), "Movable Normal");
	online(&e, 34, HP_ONLINE);
	online(&e, 42, HP_ONLINE);
	assert_string_equal(engine_valid_zones(&e, 34), "Movable");
	assert_string_equal(engine_valid_zones(&e, 39), "Movable Normal"); /* both */
	assert_string_equal(engine_valid_zones(&e, 36), "Movable Normal"); /* Movable only */
	engine_fini(&e);
}

/* "Movable blocks 32 and 35: offline 34 defaults to Movable, and 33 stays Normal". */
static void interleaved(void **state)
{
	struct engine e;

	(void)state;
	pc_with_dimm(&e);
	online(&e, 33, HP_ONLINE_KERNEL);
	online(&e, 32, HP_ONLINE_MOVABLE);
	online(&e, 35, HP_ONLINE_MOVABLE);
	assert_string_equal(engine_valid_zones(&e, 34), "Movable Normal");
	assert_string_equal(engine_valid_zones(&e, 33), "Normal");
	online(&e, 34, HP_ONLINE);
	assert_string_equal(engine_valid_zones(&e, 34), "Movable");
	/* 33 offline: Normal is empty, the rest is Movable's span */
	assert_int_equal(engine_state(&e, 33, HP_OFFLINE), 0);
	assert_string_equal(engine_valid_zones(&e, 33), "Movable Normal");
	engine_fini(&e);
}

/* Below 4 GiB: DMA and DMA32 by their spans, including holes and offlined memory. */
static void kernel_zones(void **state)
{
	static const struct engine_range memory[] = {
		{ 0, MIB(512), 0 },
		{ GIB(1), MIB(1536), 0 },
		{ MIB(1536), GIB(2), 1 },
		{ 0 },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory });
	assert_int_equal(engine_probe(&e, MIB(768)), 0);
	assert_int_equal(engine_probe(&e, GIB(2)), 0);
	assert_int_equal(engine_probe(&e, 0xc0000000), 0);
	assert_int_equal(engine_probe(&e, GIB(4)), 0);
	assert_string_equal(engine_valid_zones(&e, 6), "DMA32 Movable");   /* a hole in DMA32 */
	assert_string_equal(engine_valid_zones(&e, 16), "Normal Movable"); /* above node 0's span */
	assert_string_equal(engine_valid_zones(&e, 24), "Normal Movable");
	assert_string_equal(engine_valid_zones(&e, 32), "Normal Movable");

	/* node 1 extends as far as its memory */
	e.add_nid = 1;
	assert_int_equal(engine_probe(&e, 0xc8000000), 0);
	assert_string_equal(engine_valid_zones(&e, 25), "Normal Movable");
	assert_int_equal(engine_state(&e, 14, HP_OFFLINE), 0);
	assert_string_equal(engine_valid_zones(&e, 14), "DMA32 Movable"); /* in the middle */
	assert_int_equal(engine_state(&e, 15, HP_OFFLINE), 0);
	assert_string_equal(engine_valid_zones(&e, 14), "Normal Movable"); /* DMA32 shrank */
	online(&e, 15, HP_ONLINE_KERNEL);
	assert_string_equal(engine_valid_zones(&e, 15), "Normal");
	assert_int_equal(engine_state(&e, 12, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 13, HP_OFFLINE), 0);
	assert_string_equal(engine_zone(&e, 1, MM_ZONE_DMA32), "spanned=0 present=0 start_pfn=-");
	assert_string_equal(engine_valid_zones(&e, 12), "Normal Movable");
	engine_fini(&e);
}

static void dma_block(void **state)
{
	static const struct engine_range memory[] = { { 0, GIB(1), 0 }, { 0 } };
	struct engine e;

	(void)state;
	/* the DMA zone has two blocks */
	engine_init(&e, &(struct engine_config){ .memory = memory, .dma_end = MIB(256) });
	assert_string_equal(engine_valid_zones(&e, 0), "DMA");
	assert_int_equal(engine_state(&e, 1, HP_OFFLINE), 0);
	assert_string_equal(engine_valid_zones(&e, 1), "Normal Movable"); /* at the edge */
	online(&e, 1, HP_ONLINE_MOVABLE);
	assert_int_equal(engine_state(&e, 0, HP_OFFLINE), 0);
	assert_string_equal(engine_valid_zones(&e, 0), "Normal Movable");
	engine_fini(&e);
}

/* A block across the border of two kernel zones: the lower one. */
static void lowest_wins(void **state)
{
	static const struct engine_range memory[] = {
		{ 0, MIB(128), 0 },
		{ MIB(512), MIB(520), 0 },
		{ GIB(1), GIB(2), 0 },
		{ 0 },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory, .dma_end = MIB(320) });
	assert_int_equal(engine_probe(&e, MIB(256)), 0);
	assert_string_equal(engine_valid_zones(&e, 2), "DMA Movable");
	online(&e, 2, HP_ONLINE);
	assert_string_equal(engine_valid_zones(&e, 2), "DMA");
	engine_fini(&e);
}

/* A block goes where valid_zones promises, type by type. */
static void promise_is_kept(void **state)
{
	static const char *const went[] = { "Movable", "Normal", "Movable" };
	static const enum hp_type type[] = { HP_ONLINE, HP_ONLINE_KERNEL, HP_ONLINE_MOVABLE };
	struct engine e;

	(void)state;
	pc_with_dimm(&e);
	online(&e, 32, HP_ONLINE_MOVABLE);
	online(&e, 35, HP_ONLINE_MOVABLE);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(type); i++) {
		assert_string_equal(engine_valid_zones(&e, 33), "Movable Normal");
		online(&e, 33, type[i]);
		assert_string_equal(engine_valid_zones(&e, 33), went[i]);
		assert_int_equal(engine_state(&e, 33, HP_OFFLINE), 0);
	}
	engine_fini(&e);
}

/* The policy decides only for `online`. */
static void types_ignore_policy(void **state)
{
	struct engine e;

	(void)state;
	pc_with_dimm(&e);
	hp_params(e.hp)->policy = HP_POLICY_AUTO_MOVABLE;
	hp_params(e.hp)->movable_node = true;
	assert_string_equal(engine_valid_zones(&e, 32), "Movable Normal");
	online(&e, 32, HP_ONLINE_KERNEL);
	assert_string_equal(engine_valid_zones(&e, 32), "Normal");
	hp_params(e.hp)->auto_movable_ratio = 0;
	assert_string_equal(engine_valid_zones(&e, 33), "Normal Movable");
	online(&e, 33, HP_ONLINE_MOVABLE);
	assert_string_equal(engine_valid_zones(&e, 33), "Movable");
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),	   cmocka_unit_test(movable_node),
		cmocka_unit_test(interleaved),	   cmocka_unit_test(kernel_zones),
		cmocka_unit_test(dma_block),	   cmocka_unit_test(lowest_wins),
		cmocka_unit_test(promise_is_kept), cmocka_unit_test(types_ignore_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
