/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operations of case files: a row and a function for each. They access the machine only
 * through its files, as a program does through a mount.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/sim/live.h"
#include "memhp/sim/monitor.h"

#define BLANKS " \t\r\v\f"

/* ---- operations on files --------------------------------------------------------------------- */

/* Prints the result of a finished job, and frees it. */
static int end_job(struct sim *sim, struct sim_job *job, struct base_buf *buf)
{
	ssize_t result = job->result;

	if (result >= 0 && job->op == TREE_OP_READ)
		sim_text_escape(base_buf_text(&job->data), job->data.len, buf);
	else if (result >= 0 && job->op == TREE_OP_WRITE)
		base_buf_printf(buf, "%zd", result);
	if (job->data.failed)
		result = -ENOMEM;
	sim_job_kill(sim, job);
	return (int)BASE_MIN(result, 0);
}

/* Gives the answer to an operation that is one job; "held" if a gate holds the actor. */
static int answer(struct sim *sim, struct sim_job *job, struct base_buf *buf)
{
	int ret;

	if (sim->actor && sim->access->held(job)) {
		job->id = strdup(sim->actor);
		if (!job->id) {
			sim_job_kill(sim, job);
			return -ENOMEM;
		}
		base_buf_puts(buf, "held");
		return 0;
	}
	ret = sim->access->wait(sim, job);
	if (!ret)
		return end_job(sim, job, buf);
	sim_job_kill(sim, job);
	return ret;
}

static int op_read(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct sim_job *job;
	int ret = sim_job_read(sim, w->word[0], &job);

	return ret ? ret : answer(sim, job, buf);
}

static int begin_write(struct sim *sim, const char *path, const char *text,
		       struct sim_job **ret_job)
{
	struct base_buf data;
	int ret = -ENOMEM;

	base_buf_init(&data);
	sim_text_unescape(text, &data);
	if (!data.failed)
		ret = sim_job_write(sim, path, base_buf_text(&data), data.len, ret_job);
	base_buf_fini(&data);
	return ret;
}

static int op_write(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct sim_job *job;
	int ret = begin_write(sim, w->word[0], w->word[1] ? w->word[1] : "", &job);

	return ret ? ret : answer(sim, job, buf);
}

static int op_list(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	return sim->access->list(sim, w->word[0], w->word[1] ? w->word[1] : "", buf);
}

static int op_reboot(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	ssize_t ret = sim_write(sim, "machine/reboot", "1", 1);

	if (ret >= 0)
		base_buf_puts(buf, "0");
	return (int)BASE_MIN(ret, 0);
}

static int op_mkdir(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct sim_job *job;
	int ret = sim_job_make(sim, TREE_OP_MKDIR, w->word[0], &job);

	return ret ? ret : answer(sim, job, buf);
}

static int op_rmdir(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct sim_job *job;
	int ret = sim_job_make(sim, TREE_OP_RMDIR, w->word[0], &job);

	return ret ? ret : answer(sim, job, buf);
}

static int op_link(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	return sim->access->link(sim, w->word[0], buf);
}

static int op_stat(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct tree_attr attr;
	int ret;

	ret = sim->access->stat(sim, w->word[0], &attr);
	if (ret)
		return ret;
	base_buf_printf(buf, "%s %04o %lld",
			S_ISDIR(attr.mode) ? "dir" :
			S_ISLNK(attr.mode) ? "link" :
					     "file",
			attr.mode & 07777, (long long)attr.size);
	return 0;
}

/* ---- operations that take time --------------------------------------------------------------- */

static int parse_ms(struct sim *sim, const char *text, uint64_t *ret_ms)
{
	if (base_kstrtoull(text, 10, ret_ms) || *ret_ms > UINT32_MAX) {
		sim->what = "MS must be a number of milliseconds below 2^32";
		return SIM_SYNTAX;
	}
	return 0;
}

static int op_sleep(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	uint64_t ms;
	int ret;

	ret = parse_ms(sim, w->word[0], &ms);
	if (ret)
		return ret;
	sim->access->sleep(sim, ms);
	base_buf_puts(buf, "0");
	return 0;
}

/* Writes in a process of its own, named after its job unless an actor runs it. */
static int op_start_write(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	bool named = sim->actor;
	struct sim_job *job;
	int ret = named ? 0 : sim_actor_set(sim, w->word[0]);

	if (!ret)
		ret = begin_write(sim, w->word[1], w->word[2], &job);
	if (!named)
		sim_actor_end(sim);
	if (ret)
		return ret;
	job->id = strdup(w->word[0]);
	if (!job->id) {
		sim_job_kill(sim, job);
		return -ENOMEM;
	}
	sim->access->leave(job);
	base_buf_puts(buf, "started");
	return 0;
}

static int op_join(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct sim_job *job;
	uint64_t ms;
	int ret;

	ret = parse_ms(sim, w->word[1], &ms);
	if (ret)
		return ret;
	LIST_FOREACH(job, &sim->jobs, link)
		if (job->id && !strcmp(job->id, w->word[0]))
			break;
	if (!job)
		return -ENOENT;
	if (sim->access->wait_ms(sim, job, ms))
		return end_job(sim, job, buf);
	base_buf_puts(buf, "pending");
	return 0;
}

static int op_timed_write(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct sim_job *job;
	uint64_t ms;
	int ret;

	ret = parse_ms(sim, w->word[0], &ms);
	if (!ret)
		ret = begin_write(sim, w->word[1], w->word[2], &job);
	if (ret)
		return ret;
	if (sim->access->wait_ms(sim, job, ms))
		return end_job(sim, job, buf);
	sim_job_kill(sim, job);
	base_buf_puts(buf, "killed");
	return 0;
}

static int op_hold(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	return sim->access->hold(sim, w, buf);
}

static int op_free(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	return sim->access->free(sim, w, buf);
}

/* ---- the table of operations ----------------------------------------------------------------- */

/**
 * struct operation - a row of the table
 * @min, @max: number of words
 * @tail: the last word extends to the end of the line, including blanks; a single blank separates
 *	  the others
 * @single: it is a single request of a process, which may be an actor
 * @path: which word is a path, from 1 on; 0: none
 * @writes: the word after @path is written there
 * @machine: it needs machine/, which only memhpfs has
 */
struct operation {
	const char *name;
	unsigned int min, max;
	bool tail;
	bool single;
	int (*fn)(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
	const char *usage;
	unsigned int path;
	bool writes;
	bool machine;
};

static const struct operation operations[] = {
	{ "read", 1, 1, true, true, op_read, "read PATH", .path = 1 },
	{ "write", 1, 2, true, true, op_write, "write PATH TEXT", .path = 1, .writes = true },
	{ "list", 1, 2, false, true, op_list, "list DIR [PREFIX]", .path = 1 },
	{ "mkdir", 1, 1, false, true, op_mkdir, "mkdir PATH", .machine = true },
	{ "rmdir", 1, 1, false, true, op_rmdir, "rmdir PATH", .machine = true },
	{ "link", 1, 1, false, true, op_link, "link PATH", .path = 1 },
	{ "stat", 1, 1, false, true, op_stat, "stat PATH", .path = 1 },
	{ "uevents", 0, 0, false, false, sim_op_uevents, "uevents" },
	{ "delta", 2, 2, false, false, sim_op_delta, "delta PATH FIELD", .path = 1 },
	{ "zone", 2, 2, false, false, sim_op_zone, "zone NODE NAME" },
	{ "plug", 2, 7, false, false, sim_op_plug, "plug dimm ID size= node= [addr=]",
	  .machine = true },
	{ "unplug", 1, 1, false, false, sim_op_unplug, "unplug ID", .machine = true },
	{ "resize", 2, 2, false, false, sim_op_resize, "resize ID requested=", .machine = true },
	{ "hold", 4, 4, false, false, op_hold, "hold ID KIND BYTES NODE" },
	{ "free", 1, 1, false, false, op_free, "free ID" },
	{ "race", 1, 2, true, false, sim_op_race, "race NAME [KEY=VALUE ...] [until=PATH TEXT]",
	  .machine = true },
	{ "release", 1, 2, false, false, sim_op_release, "release NAME [N]", .machine = true },
	{ "start-write", 3, 3, true, true, op_start_write, "start-write ID PATH TEXT", .path = 2,
	  .writes = true },
	{ "join", 2, 2, false, false, op_join, "join ID MS" },
	{ "timed-write", 3, 3, true, true, op_timed_write, "timed-write MS PATH TEXT", .path = 2,
	  .writes = true },
	{ "sleep", 1, 1, false, false, op_sleep, "sleep MS" },
	{ "reboot", 0, 0, false, false, op_reboot, "reboot", .machine = true },
	{ "qmp", 1, 1, true, false, sim_op_qmp, "qmp JSON", .machine = true },
	{ "qmp-events", 0, 0, false, false, sim_op_qmp_events, "qmp-events", .machine = true },
	{ "cma-area", 0, 0, false, false, sim_op_cma_area, "cma-area" },
};

static void split_tail(char *rest, unsigned int max, struct sim_words *w)
{
	while (rest && w->nr < max) {
		w->word[w->nr++] = rest;
		if (w->nr < max)
			strsep(&rest, " ");
	}
}

static bool split_words(char *rest, unsigned int max, struct sim_words *w)
{
	char *save;

	for (char *p = strtok_r(rest, BLANKS, &save); p; p = strtok_r(NULL, BLANKS, &save)) {
		if (w->nr == max)
			return false;
		w->word[w->nr++] = p;
	}
	return true;
}

static const struct operation *find_operation(const char *name)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(operations); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	return NULL;
}

/* Splits an operation into its words; NULL with the reason if there is no such operation. */
static const struct operation *parse(char *line, bool actor, struct sim_words *w,
				     const char **ret_what)
{
	const struct operation *op = find_operation(strsep(&line, " "));
	char none[] = "";
	bool fits = true;

	if (!op) {
		*ret_what = "no such operation";
		return NULL;
	}
	if (actor && !op->single) {
		*ret_what = "as ACTOR requires an operation on one file or directory";
		return NULL;
	}
	if (op->tail)
		split_tail(line, op->max, w);
	else
		fits = split_words(line ? line : none, op->max, w);
	if (!fits || w->nr < op->min) {
		*ret_what = op->usage;
		return NULL;
	}
	return op;
}

static int do_operation(struct sim *sim, char *line, struct base_buf *buf)
{
	struct sim_words w = { .nr = 0 };
	const struct operation *op = parse(line, sim->actor, &w, &sim->what);

	return op ? op->fn(sim, &w, buf) : SIM_SYNTAX;
}

/* Splits "as ACTOR OPERATION" at the operation; NULL: it has no actor. */
static char *split_actor(char **line)
{
	if (strncmp(*line, "as ", strlen("as ")))
		return NULL;
	*line += strlen("as ");
	return strsep(line, " ");
}

int sim_operation(struct sim *sim, char *line, struct base_buf *buf)
{
	char *actor = split_actor(&line);
	int ret;

	if (!actor)
		return do_operation(sim, line, buf);
	if (!line) {
		sim->what = "as ACTOR OPERATION";
		return SIM_SYNTAX;
	}
	ret = sim_actor_begin(sim, actor);
	if (!ret)
		ret = do_operation(sim, line, buf);
	sim_actor_end(sim);
	return ret;
}

/* ---- what can be done on a real machine ------------------------------------------------------ */

/* Returns why an operation cannot be done on a machine that is not memhpfs; NULL: it can. */
static const char *obstacle(const struct operation *op, const char *path)
{
	const char *end;
	bool up = false;

	if (op->machine)
		return "only a mount of memhpfs can do this: it takes a hypervisor or machine/";
	for (end = path; end && !up; end = strchr(end, '/')) {
		end += *end == '/';
		up = !strncmp(end, "..", 2) && (!end[2] || end[2] == '/');
	}
	while (path && (*path == '/' || !strncmp(path, "./", 2)))
		path++;
	if (path && !strncmp(path, "machine", 7) && (!path[7] || path[7] == '/'))
		return "a real machine has no machine/";
	if (op->writes && (up || (strncmp(path, "sys/", 4) && strncmp(path, "proc/sys/", 9))))
		return "on a real machine only files below sys/ and proc/sys/ are written, without "
		       "\"..\" in the path";
	return NULL;
}

int sim_check(enum sim_root kind, char *line, struct sim_checked *ret_checked,
	      const char **ret_what)
{
	struct sim_words w = { .nr = 0 };
	const struct operation *op;
	const char *path;
	char *actor;

	*ret_checked = (struct sim_checked){ .write_path = NULL };
	actor = split_actor(&line);
	if (actor && !line)
		line = actor; /* which is no operation */
	op = parse(line, actor, &w, ret_what);
	if (!op)
		return SIM_SYNTAX;
	if (kind == SIM_ROOT_MACHINE && op->fn == op_hold && !sim_live_holds(w.word[1])) {
		*ret_what = SIM_LIVE_HOLD_USAGE;
		return SIM_SYNTAX;
	}
	path = op->path ? w.word[op->path - 1] : NULL;
	if (op->writes) {
		ret_checked->write_path = path;
		ret_checked->text = w.word[op->path] ? w.word[op->path] : "";
	}
	if (kind == SIM_ROOT_MACHINE)
		*ret_what = obstacle(op, path);
	return kind == SIM_ROOT_MACHINE && *ret_what ? SIM_SYNTAX : 0;
}
