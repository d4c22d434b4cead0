// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Race gates: which requests they hold, until when, in which order they are released, and what ends
 * the wait.
 */
#include "world.h"

#define RACE "machine/race/"
#define STATE(n) SYS_MEMORY "memory" #n "/state"

enum { NOBODY, AGENT, UDEV };

static unsigned int asked;

static void command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE])
{
	asked++;
	strcpy(command, pid == AGENT ? "agent" : pid == UDEV ? "udev" : "");
}

static int setup(void **state)
{
	struct world *w = world_new(NULL);

	tree_set_command(w->tree, command, NULL);
	assert_plugs(w, "d0", "size=512M node=1");
	*state = w;
	return 0;
}

#define RACE_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, world_teardown)

/* A gate with "KEY=VALUE;KEY=VALUE", enabled. */
static void gate(struct world *w, const char *name, const char *config)
{
	char path[64], *copy = strdup(config), *at = copy, *word;

	snprintf(path, sizeof(path), RACE "%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	while ((word = strsep(&at, ";")) && *word) {
		char *value = strchr(word, '=');

		*value++ = '\0';
		snprintf(path, sizeof(path), RACE "%s/%s", name, word);
		assert_takes(w, path, value);
	}
	free(copy);
	snprintf(path, sizeof(path), RACE "%s/enabled", name);
	assert_takes(w, path, "1");
}

static uint64_t number(struct world *w, const char *name, const char *attr)
{
	char path[64];

	snprintf(path, sizeof(path), RACE "%s/%s", name, attr);
	return world_number(w, path, "");
}

/* A write by some process that may be held. */
struct writer {
	struct tree_file *file;
	struct world_req r;
	char text[32];
};

static void begin(struct world *w, struct writer *writer, pid_t pid, const char *path,
		  const char *text)
{
	writer->file = world_open_good(w, path, O_WRONLY);
	strcpy(writer->text, text);
	world_set_caller(pid, 0);
	world_req_write(&writer->r, writer->file, writer->text, strlen(text));
	world_set_caller(NOBODY, 0);
}

static void end(struct writer *writer, ssize_t result)
{
	assert_true(writer->r.done);
	assert_int_equal(writer->r.result, result);
	world_req_fini(&writer->r);
	tree_release(writer->file);
}

static void assert_held(const struct writer *writer)
{
	assert_false(writer->r.done);
	assert_true(tree_req_held(&writer->r.req));
}

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
		RACE "g/actor", RACE "g/path",	  RACE "g/value",
		RACE "g/until", RACE "g/parties", RACE "g/count",
	};
	struct world *w = *state;

	gate(w, "g", "");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(files); i++)
		assert_writes(w, files[i], "1", -EBUSY);
	assert_writes(w, RACE "g/op", "read", -EBUSY);
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
		struct writer a;

		gate(w, "g", rows[i].config);
		begin(w, &a, rows[i].pid, rows[i].path, rows[i].text);
		if (a.r.done == rows[i].held)
			fail_msg("row %zu: %s", i, rows[i].config);
		assert_int_equal(number(w, "g", "waiting"), rows[i].held);
		assert_int_equal(world_rmdir(w, RACE "g"), 0);
		end(&a, a.r.result);
		(void)world_write(w, STATE(32), "offline");
	}
}

/* Reads, too; the read of a condition passes all gates. */
static void reads(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, STATE(32), O_RDONLY);
	struct world_req r;

	gate(w, "g", "op=read;until=" STATE(32) " online");
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
		gate(w, "g", config);
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
	gate(w, "g", "op=any");
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

static void asked_only_with_gates(void **state)
{
	struct world *w = *state;
	struct writer a;

	asked = 0;
	begin(w, &a, AGENT, STATE(32), "online");
	end(&a, 6);
	assert_int_equal(world_mkdir(w, RACE "g"), 0);
	begin(w, &a, AGENT, STATE(32), "offline");
	end(&a, 7);
	assert_int_equal(asked, 0);
	assert_takes(w, RACE "g/enabled", "1");
	begin(w, &a, AGENT, STATE(32), "online");
	assert_int_equal(asked, 1);
	assert_takes(w, RACE "g/enabled", "0");
	end(&a, 6);
}

/* ---- until ---------------------------------------------------------------------------------- */

static void until_somebody_wrote(void **state)
{
	struct world *w = *state;
	struct writer agent, udev;

	gate(w, "g", "actor=agent;path=*/memory33/state;until=" STATE(34) " online");
	world_watch(w);
	begin(w, &agent, AGENT, STATE(33), "online");
	assert_held(&agent);
	assert_reads(w, STATE(33), "offline\n");
	assert_takes(w, STATE(32), "online");
	assert_held(&agent);
	begin(w, &udev, UDEV, STATE(34), "online");
	end(&udev, 6);
	end(&agent, 6);
	assert_string_equal(world_events(w), "online@/devices/system/memory/memory32 "
					     "online@/devices/system/memory/memory34 "
					     "online@/devices/system/memory/memory33 ");
	assert_int_equal(number(w, "g", "passed"), 1);
	/* and the next one passes */
	begin(w, &agent, AGENT, STATE(33), "offline");
	end(&agent, 7);
	assert_int_equal(number(w, "g", "passed"), 2);
}

/* Also when time, not a request, changed it. */
static void until_time_passed(void **state)
{
	struct world *w = *state;
	struct writer slow, begun, ended;

	assert_takes(w, "machine/clock/migrate_pages_per_ms", "1");
	assert_takes(w, STATE(32), "online_movable");
	assert_int_equal(world_hold(w, "w0", "kind=anon block=32 size=64K"), 3);
	gate(w, "begun", "path=*/memory33/state;until=" STATE(32) " going-offline");
	gate(w, "ended", "path=*/memory34/state;until=" STATE(32) " offline");
	begin(w, &begun, AGENT, STATE(33), "online");
	begin(w, &ended, AGENT, STATE(34), "online");
	begin(w, &slow, UDEV, STATE(32), "offline");
	assert_false(slow.r.done);
	/* on its way to the lock that the offlining holds */
	assert_false(tree_req_held(&begun.r.req));
	assert_held(&ended);
	base_vclock_advance(w->clock, UINT64_C(1000000));
	assert_held(&ended);
	base_vclock_advance(w->clock, UINT64_C(1000000000));
	end(&slow, 7);
	end(&begun, 6);
	end(&ended, 6);
}

/* A released request makes the condition of another true, and that one a third's. */
static void one_after_the_other(void **state)
{
	struct world *w = *state;
	struct writer a[3];

	gate(w, "g2", "path=" STATE(34) ";until=" STATE(33) " online");
	gate(w, "g1", "path=" STATE(33) ";until=" STATE(32) " online");
	gate(w, "g0", "path=" STATE(32));
	begin(w, &a[2], AGENT, STATE(34), "online");
	begin(w, &a[1], AGENT, STATE(33), "online");
	begin(w, &a[0], UDEV, STATE(32), "online");
	world_watch(w);
	assert_takes(w, RACE "g0/release", "1");
	for (int i = 0; i < 3; i++)
		end(&a[i], 6);
	assert_string_equal(world_events(w), "online@/devices/system/memory/memory32 "
					     "online@/devices/system/memory/memory33 "
					     "online@/devices/system/memory/memory34 ");
}

static void until_made_and_removed(void **state)
{
	struct world *w = *state;
	struct writer made, gone;

	gate(w, "made", "path=" STATE(32) ";until=machine/workload/w0/size *");
	begin(w, &made, AGENT, STATE(32), "online");
	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	end(&made, 6);
	gate(w, "gone", "path=" STATE(33) ";until=machine/workload/w0");
	begin(w, &gone, AGENT, STATE(33), "online");
	assert_held(&gone);
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
	end(&gone, 6);
}

/* The block is removed while its writer is held. */
static void lost(void **state)
{
	struct world *w = *state;
	struct writer a, b;

	gate(w, "g", "until=machine/dimm/d0/plugged 0");
	begin(w, &a, AGENT, STATE(32), "online");
	begin(w, &b, UDEV, STATE(33), "online");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	end(&a, -ENODEV);
	end(&b, -ENODEV);
}

/* ---- barriers, counts, order ---------------------------------------------------------------- */

static void barrier(void **state)
{
	struct world *w = *state;
	struct writer a[4];

	gate(w, "g", "parties=2;path=*/state");
	world_watch(w);
	begin(w, &a[0], AGENT, STATE(33), "online");
	assert_held(&a[0]);
	begin(w, &a[1], UDEV, STATE(32), "online");
	end(&a[0], 6);
	end(&a[1], 6);
	assert_string_equal(world_events(w), "online@/devices/system/memory/memory33 "
					     "online@/devices/system/memory/memory32 ");
	/* it closes again; a killed process does not count */
	begin(w, &a[0], AGENT, STATE(33), "offline");
	tree_interrupt(&a[0].r.req, true);
	end(&a[0], -EINTR);
	begin(w, &a[1], UDEV, STATE(32), "offline");
	assert_held(&a[1]);
	begin(w, &a[2], AGENT, STATE(33), "offline");
	end(&a[1], 7);
	end(&a[2], 7);
	assert_int_equal(number(w, "g", "passed"), 4);
}

static void so_many_only(void **state)
{
	struct world *w = *state;
	struct writer a[3];

	gate(w, "g", "count=2");
	begin(w, &a[0], AGENT, STATE(32), "online");
	begin(w, &a[1], AGENT, STATE(33), "online");
	begin(w, &a[2], AGENT, STATE(34), "online");
	end(&a[2], 6);
	assert_int_equal(number(w, "g", "waiting"), 2);
	assert_writes(w, RACE "g/release", "3", -EAGAIN);
	assert_takes(w, RACE "g/release", "1");
	end(&a[0], 6);
	assert_held(&a[1]);
	assert_takes(w, RACE "g/enabled", "0");
	end(&a[1], 6);
	assert_int_equal(number(w, "g", "passed"), 2);
	/* counted from zero */
	assert_takes(w, RACE "g/enabled", "1");
	assert_int_equal(number(w, "g", "passed"), 0);
	begin(w, &a[0], AGENT, STATE(32), "offline");
	assert_held(&a[0]);
	assert_int_equal(world_rmdir(w, RACE "g"), 0);
	end(&a[0], 7);
}

/* Each gate in turn, in order of creation, even when one of them is removed. */
static void in_turn(void **state)
{
	struct world *w = *state;
	struct writer a, b;

	gate(w, "z", "");
	gate(w, "a", "");
	gate(w, "m", "actor=udev");
	begin(w, &a, AGENT, STATE(32), "online");
	begin(w, &b, UDEV, STATE(33), "online");
	assert_int_equal(number(w, "z", "waiting"), 2);
	assert_int_equal(number(w, "a", "waiting"), 0);
	assert_int_equal(world_rmdir(w, RACE "z"), 0);
	assert_int_equal(number(w, "a", "waiting"), 2);
	assert_takes(w, RACE "a/release", "2");
	end(&a, 6);
	assert_int_equal(number(w, "m", "waiting"), 1);
	/* created while the request waited: it meets this one, too */
	gate(w, "last", "");
	assert_takes(w, RACE "m/release", "1");
	assert_int_equal(number(w, "last", "waiting"), 1);
	assert_takes(w, RACE "last/release", "1");
	end(&b, 6);
}

/* A released request may itself release others, or remove the gate. */
static void in_each_other(void **state)
{
	struct world *w = *state;
	struct writer a[3];

	gate(w, "g", "path=*/state");
	gate(w, "h", "path=machine/dimm/*");
	begin(w, &a[0], AGENT, STATE(32), "online");
	begin(w, &a[1], UDEV, "machine/dimm/d0/plugged", "0");
	begin(w, &a[2], UDEV, STATE(33), "online");
	assert_takes(w, RACE "h/release", "1");
	end(&a[1], 1);
	assert_held(&a[0]);
	assert_takes(w, RACE "g/release", "2");
	end(&a[0], -ENODEV);
	end(&a[2], -ENODEV);
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void signals(void **state)
{
	struct world *w = *state;
	struct writer a, b;

	gate(w, "g", "");
	begin(w, &a, AGENT, STATE(32), "online");
	begin(w, &b, UDEV, STATE(33), "online");
	tree_interrupt(&a.r.req, false);
	assert_held(&a);
	tree_interrupt(&a.r.req, true);
	end(&a, -EINTR);
	assert_reads(w, STATE(32), "offline\n");
	assert_int_equal(number(w, "g", "waiting"), 1);
	assert_int_equal(number(w, "g", "passed"), 0);
	tree_interrupt(&b.r.req, true);
	end(&b, -EINTR);
	assert_writes(w, RACE "g/release", "1", -EAGAIN);
}

/* The maximum number of gates. */
static void full(void **state)
{
	struct writer *a = calloc(1025, sizeof(*a));
	struct world *w = *state;

	assert_non_null(a);
	gate(w, "g", "");
	for (int i = 0; i < 1025; i++)
		begin(w, &a[i], AGENT, SYS_MEMORY "auto_online_blocks", "online");
	assert_int_equal(number(w, "g", "waiting"), 1024);
	end(&a[1024], -ENOMEM);
	assert_takes(w, RACE "g/enabled", "0");
	for (int i = 0; i < 1024; i++)
		end(&a[i], 6);
	free(a);
}

/* The tree can be freed with gates in it. */
static void left_behind(void **state)
{
	struct world *w = *state;
	struct tree_file *file;

	gate(w, "g", "");
	file = world_open_good(w, RACE "g/waiting", O_RDONLY);
	gate(w, "h", "");
	assert_int_equal(world_rmdir(w, RACE "g"), 0);
	tree_release(file);
}

/* ---- traces --------------------------------------------------------------------------------- */

static void trace(void *ctx, const struct tree_trace *t)
{
	base_buf_printf(ctx, "%s %s %.*s %llu-%llu; ", t->op, t->command,
			t->value ? (int)t->len : 0, t->value ? t->value : "",
			(unsigned long long)t->start_ns, (unsigned long long)t->ns);
}

static void traced(void **state)
{
	struct world *w = *state;
	struct base_buf text;
	struct writer a;

	base_buf_init(&text);
	gate(w, "g", "");
	begin(w, &a, NOBODY, STATE(33), "online");
	end(&a, 6);
	tree_set_tracer(w->tree, trace, &text, true);
	begin(w, &a, AGENT, STATE(32), "online");
	base_vclock_advance(w->clock, 7);
	assert_string_equal(base_buf_text(&text), "open   0-0; held agent g 0-0; ");
	tree_set_tracer(w->tree, trace, &text, true);
	base_buf_reset(&text);
	assert_int_equal(world_rmdir(w, RACE "g"), 0);
	end(&a, 6);
	assert_string_equal(base_buf_text(&text),
			    "rmdir   7-7; change agent online Normal 7-7; uevent  online 7-7; "
			    "write agent online 0-7; ");
	tree_set_tracer(w->tree, NULL, NULL, false);
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
		RACE_TEST(until_somebody_wrote),
		RACE_TEST(until_time_passed),
		RACE_TEST(one_after_the_other),
		RACE_TEST(until_made_and_removed),
		RACE_TEST(lost),
		RACE_TEST(barrier),
		RACE_TEST(so_many_only),
		RACE_TEST(in_turn),
		RACE_TEST(in_each_other),
		RACE_TEST(signals),
		RACE_TEST(full),
		RACE_TEST(left_behind),
		RACE_TEST(traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
