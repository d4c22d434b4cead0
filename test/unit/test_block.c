// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory block devices: which exist, their states in transition, their zones, "already so". */
#include <errno.h>
#include <string.h>

#include "engine.h"

static const struct engine_range shared[] = {
	{ 0, MIB(640), 0 },	   { MIB(640), MIB(700), 1 }, /* block 5: nodes 1 and 2 */
	{ MIB(700), MIB(768), 2 }, { GIB(1), GIB(1) + MIB(64), 0 }, { 0 },
};

static void walk(void **state)
{
	struct engine e;
	uint64_t id = 0;

	(void)state;
	engine_init(&e, &engine_plain);
	for (struct hp_block *b = hp_block_next(e.hp, 0); b; b = hp_block_next(e.hp, id + 1)) {
		assert_int_equal(hp_block_id(b), id ? id + 1 : 32);
		id = hp_block_id(b);
		assert_ptr_equal(hp_block_find(e.hp, id), b);
		assert_int_equal(hp_block_start_pfn(e.hp, b), id * 32768);
		assert_int_equal(hp_block_nid(b), id < 40 ? 0 : 1);
		assert_int_equal(hp_block_state(b), HP_STATE_ONLINE);
		assert_true(hp_block_is_online(b));
	}
	assert_int_equal(id, 47);
	assert_int_equal(hp_block_pages(e.hp), 32768);
	assert_null(hp_block_find(e.hp, 31));
	assert_null(hp_block_find(e.hp, 48));
	assert_null(hp_block_next(e.hp, 48));
	assert_int_equal(hp_block_id(hp_block_next(e.hp, 40)), 40);
	engine_fini(&e);
}

/* zones-default.case: block 0 lies in two zones, all others in DMA32. */
static void zones_at_boot(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_pc);
	assert_string_equal(engine_valid_zones(&e, 0), "none");
	for (uint64_t id = 1; id < 16; id++)
		assert_string_equal(engine_valid_zones(&e, id), "DMA32");
	assert_null(hp_block_next(e.hp, 16));
	engine_fini(&e);
}

static void several_nodes(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = shared });
	assert_string_equal(engine_valid_zones(&e, 4), "DMA32");
	assert_string_equal(engine_valid_zones(&e, 5), "none");
	assert_true(hp_block_on_node(e.hp, engine_block(&e, 5), 1));
	assert_true(hp_block_on_node(e.hp, engine_block(&e, 5), 2));
	assert_false(hp_block_on_node(e.hp, engine_block(&e, 5), 0));
	assert_true(hp_block_on_node(e.hp, engine_block(&e, 4), 0));
	assert_false(hp_block_on_node(e.hp, engine_block(&e, 4), 1));
	assert_int_equal(hp_block_nid(engine_block(&e, 5)), 2);
	assert_null(hp_block_find(e.hp, 6));
	/* half of it is a hole */
	assert_string_equal(engine_valid_zones(&e, 8), "DMA32");

	assert_int_equal(engine_state(&e, 5, HP_OFFLINE), -EINVAL);
	assert_string_equal(engine_log(&e), "");
	engine_fini(&e);
}

/* A block of several sections exists as soon as one of them does. */
static void large_blocks(void **state)
{
	static const struct engine_range memory[] = {
		{ 0, GIB(4), 0 },
		{ GIB(7) + MIB(900), GIB(8), 1 },
		{ 0 },
	};
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = memory, .block_size = GIB(2) });
	assert_int_equal(hp_block_pages(e.hp), 524288);
	assert_int_equal(hp_block_id(hp_block_next(e.hp, 2)), 3);
	assert_int_equal(hp_block_nid(engine_block(&e, 3)), 1);
	assert_string_equal(engine_valid_zones(&e, 3), "Normal");
	assert_string_equal(engine_valid_zones(&e, 1), "DMA32");
	/* holes take precedence over other errors */
	assert_int_equal(engine_state(&e, 3, HP_OFFLINE), -EINVAL);
	assert_string_equal(engine_log(&e), "memory offlining [mem 0x180000000-0x1ffffffff] failed "
					    "due to memory holes\n");
	assert_int_equal(engine_state(&e, 1, HP_OFFLINE), 0);
	engine_fini(&e);
}

/* ---- in transition -------------------------------------------------------------------------- */

struct watcher {
	struct hp_notifier notifier;
	struct engine *engine;
	struct base_buf trace;
};

static void watch(struct watcher *w, const char *when)
{
	const struct hp_block *block = engine_block(w->engine, 40);
	static const char *const names[] = { "online", "going-offline", "offline" };

	base_buf_printf(&w->trace, "%s: %s %d %s\n", when, names[hp_block_state(block)],
			hp_block_is_online(block), engine_valid_zones(w->engine, 40));
}

static int watcher_call(struct hp_notifier *notifier, enum hp_action action,
			const struct hp_notify *arg)
{
	static const char *const names[] = { "PREPARE_ONLINE", "GOING_ONLINE",	"ONLINE",
					     "CANCEL_ONLINE",  "GOING_OFFLINE", "OFFLINE",
					     "CANCEL_OFFLINE", "FINISH_OFFLINE" };

	assert_int_equal(arg->start_pfn, 40 * 32768);
	assert_int_equal(arg->nr_pages, 32768);
	if (action == HP_ONLINE_PAGES)
		return 0;
	watch(base_container_of(notifier, struct watcher, notifier), names[action]);
	return 0;
}

static void ignore_block(void *ctx, const struct hp_block *block)
{
}

static void ignore_node(void *ctx, int nid)
{
}

static void ignore_log(void *ctx, const char *line)
{
}

static void watch_uevent(void *ctx, const struct hp_uevent *event)
{
	watch(ctx, event->action);
}

static void watch_state(void *ctx, const struct hp_block *block)
{
	watch(ctx, "changed");
}

static void ignore_step(void *ctx, const char *name, const struct hp_fault_at *at)
{
}

static const struct hp_observer watching = {
	.block_added = ignore_block,
	.block_removed = ignore_block,
	.block_changed = watch_state,
	.node_added = ignore_node,
	.node_removed = ignore_node,
	.uevent = watch_uevent,
	.step = ignore_step,
	.log = ignore_log,
};

/*
 * `state` changes before the event, `online` after it; valid_zones shows an offline block
 * meanwhile.
 */
static void states_on_the_way(void **state)
{
	struct engine e;
	struct watcher w = { .notifier = { .call = watcher_call }, .engine = &e };

	(void)state;
	engine_init(&e, &engine_plain);
	base_buf_init(&w.trace);
	hp_set_observer(e.hp, &watching, &w);
	hp_notifier_register(e.hp, &w.notifier);
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), 0);
	assert_string_equal(base_buf_text(&w.trace),
			    "changed: going-offline 1 Normal Movable\n"
			    "GOING_OFFLINE: going-offline 1 Normal Movable\n"
			    "OFFLINE: going-offline 1 Normal Movable\n"
			    "FINISH_OFFLINE: going-offline 1 Normal Movable\n"
			    "changed: offline 1 Normal Movable\n"
			    "offline: offline 1 Normal Movable\n");
	assert_false(hp_block_is_online(engine_block(&e, 40)));

	base_buf_reset(&w.trace);
	assert_int_equal(engine_state(&e, 40, HP_ONLINE_MOVABLE), 0);
	/* from GOING_ONLINE on, the zone already spans it */
	assert_string_equal(base_buf_text(&w.trace), "PREPARE_ONLINE: offline 0 Normal Movable\n"
						     "GOING_ONLINE: offline 0 Movable Normal\n"
						     "ONLINE: offline 0 Movable Normal\n"
						     "changed: online 0 Movable\n"
						     "online: online 0 Movable\n");
	assert_true(hp_block_is_online(engine_block(&e, 40)));

	base_buf_reset(&w.trace);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -EIO;
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), -EIO);
	/* the injector is called first; notifiers that were not called still receive the end */
	assert_string_equal(base_buf_text(&w.trace),
			    "changed: going-offline 1 Movable Normal\n"
			    "CANCEL_OFFLINE: going-offline 1 Movable Normal\n"
			    "changed: online 1 Movable\n");
	assert_int_equal(hp_block_state(engine_block(&e, 40)), HP_STATE_ONLINE);
	hp_notifier_unregister(e.hp, &w.notifier);
	base_buf_fini(&w.trace);
	engine_fini(&e);
}

/* ---- the device layer ----------------------------------------------------------------------- */

static void device_layer(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_int_equal(hp_block_device_online(e.hp, engine_block(&e, 40)), 1);
	assert_int_equal(hp_block_device_offline(e.hp, engine_block(&e, 40), HP_OFFLINE_WAITS), 0);
	assert_int_equal(hp_block_device_offline(e.hp, engine_block(&e, 40), HP_OFFLINE_WAITS), 1);
	assert_int_equal(hp_block_device_online(e.hp, engine_block(&e, 40)), 0);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -EBUSY;
	assert_int_equal(hp_block_device_offline(e.hp, engine_block(&e, 40), HP_OFFLINE_WAITS),
			 -EBUSY);
	assert_string_equal(engine_news(&e), "offline@memory40 online@memory40");
	engine_fini(&e);
}

/* Counts how often it is released. */
struct waiting {
	struct hp_waiter waiter;
	unsigned int woken;
};

static void wake(struct hp_waiter *waiter)
{
	base_container_of(waiter, struct waiting, waiter)->woken++;
}

/* A waiter for a block is notified of that block, once, whatever its fate. */
static void waiters(void **state)
{
	struct waiting one = { .waiter.fn = wake }, other = { .waiter.fn = wake };
	struct waiting gone = { .waiter.fn = wake };
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	hp_block_wait(e.hp, engine_block(&e, 40), &one.waiter);
	hp_block_wait(e.hp, engine_block(&e, 40), &gone.waiter);
	hp_block_wait(e.hp, engine_block(&e, 41), &other.waiter);
	hp_block_wait_cancel(e.hp, &gone.waiter);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -EBUSY;
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), -EBUSY);
	assert_int_equal(one.woken, 1);
	assert_int_equal(other.woken, 0);
	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = 0;
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), 0);
	assert_int_equal(engine_state(&e, 41, HP_OFFLINE), 0);
	assert_int_equal(one.woken, 1);
	assert_int_equal(other.woken, 1);
	assert_int_equal(gone.woken, 0);
	hp_block_wait(e.hp, engine_block(&e, 40), &one.waiter);
	assert_int_equal(engine_state(&e, 40, HP_ONLINE), 0);
	assert_int_equal(one.woken, 2);
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk),
		cmocka_unit_test(zones_at_boot),
		cmocka_unit_test(several_nodes),
		cmocka_unit_test(large_blocks),
		cmocka_unit_test(states_on_the_way),
		cmocka_unit_test(device_layer),
		cmocka_unit_test(waiters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
