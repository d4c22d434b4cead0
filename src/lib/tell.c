// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps of the clock, and what is told between two of them. */
#include <errno.h>
#include <stdlib.h>

#include "lib_private.h"

void lib_request_free(struct memhp *m, struct lib_request *request)
{
	TAILQ_REMOVE(&m->requests, request, link);
	free(request);
}

int lib_job_result(const struct sim_job *job)
{
	if (job->data.failed)
		return -ENOMEM;
	return job->result < 0 ? (int)job->result : 0;
}

/* ---- telling --------------------------------------------------------------------------------- */

static struct lib_request *request_to_tell(struct memhp *m)
{
	struct lib_request *request;

	TAILQ_FOREACH(request, &m->requests, link)
		if (request->done && request->job->finished)
			return request;
	return NULL;
}

static void request_tell(struct memhp *m, struct lib_request *request)
{
	struct lib_request ended = *request;
	struct sim_job *job = ended.job;
	bool is_read = job->op == TREE_OP_READ;
	struct lib_wait *wait;

	lib_request_free(m, request);
	SLIST_FOREACH(wait, &m->waits, link)
	{
		if (wait->id == ended.id) {
			wait->is_told = true;
			wait->result = lib_job_result(job);
		}
	}
	lib_unlock(m);
	ended.done(ended.ctx, ended.id, lib_job_result(job),
		   is_read ? base_buf_text(&job->data) : "", is_read ? job->data.len : 0);
	lib_lock(m);
	sim_job_kill(m->sim, job);
}

void lib_tell(struct memhp *m)
{
	struct lib_request *request;

	if (m->telling)
		return;
	m->telling = true;
	while (!m->doomed) {
		request = request_to_tell(m);
		if (request)
			request_tell(m, request);
		else if (!lib_listen_tell(m))
			break;
	}
	m->telling = false;
}

/* ---- time ------------------------------------------------------------------------------------ */

bool lib_step(struct memhp *m)
{
	if (m->doomed || !base_vclock_step(m->sim->clock))
		return false;
	lib_tell(m);
	return true;
}

bool lib_wait(struct memhp *m)
{
	if (!lib_served(m))
		return lib_step(m);
	if (m->doomed)
		return false;
	lib_serve_wait(m);
	lib_tell(m);
	return true;
}

int lib_finish(struct memhp *m, const struct sim_job *job)
{
	/* On a mount, it may be a client who ends it, at any time. */
	for (unsigned int i = 0; i < SIM_MAX_STEPS && !job->finished; i += !lib_served(m))
		if (!lib_wait(m))
			break;
	return job->finished ? 0 : -ETIMEDOUT;
}

/* ---- requests that were begun ---------------------------------------------------------------- */

bool lib_requests_pending(const struct memhp *m)
{
	const struct lib_request *request;

	TAILQ_FOREACH(request, &m->requests, link)
		if (!request->job->finished)
			return true;
	return false;
}

void lib_requests_forget(struct memhp *m)
{
	while (!TAILQ_EMPTY(&m->requests))
		lib_request_free(m, TAILQ_FIRST(&m->requests));
}
