/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Race gates: their files, which requests they hold, and what a trace tells of those. */
#include "race.h"

/* ---- files ---------------------------------------------------------------------------------- */

static void words(void **state)
{
	static const struct {
		const char *file, *text;
		int ret;
		const char *shown;
	} rows[] = {
		{ RACE "g/actor", "", 0, "*\n" },
		{ RACE "g/actor", "ud*\n", 4, "ud*\n" },
		{ RACE "g/actor", "\n", -EINVAL, "ud*\n" },
		{ RACE "g/op", "", 0, "write\n" },
		{ RACE "g/op", "any\n", 4, "any\n" },
		{ RACE "g/op", "close", -EINVAL, "any\n" },
		{ RACE "g/path", "*/state", 7, "*/state\n" },
		{ RACE "g/path", "a\nb", -EINVAL, "*/state\n" },
		{ RACE "g/value", "on line", 7, "on line\n" },
		{ RACE "g/until", "", 0, "\n" },
		{ RACE "g/until", "a b c\n", 6, "a b c\n" },
		{ RACE "g/until", " b", -EINVAL, "a b c\n" },
		{ RACE "g/until", "\n", 1, "\n" },
		{ RACE "g/parties", "2", 1, "2\n" },
		{ RACE "g/parties", "two", -EINVAL, "2\n" },
		{ RACE "g/count", "0x10", 4, "16\n" },
		{ RACE "g/after", "3", 1, "3\n" },
		{ RACE "g/at", "", 0, "request\n" },
		{ RACE "g/at", "answer", 6, "answer\n" },
		{ RACE "g/at", "start", -EINVAL, "answer\n" },
		{ RACE "g/waiting", "", -EACCES, "0\n" },
		{ RACE "g/passed", "", -EACCES, "0\n" },
		{ RACE "g/enabled", "maybe", -EINVAL, "0\n" },
	};
	struct world *w = *state;
	char text[300];

	assert_int_equal(world_mkdir(w, RACE "g"), 0);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		assert_writes(w, rows[i].file, rows[i].text, rows[i].ret);
		assert_reads(w, rows[i].file, rows[i].shown);
	}
	memset(text, 'x', sizeof(text));
	text[256] = '\0';
	assert_writes(w, RACE "g/path", text, -EINVAL);
	text[255] = '\0';
	assert_takes(w, RACE "g/path", text);
	assert_int_equal(world_write_bytes(w, RACE "g/path", "a\0b", 3), -EINVAL);
	assert_writes(w, RACE "g/release", "1", -EAGAIN);
	assert_writes(w, RACE "g/release", "x", -EINVAL);
}

static void fixed_while_enabled(void **state)
{
	static const char *const files[] = {
		RACE "g/actor",	  RACE "g/path",  RACE "g/value", RACE "g/until",
		RACE "g/parties", RACE "g/count", RACE "g/after",
	};
	struct world *w = *state;

	race_gate(w, "g", "");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(files); i++)
		assert_writes(w, files[i], "1", -EBUSY);
	assert_writes(w, RACE "g/op", "read", -EBUSY);
	assert_writes(w, RACE "g/at", "answer", -EBUSY);
	assert_takes(w, RACE "g/enabled", "1");
	assert_takes(w, RACE "g/enabled", "0");
	assert_takes(w, RACE "g/count", "1");
}

static void so_many(void **state)
{
	struct world *w = *state;
	char path[32];

	for (int i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), RACE "g%d", i);
		assert_int_equal(world_mkdir(w, path), 0);
	}
	assert_int_equal(world_mkdir(w, RACE "more"), -ENOSPC);
	assert_false(world_exists(w, RACE "more"));
	assert_int_equal(world_rmdir(w, RACE "g7"), 0);
	assert_int_equal(world_mkdir(w, RACE "more"), 0);
}

/* ---- which requests ------------------------------------------------------------------------- */

static void whom(void **state)
{
	static const struct {
		const char *config;
		pid_t pid;
		const char *path, *text;
		bool held;
	} rows[] = {
		{ "", AGENT, STATE(32), "online", true },
		{ "", NOBODY, STATE(32), "online", false },
		{ "actor=agent", AGENT, STATE(32), "online", true },
		{ "actor=agent", UDEV, STATE(32), "online", false },
		{ "actor=[au]*", UDEV, STATE(32), "online", true },
		{ "actor=2", UDEV, STATE(32), "online", true },
		{ "actor=2", AGENT, STATE(32), "online", false },
		{ "path=*/memory32/state", AGENT, STATE(32), "online", true },
		{ "path=*/memory33/state", AGENT, STATE(32), "online", false },
		/* a star also matches slashes */
		{ "path=sys/*/state", AGENT, STATE(32), "online", true },
		{ "path=" STATE(32), AGENT, STATE(32), "online", true },
		{ "value=online", AGENT, STATE(32), "online\n", true },
		{ "value=online", AGENT, STATE(32), "online\n\n", false },
		{ "value=on*", AGENT, STATE(32), "online_kernel", true },
		{ "value=off*", AGENT, STATE(32), "online_kernel", false },
		{ "op=read", AGENT, STATE(32), "online", false },
		{ "op=any", AGENT, STATE(32), "online", true },
		/* never its own files */
		{ "op=any", AGENT, RACE "g/release", "0", false },
		{ "until=" STATE(1) " online", AGENT, STATE(32), "online", false },
		{ "until=" STATE(1) " off*", AGENT, STATE(32), "online", true },
		/* the path does not exist */
		{ "until=" STATE(99) " *", AGENT, STATE(32), "online", true },
		{ "until=" STATE(99), AGENT, STATE(32), "online", false },
		{ "until=" STATE(1), AGENT, STATE(32), "online", true },
		/* a path that cannot be read */
		{ "until=" SYS_MEMORY " *", AGENT, STATE(32), "online", true },
		{ "until=machine/uevents *", AGENT, STATE(32), "online", true },
		{ "until=sys/bus/memory/devices/memory1/state *", AGENT, STATE(32), "online",
		  true },
	};
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		struct race_writer a;

		race_gate(w, "g", rows[i].config);
		race_begin(w, &a, rows[i].pid, rows[i].path, rows[i].text);
		if (a.r.done == rows[i].held)
			fail_msg("row %zu: %s", i, rows[i].config);
		assert_int_equal(race_number(w, "g", "waiting"), rows[i].held);
		assert_int_equal(world_rmdir(w, RACE "g"), 0);
		race_end(&a, a.r.result);
		(void)world_write(w, STATE(32), "offline");
	}
}

/* Reads, too; the read of a condition passes all gates. */
static void reads(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, STATE(32), O_RDONLY);
	struct world_req r;

	race_gate(w, "g", "op=read;until=" STATE(32) " online");
	world_set_caller(AGENT, 0);
	world_req_read(&r, file, 100, 0);
	assert_false(r.done);
	assert_takes(w, STATE(32), "online");
	assert_true(r.done);
	assert_string_equal(base_buf_text(&r.text), "online\n");
	world_req_fini(&r);
	tree_release(file);
}

/* A request that is not a read or write. */
struct passer {
	struct tree_req req;
	bool done;
	ssize_t result;
};

static void passed(struct tree_req *req, ssize_t result)
{
	struct passer *p = base_container_of(req, struct passer, req);

	p->done = true;
	p->result = result;
}

/* Opens, mkdir and rmdir, by their paths. */
static void passes(void **state)
{
	static const struct {
		const char *op, *path;
		enum tree_op is;
		const char *at, *name;
		bool held;
	} rows[] = {
		{ "open", "*/memory1/state", TREE_OP_OPEN, STATE(1), NULL, true },
		{ "open", "*/memory1/state", TREE_OP_OPEN, STATE(2), NULL, false },
		{ "write", "*", TREE_OP_OPEN, STATE(1), NULL, false },
		{ "mkdir", "machine/dimm/d1", TREE_OP_MKDIR, "machine/dimm", "d1", true },
		{ "rmdir", "machine/dimm/d1", TREE_OP_MKDIR, "machine/dimm", "d1", false },
		{ "rmdir", "machine/dimm/d?", TREE_OP_RMDIR, "machine/dimm", "d1", true },
		{ "any", "*", TREE_OP_RMDIR, "machine/race", "g", false },
	};
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		struct passer p = {
			.req = { .done = passed, .op = rows[i].is, .caller.pid = AGENT },
		};
		char config[80];

		snprintf(config, sizeof(config), "op=%s;path=%s", rows[i].op, rows[i].path);
		race_gate(w, "g", config);
		p.req.ino = world_ino(w, rows[i].at);
		p.req.name = rows[i].name;
		tree_submit(w->tree, &p.req);
		assert_int_equal(p.done, !rows[i].held);
		assert_int_equal(tree_req_held(&p.req), rows[i].held);
		if (i % 2 && rows[i].held) {
			tree_interrupt(&p.req, false);
			assert_false(p.done);
			tree_interrupt(&p.req, true);
			assert_int_equal(p.result, -EINTR);
		}
		if (world_exists(w, RACE "g"))
			assert_int_equal(world_rmdir(w, RACE "g"), 0);
		assert_true(p.done);
		assert_int_equal(p.result, i % 2 && rows[i].held ? -EINTR : 0);
		if (!p.result && rows[i].is == TREE_OP_OPEN)
			tree_release(p.req.file);
		if (!p.result && rows[i].is == TREE_OP_MKDIR)
			tree_forget(w->tree, p.req.attr.ino, 1);
	}
	/* a missing path is left for the caller to find out */
	race_gate(w, "g", "op=any");
	struct passer p = {
		.req = {
			.done = passed,
			.op = TREE_OP_OPEN,
			.caller.pid = AGENT,
			.ino = UINT64_C(1) << 40,
		},
	};

	tree_submit(w->tree, &p.req);
	assert_true(p.done);
	assert_int_equal(p.result, -ENOENT);
}

/* Counts how often it is asked who a process is. */
static void count_command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE])
{
	unsigned int *asked = ctx;

	++*asked;
	strcpy(command, "");
}

static void asked_only_with_gates(void **state)
{
	struct world *w = *state;
	struct race_writer a;
	unsigned int asked = 0;

	tree_set_command(w->tree, count_command, &asked);
	race_begin(w, &a, AGENT, STATE(32), "online");
	race_end(&a, 6);
	assert_int_equal(world_mkdir(w, RACE "g"), 0);
	race_begin(w, &a, AGENT, STATE(32), "offline");
	race_end(&a, 7);
	assert_int_equal(asked, 0);
	assert_takes(w, RACE "g/enabled", "1");
	race_begin(w, &a, AGENT, STATE(32), "online");
	assert_int_equal(asked, 1);
	assert_takes(w, RACE "g/enabled", "0");
	race_end(&a, 6);
}

/* One passing of many: the third one that it is about, each time that it is enabled. */
static void after_so_many(void **state)
{
	struct world *w = *state;
	struct race_writer a;

	race_gate(w, "g", "after=2;count=1;path=*/memory32/state");
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5; i++) {
			race_begin(w, &a, AGENT, STATE(33), "offline");
			race_end(&a, -EINVAL);
			race_begin(w, &a, AGENT, STATE(32), "offline");
			if (i == 2) {
				assert_held(&a);
				assert_takes(w, RACE "g/release", "1");
			}
			race_end(&a, -EINVAL);
		}
		assert_takes(w, RACE "g/enabled", "0");
		assert_takes(w, RACE "g/enabled", "1");
	}
}

/* What was asked for has taken place, but the process has not been told. */
static void answers(void **state)
{
	struct world *w = *state;
	struct race_writer a, b;

	race_gate(w, "g", "at=answer;path=*/memory32/state");
	race_begin(w, &a, AGENT, STATE(32), "online");
	assert_false(a.r.done);
	assert_reads(w, STATE(32), "online\n");
	assert_int_equal(race_number(w, "g", "waiting"), 1);
	race_begin(w, &b, AGENT, STATE(32), "online");
	assert_false(b.r.done);
	/* a fatal signal ends the waiting, and changes nothing */
	tree_interrupt(&b.r.req, false);
	assert_false(b.r.done);
	tree_interrupt(&b.r.req, true);
	race_end(&b, -EINVAL);
	assert_takes(w, RACE "g/release", "1");
	race_end(&a, 6);
	/* there is nothing to wait for */
	assert_takes(w, RACE "g/enabled", "0");
	assert_takes(w, RACE "g/until", STATE(32) " off*");
	assert_takes(w, RACE "g/enabled", "1");
	race_begin(w, &a, AGENT, STATE(32), "offline");
	race_end(&a, 7);
	/* a gate that is gone meanwhile */
	assert_int_equal(world_rmdir(w, RACE "g"), 0);
	race_begin(w, &a, AGENT, STATE(32), "online");
	race_end(&a, 6);
}

/* ---- traces --------------------------------------------------------------------------------- */

static void trace(void *ctx, const struct tree_trace *t)
{
	if (!strcmp(t->op, "step"))
		return;
	base_buf_printf(ctx, "%s %s %.*s %llu-%llu; ", t->op, t->command,
			t->value ? (int)t->len : 0, t->value ? t->value : "",
			(unsigned long long)t->start_ns, (unsigned long long)t->ns);
}

static void traced(void **state)
{
	struct world *w = *state;
	struct base_buf text;
	struct race_writer a;

	base_buf_init(&text);
	race_gate(w, "g", "");
	race_begin(w, &a, NOBODY, STATE(33), "online");
	race_end(&a, 6);
	tree_set_tracer(w->tree, trace, &text, TREE_TRACE_ALL);
	race_begin(w, &a, AGENT, STATE(32), "online");
	base_vclock_advance(w->clock, 7);
	assert_string_equal(base_buf_text(&text), "open   0-0; held agent g 0-0; ");
	tree_set_tracer(w->tree, trace, &text, TREE_TRACE_ALL);
	base_buf_reset(&text);
	assert_int_equal(world_rmdir(w, RACE "g"), 0);
	race_end(&a, 6);
	assert_string_equal(base_buf_text(&text),
			    "rmdir   7-7; change agent online Normal 7-7; uevent  online 7-7; "
			    "write agent online 0-7; ");
	tree_set_tracer(w->tree, NULL, NULL, TREE_TRACE_READERS);
	base_buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RACE_TEST(words),
		RACE_TEST(fixed_while_enabled),
		RACE_TEST(so_many),
		RACE_TEST(whom),
		RACE_TEST(reads),
		RACE_TEST(passes),
		RACE_TEST(asked_only_with_gates),
		RACE_TEST(traced),
		RACE_TEST(after_so_many),
		RACE_TEST(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
