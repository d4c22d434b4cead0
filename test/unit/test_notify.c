// SPDX-License-Identifier: GPL-2.0-or-later
/* The notifier chain: its order, its vetoes; and the error injector. */
#include <errno.h>

#include "../../src/hotplug/hp_private.h"
#include "engine.h"

struct listener {
	struct hp_notifier notifier;
	struct base_buf *trace;
	char name;
	int veto;
};

static int listen(struct hp_notifier *notifier, enum hp_action action, const struct hp_notify *arg)
{
	struct listener *l = base_container_of(notifier, struct listener, notifier);

	base_buf_printf(l->trace, "%c", l->name);
	return l->veto;
}

static struct listener listener(struct base_buf *trace, char name, int priority)
{
	return (struct listener){
		.notifier = { .priority = priority, .call = listen },
		.trace = trace,
		.name = name,
	};
}

static void assert_order(struct engine *e, struct base_buf *trace, enum hp_action action, int ret,
			 const char *want)
{
	const struct hp_notify arg = { .start_pfn = 0, .nr_pages = 32768 };

	assert_int_equal(hp_notify(e->hp, action, &arg), ret);
	assert_string_equal(base_buf_text(trace), want);
	base_buf_reset(trace);
}

/*
 * Higher priority first, equal ones in order of registration; the built-in ones are the first with
 * 0.
 */
static void priorities(void **state)
{
	struct engine e;
	struct base_buf trace;
	struct listener a = listener(&trace, 'a', 0), b = listener(&trace, 'b', 100);
	struct listener c = listener(&trace, 'c', 0), d = listener(&trace, 'd', 100);
	struct listener f = listener(&trace, 'f', -5), g = listener(&trace, 'g', 50);

	(void)state;
	engine_init(&e, &engine_plain);
	base_buf_init(&trace);
	hp_notifier_register(e.hp, &a.notifier);
	hp_notifier_register(e.hp, &b.notifier);
	hp_notifier_register(e.hp, &f.notifier);
	hp_notifier_register(e.hp, &c.notifier);
	hp_notifier_register(e.hp, &d.notifier);
	hp_notifier_register(e.hp, &g.notifier);
	assert_order(&e, &trace, HP_ONLINED, 0, "bdgacf");

	/* a veto ends it, for any error and any action */
	g.veto = -EOWNERDEAD;
	assert_order(&e, &trace, HP_GOING_ONLINE, -EOWNERDEAD, "bdg");
	g.veto = 0;
	*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE) = -ENOMEM;
	assert_order(&e, &trace, HP_GOING_ONLINE, -ENOMEM, "bdg");
	assert_order(&e, &trace, HP_PREPARE_ONLINE, 0, "bdgacf");

	hp_notifier_unregister(e.hp, &b.notifier);
	hp_notifier_unregister(e.hp, &a.notifier);
	hp_notifier_unregister(e.hp, &f.notifier);
	assert_order(&e, &trace, HP_ONLINED, 0, "dgc");
	b = listener(&trace, 'b', 0);
	hp_notifier_register(e.hp, &b.notifier);
	assert_order(&e, &trace, HP_ONLINED, 0, "dgcb");
	base_buf_fini(&trace);
	engine_fini(&e);
}

/* Each action has its own error, which persists until it is reset. */
static void injected(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	assert_int_equal(*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE), 0);
	assert_int_equal(*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE), 0);

	*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE) = -12;
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), 0);
	assert_string_equal(engine_log(&e), "");
	assert_int_equal(engine_state(&e, 40, HP_ONLINE), -12);
	assert_int_equal(engine_state(&e, 40, HP_ONLINE_MOVABLE), -12);
	assert_string_equal(engine_log(&e), "Injecting error (-12) to MEM_GOING_ONLINE\n"
					    "Injecting error (-12) to MEM_GOING_ONLINE\n");
	*hp_inject_error(e.hp, HP_INJECT_GOING_ONLINE) = 0;
	assert_int_equal(engine_state(&e, 40, HP_ONLINE), 0);

	*hp_inject_error(e.hp, HP_INJECT_GOING_OFFLINE) = -4095;
	assert_int_equal(engine_state(&e, 40, HP_OFFLINE), -4095);
	assert_string_equal(engine_log(&e),
			    "Injecting error (-4095) to MEM_GOING_OFFLINE\n"
			    "memory offlining [mem 0x140000000-0x147ffffff] failed due to notifier "
			    "failure\n");
	assert_int_equal(engine_online(&e, 40, true), 0);
	engine_fini(&e);
}

/* arm64's guard checks every section of a block, and only when it goes offline. */
static void boot_guard(void **state)
{
	static const struct engine_range memory[] = { { MIB(128), MIB(256), 0 }, { 0 } };
	const struct hp_notify first = { .start_pfn = 0, .nr_pages = 65536 };
	const struct hp_notify second = { .start_pfn = 65536, .nr_pages = 65536 };
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){
				.memory = memory, .block_size = MIB(256), .guard_boot = true });
	assert_int_equal(hp_notify(e.hp, HP_GOING_OFFLINE, &first), -EPERM);
	assert_string_equal(engine_log(&e), "Boot memory [0 10000000] offlining attempted\n");
	assert_int_equal(hp_notify(e.hp, HP_GOING_OFFLINE, &second), 0);
	for (int action = 0; action <= HP_FINISH_OFFLINE; action++) {
		if (action != HP_GOING_OFFLINE)
			assert_int_equal(hp_notify(e.hp, action, &first), 0);
	}
	assert_string_equal(engine_log(&e), "");
	engine_fini(&e);

	engine_init(&e, &(struct engine_config){ .memory = memory, .block_size = MIB(256) });
	assert_int_equal(hp_notify(e.hp, HP_GOING_OFFLINE, &first), 0);
	engine_fini(&e);
}

/* ---- notifications of an onlining or offlining ---------------------------------------------- */

/* Records all notifications, and refuses one. */
struct ear {
	struct hp_notifier notifier;
	struct base_buf heard;
	int refuses;
};

static int hear(struct hp_notifier *notifier, enum hp_action action, const struct hp_notify *arg)
{
	static const char *const names[] = {
		[HP_PREPARE_ONLINE] = "prepare_online",
		[HP_GOING_ONLINE] = "going_online",
		[HP_ONLINED] = "onlined",
		[HP_CANCEL_ONLINE] = "cancel_online",
		[HP_GOING_OFFLINE] = "going_offline",
		[HP_OFFLINED] = "offlined",
		[HP_CANCEL_OFFLINE] = "cancel_offline",
		[HP_FINISH_OFFLINE] = "finish_offline",
		[HP_ONLINE_PAGES] = "online_pages",
	};
	struct ear *ear = base_container_of(notifier, struct ear, notifier);

	assert_int_equal(arg->start_pfn, 40 * 32768);
	assert_int_equal(arg->nr_pages, 32768);
	base_buf_printf(&ear->heard, "%s ", names[action]);
	return (int)action == ear->refuses ? -ENOMEM : 0;
}

/* A notifier that saw the beginning also sees the end, even of a failed attempt. */
static void beginnings_have_ends(void **state)
{
	static const struct {
		enum hp_type type;
		int refuses;
		const char *heard;
	} cases[] = {
		{ HP_OFFLINE, HP_GOING_OFFLINE, "going_offline cancel_offline " },
		{ HP_OFFLINE, -1, "going_offline offlined finish_offline " },
		{ HP_ONLINE, HP_PREPARE_ONLINE, "prepare_online " },
		{ HP_ONLINE, HP_GOING_ONLINE,
		  "prepare_online going_online cancel_online finish_offline " },
		{ HP_ONLINE, HP_ONLINE_PAGES,
		  "prepare_online going_online online_pages cancel_online finish_offline " },
		{ HP_ONLINE, -1, "prepare_online going_online online_pages onlined " },
	};
	struct ear ear = { .notifier = { .priority = 1, .call = hear } };
	struct engine e;

	(void)state;
	engine_init(&e, &engine_plain);
	base_buf_init(&ear.heard);
	hp_notifier_register(e.hp, &ear.notifier);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		ear.refuses = cases[i].refuses;
		assert_int_equal(engine_state(&e, 40, cases[i].type),
				 ear.refuses < 0 ? 0 : -ENOMEM);
		assert_string_equal(base_buf_text(&ear.heard), cases[i].heard);
		base_buf_reset(&ear.heard);
	}
	base_buf_fini(&ear.heard);
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(priorities),
		cmocka_unit_test(injected),
		cmocka_unit_test(boot_guard),
		cmocka_unit_test(beginnings_have_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
