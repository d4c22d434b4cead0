// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What operations do with files, whether those of a tree in this process or of a mount: a job
 * corresponds to a process that opens one file, and waits in one request at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "memhp/sim.h"

static int job_new(struct sim *sim, enum tree_op op, int flags, struct sim_job **ret_job)
{
	struct sim_job *job = calloc(1, sizeof(*job));

	if (!job)
		return -ENOMEM;
	job->sim = sim;
	job->op = op;
	job->flags = flags;
	base_buf_init(&job->data);
	LIST_INSERT_HEAD(&sim->jobs, job, link);
	*ret_job = job;
	return 0;
}

static int job_begin(struct sim *sim, enum tree_op op, const char *path, int flags,
		     struct sim_job **ret_job)
{
	int ret = job_new(sim, op, flags, ret_job);

	if (!ret)
		sim->access->start(*ret_job, path);
	return ret;
}

int sim_job_open(struct sim *sim, const char *path, int flags, struct sim_job **ret_job)
{
	return job_begin(sim, TREE_OP_OPEN, path, flags, ret_job);
}

int sim_job_read(struct sim *sim, const char *path, struct sim_job **ret_job)
{
	return job_begin(sim, TREE_OP_READ, path, O_RDONLY, ret_job);
}

int sim_job_write(struct sim *sim, const char *path, const char *data, size_t len,
		  struct sim_job **ret_job)
{
	struct sim_job *job;
	int ret;

	ret = job_new(sim, TREE_OP_WRITE, O_WRONLY | O_TRUNC, &job);
	if (ret)
		return ret;
	base_buf_add(&job->data, data, len);
	if (job->data.failed) {
		job->result = -ENOMEM;
		job->finished = true;
	} else {
		sim->access->start(job, path);
	}
	*ret_job = job;
	return 0;
}

int sim_job_make(struct sim *sim, enum tree_op op, const char *path, struct sim_job **ret_job)
{
	return job_begin(sim, op, path, 0, ret_job);
}

void sim_job_kill(struct sim *sim, struct sim_job *job)
{
	if (!sim->access->kill(sim, job))
		return;
	LIST_REMOVE(job, link);
	base_buf_fini(&job->data);
	free(job->id);
	free(job);
}

/* Waits for the end of @job, and frees it; returns its result. */
static ssize_t job_end(struct sim *sim, struct sim_job *job)
{
	ssize_t ret = sim->access->wait(sim, job);

	if (!ret)
		ret = job->result;
	sim_job_kill(sim, job);
	return ret;
}

ssize_t sim_write(struct sim *sim, const char *path, const char *data, size_t len)
{
	struct sim_job *job;
	int ret = sim_job_write(sim, path, data, len, &job);

	return ret ? ret : job_end(sim, job);
}

int sim_make(struct sim *sim, enum tree_op op, const char *path)
{
	struct sim_job *job;
	int ret = sim_job_make(sim, op, path, &job);

	return ret ? ret : (int)job_end(sim, job);
}

int sim_read(struct sim *sim, const char *path, struct base_buf *buf)
{
	struct sim_job *job;
	int ret;

	ret = sim_job_read(sim, path, &job);
	if (ret)
		return ret;
	ret = sim->access->wait(sim, job);
	if (!ret)
		ret = (int)job->result;
	if (!ret)
		base_buf_add(buf, base_buf_text(&job->data), job->data.len);
	if (!ret && (job->data.failed || buf->failed))
		ret = -ENOMEM;
	sim_job_kill(sim, job);
	return ret;
}
