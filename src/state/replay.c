/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replays a state file. Each input is repeated when as many timers have run as the first time, and
 * must end as it did then.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state_private.h"

static void state_is_wrong(struct state *state, uint64_t id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Only the first error counts, as later ones follow from it. */
static void state_is_wrong(struct state *state, uint64_t id, const char *fmt, ...)
{
	va_list args;

	if (state->wrong_id)
		return;
	state->wrong_id = id;
	va_start(args, fmt);
	vsnprintf(state->wrong, sizeof(state->wrong), fmt, args);
	va_end(args);
}

uint64_t state_wrong(const struct state *state)
{
	return state->wrong_id;
}

static void state_reach(struct state *state, const struct base_moment *when)
{
	if (base_moment_cmp(&state->last, when) < 0)
		state->last = *when;
}

static void state_compare(struct state *state, uint64_t id, const struct state_end *end,
			  ssize_t result)
{
	struct base_moment now = base_clock_moment(loop_pace_clock(state->pace));

	if (!end->is_known)
		return;
	if (end->result != result)
		state_is_wrong(state, id, "has a different result (%zd now, %zd then)", result,
			       end->result);
	else if (base_moment_cmp(&now, &end->when))
		state_is_wrong(state, id,
			       "ends at a different time (at %" PRIu64 " ns now, %" PRIu64 " then)",
			       now.ns, end->when.ns);
}

/* ---- replaying writes ------------------------------------------------------------------------ */

static void state_write_done(struct tree_req *req, ssize_t result)
{
	struct state_write *write = base_container_of(req, struct state_write, req);

	state_compare(write->state, write->id, &write->end, result);
	LIST_REMOVE(write, link);
	tree_release(req->file);
	free(write);
}

static int state_replay_write(struct state *state, const struct tree_input *input, uint64_t id,
			      const struct state_end *end)
{
	struct state_write *write = calloc(1, sizeof(*write));
	ssize_t ret;

	if (!write)
		return -ENOMEM;
	*write = (struct state_write){
		.req.done = state_write_done,
		.state = state,
		.id = id,
		.end = *end,
	};
	LIST_INSERT_HEAD(&state->writes, write, link);
	ret = tree_replay(state->tree, input, &write->req);
	if (ret) {
		LIST_REMOVE(write, link);
		free(write);
		state_is_wrong(state, id, "cannot be done (%s)", strerror((int)-ret));
	}
	return 0;
}

static void state_replay_interrupt(struct state *state, const struct tree_input *input, uint64_t id)
{
	struct state_write *write;

	LIST_FOREACH(write, &state->writes, link) {
		if (write->id != input->ino)
			continue;
		tree_replay(state->tree, input, &write->req);
		return;
	}
	state_is_wrong(state, id, "belongs to a write that has ended");
}

/* ---- replaying inputs ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int type;
	bool is_signed;
	bool may_be_null;
} state_columns[STATE_NR_COLUMNS] = {
	[STATE_ID] = { "id", SQLITE_INTEGER, false, false },
	[STATE_NS] = { "ns", SQLITE_INTEGER, false, false },
	[STATE_STEPS] = { "steps", SQLITE_INTEGER, false, false },
	[STATE_REAL_NS] = { "real_ns", SQLITE_INTEGER, false, false },
	[STATE_OP] = { "op", SQLITE_TEXT, false, false },
	[STATE_INO] = { "ino", SQLITE_INTEGER, false, false },
	[STATE_PATH] = { "path", SQLITE_TEXT, false, false },
	[STATE_TEXT] = { "text", SQLITE_BLOB, false, false },
	[STATE_END_NS] = { "end_ns", SQLITE_INTEGER, false, true },
	[STATE_END_STEPS] = { "end_steps", SQLITE_INTEGER, false, true },
	[STATE_RESULT] = { "result", SQLITE_INTEGER, true, true },
};

const char *state_damaged_column(sqlite3_stmt *row)
{
	bool has_ended = sqlite3_column_type(row, STATE_RESULT) != SQLITE_NULL;

	for (int i = 0; i < STATE_NR_COLUMNS; i++) {
		int type = sqlite3_column_type(row, i);
		bool is_null = state_columns[i].may_be_null && !has_ended;

		if (type != (is_null ? SQLITE_NULL : state_columns[i].type) ||
		    (type == SQLITE_INTEGER && !state_columns[i].is_signed &&
		     sqlite3_column_int64(row, i) < 0))
			return state_columns[i].name;
	}
	if (base_sysfs_match(tree_input_names, TREE_NR_INPUTS,
			     (const char *)sqlite3_column_text(row, STATE_OP)) < 0)
		return state_columns[STATE_OP].name;
	return NULL;
}

static struct base_moment state_moment(sqlite3_stmt *row, int ns, int steps)
{
	return (struct base_moment){
		.ns = (uint64_t)sqlite3_column_int64(row, ns),
		.steps = (uint64_t)sqlite3_column_int64(row, steps),
	};
}

static int state_do(struct state *state, const struct tree_input *input, uint64_t id,
		    const struct state_end *end)
{
	if (loop_pace_go(state->pace, &input->when)) {
		state_is_wrong(state, id,
			       "comes when the machine never is (after %" PRIu64
			       " timers, at %" PRIu64 " ns)",
			       input->when.steps, input->when.ns);
		return 0;
	}
	/* Another input may have ended in the meantime. */
	if (state->wrong_id)
		return 0;
	if (input->op == TREE_INPUT_WRITE)
		return state_replay_write(state, input, id, end);
	if (input->op == TREE_INPUT_INTERRUPT)
		state_replay_interrupt(state, input, id);
	else
		state_compare(state, id, end, tree_replay(state->tree, input, NULL));
	return 0;
}

static int state_replay_input(struct state *state, sqlite3_stmt *row)
{
	uint64_t id = (uint64_t)sqlite3_column_int64(row, STATE_ID);
	const char *damaged = state_damaged_column(row);
	struct tree_input input = {
		.real_ns = (uint64_t)sqlite3_column_int64(row, STATE_REAL_NS),
		.ino = (uint64_t)sqlite3_column_int64(row, STATE_INO),
		.len = (size_t)sqlite3_column_bytes(row, STATE_TEXT),
		.when = state_moment(row, STATE_NS, STATE_STEPS),
	};
	struct state_end end = {
		.is_known = sqlite3_column_type(row, STATE_RESULT) != SQLITE_NULL,
		.result = (ssize_t)sqlite3_column_int64(row, STATE_RESULT),
		.when = state_moment(row, STATE_END_NS, STATE_END_STEPS),
	};
	char *text;
	int ret;

	if (id != state->last_id + 1 || damaged) {
		state_is_wrong(state, state->last_id + 1, damaged ? "is damaged: %s" : "is missing",
			       damaged);
		return 0;
	}
	/* Copy it with a trailing NUL, as in writes. */
	text = calloc(1, input.len + 1);
	if (!text)
		return -ENOMEM;
	if (input.len)
		memcpy(text, sqlite3_column_blob(row, STATE_TEXT), input.len);
	input.text = text;
	input.op = (enum tree_input_op)base_sysfs_match(
		tree_input_names, TREE_NR_INPUTS, (const char *)sqlite3_column_text(row, STATE_OP));
	ret = state_do(state, &input, id, &end);
	free(text);
	state_reach(state, &input.when);
	if (end.is_known)
		state_reach(state, &end.when);
	state->last_id = id;
	return ret;
}

/* Advances the clock to the last time that was visible to a client. */
static void state_replay_time(struct state *state)
{
	struct base_moment shown;

	if (!state_clock(state, &shown)) {
		state_is_wrong(state, state->last_id + 1,
			       "is not there yet, but the clock is damaged");
		return;
	}
	state_reach(state, &shown);
	if (loop_pace_go(state->pace, &state->last))
		state_is_wrong(state, state->last_id + 1,
			       "would come when the machine never is (after %" PRIu64
			       " timers, at %" PRIu64 " ns)",
			       state->last.steps, state->last.ns);
}

static int state_replay(struct state *state)
{
	sqlite3_stmt *row;
	int ret = 0, step;

	/* All except the input after which the machine was saved, if any. */
	if (sqlite3_prepare_v2(state->db,
			       "SELECT " STATE_INPUT_COLUMNS " FROM input"
			       " WHERE ?1 IS NULL OR id <> ?1 ORDER BY id",
			       -1, &row, NULL))
		return state_error(state, "cannot be read");
	if (state->last_id)
		sqlite3_bind_int64(row, 1, (sqlite3_int64)state->last_id);
	while (!ret && !state->wrong_id && (step = sqlite3_step(row)) != SQLITE_DONE) {
		if (step == SQLITE_ROW)
			ret = state_replay_input(state, row);
		else
			state_is_wrong(state, state->last_id + 1, "cannot be read: %s",
				       sqlite3_errmsg(state->db));
	}
	sqlite3_finalize(row);
	if (!ret && !state->wrong_id)
		state_replay_time(state);
	return ret;
}

/* ---- checking the result --------------------------------------------------------------------- */

/* A write that ended the first time but not now is wrong, too. */
static int state_verify(struct state *state)
{
	struct state_write *write;

	LIST_FOREACH(write, &state->writes, link) {
		if (write->end.is_known)
			state_is_wrong(state, write->id,
				       "has a different result (none now, %zd then)",
				       write->end.result);
	}
	if (!state->wrong_id)
		return 0;
	warnx("%s: input %" PRIu64 " %s", state->path, state->wrong_id, state->wrong);
	return -EINVAL;
}

/* Searches from the head each time: when one ends, others that waited for it may end, too. */
static struct state_write *state_to_kill(struct state *state)
{
	struct state_write *write;

	LIST_FOREACH(write, &state->writes, link) {
		if (!write->is_killed)
			return write;
	}
	return NULL;
}

/* Stores or restores the time when the machine was created, which is that of its files. */
static int state_born(struct state *state)
{
	char text[32], found[32];
	uint64_t ns;
	int ret;

	snprintf(text, sizeof(text), "%" PRIu64, tree_born_ns(state->tree));
	ret = state_machine_row(state, "born_ns", text, found, sizeof(found));
	if (ret)
		return ret;
	if (base_kstrtoull(found, 10, &ns)) {
		warnx("%s: is damaged: born_ns", state->path);
		return -EINVAL;
	}
	tree_set_born_ns(state->tree, ns);
	return 0;
}

static bool state_may_run(void *ctx)
{
	struct state *state = ctx;

	if (!tree_journal_works(state->tree))
		return false;
	state_snapshot(state);
	return true;
}

int state_resume(struct state *state, struct tree *tree, struct loop_pace *pace)
{
	struct state_write *write;
	int ret;

	state->tree = tree;
	state->pace = pace;
	ret = state_born(state);
	if (!ret)
		ret = state_snapshot_load(state);
	if (!ret)
		ret = state_replay(state);
	if (!ret)
		ret = state_verify(state);
	if (ret)
		return ret;
	state_write_down(state);
	LIST_FOREACH(write, &state->writes, link)
		write->req.journal_id = write->id;
	while ((write = state_to_kill(state))) {
		write->is_killed = true;
		tree_interrupt(&write->req, true);
	}
	loop_pace_ask(pace, state_may_run, state);
	return tree_journal_works(tree) ? 0 : -EIO;
}
