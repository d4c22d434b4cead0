/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each refusal below machine/ leaves one line in machine/log with the reason: for each writable
 * file, in each object of each kind, before and after it is switched on, with texts that are wrong
 * for one type or another. No kind and no file is named here.
 */
#include "world.h"

#include "../../src/tree/tree_private.h"
#include "../model/again.h"

#define NAME "1"
#define PREFIX "machine: "

/* Texts that some type does not accept, interspersed with accepted ones. */
static const char *const texts[] = {
	"",
	"\n",
	"x",
	"8GB",
	"1.5G",
	"-1",
	"-2",
	"-99999999999999999999",
	"18446744073709551615",
	"18446744073709551616",
	"16777216T",
	"3",
	"99",
	"256",
	"4096",
	"101",
	"1",
	"0",
	"1 1",
	"none",
	"3M",
	"900G",
	"1023",
	"0xfffffff00000000",
	"0x200100000",
	"0xf0000000",
	"auto",
	"0x100000000",
	"every 0",
	"node 5000",
	"zone Nowhere",
	"5-3",
	"EWHATEVER",
	"a\nb",
	" a",
	"hang",
	"512M",
	"0x108000000",
	"anon",
	"kernel",
	"hugetlb",
	"2",
	"y",
	"n",
	"a text that is longer than anything that any of these files takes, which goes on and on, "
	"and on, until it has more than two hundred and fifty-five bytes, which is the longest "
	"that a pattern of a race gate may be, so that it is too long for these, too, and more",
};

static const char *log_text(struct world *w)
{
	return base_buf_text(machine_log_text(w->machine));
}

/* Counts lines of refusals after @from; the last one is @ret_line. */
static unsigned int refusals(struct world *w, size_t from, char ret_line[512])
{
	const char *line = log_text(w) + from, *end;
	unsigned int nr = 0;

	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		if (strncmp(line, PREFIX, strlen(PREFIX)))
			continue;
		nr++;
		snprintf(ret_line, 512, "%.*s", (int)(end - line), line);
	}
	return nr;
}

/* @path: below machine/ */
static void check(struct world *w, size_t from, const char *path, const char *text, ssize_t result)
{
	char line[512] = "", prefix[300];
	unsigned int nr = refusals(w, from, line);

	if (nr != (result < 0))
		fail_msg("%s = '%s' answers %zd, and leaves %u lines: %s", path, text, result, nr,
			 line);
	if (result >= 0)
		return;
	snprintf(prefix, sizeof(prefix), PREFIX "%s: ", path);
	if (strncmp(line, prefix, strlen(prefix)) || strlen(line) < strlen(prefix) + 10)
		fail_msg("%s = '%s': the line is of something else: %s", path, text, line);
	if (strstr(line, ": refused (") || strstr(line, "host is out of memory") ||
	    strstr(line, "state file"))
		fail_msg("%s = '%s' answers %zd, and nobody says why: %s", path, text, result,
			 line);
}

static void try(struct world *w, const char *path, const char *text)
{
	size_t from = machine_log_text(w->machine)->len;
	struct tree_file *file = world_open_good(w, path, O_WRONLY);
	struct world_req r;

	world_req_write(&r, file, text, strlen(text));
	for (int i = 0; !r.done && i < 8; i++)
		base_vclock_advance(w->clock, UINT64_C(60000000000));
	/* a write that never ends is no refusal */
	if (!r.done)
		tree_interrupt(&r.req, true);
	assert_true(r.done);
	if (r.result != -EINTR)
		check(w, from, path + strlen("machine/"), text, r.result);
	tree_release(file);
	world_req_fini(&r);
}

/* ---- each file ------------------------------------------------------------------------------- */

typedef void visit_fn(struct world *w, const char *path);

/* Each writable file below a directory. */
static void visit(struct world *w, const char *dir, visit_fn *fn)
{
	char *names = strdup(world_list(w, dir)), *name, *save;

	assert_non_null(names);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		struct tree_attr attr;
		char path[300];

		snprintf(path, sizeof(path), "%s/%s", dir, name);
		attr = world_stat(w, path);
		if (S_ISDIR(attr.mode))
			visit(w, path, fn);
		else if (S_ISREG(attr.mode) && attr.mode & 0200)
			fn(w, path);
	}
	free(names);
}

/* One object of each kind. */
static void make_all(struct world *w)
{
	char *names = strdup(world_list(w, "machine")), *name, *save;
	unsigned int nr = 0;

	assert_non_null(names);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		char path[300];

		snprintf(path, sizeof(path), "machine/%s/" NAME, name);
		nr += !world_mkdir(w, path);
	}
	assert_true(nr > 1);
	free(names);
}

static unsigned int nr_tried;

static void try_all(struct world *w, const char *path)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(texts); i++)
		try(w, path, texts[i]);
	nr_tried++;
}

/*
 * Sets a file that is not set yet to the first of these texts that it accepts, and switches it on.
 */
static void set(struct world *w, const char *path)
{
	static const char *const values[] = { "256M", "1", "anon" };

	if (!(world_stat(w, path).mode & 0400))
		return;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(values); i++) {
		const char *now = world_read(w, path);

		if (strcmp(now, "0\n") && strcmp(now, "\n"))
			return;
		(void)world_write(w, path, values[i]);
	}
}

static void inert(void **state)
{
	make_all(*state);
	nr_tried = 0;
	visit(*state, "machine", try_all);
	assert_true(nr_tried > 20);
}

static void live(void **state)
{
	struct world *w = *state;

	make_all(w);
	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online_movable");
	visit(w, "machine", set);
	visit(w, "machine", set);
	visit(w, "machine", try_all);
	/* in whatever state that has left them */
	visit(w, "machine", set);
	visit(w, "machine", try_all);
}

/* Each file on its own: no earlier write to another one interferes. */
static struct world *fresh;

static void try_fresh(struct world *listed, const char *path)
{
	for (int is_live = 0; is_live < 2; is_live++) {
		fresh = world_new(NULL);
		make_all(fresh);
		if (is_live) {
			visit(fresh, "machine", set);
			visit(fresh, "machine", set);
		}
		try_all(fresh, path);
		world_free(fresh);
	}
}

static void one_by_one(void **state)
{
	make_all(*state);
	visit(*state, "machine", try_fresh);
}

/* ---- mkdir and rmdir ------------------------------------------------------------------------- */

static void try_make(struct world *w, const char *path, const char *name)
{
	uint64_t dir = world_ino(w, path);
	char at[600];
	struct tree_attr attr;
	size_t from = machine_log_text(w->machine)->len;
	int ret = tree_mkdir(w->tree, dir, name, &attr);

	snprintf(at, sizeof(at), "%s/%s", path, name);
	memmove(at, at + strlen("machine/"), strlen(at + strlen("machine/")) + 1);
	if (strlen(at) < 200)
		check(w, from, at, "mkdir", ret);
	if (!ret)
		tree_forget(w->tree, attr.ino, 1);
	from = machine_log_text(w->machine)->len;
	ret = tree_rmdir(w->tree, dir, name);
	if (strlen(at) < 200)
		check(w, from, at, "rmdir", ret);
}

static void try_makes(struct world *w, const char *dir)
{
	char long_name[300] = "";

	memset(long_name, 'n', sizeof(long_name) - 1);
	try_make(w, dir, NAME);
	try_make(w, dir, NAME);
	try_make(w, dir, "other");
	try_make(w, dir, "");
	try_make(w, dir, "..");
	try_make(w, dir, long_name);
}

static void making(void **state)
{
	struct world *w = *state;
	char *names = strdup(world_list(w, "machine")), *name, *save;

	assert_non_null(names);
	make_all(w);
	visit(w, "machine", set);
	visit(w, "machine", set);
	try_makes(w, "machine");
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		char path[300];

		snprintf(path, sizeof(path), "machine/%s", name);
		if (!S_ISDIR(world_stat(w, path).mode))
			continue;
		snprintf(path, sizeof(path), "machine/%s/" NAME, name);
		if (world_exists(w, path))
			try_makes(w, path);
		snprintf(path, sizeof(path), "machine/%s", name);
		try_makes(w, path);
	}
	free(names);
}

/* The maximum number. */
static void too_many(void **state)
{
	struct world *w = *state;
	char *names = strdup(world_list(w, "machine")), *name, *save;

	assert_non_null(names);
	make_all(w);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		int ret = 0;
		char path[300];

		snprintf(path, sizeof(path), "machine/%s/" NAME, name);
		for (int i = 0; world_exists(w, path) && !ret; i++) {
			size_t from = machine_log_text(w->machine)->len;
			char at[300];

			snprintf(at, sizeof(at), "machine/%s/n%d", name, i);
			ret = world_mkdir(w, at);
			check(w, from, at + strlen("machine/"), "mkdir", ret);
		}
	}
	free(names);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void removed_or_read_only(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;
	size_t from;

	make_all(w);
	assert_int_equal(world_chmod(w, "machine/log", 0600), 0);
	try(w, "machine/log", "x");
	file = world_open_good(w, "machine/workload/" NAME "/size", O_WRONLY);
	assert_int_equal(world_rmdir(w, "machine/workload/" NAME), 0);
	from = machine_log_text(w->machine)->len;
	world_req_write(&r, file, "1M", 2);
	assert_int_equal(r.result, -ENODEV);
	check(w, from, "workload/" NAME "/size", "1M", r.result);
	tree_release(file);
	world_req_fini(&r);
}

static void texts_of_some(void **state)
{
	static const struct {
		const char *path, *text, *line;
	} rows[] = {
		{ "machine/dimm/1/size", "8GB\n",
		  "machine: dimm/1/size: '8GB' is not a valid size (use 4G or 512M)" },
		{ "machine/dimm/1/plugged", "1",
		  "machine: dimm/1/plugged: it has no size: write one to size first" },
		{ "machine/dimm/1/size", "900G", NULL },
		{ "machine/dimm/1/plugged", "1",
		  "machine: dimm/1/plugged: 900G does not fit: the largest free range of the "
		  "hotplug windows is 78G at node 1" },
		{ "machine/dimm/1/node", "7",
		  "machine: dimm/1/node: node 7 is not possible: possible are 0-1" },
		{ "machine/workload/1/policy", "some\nwhere",
		  "machine: workload/1/policy: 'some\\012where' is not a valid word (use bind, "
		  "prefer)" },
		{ "machine/workload/1/block", "99",
		  "machine: workload/1/block: there is no block 99: see "
		  "sys/devices/system/memory" },
	};
	struct world *w = *state;

	make_all(w);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		size_t from = machine_log_text(w->machine)->len;
		char line[512] = "";

		(void)world_write(w, rows[i].path, rows[i].text);
		assert_int_equal(refusals(w, from, line), rows[i].line != NULL);
		if (rows[i].line)
			assert_string_equal(line, rows[i].line);
	}
}

/* Refused after waiting for the lock, or after some time. */
static void later(void **state)
{
	static const struct {
		const char *path, *text, *line;
	} rows[] = {
		{ "machine/dimm/1/size", "900G", NULL },
		{ "machine/container/1/dimms", "1", NULL },
		{ "machine/container/1/plugged", "1",
		  "machine: container/1/plugged: 900G does not fit: the largest free range of the "
		  "hotplug windows is 78G at node 1" },
		{ "machine/dimm/1/size", "256M", NULL },
		{ "machine/dimm/1/node", "1", NULL },
		{ "machine/fault/1/phase", "plug", NULL },
		{ "machine/fault/1/enabled", "1", NULL },
		{ "machine/dimm/1/plugged", "1",
		  "machine: dimm/1/plugged: a fault plan makes it fail, see above" },
		{ "machine/fault/1/enabled", "0", NULL },
		{ SYS_MEMORY "auto_online_blocks", "online", NULL },
		{ "machine/container/1/plugged", "1", NULL },
		{ "machine/dimm/1/plugged", "1", NULL },
		{ "machine/workload/1/kind", "kernel", NULL },
		{ "machine/workload/1/block", "33", NULL },
		{ "machine/workload/1/size", "4K", NULL },
		{ "machine/dimm/1/plugged", "0",
		  "machine: dimm/1/plugged: the kernel keeps it: memory33 does not go offline, see "
		  "above" },
		{ "machine/dax/1/size", "2M", NULL },
		{ "machine/dax/1/addr", "4G", NULL },
		{ "machine/dax/1/plugged", "1",
		  "machine: dax/1/plugged: 2M at 0x100000000 overlaps what is plugged at "
		  "0x100000000-0x10fffffff" },
	};
	struct world *w = *state;

	make_all(w);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		size_t from = machine_log_text(w->machine)->len;
		char line[512] = "";
		ssize_t ret = world_write(w, rows[i].path, rows[i].text);

		if ((ret < 0) != !!rows[i].line || refusals(w, from, line) != !!rows[i].line ||
		    (rows[i].line && strcmp(line, rows[i].line)))
			fail_msg("%s = %s answers %zd: %s", rows[i].path, rows[i].text, ret, line);
	}
	assert_int_equal(world_rmdir(w, "machine/dimm/1"), -EBUSY);
}

/*
 * A request that a race gate releases after a timer may come too late for its object: no replay
 * contains that.
 */
static void too_late(struct world *w)
{
	struct world_req late, offline;
	struct tree_file *file, *state;

	assert_int_equal(world_mkdir(w, "machine/race/g"), 0);
	assert_takes(w, "machine/race/g/path", "*/late/size");
	assert_takes(w, "machine/race/g/until", "sys/devices/system/memory/memory5/state offline");
	assert_takes(w, "machine/race/g/enabled", "1");
	assert_int_equal(world_mkdir(w, "machine/fault/slow"), 0);
	assert_takes(w, "machine/fault/slow/phase", "going_offline");
	assert_takes(w, "machine/fault/slow/delay_ms", "5");
	assert_takes(w, "machine/fault/slow/errno", "none");
	assert_takes(w, "machine/fault/slow/enabled", "1");
	assert_int_equal(world_mkdir(w, "machine/workload/late"), 0);
	file = world_open_good(w, "machine/workload/late/size", O_WRONLY);
	world_set_caller(7, 0);
	world_req_write(&late, file, "1M", 2);
	world_set_caller(0, 0);
	assert_false(late.done);
	assert_int_equal(world_rmdir(w, "machine/workload/late"), 0);
	state = world_open_good(w, "sys/devices/system/memory/memory5/state", O_WRONLY);
	world_req_write(&offline, state, "offline", 7);
	assert_false(offline.done);
	base_vclock_advance(w->clock, 10000000);
	assert_int_equal(offline.result, 7);
	assert_int_equal(late.result, -ENODEV);
	world_req_fini(&late);
	world_req_fini(&offline);
	tree_release(file);
	tree_release(state);
	assert_int_equal(world_rmdir(w, "machine/race/g"), 0);
}

/* A replay of all external events gives the same log, including those that were not inputs. */
static void again(void **state)
{
	struct world *w = *state, *other = world_new(NULL);
	struct again *again = again_new(w);
	struct tree_file *file;
	struct world_req r;
	const char *wrong;

	make_all(w);
	assert_int_equal(world_mkdir(w, "machine/dimm/" NAME), -EEXIST);
	assert_int_equal(world_rmdir(w, "machine/dimm/none"), -ENOENT);
	try(w, "machine/dimm/" NAME "/size", "8GB");
	try(w, "machine/race/" NAME "/release", "3");
	file = world_open_good(w, "machine/workload/" NAME "/size", O_WRONLY);
	assert_int_equal(world_rmdir(w, "machine/workload/" NAME), 0);
	world_req_write(&r, file, "1M", 2);
	assert_int_equal(r.result, -ENODEV);
	tree_release(file);
	world_req_fini(&r);
	too_late(w);
	/* what was shown holds */
	(void)world_read(w, "machine/log");
	wrong = again_compare(again, other);
	if (wrong)
		fail_msg("%s", wrong);
	again_free(again);
	world_free(other);
}

/* Names and texts cannot forge lines, and no client makes the log grow without limit. */
static void cannot_be_forged(void **state)
{
	struct world *w = *state;
	char line[512], text[4096];
	const char *log;
	size_t from = machine_log_text(w->machine)->len;

	assert_int_equal(world_mkdir(w, "machine/fault/a\nmachine: forged\x1b[1m"), 0);
	assert_writes(w, "machine/fault/a\nmachine: forged\x1b[1m/after", "x\ny", -EINVAL);
	assert_int_equal(refusals(w, from, line), 1);
	assert_string_equal(line, "machine: fault/a\\012machine: forged\\033[1m/after: "
				  "'x\\012y' is not a valid number");
	assert_int_equal(world_mkdir(w, "machine/dax/x\nmachine: forged"), 0);
	assert_takes(w, "machine/dax/x\nmachine: forged/size", "2M");
	assert_takes(w, "machine/dax/x\nmachine: forged/plugged", "1");
	from = machine_log_text(w->machine)->len;
	assert_writes(w, "machine/dax/x\nmachine: forged/system_ram", "1", -EINVAL);
	assert_int_equal(refusals(w, from, line), 1);
	memset(text, '\n', sizeof(text));
	for (int i = 0; i < 5000; i++)
		assert_true(world_write_bytes(w, "machine/fault/a\nmachine: forged\x1b[1m/errno",
					      text, sizeof(text)) < 0);
	log = log_text(w);
	assert_true(machine_log_text(w->machine)->len <= 256 << 10);
	assert_int_equal(strncmp(log, PREFIX, strlen(PREFIX)), 0);
	assert_int_equal(log[strlen(log) - 1], '\n');
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(inert),	   WORLD_TEST(live),
		WORLD_TEST(one_by_one),	   WORLD_TEST(making),
		WORLD_TEST(too_many),	   WORLD_TEST(removed_or_read_only),
		WORLD_TEST(texts_of_some), WORLD_TEST(later),
		WORLD_TEST(again),	   WORLD_TEST(cannot_be_forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
