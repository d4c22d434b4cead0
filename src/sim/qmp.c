/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations of the hypervisor's monitor: qmp and qmp-events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/qmp.h"
#include "memhp/sim/monitor.h"

#define FILE_OF_MONITOR "machine/qmp"
/* How long the guest may take to answer what the monitor has asked of it */
#define PATIENCE_NS 30000000000ULL

/* ---- events ---------------------------------------------------------------------------------- */

static void event_free(struct sim *sim, struct sim_event *event)
{
	TAILQ_REMOVE(&sim->events, event, link);
	free(event->key);
	free(event);
}

/* Of the events that are sent once a second at most, only the last of each device is kept. */
static void event_replace(struct sim *sim, const char *key)
{
	struct sim_event *event;

	TAILQ_FOREACH(event, &sim->events, link) {
		if (event->key && !strcmp(event->key, key)) {
			event_free(sim, event);
			return;
		}
	}
}

static void on_event(void *ctx, const char *name, const char *data, bool by_guest)
{
	char *key = qmp_event_key(name, data);
	struct sim *sim = ctx;
	struct sim_event *event;
	struct base_buf text;

	base_buf_init(&text);
	base_buf_printf(&text, "{\"event\":\"%s\"%s%s}", name, data ? ",\"data\":" : "",
			data ? data : "");
	event = text.failed ? NULL : malloc(sizeof(*event) + text.len + 1);
	if (key)
		event_replace(sim, key);
	if (event) {
		event->key = key;
		event->is_reset = !strcmp(name, "RESET");
		memcpy(event->text, text.data, text.len + 1);
		TAILQ_INSERT_TAIL(&sim->events, event, link);
	} else {
		free(key);
	}
	base_buf_fini(&text);
}

static const char *where(void *ctx)
{
	return "none";
}

/* What the monitor ends is only the program around the machine. */
static void on_quit(void *ctx)
{
}

static const struct tree_monitor monitor = { .event = on_event, .where = where, .quit = on_quit };

void sim_qmp_init(struct sim *sim)
{
	tree_set_monitor(sim->tree, &monitor, sim);
}

void sim_qmp_fini(struct sim *sim)
{
	struct sim_event *event;

	while ((event = TAILQ_FIRST(&sim->events)))
		event_free(sim, event);
}

/* ---- operations ------------------------------------------------------------------------------ */

static bool is_here(struct sim *sim)
{
	if (!sim->tree)
		sim->what = "the monitor can only be asked without --live";
	return sim->tree;
}

static void let_guest_answer(struct sim *sim)
{
	uint64_t end = sim->clock->now_ns(sim->clock) + PATIENCE_NS;

	while (!machine_is_quiet(sim->machine) && sim->clock->now_ns(sim->clock) < end &&
	       base_vclock_step(sim->clock))
		;
}

int sim_op_qmp(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	const char *text = w->word[0];
	const struct base_buf *answer;
	struct sim_job *job;
	int ret;

	if (!is_here(sim))
		return SIM_SYNTAX;
	ret = sim_job_write(sim, FILE_OF_MONITOR, text, strlen(text), &job);
	if (ret)
		return ret;
	ret = sim->access->wait(sim, job);
	if (!ret)
		ret = (int)BASE_MIN(job->result, 0);
	if (!ret) {
		answer = tree_file_answer(job->file);
		ret = qmp_canonical(base_buf_text(answer), answer->len, buf);
	}
	sim_job_kill(sim, job);
	return ret;
}

int sim_op_qmp_events(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct sim_event *event;
	struct base_buf list;
	int ret;

	if (!is_here(sim))
		return SIM_SYNTAX;
	let_guest_answer(sim);
	base_buf_init(&list);
	base_buf_puts(&list, "[");
	while ((event = TAILQ_FIRST(&sim->events))) {
		/* When a reboot ends is no matter of the monitor's. */
		if (!event->is_reset)
			base_buf_printf(&list, "%s%s", list.len > 1 ? "," : "", event->text);
		event_free(sim, event);
	}
	base_buf_puts(&list, "]");
	ret = list.failed ? -ENOMEM : qmp_canonical(base_buf_text(&list), list.len, buf);
	base_buf_fini(&list);
	return ret;
}
