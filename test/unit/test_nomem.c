// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each allocation of mm and hotplug fails once: the result is -ENOMEM, nothing has changed, and the
 * next attempt succeeds. See nomem.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_hold.h"
#include "engine.h"
#include "nomem.h"

/* State that a failed attempt must not change. */
struct snapshot {
	struct mm_zone_info zone[8][MM_NR_ZONES];
	uint64_t spanned[8], memmap, free;
	unsigned int blocks, resources;
	struct base_mask nodes;
	bool up[8];
};

static void count_resource(void *ctx, unsigned int depth, uint64_t start, uint64_t end,
			   const char *name)
{
	++*(unsigned int *)ctx;
}

static struct snapshot snapshot(const struct engine *e)
{
	struct snapshot s;

	memset(&s, 0, sizeof(s));
	for (int nid = 0; nid < 8; nid++) {
		for (int type = 0; type < MM_NR_ZONES; type++)
			mm_zone_info(e->mm, nid, type, &s.zone[nid][type]);
		s.spanned[nid] = mm_node_spanned(e->mm, nid);
		s.up[nid] = mm_node_is_up(e->mm, nid);
	}
	s.memmap = mm_memmap_pages(e->mm);
	s.free = mm_total_free(e->mm);
	for (struct hp_block *b = hp_block_next(e->hp, 0); b;
	     b = hp_block_next(e->hp, hp_block_id(b) + 1))
		s.blocks += 1 + 1000 * hp_block_is_online(b);
	hp_resource_walk(e->hp, count_resource, &s.resources);
	s.nodes = *hp_nodes_online(e->hp);
	return s;
}

/* Runs @op on new machines with its first, second, ... allocation failing; returns their number. */
static long each_fails(int (*op)(struct engine *e))
{
	for (long n = 0;; n++) {
		struct engine e;
		struct snapshot before, after;
		int ret;

		engine_init(&e, &engine_pc);
		before = snapshot(&e);
		nomem_fail_at = n;
		ret = op(&e);
		if (nomem_fail_at >= 0) {
			nomem_fail_at = -1;
			assert_int_equal(ret, 0);
			engine_fini(&e);
			return n;
		}
		assert_int_equal(ret, -ENOMEM);
		after = snapshot(&e);
		assert_memory_equal(&before, &after, sizeof(before));
		assert_int_equal(op(&e), 0);
		engine_fini(&e);
	}
}

static int op_new_node(struct engine *e)
{
	return engine_add(e, GIB(4), MIB(384), 3, NULL);
}

static void adding(void **state)
{
	/* resource, node, range, hold, its name, its run, three blocks */
	assert_true(each_fails(op_new_node) >= 9);
}

static int op_online(struct engine *e)
{
	int ret;

	if (!hp_block_find(e->hp, 32)) {
		long left = nomem_fail_at;

		nomem_fail_at = -1;
		assert_int_equal(engine_probe(e, GIB(4)), 0);
		nomem_fail_at = left;
	}
	ret = engine_state(e, 32, HP_ONLINE_MOVABLE);
	if (ret) {
		assert_int_equal(ret, -ENOMEM);
		assert_int_equal(hp_block_state(engine_block(e, 32)), HP_STATE_OFFLINE);
		assert_string_equal(engine_zone(e, 0, MM_ZONE_MOVABLE),
				    "spanned=0 present=0 start_pfn=-");
		assert_string_equal(engine_news(e), "+memory32 add@memory32");
		assert_int_equal(engine_remove(e, GIB(4), MIB(128)), 0);
	}
	return ret;
}

static void onlining(void **state)
{
	assert_int_equal(each_fails(op_online), 1);
}

/* Adds two blocks with the @n-th allocation failing; returns how many of them are online then. */
static unsigned int auto_online(enum hp_type type, long n)
{
	unsigned int online;
	struct engine e;

	engine_init(&e, &engine_pc);
	hp_params(e.hp)->auto_online = type;
	nomem_fail_at = n;
	nomem_counted = 0;
	assert_int_equal(engine_add(&e, GIB(4), MIB(256), 3, NULL), 0);
	nomem_fail_at = -1;
	online =
		hp_block_is_online(engine_block(&e, 32)) + hp_block_is_online(engine_block(&e, 33));
	engine_fini(&e);
	return online;
}

/* The add succeeds nevertheless. */
static void auto_onlining(void **state)
{
	long needed;

	assert_int_equal(auto_online(HP_OFFLINE, -1), 0);
	needed = nomem_counted;
	assert_int_equal(auto_online(HP_ONLINE, -1), 2);
	assert_int_equal(nomem_counted, needed + 2);
	assert_int_equal(auto_online(HP_ONLINE, needed), 0);
	assert_int_equal(auto_online(HP_ONLINE, needed + 1), 1);
}

static int op_hold(struct engine *e)
{
	struct mm_holder *hold = NULL;
	int ret = kernel_hold(e->mm, 0, UINT64_MAX, MM_NODE_NONE, 300000, "somebody", &hold);

	assert_true(ret ? !hold : !!hold);
	mm_holder_free(e->mm, hold);
	return ret;
}

static void holding(void **state)
{
	/* hold, name, and a piece for each extent that it extends into */
	assert_true(each_fails(op_hold) >= 4);
}

static int op_resource(struct engine *e)
{
	return hp_resource_insert(e->hp, 0x200000, 0x2fffff, "Kernel code", true);
}

static int op_resource_around(struct engine *e)
{
	return hp_resource_insert(e->hp, 0, GIB(64) - 1, "all", true);
}

static int op_group(struct engine *e)
{
	return hp_group_new_static(e->hp, 0, 32768) ? 0 : -ENOMEM;
}

static void small_ones(void **state)
{
	assert_int_equal(each_fails(op_resource), 1);
	assert_int_equal(each_fails(op_resource_around), 1);
	assert_int_equal(each_fails(op_group), 1);
}

/* Reserved pages are not returned; those reserved before the failure stay. */
static void reserving(void **state)
{
	struct engine e;

	engine_init(&e, &engine_pc);
	nomem_fail_at = 1;
	assert_int_equal(mm_reserve_boot(e.mm, 0, 512, "firmware"), -ENOMEM);
	nomem_fail_at = -1;
	assert_int_equal(mm_reserve_boot(e.mm, 0, 512, "firmware"), 0);
	assert_int_equal(mm_total_managed(e.mm), 524158 - 0x9e - 256);
	engine_fini(&e);
}

/* "taking memory offline never needs memory" */
static void offlining_needs_none(void **state)
{
	struct engine e;

	engine_init(&e, &engine_pc);
	assert_int_equal(engine_probe(&e, GIB(4)), 0);
	assert_int_equal(engine_state(&e, 32, HP_ONLINE), 0);
	nomem_counted = 0;
	assert_int_equal(engine_state(&e, 32, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 10, HP_OFFLINE), 0);
	assert_int_equal(engine_remove(&e, GIB(4), MIB(128)), 0);
	assert_int_equal(nomem_counted, 0);
	engine_fini(&e);
}

/* Building a machine: a partial one can be freed. */
static int build(void)
{
	static const struct mm_config mm_config = {
		.page_shift = 12,
		.section_pages = 32768,
		.block_pages = 32768,
		.subsection_pages = 512,
		.pageblock_pages = 512,
		.thp_pages = 512,
		.huge_pages = { [MM_HUGE_PMD] = 512, [MM_HUGE_PUD] = 512 * 512 },
		.max_order = 10,
		.nr_cpus = 1,
		.zone_end_pfn = { 4096, 1048576 },
	};
	struct hp_config hp_config = { .block_size = MIB(128), .phys_bits = 40 };
	struct mm *mm = mm_new(&mm_config);
	struct hp *hp = NULL;
	int ret = -ENOMEM;

	if (!mm)
		return ret;
	base_mask_set(&hp_config.cpu_nodes, 2);
	ret = mm_boot_add(mm, 0, 40000, 0);
	if (!ret)
		ret = mm_boot_add(mm, 40000, 65536, 1);
	if (!ret)
		ret = mm_boot_finish(mm);
	if (!ret) {
		hp = hp_new(mm, &hp_config);
		ret = hp ? hp_boot(hp) : -ENOMEM;
	}
	hp_free(hp);
	mm_free(mm);
	return ret;
}

static void building(void **state)
{
	long n = 0;

	for (;; n++) {
		nomem_fail_at = n;
		if (!build())
			break;
		assert_true(nomem_fail_at < 0);
	}
	assert_true(nomem_fail_at >= 0);
	nomem_fail_at = -1;
	/* mm, ranges, three nodes, extents; hp, blocks, the mask of the shared one */
	assert_true(n >= 12);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(adding),
		cmocka_unit_test(onlining),
		cmocka_unit_test(auto_onlining),
		cmocka_unit_test(holding),
		cmocka_unit_test(small_ones),
		cmocka_unit_test(reserving),
		cmocka_unit_test(offlining_needs_none),
		cmocka_unit_test(building),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
