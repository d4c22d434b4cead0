// SPDX-License-Identifier: GPL-2.0-or-later
/* Traces of requests, and of their changes: to whom, when, and with which cause. */
#include "world.h"

#define STATE9 SYS_MEMORY "memory9/state"
#define MEMORY9 SYS_MEMORY "memory9"

enum { NOBODY, AGENT };

/* The traces received, line by line; @changes (bytes), @nr_changes, @nr_more: of the last write */
struct heard {
	struct world *w;
	struct base_buf lines;
	uint64_t last_write;
	size_t changes;
	uint64_t nr_changes;
	uint64_t nr_more;
	bool hears_steps;
};

static void command(void *ctx, pid_t pid, char name[TREE_COMMAND_SIZE])
{
	strcpy(name, pid == AGENT ? "agent" : "");
}

/* "agent write PATH 'VALUE' = RESULT" */
static void hear(void *ctx, const struct tree_trace *t)
{
	struct heard *heard = ctx;
	bool is_step = !strcmp(t->op, "step"), is_change = is_step || !strcmp(t->op, "change");

	assert_true(t->start_ns <= t->ns);
	if (is_step && !heard->hears_steps)
		return;
	if (*t->command)
		base_buf_printf(&heard->lines, "%s ", t->command);
	base_buf_printf(&heard->lines, "%s %s", t->op, t->path);
	if (t->value)
		base_buf_printf(&heard->lines, " '%.*s'", (int)t->len, t->value);
	if (is_change && t->id)
		base_buf_puts(&heard->lines,
			      t->id == heard->last_write + 1 ? " by the next" : " ?");
	else if (!is_change)
		base_buf_printf(&heard->lines, " = %zd", t->result);
	base_buf_puts(&heard->lines, "\n");
	if (t->changes)
		base_buf_printf(&heard->lines, "[%s]\n", t->changes);
	if (strcmp(t->op, "write"))
		return;
	assert_true(t->id > heard->last_write);
	heard->last_write = t->id;
	heard->changes = t->changes ? strlen(t->changes) : 0;
	heard->nr_changes = 0;
	for (const char *c = t->changes; c && *c; c++)
		heard->nr_changes += *c == '\n';
	heard->nr_more = t->nr_more;
}

static void assert_heard(struct heard *heard, const char *lines)
{
	assert_string_equal(base_buf_text(&heard->lines), lines);
	base_buf_reset(&heard->lines);
}

static int setup(void **state)
{
	struct heard *heard = calloc(1, sizeof(*heard));

	heard->w = world_new(NULL);
	base_buf_init(&heard->lines);
	tree_set_command(heard->w->tree, command, NULL);
	tree_set_tracer(heard->w->tree, hear, heard, TREE_TRACE_ALL);
	world_set_caller(AGENT, 0);
	*state = heard;
	return 0;
}

static int teardown(void **state)
{
	struct heard *heard = *state;

	world_free(heard->w);
	base_buf_fini(&heard->lines);
	free(heard);
	return 0;
}

#define TRACE_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static void requests(void **state)
{
	struct heard *heard = *state;
	struct world *w = heard->w;
	struct tree_file *file;

	assert_reads(w, STATE9, "online\n");
	assert_heard(heard, "agent open " STATE9 " = 0\n"
			    "agent read " STATE9 " 'online\n' = 7\n"
			    "agent read " STATE9 " '' = 0\n");
	assert_writes(w, STATE9, "off", -EINVAL);
	assert_heard(heard, "agent open " STATE9 " = 0\n"
			    "agent write " STATE9 " 'off' = -22\n");
	/* requests without a file: refused ones are reported as well */
	assert_int_equal(world_open(w, MEMORY9 "/phys_index", O_WRONLY, &file), -EACCES);
	assert_heard(heard, "agent open " MEMORY9 "/phys_index = -13\n");
	assert_int_equal(world_mkdir(w, "machine/workload/x"), 0);
	assert_int_equal(world_rmdir(w, "machine/workload/x"), 0);
	assert_int_equal(world_rmdir(w, "machine/workload/x"), -ENOENT);
	assert_heard(heard, "agent mkdir machine/workload/x = 0\n"
			    "agent rmdir machine/workload/x = 0\n"
			    "agent rmdir machine/workload/x = -2\n");
	/* no process */
	world_set_caller(NOBODY, 0);
	assert_writes(w, "machine/clock/advance_ns", "1", 1);
	assert_heard(heard, "open machine/clock/advance_ns = 0\n"
			    "write machine/clock/advance_ns '1' = 1\n");
}

/* The changes of a write name it, and come before its end. */
static void changes(void **state)
{
	struct heard *heard = *state;
	struct world *w = heard->w;

	assert_takes(w, STATE9, "offline");
	assert_heard(heard, "agent open " STATE9 " = 0\n"
			    "agent change " MEMORY9 " 'going-offline' by the next\n"
			    "agent change " MEMORY9 " 'offline' by the next\n"
			    "uevent /devices/system/memory/memory9 'offline' = 0\n"
			    "agent write " STATE9 " 'offline' = 7\n"
			    "[" MEMORY9 " going-offline\n" MEMORY9 " offline\n]\n");
	assert_takes(w, STATE9, "online_movable");
	assert_heard(heard, "agent open " STATE9 " = 0\n"
			    "agent change " MEMORY9 " 'online Movable' by the next\n"
			    "uevent /devices/system/memory/memory9 'online' = 0\n"
			    "agent write " STATE9 " 'online_movable' = 14\n"
			    "[" MEMORY9 " online Movable\n]\n");
	assert_takes(w, SYS_MEMORY "probe", "0x100000000");
	assert_takes(w, SYS_MEMORY "probe", "0x108000000");
	base_buf_reset(&heard->lines);
	assert_int_equal(hp_remove_memory(w->hp, GIB(4), MIB(256)), 0);
	assert_heard(heard, "uevent /devices/system/memory/memory32 'remove' = 0\n"
			    "change " SYS_MEMORY "memory32 'removed'\n"
			    "uevent /devices/system/memory/memory33 'remove' = 0\n"
			    "change " SYS_MEMORY "memory33 'removed'\n");
}

/*
 * Changes made by timers name no request; the request that waits for them still lists its changes.
 */
static void changes_in_time(void **state)
{
	struct heard *heard = *state;
	struct world *w = heard->w;
	struct tree_file *file = world_open_good(w, STATE9, O_WRONLY);
	struct tree_file *other = world_open_good(w, SYS_MEMORY "memory10/state", O_WRONLY);
	struct world_req r, waits;

	assert_int_equal(world_mkdir(w, "machine/workload/p"), 0);
	assert_takes(w, "machine/workload/p/kind", "pinned");
	assert_takes(w, "machine/workload/p/block", "9");
	assert_takes(w, "machine/workload/p/size", "4K");
	base_buf_reset(&heard->lines);
	world_req_write(&r, file, "offline", 7);
	assert_heard(heard, "agent change " MEMORY9 " 'going-offline' by the next\n");
	/* nor the latest one */
	world_req_write(&waits, other, "online", 6);
	world_set_caller(NOBODY, 0);
	tree_interrupt(&r.req, false);
	assert_int_equal(r.result, -EINTR);
	assert_int_equal(waits.result, -EINVAL);
	assert_heard(heard, "agent change " MEMORY9 " 'online DMA32' by the next\n"
			    "agent write " STATE9 " 'offline' = -4\n"
			    "[" MEMORY9 " going-offline\n" MEMORY9 " online DMA32\n]\n"
			    "agent write " SYS_MEMORY "memory10/state 'online' = -22\n");
	tree_release(file);
	tree_release(other);
}

/* A write has room for some of its changes; the others are counted. */
static void many_changes(void **state)
{
	struct heard *heard = *state;
	size_t len = strlen(SYS_MEMORY "memory100 added\n");

	assert_plugs(heard->w, "d0", "size=75G");
	assert_in_range(heard->changes, 16384 - len, 16384);
	assert_int_equal(heard->nr_changes + heard->nr_more, 75 * 8);
}

/* Nothing is reported without a listener, unless it goes into a file. */
/* Without a reader, who hears only changes hears no opens and reads. */
static void only_changes(void **state)
{
	struct heard *heard = *state;
	struct world *w = heard->w;
	struct tree_file *file;

	tree_set_tracer(w->tree, hear, heard, TREE_TRACE_CHANGES);
	assert_reads(w, STATE9, "online\n");
	assert_writes(w, STATE9, "off", -EINVAL);
	assert_heard(heard, "agent write " STATE9 " 'off' = -22\n");
	file = world_open_good(w, "machine/trace", O_RDONLY);
	base_buf_reset(&heard->lines);
	assert_reads(w, MEMORY9 "/phys_index", "00000009\n");
	assert_non_null(strstr(base_buf_text(&heard->lines), "agent read "));
	tree_release(file);
}

/* What a fault plan can fail, with the request that gets there. */
static void steps(void **state)
{
	struct heard *heard = *state;
	struct world *w = heard->w;

	heard->hears_steps = true;
	assert_takes(w, STATE9, "offline");
	assert_heard(heard, "agent open " STATE9 " = 0\n"
			    "agent change " MEMORY9 " 'going-offline' by the next\n"
			    "step memory9 'isolate' by the next\n"
			    "step memory9 'going_offline' by the next\n"
			    "step memory9 'migrate' by the next\n"
			    "step memory9 'dissolve' by the next\n"
			    "agent change " MEMORY9 " 'offline' by the next\n"
			    "step memory9 'uevent' by the next\n"
			    "uevent /devices/system/memory/memory9 'offline' = 0\n"
			    "agent write " STATE9 " 'offline' = 7\n"
			    "[" MEMORY9 " going-offline\n" MEMORY9 " offline\n]\n");
	assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
	assert_takes(w, "machine/dimm/d0/size", "256M");
	base_buf_reset(&heard->lines);
	assert_takes(w, "machine/dimm/d0/plugged", "1");
	assert_non_null(strstr(base_buf_text(&heard->lines),
			       "step memory32-33 'plug' by the next\n"
			       "step memory32-33 'memmap_alloc' by the next\n"));
}

static void only_for_listeners(void **state)
{
	struct heard *heard = *state;
	struct world *w = heard->w;
	struct tree_file *file;
	struct world_req r;

	tree_set_tracer(w->tree, hear, heard, TREE_TRACE_READERS);
	assert_takes(w, STATE9, "offline");
	assert_heard(heard, "");
	file = world_open_good(w, "machine/trace", O_RDONLY | O_NONBLOCK);
	/* and nothing about the listening itself */
	assert_int_equal(world_file_read(&r, file, 100, 0), -EAGAIN);
	world_req_fini(&r);
	assert_heard(heard, "");
	assert_reads(w, MEMORY9 "/online", "0\n");
	assert_heard(heard, "agent open " MEMORY9 "/online = 0\n"
			    "agent read " MEMORY9 "/online '0\n' = 2\n"
			    "agent read " MEMORY9 "/online '' = 0\n");
	tree_release(file);
	assert_reads(w, MEMORY9 "/online", "0\n");
	assert_heard(heard, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TRACE_TEST(requests),		TRACE_TEST(changes),
		TRACE_TEST(changes_in_time),	TRACE_TEST(many_changes),
		TRACE_TEST(only_for_listeners), TRACE_TEST(steps),
		TRACE_TEST(only_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
