/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects of machine/ with a waiting write: each kind, each of its files, each text that the file
 * accepts, while that write waits for the hotplug lock, runs, or is delayed by a fault plan. Then
 * the object is removed or switched off, the writer is killed, or everything is freed. The kinds
 * are those of the tree: none is named here.
 */
#include "world.h"

#include "../model/machine_views.h"

#define NAME "1" /* of objects; a number may refer to it */
#define MAX_NAMES 64
#define MAX_REQS 160
#define NS_PER_S UINT64_C(1000000000)

/* What files of machine/ may accept: sizes, switches, numbers, words that some of them show. */
static const char *const vocabulary[] = { "256M", "128M", "1",	  "0",	     "2",    "auto",
					  "anon", "any",  "hang", "PNP0A06", "bind", "*" };

/*
 * OFFLINES: queued after the offlining of all blocks, which migrates pages meanwhile, or also hangs
 */
enum state { WAITS, RUNS, HANGS, OFFLINES, OFFLINES_AND_HANGS, NR_STATES };
enum action { RMDIR, SWITCH_OFF, GUEST_ACTS, KILL, UNMOUNT, NR_ACTIONS };
static const char *const state_names[] = { "waits", "runs", "hangs", "offlines",
					   "offlines and hangs" };
static const char *const action_names[] = { "rmdir", "switch off", "guest acts", "kill",
					    "unmount" };

/* Different firmware, without ACPI: a logical partition. */
#define PSERIES                                                                                    \
	"arch: ppc64le\nblock_size: 256M\npossible_nodes: \"0-1\"\nmemory:\n"                      \
	"  - {start: 0x0, end: 0x7fffffff, node: 0}\n"                                             \
	"  - {start: 0x80000000, end: 0xbfffffff, node: 1}\n"                                      \
	"cpus:\n  - {list: \"0\", node: 0}\n  - {list: \"1\", node: 1}\n"

struct names {
	char name[MAX_NAMES][64];
	size_t nr;
};

/*
 * @yaml: the machine; NULL: the default one
 * @live: the object is switched on, and its memory is in use
 * @dir: of the object
 * @waited: the write under trial was not answered at once
 * @req: all writes that may wait; the one under trial follows @nr_before others
 * @stuck: an offlining that holds the lock until its writer is killed
 */
struct trial {
	struct world *w;
	const char *yaml;
	bool live;
	enum state state;
	enum action action;
	const char *file, *text;
	char dir[80];
	struct names files;
	struct names boot_blocks;
	bool waited;
	struct tree_file *opened[MAX_REQS];
	struct world_req req[MAX_REQS];
	size_t nr_reqs;
	size_t nr_before;
	struct world_req stuck;
	struct tree_file *stuck_file;
};

static void fail_trial(const struct trial *t, const char *what)
{
	const struct base_buf *log = machine_log_text(t->w->machine);

	print_message("%s", base_buf_text(log) + (log->len > 2000 ? log->len - 2000 : 0));
	fail_msg("%s/%s = %s, %s, %s, %s: %s", t->dir, t->file, t->text, t->live ? "live" : "inert",
		 state_names[t->state], action_names[t->action], what);
}

static struct names list(struct world *w, const char *dir)
{
	char *text = strdup(world_exists(w, dir) ? world_list(w, dir) : ""), *name, *save;
	struct names names = { .nr = 0 };

	assert_non_null(text);
	for (name = strtok_r(text, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		assert_true(names.nr < MAX_NAMES);
		snprintf(names.name[names.nr++], sizeof(names.name[0]), "%s", name);
	}
	free(text);
	return names;
}

static bool has_name(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->nr; i++) {
		if (!strcmp(names->name[i], name))
			return true;
	}
	return false;
}

static struct names writable_files(struct world *w, const char *dir)
{
	struct names all = list(w, dir), files = { .nr = 0 };
	char path[160];

	for (size_t i = 0; i < all.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, all.name[i]);
		if (S_ISREG(world_stat(w, path).mode) && world_stat(w, path).mode & 0200)
			strcpy(files.name[files.nr++], all.name[i]);
	}
	return files;
}

/* The kinds: directories of machine/ in which objects can be made. */
static struct names kinds_of(struct world *w)
{
	struct names all = list(w, "machine"), kinds = { .nr = 0 };
	char path[160];

	for (size_t i = 0; i < all.nr; i++) {
		snprintf(path, sizeof(path), "machine/%s/" NAME, all.name[i]);
		if (!world_mkdir(w, path))
			strcpy(kinds.name[kinds.nr++], all.name[i]);
	}
	return kinds;
}

/* ---- writes that may wait -------------------------------------------------------------------- */

static struct world_req *submit(struct trial *t, const char *path, const char *text)
{
	struct world_req *r = &t->req[t->nr_reqs];

	assert_true(t->nr_reqs < MAX_REQS);
	t->opened[t->nr_reqs] = world_open_good(t->w, path, O_WRONLY);
	world_req_write(r, t->opened[t->nr_reqs++], text, strlen(text));
	return r;
}

static bool all_done(const struct trial *t)
{
	for (size_t i = 0; i < t->nr_reqs; i++) {
		if (!t->req[i].done)
			return false;
	}
	return true;
}

static void forget_done(struct trial *t)
{
	for (size_t i = 0; i < t->nr_reqs; i++) {
		if (!t->req[i].done)
			fail_trial(t, "a write was never answered");
		tree_release(t->opened[i]);
		world_req_fini(&t->req[i]);
	}
	t->nr_reqs = 0;
}

static void let_time_pass(struct trial *t)
{
	for (int i = 0; i < 8; i++)
		base_vclock_advance(t->w->clock, 60 * NS_PER_S);
}

/* A write that may take any time; its result. */
static ssize_t write_and_wait(struct trial *t, const char *path, const char *text)
{
	ssize_t result;

	assert_int_equal(t->nr_reqs, 0);
	submit(t, path, text);
	let_time_pass(t);
	result = t->req[0].result;
	forget_done(t);
	return result;
}

/* ---- an object ------------------------------------------------------------------------------- */

static bool reads(struct world *w, const char *path, const char *text)
{
	return world_stat(w, path).mode & 0400 && !strcmp(world_read(w, path), text);
}

/* A file that is off now, and accepts the other words for it, too. */
static bool is_switch(struct world *w, const char *path)
{
	return reads(w, path, "0\n") && world_write(w, path, "n") == 1 && reads(w, path, "0\n");
}

/* Sets each unset file to the first text that it accepts. */
static void configure(struct world *w, const char *dir)
{
	struct names files = writable_files(w, dir);
	char path[160];

	for (size_t i = 0; i < 2 * files.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files.name[i % files.nr]);
		if ((!reads(w, path, "0\n") && !reads(w, path, "\n")) || is_switch(w, path))
			continue;
		for (size_t v = 0; v < BASE_ARRAY_SIZE(vocabulary); v++) {
			if (world_write(w, path, vocabulary[v]) > 0)
				break;
		}
	}
}

static void switch_on(struct world *w, const char *dir)
{
	struct names files = writable_files(w, dir);
	char path[160];

	for (size_t i = 0; i < 2 * files.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files.name[i % files.nr]);
		if (is_switch(w, path))
			(void)world_write(w, path, "1");
	}
}

static struct names new_blocks(const struct trial *t)
{
	struct names all = list(t->w, SYS_MEMORY), blocks = { .nr = 0 };

	for (size_t i = 0; i < all.nr; i++) {
		if (!has_name(&t->boot_blocks, all.name[i]))
			strcpy(blocks.name[blocks.nr++], all.name[i]);
	}
	return blocks;
}

static void hold(struct world *w, const char *name, const char *block)
{
	char path[160];

	snprintf(path, sizeof(path), "machine/workload/%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	snprintf(path, sizeof(path), "machine/workload/%s/kind", name);
	assert_takes(w, path, "anon");
	snprintf(path, sizeof(path), "machine/workload/%s/block", name);
	assert_takes(w, path, block);
	snprintf(path, sizeof(path), "machine/workload/%s/size", name);
	assert_true(world_write(w, path, "8M") > 0);
}

/* One object of each kind; that of @kind as the trial requires. */
static void make(struct trial *t, const char *kind)
{
	struct names kinds, blocks;
	char dir[80];

	t->boot_blocks = list(t->w, SYS_MEMORY);
	assert_takes(t->w, SYS_MEMORY "auto_online_blocks", "online_movable");
	kinds = kinds_of(t->w);
	for (size_t i = 0; i < kinds.nr; i++) {
		snprintf(dir, sizeof(dir), "machine/%.40s/" NAME, kinds.name[i]);
		configure(t->w, dir);
	}
	snprintf(t->dir, sizeof(t->dir), "machine/%.40s/" NAME, kind);
	/* references to other objects can be set now */
	configure(t->w, t->dir);
	t->files = writable_files(t->w, t->dir);
	if (!t->live)
		return;
	switch_on(t->w, t->dir);
	blocks = new_blocks(t);
	if (blocks.nr)
		hold(t->w, "fill", blocks.name[0] + strlen("memory"));
}

/* ---- what delays the write ------------------------------------------------------------------- */

static bool hangs(const struct trial *t)
{
	return t->state == HANGS || t->state == OFFLINES_AND_HANGS;
}

/* Blocks with pages have them migrated. */
static void offline_all(struct trial *t)
{
	struct names all = list(t->w, SYS_MEMORY);
	char path[160];

	for (size_t i = 0; i < all.nr; i++) {
		snprintf(path, sizeof(path), SYS_MEMORY "%s/online", all.name[i]);
		if (world_exists(t->w, path))
			submit(t, path, "0");
	}
}

static void prepare(struct trial *t)
{
	char path[160];

	assert_takes(t->w, "machine/clock/migrate_pages_per_ms", "1");
	if (t->state == WAITS) {
		hold(t->w, "pin", "9");
		assert_takes(t->w, "machine/workload/pin/kind", "pinned");
		t->stuck_file = world_open_good(t->w, SYS_MEMORY "memory9/state", O_WRONLY);
		world_req_write(&t->stuck, t->stuck_file, "offline", 7);
		assert_false(t->stuck.done);
	}
	for (int phase = 0; hangs(t) && phase < HP_NR_FAULTS; phase++) {
		snprintf(path, sizeof(path), "machine/fault/hang%d", phase);
		assert_int_equal(world_mkdir(t->w, path), 0);
		snprintf(path, sizeof(path), "machine/fault/hang%d/phase", phase);
		assert_takes(t->w, path, hp_fault_names[phase]);
		snprintf(path, sizeof(path), "machine/fault/hang%d/errno", phase);
		assert_takes(t->w, path, "none");
		snprintf(path, sizeof(path), "machine/fault/hang%d/delay_ms", phase);
		assert_takes(t->w, path, "hang");
		snprintf(path, sizeof(path), "machine/fault/hang%d/enabled", phase);
		assert_takes(t->w, path, "1");
	}
	if (t->state >= OFFLINES)
		offline_all(t);
}

static void end_what_keeps_it(struct trial *t)
{
	char path[160];

	for (int phase = 0; hangs(t) && phase < HP_NR_FAULTS; phase++) {
		snprintf(path, sizeof(path), "machine/fault/hang%d", phase);
		assert_int_equal(world_rmdir(t->w, path), 0);
	}
	if (t->state == WAITS) {
		tree_interrupt(&t->stuck.req, true);
		assert_true(t->stuck.done);
		tree_release(t->stuck_file);
		world_req_fini(&t->stuck);
	}
	/* unmovable pages are retried indefinitely */
	for (size_t i = 0; t->state >= OFFLINES && i < t->nr_reqs; i++) {
		base_vclock_advance(t->w->clock, NS_PER_S);
		if (i != t->nr_before)
			tree_interrupt(&t->req[i].req, true);
	}
	let_time_pass(t);
}

/* ---- a trial --------------------------------------------------------------------------------- */

/* Whether a write to the object itself waits. */
static bool is_waited_for(const struct trial *t)
{
	for (size_t i = t->nr_before; i < t->nr_reqs && t->action != GUEST_ACTS; i++) {
		if (!t->req[i].done)
			return true;
	}
	return !t->req[t->nr_before].done;
}

static void remove_object(struct trial *t)
{
	bool waited_for = is_waited_for(t);
	int ret = world_rmdir(t->w, t->dir);

	if (waited_for && ret != -EBUSY)
		fail_trial(t, "it could be removed while somebody waits for a write");
	if (ret && ret != -EBUSY)
		fail_trial(t, "rmdir answers neither 0 nor EBUSY");
}

/* The guest returns what it can, and requests it again. */
static void guest_acts(struct trial *t)
{
	static const char acpi[] = "sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04";
	static const char dlpar[] = "sys/kernel/dlpar";
	struct names devices = list(t->w, acpi);
	char path[160];

	for (size_t i = 0; i < devices.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s/eject", acpi, devices.name[i]);
		submit(t, path, "1");
	}
	if (!world_exists(t->w, dlpar))
		return;
	submit(t, dlpar, "memory remove count 1");
	submit(t, dlpar, "memory remove index 0x8000000c");
	submit(t, dlpar, "memory add count 1");
}

static void act(struct trial *t)
{
	char path[160];

	for (size_t i = 0; t->action == SWITCH_OFF && i < t->files.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", t->dir, t->files.name[i]);
		submit(t, path, "0");
	}
	if (t->action == GUEST_ACTS)
		guest_acts(t);
	for (size_t i = 0; (t->action == KILL || t->action == UNMOUNT) && i < t->nr_reqs; i++)
		tree_interrupt(&t->req[i].req, true);
	if (t->action != UNMOUNT)
		remove_object(t);
}

/* What user space has to do before the object can be removed. */
static void guest_helps(struct trial *t)
{
	struct names devices = list(t->w, "sys/devices/system/container");
	char path[160];

	for (size_t i = 0; i < devices.nr; i++) {
		snprintf(path, sizeof(path), "sys/devices/system/container/%s/online",
			 devices.name[i]);
		(void)write_and_wait(t, path, "0");
	}
}

static void put_blocks_offline(struct trial *t)
{
	struct names blocks = new_blocks(t);
	char path[160];

	for (size_t i = 0; i < blocks.nr; i++) {
		snprintf(path, sizeof(path), SYS_MEMORY "%s/online", blocks.name[i]);
		if (world_exists(t->w, path))
			(void)write_and_wait(t, path, "0");
	}
}

/*
 * Memory that stays until the machine reboots; or that a logical partition has released without a
 * request, so that it cannot be taken back.
 */
static bool is_left_over(struct trial *t)
{
	return (t->yaml && t->action == GUEST_ACTS) ||
	       strstr(world_read(t->w, "proc/iomem"), ": " NAME "\n");
}

static const char *read_view(void *ctx, const char *path)
{
	return world_read(ctx, path);
}

static const char *list_view(void *ctx, const char *path)
{
	return world_list(ctx, path);
}

static void check_views(struct trial *t)
{
	struct views views;
	const char *wrong;

	views_init(&views, t->w->machine, read_view, list_view, t->w);
	wrong = views_check(&views);
	if (!wrong)
		wrong = views_check_devices(&views);
	if (wrong)
		fail_trial(t, wrong);
	views_fini(&views);
}

/* No state remains: the object can be switched off and removed, the lock is free. */
static void goes_on(struct trial *t)
{
	char path[160];

	check_views(t);
	if (world_exists(t->w, "machine/workload/fill"))
		assert_int_equal(world_rmdir(t->w, "machine/workload/fill"), 0);
	if (world_exists(t->w, SYS_MEMORY "memory10"))
		assert_takes(t->w, SYS_MEMORY "memory10/online", "1");
	for (size_t i = 0; world_exists(t->w, t->dir) && i < 3 * t->files.nr; i++) {
		guest_helps(t);
		put_blocks_offline(t);
		snprintf(path, sizeof(path), "%s/%s", t->dir, t->files.name[i % t->files.nr]);
		(void)write_and_wait(t, path, "0");
	}
	if (world_exists(t->w, t->dir) && world_rmdir(t->w, t->dir) && !is_left_over(t))
		fail_trial(t, "it cannot be removed any more");
}

/* False when the file does not accept the text, which is then so in all states. */
static bool run_trial(struct trial *t, const char *kind)
{
	char path[160];
	bool taken;

	t->w = world_new(t->yaml);
	make(t, kind);
	prepare(t);
	t->nr_before = t->nr_reqs;
	snprintf(path, sizeof(path), "%s/%s", t->dir, t->file);
	submit(t, path, t->text);
	t->waited = !t->req[t->nr_before].done;
	taken = t->waited || t->req[t->nr_before].result >= 0;
	if (taken)
		act(t);
	/* Everything is freed while the engine is still at work for a caller that is gone. */
	if (t->action != UNMOUNT || !all_done(t) || t->state == WAITS)
		end_what_keeps_it(t);
	forget_done(t);
	if (t->action != UNMOUNT)
		goes_on(t);
	world_free(t->w);
	return taken;
}

/*
 * The trials of one text; returns their number. @waiting: in how many of each state a write waited.
 */
static unsigned int try_text(const char *yaml, const char *kind, bool live, const char *file,
			     const char *text, unsigned int *waiting, bool *at_once)
{
	unsigned int nr = 0;
	bool again = false;

	for (int state = 0; state < NR_STATES && !again; state++) {
		for (int action = 0; action < NR_ACTIONS; action++) {
			struct trial *t = calloc(1, sizeof(*t));
			bool taken;

			assert_non_null(t);
			t->yaml = yaml;
			t->live = live;
			t->state = state;
			t->action = action;
			t->file = file;
			t->text = text;
			taken = run_trial(t, kind);
			waiting[state] += t->waited;
			/* one text per file is enough where nothing waits */
			if (taken && !t->waited && !nr) {
				again = *at_once;
				*at_once = true;
			}
			free(t);
			nr++;
			if (!taken)
				return nr;
		}
	}
	return nr;
}

static unsigned int try_kind(const char *yaml, const char *kind, bool live, unsigned int *waiting)
{
	struct world *w = world_new(yaml);
	struct names files;
	unsigned int nr = 0;
	char dir[80];

	(void)kinds_of(w);
	snprintf(dir, sizeof(dir), "machine/%.40s/" NAME, kind);
	files = writable_files(w, dir);
	world_free(w);
	for (size_t f = 0; f < files.nr; f++) {
		bool at_once = false;

		for (size_t v = 0; v < BASE_ARRAY_SIZE(vocabulary); v++)
			nr += try_text(yaml, kind, live, files.name[f], vocabulary[v], waiting,
				       &at_once);
	}
	return nr;
}

static void every_kind(const char *yaml, bool live)
{
	struct world *w = world_new(yaml);
	struct names kinds = kinds_of(w);
	unsigned int waiting[NR_STATES] = { 0 };

	world_free(w);
	assert_true(kinds.nr > 1);
	for (size_t k = 0; k < kinds.nr; k++)
		print_message("%s: %u trials\n", kinds.name[k],
			      try_kind(yaml, kinds.name[k], live, waiting));
	/* inert objects have no memory to delay them */
	assert_true(waiting[WAITS] && waiting[HANGS] && (waiting[RUNS] || !live));
}

static void inert(void **state)
{
	every_kind(NULL, false);
}

static void live(void **state)
{
	every_kind(NULL, true);
}

static void live_without_acpi(void **state)
{
	every_kind(PSERIES, true);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(inert),
		cmocka_unit_test(live),
		cmocka_unit_test(live_without_acpi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
