// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests, which may take time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"

static struct lib_request *request_find(struct memhp *m, uint64_t id)
{
	struct lib_request *request;

	TAILQ_FOREACH(request, &m->requests, link)
		if (request->id == id)
			return request;
	return NULL;
}

static int no_request(struct memhp *m, uint64_t id)
{
	return lib_fail(m, -ENOENT, "there is no request %llu", (unsigned long long)id);
}

/* Begins a read, or a write of @data. */
static int begin(struct memhp *m, enum tree_op op, const char *path, const void *data, size_t len,
		 const struct lib_request *what, uint64_t *ret_id)
{
	struct lib_request *request = malloc(sizeof(*request));
	int ret;

	if (!request)
		return lib_fail(m, -ENOMEM, "out of memory");
	*request = *what;
	request->id = m->last_id + 1;
	ret = op == TREE_OP_READ ? sim_job_read(m->sim, path, &request->job) :
				   sim_job_write(m->sim, path, data, len, &request->job);
	if (ret) {
		free(request);
		return lib_fail(m, ret, "out of memory");
	}
	m->last_id++;
	*ret_id = request->id;
	TAILQ_INSERT_TAIL(&m->requests, request, link);
	return 0;
}

int memhp_begin_write(struct memhp *m, const char *path, const void *data, size_t len,
		      memhp_done_fn *done, void *ctx, uint64_t *ret_id)
{
	const struct lib_request what = { .done = done, .ctx = ctx };
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, begin(m, TREE_OP_WRITE, path, data, len, &what, ret_id));
}

int memhp_begin_read(struct memhp *m, const char *path, memhp_done_fn *done, void *ctx,
		     uint64_t *ret_id)
{
	const struct lib_request what = { .done = done, .ctx = ctx };
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, begin(m, TREE_OP_READ, path, NULL, 0, &what, ret_id));
}

int memhp_pending(struct memhp *m, uint64_t id)
{
	const struct lib_request *request;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	request = request_find(m, id);
	return lib_leave(m, request ? !request->job->finished : no_request(m, id));
}

/* Callbacks may take the result, or forget the request; then @request is gone. */
static int wait(struct memhp *m, struct lib_wait *wait)
{
	struct lib_request *request;
	unsigned int left = SIM_MAX_STEPS;
	int ret;

	while ((request = request_find(m, wait->id)) && !request->job->finished) {
		left -= !lib_served(m);
		if (!left || !lib_wait(m))
			return lib_fail(m, -ETIMEDOUT, "nothing ends request %llu",
					(unsigned long long)wait->id);
	}
	if (request)
		ret = lib_job_result(request->job);
	else if (wait->is_told)
		ret = wait->result;
	else
		return no_request(m, wait->id);
	if (request && !request->done) {
		sim_job_kill(m->sim, request->job);
		lib_request_free(m, request);
	}
	return ret ? lib_fail(m, ret, "%s", strerror(-ret)) : 0;
}

int memhp_wait(struct memhp *m, uint64_t id)
{
	struct lib_wait waiting = { .id = id };
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	SLIST_INSERT_HEAD(&m->waits, &waiting, link);
	ret = wait(m, &waiting);
	SLIST_REMOVE(&m->waits, &waiting, lib_wait, link);
	return lib_leave(m, ret);
}

/* Whether @job, which was killed, is still there. */
static bool job_lives(const struct memhp *m, const struct sim_job *job)
{
	const struct sim_job *other;

	LIST_FOREACH(other, &m->sim->jobs, link)
		if (other == job)
			return true;
	return false;
}

int memhp_cancel(struct memhp *m, uint64_t id)
{
	struct lib_request *request;
	struct sim_job *job;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	request = request_find(m, id);
	if (!request)
		return lib_leave(m, no_request(m, id));
	job = request->job;
	lib_request_free(m, request);
	sim_job_kill(m->sim, job);
	if (job_lives(m, job))
		ret = lib_fail(m, -ETIMEDOUT, "request %llu does not end", (unsigned long long)id);
	return lib_leave(m, ret);
}
