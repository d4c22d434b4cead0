/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of a state share: opening and writing (state.c), replay, recovery. */
#ifndef CMD_STATE_PRIVATE_H
#define CMD_STATE_PRIVATE_H

#include <bsd/sys/queue.h>
#include <sqlite3.h>

#include "memhp/state.h"

/* Columns of a whole input, in this order (state_columns). */
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

/* How an input ended; @is_known: somebody may have been told. */
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
 * struct state - a state file that is open
 * @writes: of the file, that are under way
 * @last: what the machine has come to, as far as the file has been read
 * @last_id: of the input before the next one
 * @snapshot_at: the input after which the machine is to be saved
 * @wrong_id: the first input that is not as it was, 0: none; @wrong: in words
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

/* Says what SQLite says; -EIO. */
int state_error(struct state *state, const char *what);
/* Opens @state->path, which has to be a state or empty. */
int state_connect(struct state *state);
/* A row of the table `machine`: @value is written down unless there is one. -EINVAL: damaged */
int state_machine_row(struct state *state, const char *name, const char *value, char *buf,
		      size_t size);
/* False: the row of the table `clock` is damaged. */
bool state_clock(struct state *state, struct base_moment *ret_when);
/* The name of the first column of an input that cannot be what was written; NULL: none. */
const char *state_damaged_column(sqlite3_stmt *row);
/*
 * The machine in place of all inputs, when it is time for that and nothing is under way. From where
 * nothing is in the middle of anything.
 */
void state_snapshot(struct state *state);
/* The machine that is in the file, or the devices of one that has just booted: 0; -errno, said. */
int state_snapshot_load(struct state *state);
/* After the snapshot at an input, of so many bytes: when the next one is to be made. */
void state_snapshot_due(struct state *state, uint64_t snapshot_id, size_t bytes);
/* The same snapshot in another file; 0, -EIO. */
int state_snapshot_copy(struct state *from, struct state *to);
/* Writes down from now on. */
void state_write_down(struct state *state);

#endif
