/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is recorded, and when: inputs before anything happens, results before they are reported,
 * time before any of its effects is shown; and what happens when recording fails.
 */
#include <unistd.h>

#include "world.h"

#define CANNOT "memhpfs: state: cannot be written (No space left on device): until it can, "
#define AGAIN "memhpfs: state: can be written again\n"

/* The recorded inputs, a line for each; @error: recording fails; @nr_left: records until then */
struct paper {
	struct world *w;
	struct base_buf lines;
	uint64_t nr;
	int error;
	int nr_left;
	struct base_timer timer;
};

static int paper_write(struct paper *p)
{
	if (!p->error || p->nr_left-- > 0)
		return 0;
	return p->error;
}

static int paper_begin(void *ctx, const struct tree_input *input, uint64_t *ret_id)
{
	struct paper *p = ctx;
	int ret = paper_write(p);

	if (ret)
		return ret;
	*ret_id = ++p->nr;
	base_buf_printf(&p->lines, "%s %.*s; ", tree_input_names[input->op], (int)input->len,
			input->text);
	return 0;
}

static int paper_end(void *ctx, uint64_t id, const struct base_moment *when, ssize_t result)
{
	struct paper *p = ctx;
	int ret = paper_write(p);

	if (!ret)
		base_buf_printf(&p->lines, "end %d %zd; ", (int)id, result);
	return ret;
}

static int paper_shown(void *ctx, const struct base_moment *when)
{
	struct paper *p = ctx;
	int ret = paper_write(p);

	if (!ret)
		base_buf_printf(&p->lines, "shown %d %d; ", (int)when->ns, (int)when->steps);
	return ret;
}

#define assert_written(p, text)                                                                    \
	do {                                                                                       \
		assert_string_equal(base_buf_text(&(p)->lines), text);                             \
		base_buf_reset(&(p)->lines);                                                       \
	} while (0)

static void nothing(struct base_timer *timer)
{
}

/* A timer runs. */
static void step(struct paper *p)
{
	p->timer.fn = nothing;
	assert_int_equal(p->w->clock->start(p->w->clock, &p->timer, 5), 0);
	assert_true(base_vclock_step(p->w->clock));
}

static void full(struct paper *p)
{
	p->error = -ENOSPC;
	p->nr_left = 0;
}

/* ---- order ----------------------------------------------------------------------------------- */

static void inputs_and_results(void **state)
{
	struct paper *p = *state;

	assert_int_equal(world_mkdir(p->w, "machine/dimm/d0"), 0);
	assert_takes(p->w, "machine/dimm/d0/size", "512M");
	assert_writes(p->w, "machine/dimm/d0/size", "nonsense", -EINVAL);
	assert_int_equal(world_rmdir(p->w, "machine/dimm/d0"), 0);
	assert_written(p, "mkdir d0; end 1 0; write 512M; end 2 4; write nonsense; end 3 -22; "
			  "rmdir d0; end 4 0; ");
	assert_int_equal(world_rmdir(p->w, "machine/dimm/d0"), -ENOENT);
	assert_written(p, "");
}

static void time_before_it_is_shown(void **state)
{
	struct paper *p = *state;

	step(p);
	assert_written(p, "");
	world_read(p->w, "proc/meminfo");
	assert_written(p, "shown 5 1; ");
	world_read(p->w, "proc/meminfo");
	assert_written(p, "");
	/* few files show that time has passed */
	base_vclock_advance(p->w->clock, 5);
	world_read(p->w, "proc/meminfo");
	assert_written(p, "");
	assert_reads(p->w, "machine/clock/now_ns", "10\n");
	assert_written(p, "shown 10 1; ");
	step(p);
	world_stat(p->w, "machine/dimm");
	assert_written(p, "shown 15 2; ");
	step(p);
	world_list(p->w, "machine");
	assert_written(p, "shown 20 3; ");
}

static void an_event_is_an_answer(void **state)
{
	struct paper *p = *state;

	world_watch(p->w);
	step(p);
	hp_uevent_send(p->w->hp, "change", "/devices/system/memory/memory0", "memory");
	assert_string_equal(world_events(p->w), "change@/devices/system/memory/memory0 ");
	assert_written(p, "shown 5 1; ");
}

static void gates_count_before_the_answer(void **state)
{
	struct paper *p = *state;

	assert_int_equal(world_mkdir(p->w, "machine/race/g"), 0);
	assert_takes(p->w, "machine/race/g/op", "read");
	assert_takes(p->w, "machine/race/g/until", "machine/none");
	assert_takes(p->w, "machine/race/g/enabled", "1");
	base_buf_reset(&p->lines);
	world_set_caller(1, geteuid());
	world_read(p->w, "proc/meminfo");
	world_set_caller(0, geteuid());
	/* one read for the text, one for its end */
	assert_written(p, "gate met=0 taken=0 passed=1; gate met=0 taken=0 passed=2; ");
}

static void lines_from_outside(void **state)
{
	struct paper *p = *state;

	hp_log(p->w->hp, "from outside");
	world_read(p->w, "proc/meminfo");
	assert_written(p, "");
	world_read(p->w, "machine/log");
	assert_written(p, "log from outside; ");
	hp_log(p->w->hp, "again");
	full(p);
	assert_true(world_read_result(p->w, "proc/meminfo") > 0);
	assert_null(strstr(world_read(p->w, "machine/log"), "again"));
	p->error = 0;
	assert_non_null(strstr(world_read(p->w, "machine/log"), "again\n" CANNOT));
	base_buf_reset(&p->lines);
	/* log lines caused by a write are not recorded separately */
	assert_int_equal(world_hold(p->w, "w", "block=3 size=4K"), 2);
	base_buf_reset(&p->lines);
	assert_writes(p->w, SYS_MEMORY "memory3/state", "offline", -EBUSY);
	assert_written(p, "write offline; end 9 -16; ");
}

/* ---- when recording fails -------------------------------------------------------------------- */

static void nothing_happens(void **state)
{
	struct paper *p = *state;
	uint64_t ino = world_ino(p->w, "machine");

	full(p);
	assert_writes(p->w, SYS_MEMORY "auto_online_blocks", "online", -EIO);
	assert_int_equal(world_mkdir(p->w, "machine/dimm/d0"), -EIO);
	assert_int_equal(tree_setattr(p->w->tree, ino, &(struct tree_attr){ .mode = 0 },
				      TREE_SET_MODE),
			 -EIO);
	assert_false(tree_journal_works(p->w->tree));
	assert_written(p, "");
	/* nothing has happened that could not be shown */
	assert_reads(p->w, SYS_MEMORY "auto_online_blocks", "offline\n");
	assert_false(world_exists(p->w, "machine/dimm/d0"));
	assert_int_equal(world_stat(p->w, "machine").mode & 07777, 0755);
	assert_non_null(strstr(world_read(p->w, "machine/log"), CANNOT));
	p->error = 0;
	assert_true(tree_journal_works(p->w->tree));
	assert_non_null(strstr(world_read(p->w, "machine/log"), AGAIN));
	assert_takes(p->w, SYS_MEMORY "auto_online_blocks", "online");
	assert_non_null(strstr(base_buf_text(&p->lines), "log memhpfs: state: cannot be written"));
}

static void what_happened_is_not_shown(void **state)
{
	struct paper *p = *state;
	struct tree_file *file = world_open_good(p->w, "proc/meminfo", O_RDONLY);
	struct world_req r = { .done = false };
	const char *log;

	step(p);
	full(p);
	assert_int_equal(world_file_read(&r, file, 4096, 0), -EIO);
	assert_false(world_exists(p->w, "proc/meminfo"));
	log = world_read(p->w, "machine/log");
	assert_int_equal(strncmp(log, CANNOT, strlen(CANNOT)), 0);
	p->error = 0;
	assert_true(world_file_read(&r, file, 4096, 0) > 0);
	world_req_fini(&r);
	tree_release(file);
}

static void an_event_is_not_lost(void **state)
{
	struct paper *p = *state;
	struct world_req r = { .done = false };
	struct tree_file *file = world_open_good(p->w, "machine/uevents", O_RDONLY);

	step(p);
	full(p);
	world_req_read(&r, file, 4096, 0);
	hp_uevent_send(p->w->hp, "change", "/devices/system/memory/memory0", "memory");
	assert_true(r.done);
	assert_int_equal(r.result, -EIO);
	world_req_fini(&r);
	p->error = 0;
	r = (struct world_req){ .done = false };
	assert_true(world_file_read(&r, file, 4096, 0) > 0);
	assert_non_null(strstr(base_buf_text(&r.text), "change@"));
	world_req_fini(&r);
	tree_release(file);
}

static void interrupts_come_first(void **state)
{
	struct paper *p = *state;
	struct world_req r = { .done = false };
	struct tree_file *file, *policy;

	policy = world_open_good(p->w, SYS_MEMORY "auto_online_blocks", O_RDWR);
	world_lock(p->w);
	file = world_open_good(p->w, SYS_MEMORY "memory3/state", O_WRONLY);
	world_req_write(&r, file, "offline", 7);
	assert_written(p, "write offline; ");
	full(p);
	tree_interrupt(&r.req, true);
	assert_true(r.done);
	assert_int_equal(r.result, -EIO);
	assert_int_equal(world_file_write(policy, "online", 6), -EIO);
	assert_false(world_exists(p->w, "proc/meminfo"));
	assert_written(p, "");
	p->error = 0;
	assert_takes(p->w, SYS_MEMORY "auto_online_blocks", "online");
	assert_int_equal(strncmp(base_buf_text(&p->lines), "interrupt fatal; shown", 22), 0);
	world_req_fini(&r);
	tree_release(file);
	tree_release(policy);
	world_unlock(p->w);
}

/* Not acknowledged, but done: the log says so. */
static void a_result_that_cannot_be_written(void **state)
{
	struct paper *p = *state;

	p->error = -ENOSPC;
	p->nr_left = 1;
	assert_writes(p->w, SYS_MEMORY "auto_online_blocks", "online", -EIO);
	assert_written(p, "write online; ");
	assert_non_null(strstr(world_read(p->w, "machine/log"),
			       "memhpfs: state: " SYS_MEMORY "auto_online_blocks: input 1 has been "
			       "done (result 6), though it is answered with EIO\n"));
	p->error = 0;
	assert_reads(p->w, SYS_MEMORY "auto_online_blocks", "online\n");
}

static int setup(void **state)
{
	static const struct tree_journal journal = {
		.begin = paper_begin,
		.end = paper_end,
		.shown = paper_shown,
	};
	struct paper *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	p->w = world_new(NULL);
	base_buf_init(&p->lines);
	tree_set_journal(p->w->tree, &journal, p);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct paper *p = *state;

	tree_set_journal(p->w->tree, NULL, NULL);
	world_free(p->w);
	base_buf_fini(&p->lines);
	free(p);
	return 0;
}

#define JOURNAL_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(inputs_and_results),
		JOURNAL_TEST(time_before_it_is_shown),
		JOURNAL_TEST(an_event_is_an_answer),
		JOURNAL_TEST(gates_count_before_the_answer),
		JOURNAL_TEST(lines_from_outside),
		JOURNAL_TEST(nothing_happens),
		JOURNAL_TEST(what_happened_is_not_shown),
		JOURNAL_TEST(an_event_is_not_lost),
		JOURNAL_TEST(interrupts_come_first),
		JOURNAL_TEST(a_result_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
