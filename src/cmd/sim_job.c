/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads and writes in virtual time. A job is what a process of its own would be on a mount: it
 * opens one file, and waits in one request at a time while the clock goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "sim.h"

#define READ_SIZE 65536
#define NS_PER_MS 1000000

static void job_done(struct tree_req *req, ssize_t result)
{
	struct sim_job *job = base_container_of(req, struct sim_job, req);

	if (job->reading && result > 0)
		base_buf_add(&job->data, req->data, result);
	job->result = result;
	job->finished = true;
}

int sim_job_open(struct sim *sim, const char *path, int flags, struct sim_job **ret_job)
{
	struct sim_job *job;
	int ret;

	job = calloc(1, sizeof(*job));
	if (!job)
		return -ENOMEM;
	base_buf_init(&job->data);
	job->req.done = job_done;
	LIST_INSERT_HEAD(&sim->jobs, job, link);

	ret = sim_path_walk(sim->tree, path, true, &job->path);
	if (!ret)
		ret = tree_open(sim->tree, sim_path_ino(&job->path), flags, &job->file);
	job->result = ret;
	job->finished = true;
	*ret_job = job;
	return 0;
}

int sim_job_write(struct sim *sim, const char *path, const char *data, size_t len,
		  struct sim_job **ret_job)
{
	struct sim_job *job;
	int ret;

	ret = sim_job_open(sim, path, O_WRONLY | O_TRUNC, &job);
	if (ret)
		return ret;
	base_buf_add(&job->data, data, len);
	if (job->data.failed) {
		sim_job_kill(sim, job);
		return -ENOMEM;
	}
	if (job->file) {
		job->finished = false;
		tree_write(job->file, &job->req, base_buf_text(&job->data), len);
	}
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
	int ret;

	job->req = (struct tree_req){ .done = job_done };
	job->reading = true;
	job->finished = false;
	tree_read(job->file, &job->req, READ_SIZE, off);
	ret = sim_job_wait(sim, job);
	return ret ? ret : job->result;
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

int sim_read(struct sim *sim, const char *path, struct base_buf *buf)
{
	struct sim_job *job;
	ssize_t ret;

	ret = sim_job_open(sim, path, O_RDONLY, &job);
	if (ret)
		return ret;
	ret = job->result;
	if (!ret) {
		off_t off = 0;

		while ((ret = sim_job_read_some(sim, job, off)) > 0)
			off += ret;
	}
	if (!ret)
		base_buf_add(buf, base_buf_text(&job->data), job->data.len);
	if (!ret && (job->data.failed || buf->failed))
		ret = -ENOMEM;
	sim_job_kill(sim, job);
	return ret;
}
