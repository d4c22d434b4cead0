/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects of machine/ with a waiting write: each kind, each of its files, each text that the file
 * accepts, while that write waits for the hotplug lock, runs, or is delayed by a fault plan. Then
 * the object is removed or switched off, the writer is killed, or everything is freed. The kinds
 * are those of the tree: none is named here.
 */
#include "trial.h"

#include "../model/machine_views.h"

/* Different firmware, without ACPI: a logical partition. */
#define PSERIES                                                                                    \
	"arch: ppc64le\nblock_size: 256M\npossible_nodes: \"0-1\"\nmemory:\n"                      \
	"  - {start: 0x0, end: 0x7fffffff, node: 0}\n"                                             \
	"  - {start: 0x80000000, end: 0xbfffffff, node: 1}\n"                                      \
	"cpus:\n  - {list: \"0\", node: 0}\n  - {list: \"1\", node: 1}\n"

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
		trial_fail(t, "it could be removed while somebody waits for a write");
	if (ret && ret != -EBUSY)
		trial_fail(t, "rmdir answers neither 0 nor EBUSY");
}

/* The guest returns what it can, and requests it again. */
static void guest_acts(struct trial *t)
{
	static const char acpi[] = "sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04";
	static const char dlpar[] = "sys/kernel/dlpar";
	struct names devices = trial_names(t->w, acpi);
	char path[160];

	for (size_t i = 0; i < devices.nr; i++) {
		if (strncmp(devices.name[i], "PNP0C80", strlen("PNP0C80")))
			continue;
		snprintf(path, sizeof(path), "%s/%s/status", acpi, devices.name[i]);
		if (strcmp(world_read(t->w, path), "15\n"))
			continue;
		snprintf(path, sizeof(path), "%s/%s/eject", acpi, devices.name[i]);
		trial_submit(t, path, "1");
	}
	if (!world_exists(t->w, dlpar))
		return;
	trial_submit(t, dlpar, "memory remove count 1");
	trial_submit(t, dlpar, "memory remove index 0x8000000c");
	trial_submit(t, dlpar, "memory add count 1");
}

static void act(struct trial *t)
{
	char path[160];

	for (size_t i = 0; t->action == SWITCH_OFF && i < t->files.nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", t->dir, t->files.name[i]);
		trial_submit(t, path, "0");
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
	struct names devices = trial_names(t->w, "sys/devices/system/container");
	char path[160];

	for (size_t i = 0; i < devices.nr; i++) {
		snprintf(path, sizeof(path), "sys/devices/system/container/%s/online",
			 devices.name[i]);
		(void)trial_write_and_wait(t, path, "0");
	}
}

static void put_blocks_offline(struct trial *t)
{
	struct names blocks = trial_new_blocks(t);
	char path[160];

	for (size_t i = 0; i < blocks.nr; i++) {
		snprintf(path, sizeof(path), SYS_MEMORY "%s/online", blocks.name[i]);
		if (world_exists(t->w, path))
			(void)trial_write_and_wait(t, path, "0");
	}
}

/*
 * Memory that stays until the machine reboots; or that a logical partition has released without a
 * request, so that it cannot be taken back.
 */
static bool is_left_over(struct trial *t)
{
	const char *iomem = world_read(t->w, "proc/iomem");

	return (t->yaml && t->action == GUEST_ACTS) || strstr(iomem, ": " NAME "\n") ||
	       strstr(iomem, ": System RAM (kmem)\n");
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
		trial_fail(t, wrong);
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
		(void)trial_write_and_wait(t, path, "0");
	}
	if (world_exists(t->w, t->dir) && world_rmdir(t->w, t->dir) && !is_left_over(t))
		trial_fail(t, "it cannot be removed any more");
}

/* False when the file does not accept the text, which is then so in all states. */
static bool run_trial(struct trial *t, const char *kind)
{
	char path[160];
	bool taken;

	t->w = world_new(t->yaml);
	trial_make(t, kind);
	trial_prepare(t);
	t->nr_before = t->nr_reqs;
	snprintf(path, sizeof(path), "%s/%s", t->dir, t->file);
	trial_submit(t, path, t->text);
	t->waited = !t->req[t->nr_before].done;
	taken = t->waited || t->req[t->nr_before].result >= 0;
	if (taken)
		act(t);
	/* Everything is freed while the engine is still at work for a caller that is gone. */
	if (t->action != UNMOUNT || !trial_all_done(t) || t->state == WAITS)
		trial_end_what_keeps_it(t);
	trial_forget_done(t);
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

	(void)trial_kinds(w);
	snprintf(dir, sizeof(dir), "machine/%.40s/" NAME, kind);
	files = trial_writable_files(w, dir);
	world_free(w);
	for (size_t f = 0; f < files.nr; f++) {
		bool at_once = false;

		for (size_t v = 0; v < BASE_ARRAY_SIZE(trial_vocabulary); v++)
			nr += try_text(yaml, kind, live, files.name[f], trial_vocabulary[v],
				       waiting, &at_once);
	}
	return nr;
}

static void every_kind(const char *yaml, bool live)
{
	struct world *w = world_new(yaml);
	struct names kinds = trial_kinds(w);
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
