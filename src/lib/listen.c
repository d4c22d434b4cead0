// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is told what happens: uevents, lines of the log, and everything (traces). */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"

/* ---- uevents --------------------------------------------------------------------------------- */

/* Events come in pieces only if they are larger than any. */
static bool uevents_tell(struct memhp *m)
{
	struct lib_listeners *l = &m->listeners;
	struct base_buf text;
	char *event, *end;

	if (!l->uevent || !(tree_poll(m->sim->uevents->file, NULL, NULL) & POLLIN))
		return false;
	base_buf_init(&text);
	(void)m->sim->access->uevents(m->sim, &text);
	for (event = text.len ? text.data : NULL; event && *event; event = end + 2) {
		end = strstr(event, "\n\n");
		if (!end)
			break;
		end[1] = '\0';
		if (!l->uevent || m->doomed)
			break;
		lib_unlock(m);
		l->uevent(l->uevent_ctx, event);
		lib_lock(m);
	}
	base_buf_fini(&text);
	return true;
}

/* ---- the log --------------------------------------------------------------------------------- */

uint64_t lib_log_end(const struct memhp *m)
{
	return machine_log_dropped(m->sim->machine) + machine_log_text(m->sim->machine)->len;
}

static bool log_tell(struct memhp *m)
{
	struct lib_listeners *l = &m->listeners;
	const struct base_buf *log = machine_log_text(m->sim->machine);
	uint64_t dropped = machine_log_dropped(m->sim->machine);
	const char *line;
	size_t len;
	char *copy;

	l->log_told = BASE_MAX(l->log_told, dropped);
	if (!l->log || l->log_told >= dropped + log->len)
		return false;
	line = base_buf_text(log) + (l->log_told - dropped);
	len = strcspn(line, "\n");
	l->log_told += len + 1;
	/* The function may cause more lines. */
	copy = strndup(line, len);
	if (copy) {
		lib_unlock(m);
		l->log(l->log_ctx, copy);
		lib_lock(m);
	}
	free(copy);
	return true;
}

/* ---- traces ---------------------------------------------------------------------------------- */

/* Copies @len bytes and a NUL to @at, and lets @at point behind them. */
static const char *copy_text(char **at, const char *text, size_t len)
{
	char *copy = *at;

	if (!text)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*at += len + 1;
	return copy;
}

static void trace_keep(void *ctx, const struct tree_trace *t)
{
	struct memhp *m = ctx;
	const char *actor = t->pid ? t->command : "";
	size_t actor_len = strlen(actor), path_len = strlen(t->path);
	size_t changes_len = t->changes ? strlen(t->changes) : 0;
	size_t value_len = t->value ? t->len : 0;
	struct lib_traced *traced;
	char *at;

	traced = malloc(sizeof(*traced) + actor_len + path_len + value_len + changes_len + 4);
	if (!traced)
		return;
	at = (char *)(traced + 1);
	traced->trace = (struct memhp_trace){
		.id = t->id,
		.ns = t->ns,
		.start_ns = t->start_ns,
		.op = t->op,
		.actor = copy_text(&at, actor, actor_len),
		.path = copy_text(&at, t->path, path_len),
		.value = copy_text(&at, t->value, value_len),
		.value_len = value_len,
		.result = t->result,
		.changes = copy_text(&at, t->changes, changes_len),
		.nr_more = t->nr_more,
	};
	STAILQ_INSERT_TAIL(&m->listeners.traced, traced, link);
}

void lib_listen_trace(struct memhp *m)
{
	if (m->listeners.trace)
		tree_set_tracer(m->sim->tree, trace_keep, m, TREE_TRACE_ALL);
	else
		tree_set_tracer(m->sim->tree, NULL, NULL, TREE_TRACE_READERS);
}

static bool trace_tell(struct memhp *m)
{
	struct lib_listeners *l = &m->listeners;
	struct lib_traced *traced = STAILQ_FIRST(&l->traced);

	if (!traced)
		return false;
	STAILQ_REMOVE_HEAD(&l->traced, link);
	if (l->trace) {
		lib_unlock(m);
		l->trace(l->trace_ctx, &traced->trace);
		lib_lock(m);
	}
	free(traced);
	return true;
}

/* ---- all of them ----------------------------------------------------------------------------- */

void lib_listen_forget(struct memhp *m)
{
	struct lib_traced *traced;

	while ((traced = STAILQ_FIRST(&m->listeners.traced))) {
		STAILQ_REMOVE_HEAD(&m->listeners.traced, link);
		free(traced);
	}
}

bool lib_listen_tell(struct memhp *m)
{
	return trace_tell(m) || log_tell(m) || uevents_tell(m);
}
