// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Adding and removing memory: the order of reports, the order of checks with complete undo, nodes
 * that come and go, onlining by default.
 */
#include <errno.h>
#include <string.h>

#include "kernel_hold.h"
#include "engine.h"

static void iomem_line(void *ctx, unsigned int depth, uint64_t start, uint64_t end,
		       const char *name)
{
	base_buf_printf(ctx, "%u:%llx-%llx ", depth, (unsigned long long)start,
			(unsigned long long)end);
}

static void assert_iomem(struct engine *e, const char *want)
{
	struct base_buf text;

	base_buf_init(&text);
	hp_resource_walk(e->hp, iomem_line, &text);
	assert_string_equal(base_buf_text(&text), want);
	base_buf_fini(&text);
}

#define BOOT_IOMEM "0:100000000-13fffffff 0:140000000-17fffffff "

static unsigned int nr_blocks(const struct engine *e)
{
	unsigned int nr = 0;

	for (struct hp_block *b = hp_block_next(e->hp, 0); b;
	     b = hp_block_next(e->hp, hp_block_id(b) + 1))
		nr++;
	return nr;
}

/* The order recorded for a DIMM on a new node. */
static void new_node(void **state)
{
	struct engine e;
	uint64_t free;

	(void)state;
	engine_init(&e, &engine_plain);
	free = mm_total_free(e.mm);
	assert_int_equal(engine_add(&e, GIB(8), MIB(512), 2, NULL), 0);
	assert_string_equal(engine_news(&e),
			    "+memory64 add@memory64 +memory65 add@memory65 +memory66 add@memory66 "
			    "+memory67 add@memory67 +node2 add@node2");
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0-2");
	assert_string_equal(engine_mask(&e, mm_nodes_with_memory(e.mm)), "0-1");
	assert_int_equal(mm_memmap_pages(e.mm), 2048);
	assert_int_equal(mm_total_free(e.mm), free - 2048);
	assert_iomem(&e, BOOT_IOMEM "0:200000000-21fffffff ");
	for (uint64_t id = 64; id < 68; id++) {
		assert_int_equal(hp_block_nid(engine_block(&e, id)), 2);
		assert_int_equal(hp_block_state(engine_block(&e, id)), HP_STATE_OFFLINE);
		assert_false(hp_block_is_online(engine_block(&e, id)));
		assert_string_equal(engine_valid_zones(&e, id), "Normal Movable");
	}

	assert_int_equal(engine_remove(&e, GIB(8), MIB(512)), 0);
	assert_string_equal(engine_news(&e),
			    "remove@memory64 -memory64 remove@memory65 -memory65 remove@memory66 "
			    "-memory66 remove@memory67 -memory67 remove@node2 -node2");
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0-1");
	assert_false(mm_node_is_up(e.mm, 2));
	assert_int_equal(mm_memmap_pages(e.mm), 0);
	assert_int_equal(mm_total_free(e.mm), free);
	assert_iomem(&e, BOOT_IOMEM);
	assert_int_equal(nr_blocks(&e), 16);
	engine_fini(&e);
}

static void old_node(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_int_equal(engine_add(&e, GIB(8), MIB(256), 1, NULL), 0);
	assert_int_equal(engine_add(&e, GIB(8) + MIB(256), MIB(128), 1, NULL), 0);
	assert_string_equal(engine_news(&e), "+memory64 add@memory64 +memory65 add@memory65 "
					     "+memory66 add@memory66");
	/* adjacent ranges stay separate */
	assert_iomem(&e, BOOT_IOMEM "0:200000000-20fffffff 0:210000000-217ffffff ");
	assert_int_equal(engine_remove(&e, GIB(8), MIB(256)), 0);
	assert_int_equal(mm_memmap_pages(e.mm), 512);
	assert_string_equal(engine_news(&e), "remove@memory64 -memory64 remove@memory65 -memory65");
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0-1");
	engine_fini(&e);
}

/* A node stays while it has a block, a span or a CPU; each of them is sufficient. */
static void node_stays(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = engine_plain.memory, .cpu_nodes = "3" });
	assert_int_equal(engine_add(&e, GIB(8), MIB(128), 2, NULL), 0);
	assert_int_equal(engine_add(&e, GIB(9), MIB(128), 2, NULL), 0);
	assert_int_equal(engine_remove(&e, GIB(8), MIB(128)), 0);
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0-3");
	assert_int_equal(engine_remove(&e, GIB(9), MIB(128)), 0);
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0-1,3");

	/* the CPU's node existed before and remains */
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0-1,3");
	engine_news(&e);
	assert_int_equal(engine_add(&e, GIB(8), MIB(128), 3, NULL), 0);
	assert_int_equal(engine_state(&e, 64, HP_ONLINE), 0);
	assert_int_equal(engine_state(&e, 64, HP_OFFLINE), 0);
	assert_int_equal(engine_remove(&e, GIB(8), MIB(128)), 0);
	assert_string_equal(engine_news(&e), "+memory64 add@memory64 online@memory64 "
					     "offline@memory64 remove@memory64 -memory64");
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0-1,3");
	assert_true(mm_node_is_up(e.mm, 3));

	/* a node that is added again is a new one */
	assert_int_equal(engine_add(&e, GIB(8), MIB(128), 2, NULL), 0);
	assert_string_equal(engine_news(&e), "+memory64 add@memory64 +node2 add@node2");
	engine_fini(&e);
}

/* All of node 0's memory lies in a block that belongs to node 1. */
static void span_without_block(void **state)
{
	static const struct engine_range memory[] = {
		{ 0, MIB(64), 0 },
		{ MIB(64), MIB(128), 1 },
		{ 0 },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory });
	assert_int_equal(hp_block_nid(engine_block(&e, 0)), 1);
	assert_int_equal(engine_add(&e, GIB(8), MIB(128), 0, NULL), 0);
	assert_int_equal(engine_remove(&e, GIB(8), MIB(128)), 0);
	assert_string_equal(engine_mask(&e, hp_nodes_online(e.hp)), "0-1");
	assert_true(mm_node_is_up(e.mm, 0));
	engine_fini(&e);
}

static void online_memory_stays(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_int_equal(engine_add(&e, GIB(8), MIB(384), 2, NULL), 0);
	assert_int_equal(engine_state(&e, 65, HP_ONLINE), 0);
	engine_news(&e);
	engine_log(&e);
	assert_int_equal(engine_remove(&e, GIB(8), MIB(384)), -EBUSY);
	assert_string_equal(engine_log(&e), "removing memory fails, because memory "
					    "[0x208000000-0x20fffffff] is onlined\n");
	assert_string_equal(engine_news(&e), "");
	assert_int_equal(nr_blocks(&e), 19);
	assert_int_equal(mm_memmap_pages(e.mm), 1536);
	assert_int_equal(engine_state(&e, 65, HP_OFFLINE), 0);
	assert_int_equal(engine_remove(&e, GIB(8), MIB(384)), 0);
	assert_string_equal(engine_news(&e),
			    "offline@memory65 remove@memory64 -memory64 remove@memory65 -memory65 "
			    "remove@memory66 -memory66 remove@node2 -node2");
	engine_fini(&e);
}

/* Addresses below 4 GiB are printed as wide in the log as all others. */
static void low_addresses_in_log(void **state)
{
	static const struct engine_range memory[] = { { GIB(1), GIB(2), 0 }, { 0 } };
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory });
	assert_int_equal(engine_add(&e, 0, 4096, 0, NULL), -EINVAL);
	assert_string_equal(engine_log(&e), "Block size [0x8000000] unaligned hotplug range: start "
					    "0x0, size 0x1000\n");
	assert_int_equal(engine_probe(&e, 0), 0);
	assert_int_equal(engine_state(&e, 0, HP_ONLINE), 0);
	engine_log(&e);
	assert_int_equal(engine_remove(&e, 0, MIB(128)), -EBUSY);
	assert_string_equal(engine_log(&e), "removing memory fails, because memory "
					    "[0x00000000-0x07ffffff] is onlined\n");
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -EIO;
	assert_int_equal(engine_state(&e, 0, HP_OFFLINE), -EIO);
	assert_non_null(strstr(engine_log(&e), "[mem 0x00000000-0x07ffffff] failed due to"));
	assert_int_equal(engine_add(&e, 0, 4096, 0, NULL), -EEXIST);
	engine_fini(&e);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void assert_refused(struct engine *e, uint64_t start, uint64_t size, int nid, int answer,
			   const char *log)
{
	uint64_t free = mm_total_free(e->mm);

	assert_int_equal(engine_add(e, start, size, nid, NULL), answer);
	assert_string_equal(engine_log(e), log);
	assert_string_equal(engine_news(e), "");
	assert_iomem(e, BOOT_IOMEM);
	assert_int_equal(mm_total_free(e->mm), free);
	assert_int_equal(mm_memmap_pages(e->mm), 0);
	assert_int_equal(nr_blocks(e), 16);
	assert_string_equal(engine_mask(e, hp_nodes_online(e->hp)), "0-1");
	assert_int_equal(mm_node_next(e->mm, 2), MM_NODE_NONE);
}

static void refusals(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_refused(&e, 0, 0, 0, -E2BIG,
		       "Hotplug memory [0x0-0x0] exceeds maximum addressable range "
		       "[0x0-0x3fffffffffff]\n");
	/*
	 * too high precedes misaligned, occupied precedes misaligned, misaligned precedes the node
	 */
	assert_refused(&e, (1ULL << 46) - 4096, MIB(128), 99, -E2BIG,
		       "Hotplug memory [0x3ffffffff000-0x400007fff000] exceeds maximum addressable "
		       "range [0x0-0x3fffffffffff]\n");
	assert_refused(&e, GIB(4) + 1, MIB(128), 99, -EEXIST, "");
	assert_refused(&e, GIB(6) - MIB(64), MIB(128), 99, -EEXIST, "");
	assert_refused(&e, GIB(4) - MIB(128), MIB(256), 0, -EEXIST, "");
	assert_refused(&e, 1ULL << 40, MIB(128), 0, -EEXIST, "");
	assert_refused(&e, (1ULL << 40) - MIB(128), MIB(256), 0, -EEXIST, "");
	assert_refused(&e, GIB(8) + MIB(64), MIB(128), 99, -EINVAL,
		       "Block size [0x8000000] unaligned hotplug range: start 0x204000000, "
		       "size 0x8000000\n");
	assert_refused(&e, GIB(8), MIB(192), 2, -EINVAL,
		       "Block size [0x8000000] unaligned hotplug range: start 0x200000000, "
		       "size 0xc000000\n");
	assert_refused(&e, GIB(8), MIB(128), 8, -EINVAL,
		       "node 8 was absent from the node_possible_map\n");
	assert_refused(&e, GIB(8), MIB(128), MM_NODE_NONE, -EINVAL,
		       "node -1 was absent from the node_possible_map\n");
	engine_fini(&e);
}

/* No memory for the memmap: the new node is removed again. */
static void no_memmap(void **state)
{
	struct engine e;
	struct mm_holder *hold = NULL;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_int_equal(kernel_hold(e.mm, 0, UINT64_MAX, MM_NODE_NONE, mm_total_free(e.mm) - 1023,
				     "greedy", &hold),
			 0);
	assert_refused(&e, GIB(8), MIB(256), 2, -ENOMEM, "");
	mm_holder_free(e.mm, hold);
	assert_int_equal(engine_add(&e, GIB(8), MIB(256), 2, NULL), 0);
	engine_fini(&e);
}

/* A block exists already: the ones before it are removed again, with their events. */
static void block_exists(void **state)
{
	static const struct engine_range memory[] = {
		{ GIB(4), GIB(5), 0 },
		{ GIB(8) + MIB(256), GIB(9), 1 },
		{ 0 },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory, .no_resources = true });
	assert_int_equal(engine_add(&e, GIB(8), MIB(512), 2, NULL), -EEXIST);
	assert_string_equal(engine_news(&e),
			    "+memory64 add@memory64 +memory65 add@memory65 remove@memory64 "
			    "-memory64 remove@memory65 -memory65");
	assert_iomem(&e, "");
	assert_int_equal(mm_memmap_pages(e.mm), 0);
	assert_false(mm_node_is_up(e.mm, 2));
	assert_int_equal(nr_blocks(&e), 8 + 6);
	assert_int_equal(hp_block_nid(engine_block(&e, 66)), 1);
	engine_fini(&e);
}

/* ---- onlining by default -------------------------------------------------------------------- */

static void auto_online(void **state)
{
	static const struct {
		enum hp_type type;
		const char *zones, *news;
	} rows[] = {
		{ HP_OFFLINE, "Normal Movable",
		  "+memory64 add@memory64 +memory65 add@memory65 +node2 add@node2" },
		{ HP_ONLINE, "Normal",
		  "+memory64 add@memory64 +memory65 add@memory65 +node2 add@node2 online@memory64 "
		  "online@memory65" },
		{ HP_ONLINE_KERNEL, "Normal",
		  "+memory64 add@memory64 +memory65 add@memory65 +node2 add@node2 online@memory64 "
		  "online@memory65" },
		{ HP_ONLINE_MOVABLE, "Movable",
		  "+memory64 add@memory64 +memory65 add@memory65 +node2 add@node2 online@memory64 "
		  "online@memory65" },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		struct engine e;

		engine_init(&e, &engine_plain);
		hp_params(e.hp)->auto_online = rows[i].type;
		assert_int_equal(engine_add(&e, GIB(8), MIB(256), 2, NULL), 0);
		assert_string_equal(engine_news(&e), rows[i].news);
		assert_string_equal(engine_valid_zones(&e, 64), rows[i].zones);
		assert_string_equal(engine_valid_zones(&e, 65), rows[i].zones);
		engine_fini(&e);
	}
}

struct nth_veto {
	struct hp_notifier notifier;
	unsigned int left;
};

static int veto_nth(struct hp_notifier *notifier, enum hp_action action,
		    const struct hp_notify *arg)
{
	struct nth_veto *v = base_container_of(notifier, struct nth_veto, notifier);

	if (action != HP_GOING_ONLINE)
		return 0;
	return v->left-- ? 0 : -ENOMEM;
}

/* The first block that fails ends it; the add succeeds, and there is no retry. */
static void auto_online_stops(void **state)
{
	struct engine e;
	struct nth_veto veto = { .notifier = { .call = veto_nth }, .left = 1 };

	(void)state;
	engine_init(&e, &engine_plain);
	hp_notifier_register(e.hp, &veto.notifier);
	hp_params(e.hp)->auto_online = HP_ONLINE_MOVABLE;
	assert_int_equal(engine_add(&e, GIB(8), MIB(512), 1, NULL), 0);
	assert_string_equal(engine_news(&e),
			    "+memory64 add@memory64 +memory65 add@memory65 +memory66 add@memory66 "
			    "+memory67 add@memory67 online@memory64");
	assert_string_equal(engine_valid_zones(&e, 64), "Movable");
	assert_string_equal(engine_valid_zones(&e, 65), "Normal Movable");
	assert_string_equal(engine_valid_zones(&e, 67), "Normal Movable");

	/* neither failed nor untried types are remembered */
	assert_int_equal(engine_online(&e, 65, true), 0);
	assert_int_equal(engine_online(&e, 67, true), 0);
	assert_string_equal(engine_valid_zones(&e, 65), "Normal");
	assert_string_equal(engine_valid_zones(&e, 67), "Normal");
	hp_notifier_unregister(e.hp, &veto.notifier);
	engine_fini(&e);
}

/* ---- groups --------------------------------------------------------------------------------- */

static void groups(void **state)
{
	struct engine e;
	struct hp_group *group;

	(void)state;
	engine_init(&e, &engine_plain);
	group = hp_group_new_static(e.hp, 2, 65536);
	assert_non_null(group);
	/* the group determines the node */
	assert_int_equal(engine_add(&e, GIB(8), MIB(256), 0, group), 0);
	assert_int_equal(hp_block_nid(engine_block(&e, 64)), 2);
	assert_int_equal(engine_state(&e, 64, HP_ONLINE_MOVABLE), 0);
	assert_int_equal(engine_state(&e, 64, HP_OFFLINE), 0);
	assert_int_equal(engine_remove(&e, GIB(8), MIB(256)), 0);
	hp_group_free(e.hp, group);
	group = hp_group_new_static(e.hp, 9, 65536);
	assert_int_equal(engine_add(&e, GIB(8), MIB(256), 0, group), -EINVAL);
	hp_group_free(e.hp, group);
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_node),
		cmocka_unit_test(old_node),
		cmocka_unit_test(node_stays),
		cmocka_unit_test(span_without_block),
		cmocka_unit_test(online_memory_stays),
		cmocka_unit_test(low_addresses_in_log),
		cmocka_unit_test(refusals),
		cmocka_unit_test(no_memmap),
		cmocka_unit_test(block_exists),
		cmocka_unit_test(auto_online),
		cmocka_unit_test(auto_online_stops),
		cmocka_unit_test(groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
