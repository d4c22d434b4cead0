/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests in virtual time. A job corresponds to a process on a mount: it opens one file, and waits
 * in one request at a time, or at a race gate before it, while the clock advances.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "memhp/sim.h"

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

static struct sim_job *job_new(struct sim *sim, enum tree_op op)
{
	struct sim_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->sim = sim;
	job->op = op;
	base_buf_init(&job->data);
	job->caller = sim->caller;
	LIST_INSERT_HEAD(&sim->jobs, job, link);
	return job;
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

static int job_open(struct sim *sim, enum tree_op op, const char *path, int flags,
		    struct sim_job **ret_job)
{
	struct sim_job *job = job_new(sim, op);

	if (!job)
		return -ENOMEM;
	job->flags = flags;
	job_start(job, sim_path_walk(sim->tree, path, true, &job->path));
	*ret_job = job;
	return 0;
}

int sim_job_open(struct sim *sim, const char *path, int flags, struct sim_job **ret_job)
{
	return job_open(sim, TREE_OP_OPEN, path, flags, ret_job);
}

int sim_job_read(struct sim *sim, const char *path, struct sim_job **ret_job)
{
	return job_open(sim, TREE_OP_READ, path, O_RDONLY, ret_job);
}

int sim_job_write(struct sim *sim, const char *path, const char *data, size_t len,
		  struct sim_job **ret_job)
{
	struct sim_job *job = job_new(sim, TREE_OP_WRITE);

	if (!job)
		return -ENOMEM;
	job->flags = O_WRONLY | O_TRUNC;
	base_buf_add(&job->data, data, len);
	if (job->data.failed)
		job_finish(job, -ENOMEM);
	else
		job_start(job, sim_path_walk(sim->tree, path, true, &job->path));
	*ret_job = job;
	return 0;
}

int sim_job_make(struct sim *sim, enum tree_op op, const char *path, struct sim_job **ret_job)
{
	struct sim_job *job = job_new(sim, op);

	if (!job)
		return -ENOMEM;
	job_start(job, sim_path_parent(sim->tree, path, &job->path, &job->name));
	*ret_job = job;
	return 0;
}

int sim_job_wait(struct sim *sim, struct sim_job *job)
{
	for (unsigned int i = 0; i < SIM_MAX_STEPS && !job->finished; i++)
		if (!base_vclock_step(sim->clock))
			break;
	return job->finished ? 0 : -ETIMEDOUT;
}

bool sim_job_wait_ms(struct sim *sim, struct sim_job *job, uint64_t ms)
{
	while (!job->finished && ms--)
		base_vclock_advance(sim->clock, NS_PER_MS);
	return job->finished;
}

ssize_t sim_job_read_some(struct sim *sim, struct sim_job *job, off_t off)
{
	job->op = TREE_OP_READ;
	job->finished = false;
	tree_read(job->file, job_req(job, TREE_OP_READ, job_done), READ_SIZE, off);
	if (!sim_job_wait(sim, job))
		return job->result;
	tree_interrupt(&job->req, true);
	return -ETIMEDOUT;
}

void sim_job_kill(struct sim *sim, struct sim_job *job)
{
	if (!job->finished) {
		tree_interrupt(&job->req, true);
		sim_job_wait(sim, job);
	}
	if (!job->finished)
		return;
	LIST_REMOVE(job, link);
	if (job->file)
		tree_release(job->file);
	sim_path_put(sim->tree, &job->path);
	free(job->name);
	base_buf_fini(&job->data);
	free(job->id);
	free(job);
}

ssize_t sim_write(struct sim *sim, const char *path, const char *data, size_t len)
{
	struct sim_job *job;
	ssize_t ret;

	ret = sim_job_write(sim, path, data, len, &job);
	if (ret)
		return ret;
	ret = sim_job_wait(sim, job);
	if (!ret)
		ret = job->result;
	sim_job_kill(sim, job);
	return ret;
}

int sim_make(struct sim *sim, enum tree_op op, const char *path)
{
	struct sim_job *job;
	int ret;

	ret = sim_job_make(sim, op, path, &job);
	if (ret)
		return ret;
	ret = sim_job_wait(sim, job);
	if (!ret)
		ret = (int)job->result;
	sim_job_kill(sim, job);
	return ret;
}

int sim_read(struct sim *sim, const char *path, struct base_buf *buf)
{
	struct sim_job *job;
	int ret;

	ret = sim_job_read(sim, path, &job);
	if (ret)
		return ret;
	ret = sim_job_wait(sim, job);
	if (!ret)
		ret = (int)job->result;
	if (!ret)
		base_buf_add(buf, base_buf_text(&job->data), job->data.len);
	if (!ret && (job->data.failed || buf->failed))
		ret = -ENOMEM;
	sim_job_kill(sim, job);
	return ret;
}
