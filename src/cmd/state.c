/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that a machine does follows from its description and from what came from outside, and when:
 * so that is what is kept. An input is in the file before anything happens, its result before it
 * is acknowledged; a killed daemon's machine is had by doing all of it again in no time. Comparing
 * the results then shows whether it is the same machine.
 *
 * SQLite hands each line over to the kernel, which has it when the process is killed; it is not
 * made to survive a power cut.
 */
#include "state.h"

#include <bsd/sys/queue.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "mhpf", and the version of the tables */
#define APPLICATION_ID 0x6d687066
#define FORMAT 1

static const char schema[] =
	"BEGIN; PRAGMA application_id = 0x6d687066; PRAGMA user_version = 1;"
	"CREATE TABLE machine (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
	"CREATE TABLE input (id INTEGER PRIMARY KEY, ns INTEGER NOT NULL, op TEXT NOT NULL,"
	" ino INTEGER NOT NULL, path TEXT NOT NULL, text BLOB NOT NULL,"
	" end_ns INTEGER, result INTEGER);"
	"COMMIT;";

/* A write that was read from the file. */
struct state_write {
	struct tree_req req;
	struct state *state;
	uint64_t id;
	bool is_known; /* @expected: what it was the first time */
	ssize_t expected;
	bool is_killed;
	LIST_ENTRY(state_write) link;
};

struct state {
	const char *path;
	sqlite3 *db;
	sqlite3_stmt *begin;
	sqlite3_stmt *end;
	struct tree *tree;
	LIST_HEAD(, state_write) writes;
	uint64_t wrong_id; /* the first one that ended otherwise */
	ssize_t wrong_result;
	bool is_failed;
};

static int state_error(struct state *state, const char *what)
{
	warnx("%s: %s: %s", state->path, what, sqlite3_errmsg(state->db));
	return -EIO;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* In the background nobody sees this; clients see EIO. */
static int state_failed(struct state *state)
{
	if (!state->is_failed)
		state_error(state, "cannot be written");
	state->is_failed = true;
	return -EIO;
}

static int state_step(struct state *state, sqlite3_stmt *stmt)
{
	int ret = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return ret == SQLITE_DONE ? 0 : state_failed(state);
}

static int state_begin(void *ctx, const struct tree_input *input, uint64_t *ret_id)
{
	struct state *state = ctx;
	int ret;

	sqlite3_bind_int64(state->begin, 1, (sqlite3_int64)input->ns);
	sqlite3_bind_text(state->begin, 2, tree_input_names[input->op], -1, SQLITE_STATIC);
	sqlite3_bind_int64(state->begin, 3, (sqlite3_int64)input->ino);
	sqlite3_bind_text(state->begin, 4, input->path, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(state->begin, 5, input->text, input->len, SQLITE_STATIC);
	ret = state_step(state, state->begin);
	if (!ret)
		*ret_id = (uint64_t)sqlite3_last_insert_rowid(state->db);
	return ret;
}

static ssize_t state_end(void *ctx, uint64_t id, uint64_t ns, ssize_t result)
{
	struct state *state = ctx;

	sqlite3_bind_int64(state->end, 1, (sqlite3_int64)ns);
	sqlite3_bind_int64(state->end, 2, result);
	sqlite3_bind_int64(state->end, 3, (sqlite3_int64)id);
	return state_step(state, state->end) ? -EIO : result;
}

static const struct tree_journal state_journal = {
	.begin = state_begin,
	.end = state_end,
};

/* ---- whose it is ----------------------------------------------------------------------------- */

/* FNV-1a: whether a machine file is the same one, not whether somebody means harm. */
static int hash_file(const char *path, uint64_t *ret_hash)
{
	FILE *file = fopen(path, "re");
	uint64_t hash = 0xcbf29ce484222325ULL;
	int c, err;

	if (!file)
		return -errno;
	while ((c = getc(file)) != EOF)
		hash = (hash ^ (unsigned char)c) * 0x100000001b3ULL;
	err = ferror(file) ? -EIO : 0;
	fclose(file);
	*ret_hash = hash;
	return err;
}

/* A directory of recorded files stands for itself. */
static int state_machine(const char *machine, char *buf, size_t size)
{
	char path[PATH_MAX];
	uint64_t hash = 0;
	struct stat st;
	int err;

	if (!machine) {
		snprintf(buf, size, "default");
		return 0;
	}
	if (!realpath(machine, path) || stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode)) {
		snprintf(buf, size, "%s", path);
		return 0;
	}
	err = hash_file(path, &hash);
	snprintf(buf, size, "%016" PRIx64, hash);
	return err;
}

/* Writes down @value, or compares it with what is written. */
static int state_same(struct state *state, const char *name, const char *value, const char *what)
{
	sqlite3_stmt *stmt = NULL;
	const char *found;
	int ret = 0;

	if (sqlite3_prepare_v2(state->db,
			       "INSERT OR IGNORE INTO machine VALUES (?1, ?2)", -1, &stmt, NULL))
		return state_error(state, "cannot be read");
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, value, -1, SQLITE_STATIC);
	ret = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	if (ret != SQLITE_DONE)
		return state_error(state, "cannot be written");
	if (sqlite3_prepare_v2(state->db, "SELECT value FROM machine WHERE name = ?1", -1, &stmt,
			       NULL))
		return state_error(state, "cannot be read");
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	ret = sqlite3_step(stmt) == SQLITE_ROW ? 0 : state_error(state, "cannot be read");
	found = ret ? NULL : (const char *)sqlite3_column_text(stmt, 0);
	if (found && strcmp(found, value)) {
		warnx("%s: is of another %s (\"%s\", this one is \"%s\")", state->path, what, found,
		      value);
		ret = -EINVAL;
	}
	sqlite3_finalize(stmt);
	return ret;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int state_number(struct state *state, const char *pragma, int64_t *ret_value)
{
	sqlite3_stmt *stmt;
	int ret;

	if (sqlite3_prepare_v2(state->db, pragma, -1, &stmt, NULL))
		return state_error(state, "cannot be read");
	ret = sqlite3_step(stmt) == SQLITE_ROW ? 0 : state_error(state, "cannot be read");
	if (!ret)
		*ret_value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return ret;
}

/* An empty file becomes one of ours; anything else is left as it is. */
static int state_format(struct state *state)
{
	int64_t application, format, nr_tables;
	int ret;

	ret = state_number(state, "PRAGMA application_id", &application);
	if (!ret)
		ret = state_number(state, "PRAGMA user_version", &format);
	if (!ret)
		ret = state_number(state, "SELECT count(*) FROM sqlite_master", &nr_tables);
	if (ret)
		return ret;
	if (!nr_tables && !application)
		return sqlite3_exec(state->db, schema, NULL, NULL, NULL) ?
			       state_error(state, "cannot be written") : 0;
	if (application == APPLICATION_ID && format == FORMAT)
		return 0;
	warnx("%s: is no state of memhpfs", state->path);
	return -EINVAL;
}

static int state_prepare(struct state *state)
{
	if (sqlite3_prepare_v3(state->db,
			       "INSERT INTO input (ns, op, ino, path, text)"
			       " VALUES (?1, ?2, ?3, ?4, ?5)",
			       -1, SQLITE_PREPARE_PERSISTENT, &state->begin, NULL) ||
	    sqlite3_prepare_v3(state->db, "UPDATE input SET end_ns = ?1, result = ?2 WHERE id = ?3",
			       -1, SQLITE_PREPARE_PERSISTENT, &state->end, NULL))
		return state_error(state, "cannot be read");
	return 0;
}

/* WAL and no sync: a line costs two writes into the page cache. */
static int state_connect(struct state *state)
{
	int ret;

	if (sqlite3_open_v2(state->path, &state->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL))
		return state_error(state, "cannot be opened");
	ret = sqlite3_exec(state->db,
			   "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
			   "PRAGMA synchronous = OFF; BEGIN EXCLUSIVE; COMMIT;",
			   NULL, NULL, NULL);
	if (ret == SQLITE_BUSY || ret == SQLITE_LOCKED) {
		warnx("%s: another memhpfs has it", state->path);
		return -EBUSY;
	}
	return ret ? state_error(state, "cannot be opened") : state_format(state);
}

int state_open(const char *path, const char *machine, const char *cmdline,
	       struct state **ret_state)
{
	struct state *state = calloc(1, sizeof(*state));
	char identity[PATH_MAX];
	int ret = -ENOMEM;

	if (!state)
		return ret;
	state->path = path;
	LIST_INIT(&state->writes);
	ret = state_machine(machine, identity, sizeof(identity));
	if (ret)
		warnx("%s: %s", machine, strerror(-ret));
	if (!ret)
		ret = state_connect(state);
	if (!ret)
		ret = state_same(state, "version", MEMHP_VERSION, "version of memhpfs");
	if (!ret)
		ret = state_same(state, "machine", identity, "machine");
	if (!ret)
		ret = state_same(state, "cmdline", cmdline, "command line");
	if (!ret)
		ret = state_prepare(state);
	if (ret)
		state_close(state);
	else
		*ret_state = state;
	return ret;
}

bool state_close(struct state *state)
{
	if (!state)
		return true;
	if (state->tree)
		tree_set_journal(state->tree, NULL, NULL);
	sqlite3_finalize(state->begin);
	sqlite3_finalize(state->end);
	sqlite3_close(state->db);
	if (!LIST_EMPTY(&state->writes))
		return false;
	free(state);
	return true;
}

/* ---- doing it again -------------------------------------------------------------------------- */

static void state_compare(struct state *state, uint64_t id, bool is_known, ssize_t expected,
			  ssize_t result)
{
	if (!is_known || expected == result || state->wrong_id)
		return;
	state->wrong_id = id;
	state->wrong_result = result;
}

static void state_write_done(struct tree_req *req, ssize_t result)
{
	struct state_write *write = base_container_of(req, struct state_write, req);

	state_compare(write->state, write->id, write->is_known, write->expected, result);
	LIST_REMOVE(write, link);
	tree_release(req->file);
	free(write);
}

static int state_replay_write(struct state *state, const struct tree_input *input, uint64_t id,
			      bool is_known, ssize_t expected)
{
	struct state_write *write = calloc(1, sizeof(*write));
	ssize_t ret;

	if (!write)
		return -ENOMEM;
	*write = (struct state_write){
		.req.done = state_write_done,
		.state = state,
		.id = id,
		.is_known = is_known,
		.expected = expected,
	};
	LIST_INSERT_HEAD(&state->writes, write, link);
	ret = tree_replay(state->tree, input, &write->req);
	if (ret) {
		LIST_REMOVE(write, link);
		free(write);
		state_compare(state, id, true, 0, ret);
	}
	return 0;
}

static void state_replay_interrupt(struct state *state, const struct tree_input *input)
{
	struct state_write *write;

	LIST_FOREACH(write, &state->writes, link) {
		if (write->id != input->ino)
			continue;
		tree_interrupt(&write->req, !strcmp(input->text, "fatal"));
		return;
	}
}

static int state_replay_input(struct state *state, struct loop_pace *pace, sqlite3_stmt *row)
{
	const char *op = (const char *)sqlite3_column_text(row, 2);
	int which = op ? base_sysfs_match(tree_input_names, TREE_NR_INPUTS, op) : -EINVAL;
	uint64_t id = (uint64_t)sqlite3_column_int64(row, 0);
	bool is_known = sqlite3_column_type(row, 6) != SQLITE_NULL;
	ssize_t expected = (ssize_t)sqlite3_column_int64(row, 6);
	struct tree_input input = {
		.ns = (uint64_t)sqlite3_column_int64(row, 1),
		.ino = (uint64_t)sqlite3_column_int64(row, 3),
		.len = (size_t)sqlite3_column_bytes(row, 4),
	};
	int ret = 0;
	char *text;

	/* A copy with a NUL behind it, as writes have. */
	text = calloc(1, input.len + 1);
	if (!text)
		return -ENOMEM;
	if (input.len)
		memcpy(text, sqlite3_column_blob(row, 4), input.len);
	input.text = text;
	input.op = (enum tree_input_op)which;
	loop_pace_run(pace, input.ns);
	if (which == TREE_INPUT_WRITE)
		ret = state_replay_write(state, &input, id, is_known, expected);
	else if (which == TREE_INPUT_INTERRUPT)
		state_replay_interrupt(state, &input);
	else
		state_compare(state, id, is_known || which < 0, expected,
			      which < 0 ? which : tree_replay(state->tree, &input, NULL));
	free(text);
	return ret;
}

static int state_replay(struct state *state, struct loop_pace *pace)
{
	int64_t last_ns = 0;
	sqlite3_stmt *row;
	int ret = 0, step;

	if (sqlite3_prepare_v2(state->db,
			       "SELECT id, ns, op, ino, text, end_ns, result"
			       " FROM input ORDER BY id",
			       -1, &row, NULL))
		return state_error(state, "cannot be read");
	while (!ret && !state->wrong_id && (step = sqlite3_step(row)) != SQLITE_DONE) {
		ret = step == SQLITE_ROW ? state_replay_input(state, pace, row) :
					   state_error(state, "cannot be read");
		last_ns = BASE_MAX(last_ns, sqlite3_column_int64(row, 1));
		last_ns = BASE_MAX(last_ns, sqlite3_column_int64(row, 5));
	}
	sqlite3_finalize(row);
	if (!ret && !state->wrong_id)
		loop_pace_run(pace, (uint64_t)last_ns);
	return ret;
}

/* A write that ended the first time, and does not now, is as wrong as another result. */
static int state_verify(struct state *state)
{
	struct state_write *write;

	LIST_FOREACH(write, &state->writes, link)
		state_compare(state, write->id, write->is_known, write->expected, -EINPROGRESS);
	if (!state->wrong_id)
		return 0;
	warnx("%s: input %" PRIu64
	      " does not end as it did (%zd now): another build's file, or a damaged one",
	      state->path, state->wrong_id, state->wrong_result);
	return -EINVAL;
}

/* From the head each time: the end of one may be that of others, which waited for it. */
static struct state_write *state_to_kill(struct state *state)
{
	struct state_write *write;

	LIST_FOREACH(write, &state->writes, link) {
		if (!write->is_killed)
			return write;
	}
	return NULL;
}

int state_resume(struct state *state, struct tree *tree, struct loop_pace *pace)
{
	struct state_write *write;
	int ret;

	state->tree = tree;
	ret = state_replay(state, pace);
	if (!ret)
		ret = state_verify(state);
	if (ret)
		return ret;
	tree_set_journal(tree, &state_journal, state);
	LIST_FOREACH(write, &state->writes, link)
		write->req.journal_id = write->id;
	while ((write = state_to_kill(state))) {
		write->is_killed = true;
		tree_interrupt(&write->req, true);
	}
	return state->is_failed ? -EIO : 0;
}
