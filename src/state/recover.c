/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recovers a state file whose replay diverges, by discarding the inputs from there on. Each attempt
 * uses a copy and a process of its own, since a machine that has diverged is of no use.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state_private.h"

/* ---- one attempt to replay ------------------------------------------------------------------- */

/* Returns 0 and sets @ret_wrong (0: the replay agrees), or -EIO if trying fails (reported). */
static int recover_try(const char *path, state_try_fn *fn, void *ctx, uint64_t *ret_wrong)
{
	uint64_t wrong = 0;
	int fds[2], status;
	ssize_t got;
	pid_t pid;

	if (pipe(fds) || (pid = fork()) < 0) {
		warn("%s", path);
		return -EIO;
	}
	if (!pid) {
		close(fds[0]);
		if (fn(ctx, path, &wrong) && !wrong)
			_exit(EXIT_FAILURE);
		_exit(write(fds[1], &wrong, sizeof(wrong)) == sizeof(wrong) ? EXIT_SUCCESS :
									      EXIT_FAILURE);
	}
	close(fds[1]);
	got = read(fds[0], ret_wrong, sizeof(*ret_wrong));
	close(fds[0]);
	if (waitpid(pid, &status, 0) != pid || WIFSIGNALED(status))
		warnx("%s: cannot be tried: the process died", path);
	if (status || got != sizeof(*ret_wrong))
		return -EIO;
	return 0;
}

/* ---- a truncated copy ------------------------------------------------------------------------ */

/*
 * What is discarded.
 * @first: the first discarded input, described by @what
 * @nr: the number of discarded inputs; @is_more: it is larger, as not all can be read
 * @when: the ends of other inputs from then on are also discarded
 */
struct recover_lost {
	uint64_t first;
	uint64_t nr;
	bool is_more;
	char what[PATH_MAX];
	struct base_moment when;
};

static int recover_copy_machine(struct state *from, struct state *to)
{
	sqlite3_stmt *row;
	int ret = 0;
	char buf[32];

	if (sqlite3_prepare_v2(from->db, "SELECT name, value FROM machine", -1, &row, NULL))
		return state_error(from, "cannot be read");
	while (!ret && sqlite3_step(row) == SQLITE_ROW)
		ret = state_machine_row(to, (const char *)sqlite3_column_text(row, 0),
					(const char *)sqlite3_column_text(row, 1), buf,
					sizeof(buf));
	sqlite3_finalize(row);
	return ret;
}

/* Copies an input, with its end only if that precedes what is discarded. */
static int recover_copy_input(sqlite3_stmt *insert, sqlite3_stmt *row,
			      const struct recover_lost *lost)
{
	const struct base_moment end = {
		.ns = (uint64_t)sqlite3_column_int64(row, STATE_END_NS),
		.steps = (uint64_t)sqlite3_column_int64(row, STATE_END_STEPS),
	};
	bool has_ended = base_moment_cmp(&end, &lost->when) < 0;
	int code;

	for (int i = 0; i < STATE_NR_COLUMNS; i++) {
		if (i < STATE_END_NS || has_ended)
			sqlite3_bind_value(insert, i + 1, sqlite3_column_value(row, i));
		else
			sqlite3_bind_null(insert, i + 1);
	}
	code = sqlite3_step(insert);
	sqlite3_reset(insert);
	return code == SQLITE_DONE ? 0 : -EIO;
}

/* In case the time of the first one is damaged, @when is at least that of the previous input. */
static void recover_look_before(struct state *from, struct recover_lost *lost)
{
	sqlite3_stmt *row;

	if (sqlite3_prepare_v2(from->db,
			       "SELECT ns, steps FROM input WHERE id < ?1 ORDER BY id DESC LIMIT 1",
			       -1, &row, NULL))
		return;
	sqlite3_bind_int64(row, 1, (sqlite3_int64)lost->first);
	if (sqlite3_step(row) == SQLITE_ROW) {
		lost->when.ns = (uint64_t)sqlite3_column_int64(row, 0);
		lost->when.steps = (uint64_t)sqlite3_column_int64(row, 1);
	}
	sqlite3_finalize(row);
}

static void recover_look(struct state *from, struct recover_lost *lost)
{
	sqlite3_stmt *row;
	int step;

	recover_look_before(from, lost);
	snprintf(lost->what, sizeof(lost->what), "which cannot be read");
	if (sqlite3_prepare_v2(from->db,
			       "SELECT " STATE_INPUT_COLUMNS " FROM input WHERE id >= ?1"
			       " ORDER BY id",
			       -1, &row, NULL))
		return;
	sqlite3_bind_int64(row, 1, (sqlite3_int64)lost->first);
	while ((step = sqlite3_step(row)) == SQLITE_ROW) {
		if (!lost->nr++)
			snprintf(lost->what, sizeof(lost->what), "%s %s",
				 (const char *)sqlite3_column_text(row, STATE_OP),
				 (const char *)sqlite3_column_text(row, STATE_PATH));
		if ((uint64_t)sqlite3_column_int64(row, STATE_ID) == lost->first &&
		    !state_damaged_column(row)) {
			lost->when.ns = (uint64_t)sqlite3_column_int64(row, STATE_NS);
			lost->when.steps = (uint64_t)sqlite3_column_int64(row, STATE_STEPS);
		}
	}
	lost->is_more = step != SQLITE_DONE;
	sqlite3_finalize(row);
}

static int recover_copy_inputs(struct state *from, struct state *to,
			       const struct recover_lost *lost)
{
	sqlite3_stmt *row = NULL, *insert = NULL;
	int ret = -EIO, step;

	if (!sqlite3_prepare_v2(from->db,
				"SELECT " STATE_INPUT_COLUMNS " FROM input WHERE id < ?1"
				" ORDER BY id",
				-1, &row, NULL) &&
	    !sqlite3_prepare_v2(to->db,
				"INSERT INTO input (" STATE_INPUT_COLUMNS ")"
				" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
				-1, &insert, NULL) &&
	    !sqlite3_exec(to->db, "BEGIN", NULL, NULL, NULL)) {
		sqlite3_bind_int64(row, 1, (sqlite3_int64)lost->first);
		ret = 0;
		while (!ret && (step = sqlite3_step(row)) == SQLITE_ROW)
			ret = recover_copy_input(insert, row, lost);
		if (!ret && step != SQLITE_DONE)
			ret = state_error(from, "cannot be read");
		if (!ret && sqlite3_exec(to->db, "COMMIT", NULL, NULL, NULL))
			ret = -EIO;
	}
	sqlite3_finalize(row);
	sqlite3_finalize(insert);
	return ret;
}

static int recover_copy(struct state *from, struct state *to, const struct recover_lost *lost)
{
	int ret = recover_copy_machine(from, to);

	if (!ret)
		ret = state_snapshot_copy(from, to);
	if (!ret)
		ret = recover_copy_inputs(from, to, lost);
	if (ret)
		state_error(to, "cannot be written");
	return ret;
}

/* Removes the files of the previous attempt. */
static int recover_remove(const char *copy)
{
	char wal[PATH_MAX + 8];

	snprintf(wal, sizeof(wal), "%s-wal", copy);
	if ((unlink(copy) && errno != ENOENT) || (unlink(wal) && errno != ENOENT)) {
		warn("%s", copy);
		return -EIO;
	}
	return 0;
}

static int recover_cut(const char *path, const char *copy, struct recover_lost *lost)
{
	struct state from = { .path = path }, to = { .path = copy };
	int ret;

	if (recover_remove(copy))
		return -EIO;
	ret = state_connect(&from);
	if (!ret)
		ret = state_connect(&to);
	if (!ret) {
		recover_look(&from, lost);
		ret = recover_copy(&from, &to, lost);
	}
	sqlite3_close(from.db);
	sqlite3_close(to.db);
	return ret;
}

/* ---- replacing the file ---------------------------------------------------------------------- */

static int recover_keep(const char *path, char *kept, size_t size)
{
	char from[PATH_MAX + 8], to[PATH_MAX + 8];

	snprintf(kept, size, "%s.before-recover", path);
	for (unsigned int i = 2; !access(kept, F_OK); i++)
		snprintf(kept, size, "%s.before-recover.%u", path, i);
	if (rename(path, kept)) {
		warn("%s", kept);
		return -EIO;
	}
	/* What SQLite could not write into the file itself for lack of space. */
	snprintf(from, sizeof(from), "%s-wal", path);
	snprintf(to, sizeof(to), "%s-wal", kept);
	if (rename(from, to) && errno != ENOENT) {
		warn("%s", to);
		return -EIO;
	}
	return 0;
}

static void recover_say(const char *path, const char *kept, const struct recover_lost *lost)
{
	if (!lost->nr && !lost->is_more)
		warnx("%s: resumes after input %" PRIu64
		      ", the last one; lost: the progress of time "
		      "since then; the old file is %s",
		      path, lost->first - 1, kept);
	else
		warnx("%s: resumes after input %" PRIu64 "; lost: %s%" PRIu64
		      " inputs, from %" PRIu64 " (%s) on; the old file is %s",
		      path, lost->first - 1, lost->is_more ? "more than " : "", lost->nr,
		      lost->first, lost->what, kept);
}

int state_recover(const char *path, state_try_fn *fn, void *ctx)
{
	char copy[PATH_MAX], kept[PATH_MAX];
	struct recover_lost lost;
	uint64_t wrong;
	int ret;

	snprintf(copy, sizeof(copy), "%s.recovering", path);
	ret = recover_try(path, fn, ctx, &wrong);
	if (ret || !wrong)
		return ret;
	/* Terminates, as each attempt must keep fewer inputs. */
	for (uint64_t before = UINT64_MAX; !ret && wrong; before = lost.first) {
		if (wrong >= before) {
			warnx("%s: cannot be recovered", path);
			return -EINVAL;
		}
		lost = (struct recover_lost){ .first = wrong };
		ret = recover_cut(path, copy, &lost);
		if (!ret)
			ret = recover_try(copy, fn, ctx, &wrong);
	}
	if (!ret)
		ret = recover_keep(path, kept, sizeof(kept));
	if (!ret && rename(copy, path)) {
		warn("%s", path);
		ret = -EIO;
	}
	(void)recover_remove(copy);
	if (ret)
		return ret;
	recover_say(path, kept, &lost);
	return 0;
}
