/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine of the test world: its DIMMs, workloads, events and log, and the hotplug lock. */
#include "world.h"

/* Writes each "ATTR=TEXT" of @config; stops at the first refusal. */
static ssize_t configure(struct world *w, const char *dir, const char *config)
{
	char *copy = strdup(config), *at = copy, *word;
	char path[128];
	ssize_t ret = 0;

	while (ret >= 0 && (word = strsep(&at, " "))) {
		char *value = strchr(word, '=');

		assert_non_null(value);
		*value++ = '\0';
		snprintf(path, sizeof(path), "%s/%s", dir, word);
		ret = world_write(w, path, value);
	}
	free(copy);
	return ret;
}

ssize_t world_dimm_write(struct world *w, const char *name, const char *attr, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "machine/dimm/%s/%s", name, attr);
	return world_write(w, path, text);
}

const char *world_dimm_read(struct world *w, const char *name, const char *attr)
{
	char path[128];

	snprintf(path, sizeof(path), "machine/dimm/%s/%s", name, attr);
	return world_read(w, path);
}

ssize_t world_plug(struct world *w, const char *name, const char *config)
{
	char dir[64];
	ssize_t ret;

	snprintf(dir, sizeof(dir), "machine/dimm/%s", name);
	ret = world_mkdir(w, dir);
	if (!ret)
		ret = configure(w, dir, config);
	return ret < 0 ? ret : world_dimm_write(w, name, "plugged", "1");
}

ssize_t world_hold(struct world *w, const char *name, const char *config)
{
	char dir[64], path[80];

	snprintf(dir, sizeof(dir), "machine/workload/%s", name);
	snprintf(path, sizeof(path), "%s/kind", dir);
	assert_int_equal(world_mkdir(w, dir), 0);
	assert_takes(w, path, "kernel");
	return configure(w, dir, config);
}

bool world_logged(struct world *w, const char *text)
{
	return strstr(base_buf_text(machine_log_text(w->machine)), text);
}

struct tree_file *world_uevents(struct world *w, int flags)
{
	struct tree_file *file = world_open_good(w, "machine/uevents", O_RDONLY | flags);

	assert_true(tree_file_is_stream(file));
	return file;
}

void world_watch(struct world *w)
{
	w->events = world_uevents(w, O_NONBLOCK);
}

const char *world_events(struct world *w)
{
	struct base_buf *buf = world_next_text(w), all = { .data = NULL };
	struct world_req r;
	const char *at;

	while (world_file_read(&r, w->events, 65536, 0) > 0) {
		base_buf_add(&all, base_buf_text(&r.text), r.text.len);
		world_req_fini(&r);
	}
	assert_int_equal(r.result, -EAGAIN);
	world_req_fini(&r);
	/* An event begins with its header line and ends with an empty one. */
	for (at = base_buf_text(&all); at && *at; at = at ? at + 2 : NULL) {
		base_buf_printf(buf, "%.*s ", (int)strcspn(at, "\n"), at);
		at = strstr(at, "\n\n");
	}
	assert_non_null(at);
	base_buf_fini(&all);
	return base_buf_text(buf);
}

/* The signal that world_unlock() sends makes it check again. */
static int lock_run(struct hp_call *call)
{
	struct world *w = base_container_of(call, struct world, lock);

	while (w->locked)
		(void)hp_sleep(call->hp, HP_FOR_EVER, HP_WAIT_INTERRUPTIBLE);
	return 0;
}

static void lock_done(struct hp_call *call, int ret)
{
}

void world_lock(struct world *w)
{
	w->lock = (struct hp_call){ .run = lock_run, .done = lock_done };
	w->locked = true;
	hp_submit(w->hp, &w->lock);
}

void world_unlock(struct world *w)
{
	assert_true(w->locked);
	w->locked = false;
	hp_call_interrupt(w->hp, &w->lock, true);
}
