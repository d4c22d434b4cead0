// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Onlining and offlining pages: the notifiers' order, the rollbacks, the order of checks, and the
 * log.
 */
#include <errno.h>
#include <string.h>

#include "kernel_hold.h"
#include "engine.h"

/* A listener that records its notifications, and vetoes one action. */
struct listener {
	struct hp_notifier notifier;
	struct base_buf trace;
	int veto_action;
	int veto;
};

static int listen(struct hp_notifier *notifier, enum hp_action action, const struct hp_notify *arg)
{
	static const char *const names[] = { "PREPARE_ONLINE", "GOING_ONLINE",	"ONLINE",
					     "CANCEL_ONLINE",  "GOING_OFFLINE", "OFFLINE",
					     "CANCEL_OFFLINE", "FINISH_OFFLINE" };
	struct listener *l = base_container_of(notifier, struct listener, notifier);

	assert_int_equal(arg->nr_pages, 32768);
	if (action == HP_ONLINE_PAGES)
		return 0;
	base_buf_printf(&l->trace, "%s%s", l->trace.len ? " " : "", names[action]);
	return (int)action == l->veto_action ? l->veto : 0;
}

static void listener_init(struct listener *l, struct engine *e)
{
	*l = (struct listener){ .notifier = { .call = listen }, .veto_action = -1 };
	base_buf_init(&l->trace);
	hp_notifier_register(e->hp, &l->notifier);
}

static void listener_fini(struct listener *l, struct engine *e)
{
	hp_notifier_unregister(e->hp, &l->notifier);
	base_buf_fini(&l->trace);
}

static void assert_heard(struct listener *l, const char *want)
{
	assert_string_equal(base_buf_text(&l->trace), want);
	base_buf_reset(&l->trace);
}

/* State that a failed attempt must not change. */
struct snapshot {
	struct mm_zone_info zone[2][MM_NR_ZONES];
	uint64_t spanned[2], available, min_free, seqnum;
	struct base_mask memory, normal;
};

static struct snapshot snapshot(const struct engine *e)
{
	struct snapshot s;

	memset(&s, 0, sizeof(s));
	for (int nid = 0; nid < 2; nid++) {
		for (int type = 0; type < MM_NR_ZONES; type++)
			mm_zone_info(e->mm, nid, type, &s.zone[nid][type]);
		s.spanned[nid] = mm_node_spanned(e->mm, nid);
	}
	s.available = mm_available(e->mm);
	s.min_free = mm_min_free_kbytes(e->mm);
	s.seqnum = hp_uevent_seqnum(e->hp);
	s.memory = *mm_nodes_with_memory(e->mm);
	s.normal = *mm_nodes_with_normal_memory(e->mm);
	return s;
}

static void assert_unchanged(const struct engine *e, const struct snapshot *before)
{
	struct snapshot now = snapshot(e);

	assert_memory_equal(&now, before, sizeof(now));
}

static void notifiers(void **state)
{
	struct engine e;
	struct listener l;

	(void)state;
	engine_init(&e, &engine_plain);
	listener_init(&l, &e);
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), 0);
	assert_heard(&l, "GOING_OFFLINE OFFLINE FINISH_OFFLINE");
	assert_int_equal(engine_state(&e, 40, HP_ONLINE), 0);
	assert_heard(&l, "PREPARE_ONLINE GOING_ONLINE ONLINE");
	/* no change, no notification */
	assert_int_equal(engine_online(&e, 40, true), 0);
	assert_int_equal(engine_state(&e, 40, HP_ONLINE), -EINVAL);
	assert_heard(&l, "");
	listener_fini(&l, &e);
	engine_fini(&e);
}

static void online_vetoes(void **state)
{
	struct engine e;
	struct listener l;
	struct snapshot before;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_int_equal(engine_probe(&e, GIB(8)), 0);
	listener_init(&l, &e);
	before = snapshot(&e);
	for (int type = HP_ONLINE; type < HP_NR_TYPES; type++) {
		l.veto_action = HP_PREPARE_ONLINE;
		l.veto = -EPERM;
		assert_int_equal(engine_state(&e, 64, type), -EPERM);
		assert_heard(&l, "PREPARE_ONLINE");
		assert_unchanged(&e, &before);

		l.veto_action = HP_GOING_ONLINE;
		l.veto = -ENOMEM;
		assert_int_equal(engine_state(&e, 64, type), -ENOMEM);
		assert_heard(&l, "PREPARE_ONLINE GOING_ONLINE CANCEL_ONLINE FINISH_OFFLINE");
		assert_unchanged(&e, &before);
		assert_int_equal(hp_block_state(engine_block(&e, 64)), HP_STATE_OFFLINE);
		assert_string_equal(engine_valid_zones(&e, 64), "Normal Movable");
	}
	assert_string_equal(engine_log(&e), "");
	l.veto_action = -1;
	assert_int_equal(engine_state(&e, 64, HP_ONLINE), 0);
	listener_fini(&l, &e);
	engine_fini(&e);
}

static void offline_veto(void **state)
{
	struct engine e;
	struct listener l;
	struct snapshot before;

	(void)state;
	engine_init(&e, &engine_plain);
	listener_init(&l, &e);
	before = snapshot(&e);
	l.veto_action = HP_GOING_OFFLINE;
	l.veto = -EDQUOT;
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), -EDQUOT);
	assert_heard(&l, "GOING_OFFLINE CANCEL_OFFLINE");
	assert_unchanged(&e, &before);
	assert_string_equal(engine_valid_zones(&e, 40), "Normal");
	assert_string_equal(engine_log(&e),
			    "memory offlining [mem 0x140000000-0x147ffffff] failed due "
			    "to notifier failure\n");
	listener_fini(&l, &e);
	engine_fini(&e);
}

/* Held pages: no notifier is called, even one that would veto. */
static void unmovable(void **state)
{
	struct engine e;
	struct listener l;
	struct snapshot before;
	struct mm_holder *hold = NULL;

	(void)state;
	engine_init(&e, &engine_plain);
	listener_init(&l, &e);
	l.veto_action = HP_GOING_OFFLINE;
	l.veto = -EDQUOT;
	assert_int_equal(kernel_hold(e.mm, 41 * 32768 - 3, 41 * 32768, 1, 3, "slab", &hold), 0);
	before = snapshot(&e);
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), -EBUSY);
	assert_heard(&l, "");
	assert_unchanged(&e, &before);
	assert_string_equal(
		engine_log(&e),
		"page: pfn:0x147ffd held by slab (kernel), 3 pages\n"
		"page dumped because: unmovable page\n"
		"memory offlining [mem 0x140000000-0x147ffffff] failed due to failure to "
		"isolate range\n");
	l.veto_action = -1;
	/* its neighbours are not affected */
	assert_int_equal(engine_state(&e, 41, HP_OFFLINE), 0);
	mm_holder_free(e.mm, hold);
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), 0);
	listener_fini(&l, &e);
	engine_fini(&e);
}

/* The page layer's first error wins: zones, holes, held pages, then vetoes. */
static void order_of_checks(void **state)
{
	struct engine e;
	struct mm_holder *hold = NULL;

	(void)state;
	engine_init(&e, &engine_pc);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -EPERM;
	assert_int_equal(mm_reserve_boot(e.mm, 0, 256, "firmware"), 0);
	assert_int_equal(kernel_hold(e.mm, 15 * 32768, 16 * 32768, 1, 1, "x", &hold), 0);
	/* several zones: no log line */
	assert_int_equal(engine_state(&e, 0, HP_OFFLINE), -EINVAL);
	assert_string_equal(engine_log(&e), "");
	/* a hole at the end of block 15, and a held page */
	assert_int_equal(engine_state(&e, 15, HP_OFFLINE), -EINVAL);
	assert_string_equal(engine_log(&e),
			    "memory offlining [mem 0x78000000-0x7fffffff] failed due "
			    "to memory holes\n");
	assert_int_equal(engine_state(&e, 9, HP_OFFLINE), -EPERM);
	assert_string_equal(engine_log(&e),
			    "Injecting error (-1) to MEM_GOING_OFFLINE\n"
			    "memory offlining [mem 0x48000000-0x4fffffff] failed due to notifier "
			    "failure\n");
	mm_holder_free(e.mm, hold);
	assert_int_equal(kernel_hold(e.mm, 9 * 32768, 10 * 32768, 1, 1, "x", &hold), 0);
	assert_int_equal(engine_state(&e, 9, HP_OFFLINE), -EBUSY);
	mm_holder_free(e.mm, hold);
	engine_fini(&e);
}

/* The memory of a block that no range of System RAM covers entirely. */
static void holes_in_resources(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e,
		    &(struct engine_config){ .memory = engine_plain.memory, .no_resources = true });
	assert_int_equal(
		hp_resource_insert(e.hp, GIB(4), GIB(4) + MIB(192) - 1, "System RAM", true), 0);
	assert_int_equal(hp_resource_insert(e.hp, GIB(4) + MIB(192), GIB(4) + MIB(256) - 1,
					    "System RAM (kmem)", true),
			 0);
	assert_int_equal(hp_resource_insert(e.hp, GIB(4) + MIB(256), GIB(4) + MIB(384) - 1,
					    "reserved", true),
			 0);
	assert_int_equal(engine_state(&e, 32, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 33, HP_OFFLINE), 0); /* two adjacent ranges */
	assert_int_equal(engine_state(&e, 34, HP_OFFLINE), -EINVAL);
	assert_int_equal(engine_state(&e, 35, HP_OFFLINE), -EINVAL);
	engine_fini(&e);
}

static void reserved_in_movable(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 40, HP_ONLINE_MOVABLE), 0);
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 40, HP_ONLINE_MOVABLE), 0);
	assert_int_equal(mm_reserve_boot(e.mm, 40 * 32768 + 5, 1, "firmware"), 0);
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), -EBUSY);
	engine_fini(&e);
}

/* arm64: boot memory stays online, later memory may go offline; held pages are checked first. */
static void guarded_boot_memory(void **state)
{
	struct engine e;
	struct mm_holder *hold = NULL;

	(void)state;
	engine_init(&e,
		    &(struct engine_config){ .memory = engine_plain.memory, .guard_boot = true });
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), -EPERM);
	assert_string_equal(engine_log(&e),
			    "Boot memory [140000000 148000000] offlining attempted\n"
			    "memory offlining [mem 0x140000000-0x147ffffff] failed due to notifier "
			    "failure\n");
	assert_int_equal(kernel_hold(e.mm, 40 * 32768, 41 * 32768, 1, 1, "x", &hold), 0);
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), -EBUSY);
	mm_holder_free(e.mm, hold);
	assert_int_equal(engine_probe(&e, GIB(8)), 0);
	assert_int_equal(engine_state(&e, 64, HP_ONLINE), 0);
	assert_int_equal(engine_state(&e, 64, HP_OFFLINE), 0);
	engine_fini(&e);
}

/* The counters that online and offline change. */
static void counters(void **state)
{
	struct engine e;
	struct mm_zone_info zone;
	uint64_t managed, free;
	struct snapshot before;

	(void)state;
	engine_init(&e, &engine_pc);
	assert_int_equal(engine_add(&e, GIB(4), MIB(256), 1, NULL), 0);
	managed = mm_total_managed(e.mm);
	free = mm_total_free(e.mm);
	before = snapshot(&e);
	before.seqnum += 4;
	assert_int_equal(engine_state(&e, 33, HP_ONLINE_MOVABLE), 0);
	assert_string_equal(engine_zone(&e, 1, MM_ZONE_MOVABLE),
			    "spanned=32768 present=32768 start_pfn=1081344");
	assert_int_equal(engine_state(&e, 32, HP_ONLINE_KERNEL), 0);
	assert_string_equal(engine_zone(&e, 1, MM_ZONE_NORMAL),
			    "spanned=32768 present=32768 start_pfn=1048576");
	mm_zone_info(e.mm, 1, MM_ZONE_NORMAL, &zone);
	assert_int_equal(zone.managed, 32768);
	assert_int_equal(zone.free, 32768);
	assert_int_equal(zone.present_early, 0);
	assert_int_equal(mm_total_managed(e.mm), managed + 65536);
	assert_int_equal(mm_total_free(e.mm), free + 65536);
	assert_int_equal(mm_min_free_kbytes(e.mm), 90112);
	assert_int_equal(mm_memmap_pages(e.mm), 1024);
	assert_int_equal(engine_state(&e, 32, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 33, HP_OFFLINE), 0);
	assert_unchanged(&e, &before);
	engine_fini(&e);
}

/* The kernel's messages when a zone gets its first or loses its last page (dmesg.txt). */
static void zonelists(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_pc);
	assert_int_equal(mm_reserve_boot(e.mm, 0, 256, "firmware"), 0);
	assert_int_equal(mm_reserve_boot(e.mm, 0x40000 - 7411, 7411, "node data"), 0);
	assert_int_equal(mm_reserve_boot(e.mm, 0x7ffe0 - 20985, 20985, "node data"), 0);
	mm_wmark_update(e.mm);
	assert_int_equal(engine_add(&e, GIB(4), MIB(512), 1, NULL), 0);
	assert_string_equal(engine_log(&e), "");

	assert_int_equal(engine_state(&e, 32, HP_ONLINE), 0);
	assert_string_equal(engine_log(&e),
			    "Fallback order for Node 0: 0 1 \n"
			    "Fallback order for Node 1: 1 0 \n"
			    "Built 2 zonelists, mobility grouping on.  Total pages: 503032\n"
			    "Policy zone: Normal\n");
	assert_int_equal(engine_state(&e, 33, HP_ONLINE_MOVABLE), 0);
	assert_string_equal(engine_log(&e),
			    "Fallback order for Node 0: 0 1 \n"
			    "Fallback order for Node 1: 1 0 \n"
			    "Built 2 zonelists, mobility grouping on.  Total pages: 527322\n"
			    "Policy zone: Normal\n");
	/* further changes are not logged */
	assert_int_equal(engine_state(&e, 34, HP_ONLINE_MOVABLE), 0);
	assert_int_equal(engine_state(&e, 33, HP_OFFLINE), 0);
	assert_string_equal(engine_log(&e), "");
	assert_int_equal(engine_state(&e, 34, HP_OFFLINE), 0);
	assert_non_null(strstr(engine_log(&e), "Policy zone: Normal\n"));
	assert_int_equal(engine_state(&e, 32, HP_OFFLINE), 0);
	assert_non_null(strstr(engine_log(&e), "Policy zone: DMA32\n"));
	engine_fini(&e);
}

/* Nodes without memory have zonelists too, but are in none; near ones come first. */
static void fallback_order(void **state)
{
	static const struct engine_range memory[] = {
		{ GIB(4), GIB(5), 0 },
		{ GIB(5), GIB(6), 2 },
		{ GIB(6), GIB(7), 3 },
		{ 0 },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory, .cpu_nodes = "0,1" });
	assert_int_equal(engine_add(&e, GIB(8), MIB(128), 3, NULL), 0);
	assert_int_equal(engine_state(&e, 64, HP_ONLINE_MOVABLE), 0);
	assert_non_null(strstr(engine_log(&e), "Fallback order for Node 0: 0 2 3 \n"
					       "Fallback order for Node 1: 2 3 0 \n"
					       "Fallback order for Node 2: 2 3 0 \n"
					       "Fallback order for Node 3: 3 0 2 \n"
					       "Built 4 zonelists, mobility grouping on."));
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(notifiers),
		cmocka_unit_test(online_vetoes),
		cmocka_unit_test(offline_veto),
		cmocka_unit_test(unmovable),
		cmocka_unit_test(order_of_checks),
		cmocka_unit_test(holes_in_resources),
		cmocka_unit_test(reserved_in_movable),
		cmocka_unit_test(guarded_boot_memory),
		cmocka_unit_test(counters),
		cmocka_unit_test(zonelists),
		cmocka_unit_test(fallback_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
