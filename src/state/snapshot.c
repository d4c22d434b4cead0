/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To limit the size of a state file and the time to resume from it, a snapshot of the machine
 * occasionally replaces all earlier inputs. This is impossible while a write is in progress, waits
 * or is held, since only its input describes it; until then the file keeps growing.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>

#include "state_private.h"

/*
 * The number of inputs between snapshots: replaying them takes no longer than a start does anyway,
 * and large machines are saved less often.
 */
#define SNAPSHOT_INPUTS 10000
#define SNAPSHOT_BYTES_PER_INPUT 1000
/* The number of inputs before a retry. */
#define SNAPSHOT_AGAIN_INPUTS 100

/* ---- saving snapshots ------------------------------------------------------------------------ */

/* Keeps the last input, so that the next one gets the following number. */
static bool snapshot_write(struct state *state, const struct base_buf *saved)
{
	sqlite3_stmt *stmt = NULL;
	bool is_good;

	if (sqlite3_prepare_v2(state->db, "INSERT OR REPLACE INTO snapshot VALUES (1, ?1, ?2)", -1,
			       &stmt, NULL))
		return false;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)state->last_id);
	sqlite3_bind_blob64(stmt, 2, saved->data, saved->len, SQLITE_STATIC);
	is_good = sqlite3_step(stmt) == SQLITE_DONE;
	sqlite3_finalize(stmt);
	if (!is_good ||
	    sqlite3_prepare_v2(state->db, "DELETE FROM input WHERE id < ?1", -1, &stmt, NULL))
		return false;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)state->last_id);
	is_good = sqlite3_step(stmt) == SQLITE_DONE;
	sqlite3_finalize(stmt);
	return is_good;
}

/* On failure, the file is unchanged, which is just as good, only longer. */
static bool snapshot_put(struct state *state, const struct base_buf *saved)
{
	bool is_good = !sqlite3_exec(state->db, "BEGIN", NULL, NULL, NULL);

	if (is_good)
		is_good = snapshot_write(state, saved) &&
			  !sqlite3_exec(state->db, "COMMIT", NULL, NULL, NULL);
	if (!is_good && !sqlite3_get_autocommit(state->db))
		(void)sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
	return is_good;
}

void state_snapshot_due(struct state *state, uint64_t snapshot_id, size_t bytes)
{
	state->snapshot_at = snapshot_id + SNAPSHOT_INPUTS + bytes / SNAPSHOT_BYTES_PER_INPUT;
}

void state_snapshot(struct state *state)
{
	struct base_buf saved;

	if (state->last_id < state->snapshot_at)
		return;
	base_buf_init(&saved);
	if (!tree_save(state->tree, &saved) && snapshot_put(state, &saved))
		state_snapshot_due(state, state->last_id, saved.len);
	else
		state->snapshot_at = state->last_id + SNAPSHOT_AGAIN_INPUTS;
	base_buf_fini(&saved);
}

/* ---- loading and copying snapshots ----------------------------------------------------------- */

static int snapshot_take(struct state *state, sqlite3_stmt *row)
{
	size_t bytes = (size_t)sqlite3_column_bytes(row, 1);
	struct base_moment when;
	struct base_buf why;
	int ret;

	base_buf_init(&why);
	state->last_id = (uint64_t)sqlite3_column_int64(row, 0);
	ret = tree_load(state->tree, sqlite3_column_blob(row, 1), bytes, &when, &why);
	if (!ret && loop_pace_begin(state->pace, &when)) {
		base_buf_puts(&why, "its clock does not go there");
		ret = -EINVAL;
	}
	if (ret)
		warnx("%s: the machine that was saved in it, after input %" PRIu64
		      ", cannot be loaded: %s",
		      state->path, state->last_id, base_buf_text(&why));
	base_buf_fini(&why);
	state->last = when;
	state_snapshot_due(state, state->last_id, bytes);
	return ret;
}

int state_snapshot_load(struct state *state)
{
	sqlite3_stmt *row;
	int ret = 0, step;

	state_snapshot_due(state, 0, 0);
	if (sqlite3_prepare_v2(state->db, "SELECT input, data FROM snapshot WHERE id = 1", -1, &row,
			       NULL))
		return state_error(state, "cannot be read");
	step = sqlite3_step(row);
	if (step == SQLITE_ROW)
		ret = snapshot_take(state, row);
	else if (step == SQLITE_DONE)
		ret = tree_add_devices(state->tree, stderr);
	else
		ret = state_error(state, "cannot be read");
	sqlite3_finalize(row);
	return ret;
}

int state_snapshot_copy(struct state *from, struct state *to)
{
	sqlite3_stmt *row = NULL, *insert = NULL;
	int ret = -EIO, step;

	if (!sqlite3_prepare_v2(from->db, "SELECT input, data FROM snapshot WHERE id = 1", -1, &row,
				NULL) &&
	    !sqlite3_prepare_v2(to->db, "INSERT INTO snapshot VALUES (1, ?1, ?2)", -1, &insert,
				NULL)) {
		step = sqlite3_step(row);
		ret = step == SQLITE_DONE ? 0 : -EIO;
		if (step == SQLITE_ROW) {
			sqlite3_bind_value(insert, 1, sqlite3_column_value(row, 0));
			sqlite3_bind_value(insert, 2, sqlite3_column_value(row, 1));
			ret = sqlite3_step(insert) == SQLITE_DONE ? 0 : -EIO;
		}
	}
	sqlite3_finalize(row);
	sqlite3_finalize(insert);
	return ret;
}
