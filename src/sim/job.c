/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests in virtual time. A job corresponds to a process on a mount: it opens one file, and waits
 * in one request at a time, or at a race gate before it, while the clock advances.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "memhp/sim/monitor.h"

#define READ_SIZE 65536
#define NS_PER_MS 1000000

static void job_finish(struct sim_job *job, ssize_t result)
{
	job->result = result;
	job->finished = true;
}

/* Prepares the next request, for the actor of the job. */
static struct tree_req *job_req(struct sim_job *job, enum tree_op op,
				void (*done)(struct tree_req *req, ssize_t result))
{
	job->req = (struct tree_req){ .done = done, .op = op, .caller = job->caller };
	return &job->req;
}

static void job_done(struct tree_req *req, ssize_t result)
{
	struct sim_job *job = base_container_of(req, struct sim_job, req);

	if (job->op == TREE_OP_READ && result > 0)
		base_buf_add(&job->data, req->data, result);
	job_finish(job, result);
}

static void job_made(struct tree_req *req, ssize_t result)
{
	if (!result && req->op == TREE_OP_MKDIR)
		tree_forget(req->tree, req->attr.ino, 1);
	job_finish(base_container_of(req, struct sim_job, req), result);
}

/* Continues after one of the reads of a file; a short one is the last. */
static void job_read_done(struct tree_req *req, ssize_t result)
{
	struct sim_job *job = base_container_of(req, struct sim_job, req);

	if (result > 0)
		base_buf_add(&job->data, req->data, result);
	if (result == READ_SIZE && !tree_file_is_stream(job->file))
		tree_read(job->file, req, READ_SIZE, (off_t)job->data.len);
	else
		job_finish(job, BASE_MIN(result, 0));
}

static void job_opened(struct tree_req *req, ssize_t result)
{
	struct sim_job *job = base_container_of(req, struct sim_job, req);

	if (!result)
		job->file = req->file;
	if (result || job->op == TREE_OP_OPEN)
		job_finish(job, result);
	else if (job->op == TREE_OP_WRITE)
		tree_write(job->file, job_req(job, TREE_OP_WRITE, job_done),
			   base_buf_text(&job->data), job->data.len);
	else
		tree_read(job->file, job_req(job, TREE_OP_READ, job_read_done), READ_SIZE, 0);
}

/* Continues after the path walk, which returned @ret. */
static void job_start(struct sim_job *job, int ret)
{
	struct tree_req *req;

	if (ret) {
		job_finish(job, ret);
		return;
	}
	req = job->name ? job_req(job, job->op, job_made) : job_req(job, TREE_OP_OPEN, job_opened);
	req->ino = sim_path_ino(&job->path);
	req->name = job->name;
	req->flags = job->flags;
	tree_submit(job->sim->tree, req);
}

static void start(struct sim_job *job, const char *path)
{
	struct tree *tree = job->sim->tree;
	int ret;

	job->caller = job->sim->caller;
	if (job->op == TREE_OP_MKDIR || job->op == TREE_OP_RMDIR)
		ret = sim_path_parent(tree, path, &job->path, &job->name);
	else
		ret = sim_path_walk(tree, path, true, &job->path);
	job_start(job, ret);
}

static bool held(const struct sim_job *job)
{
	return tree_req_held(&job->req);
}

/* It enters the machine at once. */
static void leave(struct sim_job *job)
{
}

static int wait(struct sim *sim, struct sim_job *job)
{
	for (unsigned int i = 0; i < SIM_MAX_STEPS && !job->finished; i++)
		if (!base_vclock_step(sim->clock))
			break;
	return job->finished ? 0 : -ETIMEDOUT;
}

static bool wait_ms(struct sim *sim, struct sim_job *job, uint64_t ms)
{
	while (!job->finished && ms--)
		base_vclock_advance(sim->clock, NS_PER_MS);
	return job->finished;
}

static bool kill(struct sim *sim, struct sim_job *job)
{
	if (!job->finished) {
		tree_interrupt(&job->req, true);
		wait(sim, job);
	}
	if (!job->finished)
		return false;
	if (job->file)
		tree_release(job->file);
	sim_path_put(sim->tree, &job->path);
	free(job->name);
	return true;
}

static void advance(struct sim *sim, uint64_t ms)
{
	base_vclock_advance(sim->clock, ms * NS_PER_MS);
}

static int list(struct sim *sim, const char *dir, const char *prefix, struct base_buf *buf)
{
	return sim_path_list(sim->tree, dir, prefix, buf);
}

static int get_link(struct sim *sim, const char *path, struct base_buf *buf)
{
	return sim_path_link(sim->tree, path, buf);
}

static int get_attr(struct sim *sim, const char *path, struct tree_attr *ret_attr)
{
	return sim_path_stat(sim->tree, path, ret_attr);
}

/* Adds one read of the stream to job->data; returns its length or -errno. */
static ssize_t read_some(struct sim *sim, struct sim_job *job)
{
	job->op = TREE_OP_READ;
	job->finished = false;
	tree_read(job->file, job_req(job, TREE_OP_READ, job_done), READ_SIZE, 0);
	if (!wait(sim, job))
		return job->result;
	tree_interrupt(&job->req, true);
	return -ETIMEDOUT;
}

static int uevents(struct sim *sim, struct base_buf *buf)
{
	struct sim_job *job = sim->uevents;
	ssize_t ret;

	while ((ret = read_some(sim, job)) > 0)
		;
	if (!ret || ret == -EAGAIN) {
		base_buf_add(buf, base_buf_text(&job->data), job->data.len);
		ret = job->data.failed ? -ENOMEM : 0;
	}
	base_buf_reset(&job->data);
	return (int)ret;
}

static void fini(struct sim *sim)
{
	tree_free(sim->tree);
	sim_qmp_fini(sim);
	sim_race_fini(sim);
	machine_free(sim->machine);
	base_vclock_free(sim->clock);
}

const struct sim_access sim_tree_access = {
	.start = start,
	.held = held,
	.leave = leave,
	.wait = wait,
	.wait_ms = wait_ms,
	.kill = kill,
	.sleep = advance,
	.list = list,
	.link = get_link,
	.stat = get_attr,
	.uevents = uevents,
	.log = sim_machine_log,
	.hold = sim_machine_hold,
	.free = sim_machine_free,
	.fini = fini,
};
