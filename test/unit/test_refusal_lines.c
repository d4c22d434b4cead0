/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines that refusals leave in machine/log: their texts, also of requests that wait, the same
 * ones in a replay, and none that a client has forged.
 */
#include "refusal.h"

#include "../model/again.h"

static void removed_or_read_only(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;
	size_t from;

	refusal_make_all(w);
	assert_int_equal(world_chmod(w, "machine/log", 0600), 0);
	refusal_try(w, "machine/log", "x");
	file = world_open_good(w, "machine/workload/" NAME "/size", O_WRONLY);
	assert_int_equal(world_rmdir(w, "machine/workload/" NAME), 0);
	from = machine_log_text(w->machine)->len;
	world_req_write(&r, file, "1M", 2);
	assert_int_equal(r.result, -ENODEV);
	refusal_check(w, from, "workload/" NAME "/size", "1M", r.result);
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

	refusal_make_all(w);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		size_t from = machine_log_text(w->machine)->len;
		char line[512] = "";

		(void)world_write(w, rows[i].path, rows[i].text);
		assert_int_equal(refusal_count(w, from, line), rows[i].line != NULL);
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

	refusal_make_all(w);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		size_t from = machine_log_text(w->machine)->len;
		char line[512] = "";
		ssize_t ret = world_write(w, rows[i].path, rows[i].text);

		if ((ret < 0) != !!rows[i].line || refusal_count(w, from, line) != !!rows[i].line ||
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

	refusal_make_all(w);
	assert_int_equal(world_mkdir(w, "machine/dimm/" NAME), -EEXIST);
	assert_int_equal(world_rmdir(w, "machine/dimm/none"), -ENOENT);
	refusal_try(w, "machine/dimm/" NAME "/size", "8GB");
	refusal_try(w, "machine/race/" NAME "/release", "3");
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
	assert_int_equal(refusal_count(w, from, line), 1);
	assert_string_equal(line, "machine: fault/a\\012machine: forged\\033[1m/after: "
				  "'x\\012y' is not a valid number");
	assert_int_equal(world_mkdir(w, "machine/dax/x\nmachine: forged"), 0);
	assert_takes(w, "machine/dax/x\nmachine: forged/size", "2M");
	assert_takes(w, "machine/dax/x\nmachine: forged/plugged", "1");
	from = machine_log_text(w->machine)->len;
	assert_writes(w, "machine/dax/x\nmachine: forged/system_ram", "1", -EINVAL);
	assert_int_equal(refusal_count(w, from, line), 1);
	memset(text, '\n', sizeof(text));
	for (int i = 0; i < 5000; i++)
		assert_true(world_write_bytes(w, "machine/fault/a\nmachine: forged\x1b[1m/errno",
					      text, sizeof(text)) < 0);
	log = base_buf_text(machine_log_text(w->machine));
	assert_true(machine_log_text(w->machine)->len <= 256 << 10);
	assert_int_equal(strncmp(log, PREFIX, strlen(PREFIX)), 0);
	assert_int_equal(log[strlen(log) - 1], '\n');
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(removed_or_read_only),
		WORLD_TEST(texts_of_some),
		WORLD_TEST(later),
		WORLD_TEST(again),
		WORLD_TEST(cannot_be_forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
