/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The behaviour of a machine follows from its description and from the inputs from outside and
 * their times; so these are stored. An input is in the file before it takes effect, its result
 * before it is acknowledged, and the progress of time before its effects are visible. The machine
 * of a killed daemon is restored by replaying all inputs without delays (replay.c), starting from
 * the last snapshot (snapshot.c). Comparing the results shows whether it is the same machine.
 *
 * SQLite passes each row to the kernel, so that it survives if the process is killed; it need not
 * survive a power failure.
 */
#include "state_private.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* "mhpf", and the version of the tables. */
#define APPLICATION_ID 0x6d687066
#define FORMAT 3
#define SQLITE_HEADER_BYTES 512 /* the smallest page, which contains the header */

static const char schema[] =
	"BEGIN; PRAGMA application_id = 0x6d687066; PRAGMA user_version = 3;"
	"CREATE TABLE machine (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE clock (id INTEGER PRIMARY KEY, ns INTEGER NOT NULL, steps INTEGER NOT NULL);"
	"INSERT INTO clock VALUES (1, 0, 0);"
	"CREATE TABLE snapshot (id INTEGER PRIMARY KEY, input INTEGER NOT NULL,"
	" data BLOB NOT NULL);"
	"CREATE TABLE input (id INTEGER PRIMARY KEY, ns INTEGER NOT NULL, steps INTEGER NOT NULL,"
	" real_ns INTEGER NOT NULL, op TEXT NOT NULL, ino INTEGER NOT NULL, path TEXT NOT NULL,"
	" text BLOB NOT NULL, end_ns INTEGER, end_steps INTEGER, result INTEGER);"
	"COMMIT;";

int state_error(struct state *state, const char *what)
{
	warnx("%s: %s: %s", state->path, what, sqlite3_errmsg(state->db));
	return -EIO;
}

/* ---- writing inputs -------------------------------------------------------------------------- */

/* In the background, this message is lost; clients get EIO, and machine/log says why. */
static int state_failed(struct state *state, int code)
{
	int error = sqlite3_system_errno(state->db);

	if (!state->is_failed)
		state_error(state, "cannot be written");
	state->is_failed = true;
	if ((code & 0xff) == SQLITE_FULL)
		return -ENOSPC;
	return error ? -error : -EIO;
}

static int state_step(struct state *state, sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt), ret = 0;

	if (code == SQLITE_DONE)
		state->is_failed = false;
	else
		ret = state_failed(state, code);
	sqlite3_reset(stmt);
	return ret;
}

static int state_begin(void *ctx, const struct tree_input *input, uint64_t *ret_id)
{
	struct state *state = ctx;
	int ret;

	sqlite3_bind_int64(state->begin, 1, (sqlite3_int64)input->when.ns);
	sqlite3_bind_int64(state->begin, 2, (sqlite3_int64)input->when.steps);
	sqlite3_bind_int64(state->begin, 3, (sqlite3_int64)input->real_ns);
	sqlite3_bind_text(state->begin, 4, tree_input_names[input->op], -1, SQLITE_STATIC);
	sqlite3_bind_int64(state->begin, 5, (sqlite3_int64)input->ino);
	sqlite3_bind_text(state->begin, 6, input->path, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(state->begin, 7, input->len ? input->text : "", input->len,
			    SQLITE_STATIC);
	ret = state_step(state, state->begin);
	if (!ret) {
		*ret_id = (uint64_t)sqlite3_last_insert_rowid(state->db);
		state->last_id = *ret_id;
	}
	return ret;
}

static int state_end(void *ctx, uint64_t id, const struct base_moment *when, ssize_t result)
{
	struct state *state = ctx;

	sqlite3_bind_int64(state->end, 1, (sqlite3_int64)when->ns);
	sqlite3_bind_int64(state->end, 2, (sqlite3_int64)when->steps);
	sqlite3_bind_int64(state->end, 3, result);
	sqlite3_bind_int64(state->end, 4, (sqlite3_int64)id);
	return state_step(state, state->end);
}

static int state_shown(void *ctx, const struct base_moment *when)
{
	struct state *state = ctx;

	sqlite3_bind_int64(state->shown, 1, (sqlite3_int64)when->ns);
	sqlite3_bind_int64(state->shown, 2, (sqlite3_int64)when->steps);
	return state_step(state, state->shown);
}

void state_write_down(struct state *state)
{
	static const struct tree_journal journal = {
		.begin = state_begin,
		.end = state_end,
		.shown = state_shown,
	};

	tree_set_journal(state->tree, &journal, state);
}

/* ---- identity of the machine ----------------------------------------------------------------- */

/* FNV-1a: detects a different machine file, but not a forged one. */
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

/* A directory of recorded files is identified by its path. */
static int state_identity(const char *machine, char *buf, size_t size)
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

static int state_damaged(struct state *state, const char *what)
{
	warnx("%s: is damaged: %s", state->path, what);
	return -EINVAL;
}

int state_machine_row(struct state *state, const char *name, const char *value, char *buf,
		      size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int ret;

	if (sqlite3_prepare_v2(state->db, "INSERT OR IGNORE INTO machine VALUES (?1, ?2)", -1,
			       &stmt, NULL))
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
	if (!ret && sqlite3_column_type(stmt, 0) != SQLITE_TEXT)
		ret = state_damaged(state, name);
	if (!ret)
		snprintf(buf, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return ret;
}

/* Stores @value, or compares it with the stored one. */
static int state_same(struct state *state, const char *name, const char *value, const char *what)
{
	size_t size = strlen(value) + PATH_MAX;
	char *found = malloc(size);
	int ret = found ? state_machine_row(state, name, value, found, size) : -ENOMEM;

	if (!ret && strcmp(found, value)) {
		warnx("%s: belongs to another %s (\"%s\", this one is \"%s\")", state->path, what,
		      found, value);
		ret = -EINVAL;
	}
	free(found);
	return ret;
}

/* ---- opening and closing the file ------------------------------------------------------------ */

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

/* An empty file becomes a state file; any other file is not changed. */
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
			       state_error(state, "cannot be written") :
			       0;
	if (application == APPLICATION_ID && format == FORMAT)
		return 0;
	if (application == APPLICATION_ID) {
		warnx("%s: is a state file of another memhpfs (format %" PRId64
		      ", this one has %d)",
		      state->path, format, FORMAT);
		return -EINVAL;
	}
	warnx("%s: is not a state file of memhpfs", state->path);
	return -EINVAL;
}

static int state_prepare(struct state *state)
{
	if (sqlite3_prepare_v3(state->db,
			       "INSERT INTO input (ns, steps, real_ns, op, ino, path, text)"
			       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			       -1, SQLITE_PREPARE_PERSISTENT, &state->begin, NULL) ||
	    sqlite3_prepare_v3(state->db,
			       "UPDATE input SET end_ns = ?1, end_steps = ?2, result = ?3"
			       " WHERE id = ?4",
			       -1, SQLITE_PREPARE_PERSISTENT, &state->end, NULL) ||
	    sqlite3_prepare_v3(state->db, "UPDATE clock SET ns = ?1, steps = ?2 WHERE id = 1", -1,
			       SQLITE_PREPARE_PERSISTENT, &state->shown, NULL))
		return state_error(state, "cannot be read");
	return 0;
}

bool state_clock(struct state *state, struct base_moment *ret_when)
{
	sqlite3_stmt *stmt;
	bool is_good;

	if (sqlite3_prepare_v2(state->db, "SELECT ns, steps FROM clock WHERE id = 1", -1, &stmt,
			       NULL))
		return false;
	is_good = sqlite3_step(stmt) == SQLITE_ROW &&
		  sqlite3_column_type(stmt, 0) == SQLITE_INTEGER &&
		  sqlite3_column_type(stmt, 1) == SQLITE_INTEGER;
	ret_when->ns = (uint64_t)sqlite3_column_int64(stmt, 0);
	ret_when->steps = (uint64_t)sqlite3_column_int64(stmt, 1);
	sqlite3_finalize(stmt);
	return is_good && ret_when->ns <= INT64_MAX && ret_when->steps <= INT64_MAX;
}

/* SQLite treats a file that is shorter than its header as empty, and overwrites it. */
static bool state_is_fragment(const struct state *state)
{
	struct stat st;

	return !stat(state->path, &st) && S_ISREG(st.st_mode) && st.st_size &&
	       st.st_size < SQLITE_HEADER_BYTES;
}

/* A memhpfs that was just unmounted may still be about to end. */
#define LOCK_RETRIES 100
#define LOCK_RETRY_NS 50000000

static bool is_locked(int ret)
{
	return ret == SQLITE_BUSY || ret == SQLITE_LOCKED;
}

/*
 * Locks the file for as long as it is open. With WAL and without sync, a row costs two writes into
 * the page cache.
 */
static int state_lock(struct state *state)
{
	const struct timespec pause = { .tv_nsec = LOCK_RETRY_NS };
	int ret, retries = 0;

	for (;;) {
		ret = sqlite3_exec(state->db,
				   "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
				   "PRAGMA synchronous = OFF; BEGIN EXCLUSIVE; COMMIT;",
				   NULL, NULL, NULL);
		if (!is_locked(ret) || retries++ == LOCK_RETRIES)
			return ret;
		nanosleep(&pause, NULL);
	}
}

int state_connect(struct state *state)
{
	int ret;

	if (state_is_fragment(state)) {
		warnx("%s: is not a state file of memhpfs", state->path);
		return -EINVAL;
	}
	if (sqlite3_open_v2(state->path, &state->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL))
		return state_error(state, "cannot be opened");
	ret = state_lock(state);
	if (is_locked(ret)) {
		warnx("%s: in use by another memhpfs", state->path);
		return -EBUSY;
	}
	return ret ? state_error(state, "cannot be opened") : state_format(state);
}

int state_open(const char *path, const struct state_machine *machine, struct state **ret_state)
{
	struct state *state = calloc(1, sizeof(*state));
	char identity[PATH_MAX];
	int ret = -ENOMEM;

	if (!state)
		return ret;
	state->path = path;
	LIST_INIT(&state->writes);
	ret = state_identity(machine->file, identity, sizeof(identity));
	if (ret)
		warnx("%s: %s", machine->file, strerror(-ret));
	if (!ret)
		ret = state_connect(state);
	if (!ret)
		ret = state_same(state, "version", MEMHP_VERSION, "version of memhpfs");
	if (!ret)
		ret = state_same(state, "machine", identity, "machine");
	if (!ret)
		ret = state_same(state, "cmdline", machine->cmdline, "command line");
	if (!ret)
		ret = state_same(state, "kernel", machine->kernel, "kernel version");
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
	if (state->pace)
		loop_pace_ask(state->pace, NULL, NULL);
	sqlite3_finalize(state->begin);
	sqlite3_finalize(state->end);
	sqlite3_finalize(state->shown);
	sqlite3_close(state->db);
	if (!LIST_EMPTY(&state->writes))
		return false;
	free(state);
	return true;
}
