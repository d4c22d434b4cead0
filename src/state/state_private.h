/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations shared by state.c (opening and writing), replay.c, snapshot.c and recover.c. */
#ifndef CMD_STATE_PRIVATE_H
#define CMD_STATE_PRIVATE_H

#include <bsd/sys/queue.h>
#include <sqlite3.h>

#include "memhp/state.h"

/* All columns of an input, in the order of state_columns. */
#define STATE_INPUT_COLUMNS "id, ns, steps, real_ns, op, ino, path, text, end_ns, end_steps, result"

enum state_column {
	STATE_ID,
	STATE_NS,
	STATE_STEPS,
	STATE_REAL_NS,
	STATE_OP,
	STATE_INO,
	STATE_PATH,
	STATE_TEXT,
	STATE_END_NS,
	STATE_END_STEPS,
	STATE_RESULT,
	STATE_NR_COLUMNS,
};

/* How an input ended. @is_known: a client may have seen the result. */
struct state_end {
	bool is_known;
	ssize_t result;
	struct base_moment when;
};

/* A write that was read from the file. */
struct state_write {
	struct tree_req req;
	struct state *state;
	uint64_t id;
	struct state_end end;
	bool is_killed;
	LIST_ENTRY(state_write) link;
};

/*
 * struct state - an open state file
 * @writes: writes of the file that are in progress
 * @last: the latest moment in the part of the file that has been read
 * @last_id: the id of the latest input
 * @snapshot_at: the input after which the machine is to be saved
 * @wrong_id: the first input whose replay differs; 0: none; @wrong: the difference in words
 */
struct state {
	const char *path;
	sqlite3 *db;
	sqlite3_stmt *begin;
	sqlite3_stmt *end;
	sqlite3_stmt *shown;
	struct tree *tree;
	struct loop_pace *pace;
	LIST_HEAD(, state_write) writes;
	struct base_moment last;
	uint64_t last_id;
	uint64_t snapshot_at;
	uint64_t wrong_id;
	char wrong[200];
	bool is_failed;
};

/* Reports SQLite's error message; returns -EIO. */
int state_error(struct state *state, const char *what);
/* Opens @state->path, which must be a state file or empty. */
int state_connect(struct state *state);
/* Reads a row of the table `machine`, or stores @value if it is missing; -EINVAL: it is damaged. */
int state_machine_row(struct state *state, const char *name, const char *value, char *buf,
		      size_t size);
/* Reads the table `clock`; returns false if its row is damaged. */
bool state_clock(struct state *state, struct base_moment *ret_when);
/* Returns the name of the first damaged column of an input; NULL: none is damaged. */
const char *state_damaged_column(sqlite3_stmt *row);
/*
 * Replaces all inputs by a snapshot of the machine if that is due and no operation is in progress.
 * Not to be called from within an operation.
 */
void state_snapshot(struct state *state);
/*
 * Loads the snapshot; if there is none, adds the devices of a machine that has just booted. Returns
 * 0, or -errno after reporting the error.
 */
int state_snapshot_load(struct state *state);
/* Schedules the next snapshot after one of @bytes bytes, taken after input @snapshot_id. */
void state_snapshot_due(struct state *state, uint64_t snapshot_id, size_t bytes);
/* Copies the snapshot to another file; returns 0 or -EIO. */
int state_snapshot_copy(struct state *from, struct state *to);
/* Starts to store inputs. */
void state_write_down(struct state *state);

#endif
