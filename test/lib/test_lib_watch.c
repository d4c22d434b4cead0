// SPDX-License-Identifier: GPL-2.0-or-later
/* libmemhp: uevents, the log, traces. */
#include "lib_test.h"

/* What was told, a line for each thing. */
struct heard {
	struct memhp *m;
	unsigned int calls;
	char text[8192];
};

__attribute__((format(printf, 2, 3))) static void note(struct heard *heard, const char *fmt, ...)
{
	size_t len = strlen(heard->text);
	va_list ap;

	heard->calls++;
	va_start(ap, fmt);
	vsnprintf(heard->text + len, sizeof(heard->text) - len, fmt, ap);
	va_end(ap);
}

static void hear_uevent(void *ctx, const char *text)
{
	note(ctx, "%.*s\n", (int)strcspn(text, "\n"), text);
}

static void hear_log(void *ctx, const char *line)
{
	note(ctx, "%s\n", line);
}

static void hear_trace(void *ctx, const struct memhp_trace *t)
{
	note(ctx, "%s %s by '%s' value %s result %lld changes %s", t->op, t->path, t->actor,
	     t->value ? t->value : "-", (long long)t->result, t->changes ? t->changes : "-\n");
}

/* ---- uevents --------------------------------------------------------------------------------- */

static void test_uevents(void **state)
{
	struct memhp *m = lib_boot();
	char *text;

	assert_int_equal(memhp_uevents(m, &text), 0);
	assert_string_equal(text, "");
	memhp_text_free(text);
	lib_write(m, BLOCKS "memory8/state", "offline");
	lib_write(m, BLOCKS "memory8/state", "online");
	assert_int_equal(memhp_uevents(m, &text), 0);
	assert_ptr_equal(strstr(text, "offline@/devices/system/memory/memory8\nACTION=offline\n"),
			 text);
	assert_non_null(strstr(text, "\n\nonline@/devices/system/memory/memory8\nACTION=online\n"));
	assert_string_equal(text + strlen(text) - 2, "\n\n");
	memhp_text_free(text);
	assert_int_equal(memhp_uevents(m, &text), 0);
	assert_string_equal(text, "");
	memhp_text_free(text);
	memhp_free(m);
}

static void test_on_uevent(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };
	char *text;

	assert_int_equal(memhp_on_uevent(m, hear_uevent, &heard), 0);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_string_equal(heard.text, "offline@/devices/system/memory/memory8\n");
	assert_int_equal(memhp_plug(m, "dimm", "d0", 256 * MIB, 0), 0);
	assert_non_null(strstr(heard.text, "\nadd@/devices/system/memory/memory32\n"));
	assert_non_null(strstr(heard.text, "\nadd@/devices/system/memory/memory33\n"));
	assert_int_equal(memhp_uevents(m, &text), 0);
	assert_string_equal(text, "");
	memhp_text_free(text);

	assert_int_equal(memhp_on_uevent(m, NULL, NULL), 0);
	heard.calls = 0;
	lib_write(m, BLOCKS "memory8/state", "online");
	assert_int_equal(heard.calls, 0);
	memhp_free(m);
}

/* An agent in the test: it brings online what is added, at the time at which it is added. */
static void agent(void *ctx, const char *text)
{
	struct heard *heard = ctx;
	unsigned int block;

	if (sscanf(text, "add@/devices/system/memory/memory%u", &block) == 1) {
		char path[64];

		snprintf(path, sizeof(path), BLOCKS "memory%u/state", block);
		lib_write(heard->m, path, "online_movable");
		heard->calls++;
	}
}

static void test_agent(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };

	assert_int_equal(memhp_on_uevent(m, agent, &heard), 0);
	assert_int_equal(memhp_plug(m, "dimm", "d0", GIB, 0), 0);
	assert_int_equal(heard.calls, 8);
	lib_expect(m, BLOCKS "memory39/valid_zones", "Movable\n");
	memhp_free(m);
}

static void free_machine(void *ctx, const char *text)
{
	struct heard *heard = ctx;

	heard->calls++;
	memhp_free(heard->m);
}

static void test_uevent_frees(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };

	assert_int_equal(memhp_on_uevent(m, free_machine, &heard), 0);
	assert_int_equal(memhp_plug(m, "dimm", "d0", GIB, 0), 0);
	assert_int_equal(heard.calls, 1);
}

/* ---- the log --------------------------------------------------------------------------------- */

static void test_on_log(void **state)
{
	struct memhp *m;
	struct heard boot = { .calls = 0 }, later = { .calls = 0 };
	char *text;

	assert_int_equal(memhp_new(&m), 0);
	assert_int_equal(memhp_on_log(m, hear_log, &boot), 0);
	assert_int_equal(memhp_boot(m), 0);
	assert_int_equal(memhp_mkdir(m, "machine/dimm/d0"), 0);
	memhp_write(m, "machine/dimm/d0/size", "x");
	assert_int_equal(memhp_read(m, "machine/log", &text, NULL), 0);
	assert_string_equal(boot.text, text);
	memhp_text_free(text);

	assert_int_equal(memhp_on_log(m, hear_log, &later), 0);
	memhp_write(m, "machine/dimm/d0/node", "7");
	assert_string_equal(later.text,
			    "machine: dimm/d0/node: node 7 is not possible: possible are 0-1\n");
	assert_int_equal(memhp_on_log(m, NULL, NULL), 0);
	memhp_write(m, "machine/dimm/d0/node", "7");
	assert_int_equal(later.calls, 1);
	memhp_free(m);
}

/* What a function that is told of a line causes is told after it, and only once. */
static void log_more(void *ctx, const char *line)
{
	struct heard *heard = ctx;

	hear_log(ctx, line);
	if (heard->calls < 3)
		memhp_write(heard->m, "machine/dimm/d0/size", heard->calls == 1 ? "a" : "b");
}

static void test_log_of_log(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };

	assert_int_equal(memhp_mkdir(m, "machine/dimm/d0"), 0);
	assert_int_equal(memhp_on_log(m, log_more, &heard), 0);
	memhp_write(m, "machine/dimm/d0/size", "x");
	assert_string_equal(heard.text,
			    "machine: dimm/d0/size: 'x' is not a valid size (use 4G or 512M)\n"
			    "machine: dimm/d0/size: 'a' is not a valid size (use 4G or 512M)\n"
			    "machine: dimm/d0/size: 'b' is not a valid size (use 4G or 512M)\n");
	memhp_free(m);
}

/* ---- traces ---------------------------------------------------------------------------------- */

static void test_on_trace(void **state)
{
	struct memhp *m = lib_boot();
	struct heard heard = { .m = m };

	assert_int_equal(memhp_on_trace(m, hear_trace, &heard), 0);
	assert_int_equal(memhp_set_actor(m, "agent"), 0);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_non_null(strstr(heard.text,
			       "open " BLOCKS "memory8/state by 'agent' value - result 0 "
			       "changes -\n"));
	assert_non_null(strstr(heard.text, "write " BLOCKS "memory8/state by 'agent' value offline "
					   "result 7 changes " BLOCKS
					   "memory8 going-offline\n" BLOCKS "memory8 offline\n"));
	assert_non_null(strstr(heard.text, "step memory8 by '' value going_offline result 0 "));
	assert_non_null(
		strstr(heard.text, "uevent /devices/system/memory/memory8 by '' value offline"));
	memhp_set_actor(m, NULL);
	heard.text[0] = '\0';
	memhp_write(m, BLOCKS "memory8/state", "nonsense");
	assert_non_null(strstr(heard.text, "write " BLOCKS "memory8/state by '' value nonsense "
					   "result -22 changes -\n"));
	assert_int_equal(memhp_on_trace(m, NULL, NULL), 0);
	heard.calls = 0;
	lib_expect(m, BLOCKS "memory8/state", "offline\n");
	assert_int_equal(heard.calls, 0);
	memhp_free(m);
}

struct times {
	uint64_t start, end;
};

static void take_times(void *ctx, const struct memhp_trace *t)
{
	struct times *times = ctx;

	if (!strcmp(t->op, "write") && strstr(t->path, "memory8")) {
		times->start = t->start_ns;
		times->end = t->ns;
	}
}

static void test_trace_times(void **state)
{
	static const char *const slow[] = { "phase=going_offline", "errno=none", "delay_ms=50",
					    "enabled=1", NULL };
	struct memhp *m = lib_boot();
	struct times times = { .start = 0 };

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	assert_int_equal(memhp_advance(m, 7), 0);
	assert_int_equal(memhp_on_trace(m, take_times, &times), 0);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_int_equal(times.start, 7);
	assert_int_equal(times.end, 50 * MS + 7);
	memhp_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uevents),	 cmocka_unit_test(test_on_uevent),
		cmocka_unit_test(test_agent),	 cmocka_unit_test(test_uevent_frees),
		cmocka_unit_test(test_on_log),	 cmocka_unit_test(test_log_of_log),
		cmocka_unit_test(test_on_trace), cmocka_unit_test(test_trace_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
