// SPDX-License-Identifier: GPL-2.0-or-later
/* Uevents: their contents and numbering; the grammar of writes to `uevent` files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

#define DEVPATH "/devices/system/memory/memory9"
#define UUID "fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed"

/* Events with their full contents, as lines. */
struct listener {
	struct base_buf events;
	struct base_buf log;
};

static void on_uevent(void *ctx, const struct hp_uevent *event)
{
	struct listener *l = ctx;

	base_buf_printf(&l->events, "%s@%s %s", event->action, event->devpath, event->subsystem);
	for (size_t i = 0; i < event->nr_env; i++)
		base_buf_printf(&l->events, " %s", event->env[i]);
	base_buf_printf(&l->events, " %llu\n", (unsigned long long)event->seqnum);
}

static void on_log(void *ctx, const char *line)
{
	struct listener *l = ctx;

	base_buf_printf(&l->log, "%s\n", line);
}

static void on_block(void *ctx, const struct hp_block *block)
{
}

static void on_node(void *ctx, int nid)
{
}

static void on_step(void *ctx, const char *name, const struct hp_fault_at *at)
{
}

static const struct hp_observer observer = {
	.block_added = on_block,
	.block_removed = on_block,
	.block_changed = on_block,
	.node_added = on_node,
	.node_removed = on_node,
	.uevent = on_uevent,
	.step = on_step,
	.log = on_log,
};

static const struct engine_range nothing[] = { { 0 } };

static void start(struct engine *e, struct listener *l)
{
	engine_init(e, &(struct engine_config){ .memory = nothing });
	base_buf_init(&l->events);
	base_buf_init(&l->log);
	hp_set_observer(e->hp, &observer, l);
}

static void finish(struct engine *e, struct listener *l)
{
	base_buf_fini(&l->events);
	base_buf_fini(&l->log);
	engine_fini(e);
}

static void assert_text(struct base_buf *buf, const char *want)
{
	assert_string_equal(base_buf_text(buf), want);
	base_buf_reset(buf);
}

static int synth(struct engine *e, const char *text)
{
	return hp_uevent_synth(e->hp, DEVPATH, "memory", "memory memory9", text, strlen(text));
}

static void sent(void **state)
{
	struct engine e;
	struct listener l;

	(void)state;
	start(&e, &l);
	assert_int_equal(hp_uevent_seqnum(e.hp), 0);
	hp_uevent_send(e.hp, "add", DEVPATH, "memory");
	hp_uevent_send(e.hp, "online", "/devices/system/container/PNP0A06:02", "container");
	assert_text(&l.events, "add@" DEVPATH " memory 1\n"
			       "online@/devices/system/container/PNP0A06:02 container 2\n");
	/* numbered even without a listener */
	hp_set_observer(e.hp, NULL, NULL);
	hp_uevent_send(e.hp, "change", DEVPATH, "memory");
	assert_int_equal(hp_uevent_seqnum(e.hp), 3);
	hp_set_observer(e.hp, &observer, &l);
	hp_uevent_send(e.hp, "change", DEVPATH, "memory");
	assert_text(&l.events, "change@" DEVPATH " memory 4\n");
	assert_text(&l.log, "");
	finish(&e, &l);
}

static void accepted(void **state)
{
	static const struct {
		const char *text, *event;
	} rows[] = {
		{ "add", "add@" DEVPATH " memory SYNTH_UUID=0 " },
		{ "remove", "remove@" DEVPATH " memory SYNTH_UUID=0 " },
		{ "change\n", "change@" DEVPATH " memory SYNTH_UUID=0 " },
		{ "move", "move@" DEVPATH " memory SYNTH_UUID=0 " },
		{ "online", "online@" DEVPATH " memory SYNTH_UUID=0 " },
		{ "offline", "offline@" DEVPATH " memory SYNTH_UUID=0 " },
		{ "bind", "bind@" DEVPATH " memory SYNTH_UUID=0 " },
		{ "unbind", "unbind@" DEVPATH " memory SYNTH_UUID=0 " },
		{ "add " UUID, "add@" DEVPATH " memory SYNTH_UUID=" UUID " " },
		{ "add " UUID "\n", "add@" DEVPATH " memory SYNTH_UUID=" UUID " " },
		{ "add FE4D7C9D-B8C6-4a70-9ef1-3d8a58d18eed",
		  "add@" DEVPATH " memory SYNTH_UUID=FE4D7C9D-B8C6-4a70-9ef1-3d8a58d18eed " },
		{ "add " UUID " A=1", "add@" DEVPATH " memory SYNTH_UUID=" UUID " SYNTH_ARG_A=1 " },
		{ "change " UUID " A=1 b2=xyz 3=Z\n",
		  "change@" DEVPATH " memory SYNTH_UUID=" UUID
		  " SYNTH_ARG_A=1 SYNTH_ARG_b2=xyz SYNTH_ARG_3=Z " },
		{ "add " UUID " A=1 A=2",
		  "add@" DEVPATH " memory SYNTH_UUID=" UUID " SYNTH_ARG_A=1 SYNTH_ARG_A=2 " },
		/* the kernel's letters are those of Latin-1 */
		{ "add " UUID " \xe4=\xd6",
		  "add@" DEVPATH " memory SYNTH_UUID=" UUID " SYNTH_ARG_\xe4=\xd6 " },
	};
	struct engine e;
	struct listener l;
	char want[256];

	(void)state;
	start(&e, &l);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		assert_int_equal(synth(&e, rows[i].text), 0);
		snprintf(want, sizeof(want), "%s%zu\n", rows[i].event, i + 1);
		assert_text(&l.events, want);
	}
	assert_text(&l.log, "");
	/* a trailing NUL is accepted like a newline, both together are not */
	assert_int_equal(hp_uevent_synth(e.hp, DEVPATH, "memory", NULL, "add", 4), 0);
	assert_int_equal(hp_uevent_synth(e.hp, DEVPATH, "memory", NULL, "add\n", 5), -EINVAL);
	finish(&e, &l);
}

#define BAD_ACTION "unknown uevent action string"
#define BAD_ARGS "incorrect uevent action arguments"

static void refused(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{ "", BAD_ACTION },
		{ "\n", BAD_ACTION },
		{ " add", BAD_ACTION },
		{ "ad", BAD_ACTION },
		{ "addd", BAD_ACTION },
		{ "Add", BAD_ACTION },
		{ "add\n\n", BAD_ACTION },
		{ "add\t" UUID, BAD_ACTION },
		{ "on", BAD_ACTION },
		{ "add ", BAD_ARGS },
		{ "add \n", BAD_ARGS },
		{ "add  " UUID, BAD_ARGS },
		{ "add x", BAD_ARGS },
		{ "add 0", BAD_ARGS },
		{ "add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18ee", BAD_ARGS },
		{ "add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eedd", BAD_ARGS },
		{ "add ge4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed", BAD_ARGS },
		{ "add fe4d7c9d0b8c6-4a70-9ef1-3d8a58d18eed", BAD_ARGS },
		{ "add fe4d7c9db-8c6-4a70-9ef1-3d8a58d18eed", BAD_ARGS },
		{ "add " UUID " ", BAD_ARGS },
		{ "add " UUID "  A=1", BAD_ARGS },
		{ "add " UUID " A", BAD_ARGS },
		{ "add " UUID " A=", BAD_ARGS },
		{ "add " UUID " =1", BAD_ARGS },
		{ "add " UUID " A=1=2", BAD_ARGS },
		{ "add " UUID " A_B=1", BAD_ARGS },
		{ "add " UUID " A=1_2", BAD_ARGS },
		{ "add " UUID " A=1 ", BAD_ARGS },
		{ "add " UUID " A=1  B=2", BAD_ARGS },
		{ "add " UUID " A=1 B", BAD_ARGS },
		{ "add " UUID " A=1\n\n", BAD_ARGS },
		{ "add " UUID "A=1", BAD_ARGS },
		/* the two signs among Latin-1's letters */
		{ "add " UUID " A=\xd7", BAD_ARGS },
		{ "add " UUID " A=\xf7", BAD_ARGS },
		{ "add " UUID " A=\xbf", BAD_ARGS },
	};
	struct engine e;
	struct listener l;
	char want[256];

	(void)state;
	start(&e, &l);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		assert_int_equal(synth(&e, rows[i].text), -EINVAL);
		snprintf(want, sizeof(want),
			 "synth uevent: " DEVPATH ": %s\n"
			 "memory memory9: uevent: failed to send synthetic uevent: -22\n",
			 rows[i].reason);
		assert_text(&l.log, want);
	}
	assert_text(&l.events, "");
	assert_int_equal(hp_uevent_seqnum(e.hp), 0);
	finish(&e, &l);
}

/*
 * The root devices: checked in full, nothing is sent; objects that are no devices: one line less.
 */
static void filtered_and_bare(void **state)
{
	struct engine e;
	struct listener l;

	(void)state;
	start(&e, &l);
	assert_int_equal(
		hp_uevent_synth(e.hp, "/devices/system/memory", NULL, " memory", "change", 6), 0);
	assert_text(&l.events, "");
	assert_int_equal(hp_uevent_seqnum(e.hp), 0);
	assert_int_equal(hp_uevent_synth(e.hp, "/devices/system/memory", NULL, " memory", "chang",
					 5),
			 -EINVAL);
	assert_text(&l.log, "synth uevent: /devices/system/memory: unknown uevent action string\n"
			    " memory: uevent: failed to send synthetic uevent: -22\n");
	assert_int_equal(hp_uevent_synth(e.hp, "/bus/memory", "bus", NULL, "change", 6), 0);
	assert_text(&l.events, "change@/bus/memory bus SYNTH_UUID=0 1\n");
	assert_int_equal(hp_uevent_synth(e.hp, "/bus/memory", "bus", NULL, "x", 1), -EINVAL);
	assert_text(&l.log, "synth uevent: /bus/memory: unknown uevent action string\n");
	finish(&e, &l);
}

/* ---- limits: 64 keys, 2048 bytes ------------------------------------------------------------ */

static int synth_keys(struct engine *e, unsigned int nr)
{
	struct base_buf text;
	int ret;

	base_buf_init(&text);
	base_buf_puts(&text, "add " UUID);
	for (unsigned int i = 0; i < nr; i++)
		base_buf_puts(&text, " A=1");
	ret = synth(e, base_buf_text(&text));
	base_buf_fini(&text);
	return ret;
}

static void many_keys(void **state)
{
	struct engine e;
	struct listener l;

	(void)state;
	start(&e, &l);
	/* ACTION, DEVPATH, SUBSYSTEM, SYNTH_UUID and SEQNUM leave 59 */
	assert_int_equal(synth_keys(&e, 59), 0);
	assert_int_equal(hp_uevent_seqnum(e.hp), 1);
	base_buf_reset(&l.events);
	assert_text(&l.log, "");
	/* 60: the number does not fit, and is consumed nevertheless */
	assert_int_equal(synth_keys(&e, 60), -ENOMEM);
	assert_int_equal(hp_uevent_seqnum(e.hp), 2);
	assert_text(&l.log, "synth uevent: " DEVPATH ": failed to send uevent\n"
			    "memory memory9: uevent: failed to send synthetic uevent: -12\n");
	assert_int_equal(synth_keys(&e, 61), -ENOMEM);
	assert_int_equal(synth_keys(&e, 63), -ENOMEM);
	assert_int_equal(hp_uevent_seqnum(e.hp), 2);
	base_buf_reset(&l.log);
	/* 65 keys with the UUID: the arguments are already refused */
	assert_int_equal(synth_keys(&e, 64), -EINVAL);
	assert_text(&l.log, "synth uevent: " DEVPATH ": incorrect uevent action arguments\n"
			    "memory memory9: uevent: failed to send synthetic uevent: -22\n");
	/* filtered devices send nothing that could be too long */
	assert_text(&l.events, "");
	finish(&e, &l);
}

static int synth_bytes(struct engine *e, size_t value_len)
{
	char *text = malloc(value_len + 64);
	int len, ret;

	assert_non_null(text);
	len = sprintf(text, "add " UUID " A=");
	memset(text + len, 'x', value_len);
	ret = hp_uevent_synth(e->hp, DEVPATH, "memory", NULL, text, (size_t)len + value_len);
	free(text);
	return ret;
}

static void many_bytes(void **state)
{
	/* each key ends with a NUL; "SYNTH_ARG_A=" precedes the value */
	size_t args = sizeof("SYNTH_UUID=" UUID) + sizeof("SYNTH_ARG_A=");
	size_t head =
		sizeof("ACTION=add") + sizeof("DEVPATH=" DEVPATH) + sizeof("SUBSYSTEM=memory");
	size_t fits = 2048 - args - head - sizeof("SEQNUM=1");
	struct engine e;
	struct listener l;

	(void)state;
	start(&e, &l);
	assert_int_equal(synth_bytes(&e, fits), 0);
	assert_int_equal(hp_uevent_seqnum(e.hp), 1);
	assert_int_equal(synth_bytes(&e, fits + 1), -ENOMEM);
	assert_int_equal(hp_uevent_seqnum(e.hp), 2);
	assert_int_equal(synth_bytes(&e, 2048 - args - head + 1), -ENOMEM);
	assert_int_equal(hp_uevent_seqnum(e.hp), 2);
	assert_int_equal(synth_bytes(&e, 2048 - args), -ENOMEM);
	assert_int_equal(synth_bytes(&e, 2048 - args + 1), -EINVAL);
	assert_int_equal(synth_bytes(&e, 4000), -EINVAL);
	finish(&e, &l);
}

/* Nothing beyond the text's length is read (memory checkers would notice). */
static void length_counts(void **state)
{
	static const char all[] = "change " UUID " A=1 B=2";
	struct engine e;
	struct listener l;

	(void)state;
	start(&e, &l);
	for (size_t len = 0; len < sizeof(all); len++) {
		char *text = malloc(len ? len : 1);
		int ret;

		assert_non_null(text);
		memcpy(text, all, len);
		ret = hp_uevent_synth(e.hp, DEVPATH, "memory", NULL, text, len);
		assert_int_equal(ret,
				 len == 6 || len == 43 || len == 47 || len >= 51 ? 0 : -EINVAL);
		free(text);
	}
	finish(&e, &l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sent),		 cmocka_unit_test(accepted),
		cmocka_unit_test(refused),	 cmocka_unit_test(filtered_and_bare),
		cmocka_unit_test(many_keys),	 cmocka_unit_test(many_bytes),
		cmocka_unit_test(length_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
