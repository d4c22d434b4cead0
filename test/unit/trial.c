/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trials of writes to objects of machine/ while these wait; see trial.h. */
#include "trial.h"

const char *const trial_vocabulary[TRIAL_WORDS] = { "256M", "128M",    "1",    "0",
						    "2",    "auto",    "anon", "any",
						    "hang", "PNP0A06", "bind", "*" };

static const char *const state_names[] = { "waits", "runs", "hangs", "offlines",
					   "offlines and hangs" };
static const char *const action_names[] = { "rmdir", "switch off", "guest acts", "kill",
					    "unmount" };

void trial_fail(const struct trial *t, const char *what)
{
	const struct base_buf *log = machine_log_text(t->w->machine);

	print_message("%s", base_buf_text(log) + (log->len > 2000 ? log->len - 2000 : 0));
	fail_msg("%s/%s = %s, %s, %s, %s: %s", t->dir, t->file, t->text, t->live ? "live" : "inert",
		 state_names[t->state], action_names[t->action], what);
}

struct names trial_names(struct world *w, const char *dir)
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

struct names trial_writable_files(struct world *w, const char *dir)
{
	struct names all = trial_names(w, dir), files = { .nr = 0 };
	char path[160];

	for (size_t i = 0; i < all.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, all.name[i]);
		if (S_ISREG(world_stat(w, path).mode) && world_stat(w, path).mode & 0200)
			strcpy(files.name[files.nr++], all.name[i]);
	}
	return files;
}

struct names trial_kinds(struct world *w)
{
	struct names all = trial_names(w, "machine"), kinds = { .nr = 0 };
	char path[160];

	for (size_t i = 0; i < all.nr; i++) {
		snprintf(path, sizeof(path), "machine/%s/" NAME, all.name[i]);
		if (!world_mkdir(w, path))
			strcpy(kinds.name[kinds.nr++], all.name[i]);
	}
	return kinds;
}

/* ---- writes that may wait -------------------------------------------------------------------- */

struct world_req *trial_submit(struct trial *t, const char *path, const char *text)
{
	struct world_req *r = &t->req[t->nr_reqs];

	assert_true(t->nr_reqs < MAX_REQS);
	t->opened[t->nr_reqs] = world_open_good(t->w, path, O_WRONLY);
	world_req_write(r, t->opened[t->nr_reqs++], text, strlen(text));
	return r;
}

bool trial_all_done(const struct trial *t)
{
	for (size_t i = 0; i < t->nr_reqs; i++) {
		if (!t->req[i].done)
			return false;
	}
	return true;
}

void trial_forget_done(struct trial *t)
{
	for (size_t i = 0; i < t->nr_reqs; i++) {
		if (!t->req[i].done)
			trial_fail(t, "a write was never answered");
		tree_release(t->opened[i]);
		world_req_fini(&t->req[i]);
	}
	t->nr_reqs = 0;
}

void trial_let_time_pass(struct trial *t)
{
	for (int i = 0; i < 8; i++)
		base_vclock_advance(t->w->clock, 60 * NS_PER_S);
}

ssize_t trial_write_and_wait(struct trial *t, const char *path, const char *text)
{
	ssize_t result;

	assert_int_equal(t->nr_reqs, 0);
	trial_submit(t, path, text);
	trial_let_time_pass(t);
	result = t->req[0].result;
	trial_forget_done(t);
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
	struct names files = trial_writable_files(w, dir);
	char path[160];

	for (size_t i = 0; i < 2 * files.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files.name[i % files.nr]);
		if ((!reads(w, path, "0\n") && !reads(w, path, "\n")) || is_switch(w, path))
			continue;
		for (size_t v = 0; v < BASE_ARRAY_SIZE(trial_vocabulary); v++) {
			if (world_write(w, path, trial_vocabulary[v]) > 0)
				break;
		}
	}
}

static void switch_on(struct world *w, const char *dir)
{
	struct names files = trial_writable_files(w, dir);
	char path[160];

	for (size_t i = 0; i < 2 * files.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files.name[i % files.nr]);
		if (is_switch(w, path))
			(void)world_write(w, path, "1");
	}
}

struct names trial_new_blocks(const struct trial *t)
{
	struct names all = trial_names(t->w, SYS_MEMORY), blocks = { .nr = 0 };

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

void trial_make(struct trial *t, const char *kind)
{
	struct names kinds, blocks;
	char dir[80];

	t->boot_blocks = trial_names(t->w, SYS_MEMORY);
	assert_takes(t->w, SYS_MEMORY "auto_online_blocks", "online_movable");
	kinds = trial_kinds(t->w);
	for (size_t i = 0; i < kinds.nr; i++) {
		snprintf(dir, sizeof(dir), "machine/%.40s/" NAME, kinds.name[i]);
		configure(t->w, dir);
	}
	snprintf(t->dir, sizeof(t->dir), "machine/%.40s/" NAME, kind);
	/* references to other objects can be set now */
	configure(t->w, t->dir);
	t->files = trial_writable_files(t->w, t->dir);
	if (!t->live)
		return;
	switch_on(t->w, t->dir);
	blocks = trial_new_blocks(t);
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
	struct names all = trial_names(t->w, SYS_MEMORY);
	char path[160];

	for (size_t i = 0; i < all.nr; i++) {
		snprintf(path, sizeof(path), SYS_MEMORY "%s/online", all.name[i]);
		if (world_exists(t->w, path))
			trial_submit(t, path, "0");
	}
}

void trial_prepare(struct trial *t)
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

void trial_end_what_keeps_it(struct trial *t)
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
	trial_let_time_pass(t);
}
