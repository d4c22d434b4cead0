// SPDX-License-Identifier: GPL-2.0-or-later
/* Jobs that make system calls, each by a worker. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "live_private.h"

/* How long an operation may take that nothing else ends, such as the offlining of pinned memory */
#define PATIENCE_MS 300000
/* How long a killed process may take to end, and a request to be queued at a gate */
#define END_MS 10000
/* For the scheduler: a result that is due may be this late on a busy host. */
#define GRACE_MS 200
/* How long a job that is left to itself may take to begin its write */
#define BEGIN_MS 1000
#define BEGIN_OPEN_MS 100

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void finish(struct sim_job *job, ssize_t result)
{
	job->result = result;
	job->finished = true;
}

/* Takes what the worker has done so far. */
static void job_listen(struct sim_job *job)
{
	struct live_worker *worker = job->worker;
	const struct live_shared *shared = worker->shared;
	bool alive = live_worker_listen(worker);

	/* what it wrote before that is complete, on any machine */
	if (__atomic_load_n(&shared->done, __ATOMIC_ACQUIRE)) {
		if (job->op == TREE_OP_READ && !shared->result)
			base_buf_add(&job->data, shared->data, shared->len);
		worker->busy = false;
		job->worker = NULL;
		finish(job, shared->result);
	} else if (!alive) {
		live_worker_end(worker);
		job->worker = NULL;
		finish(job, -EINTR); /* somebody killed it */
	}
}

static bool stopped(const struct sim_live *live)
{
	return live->signal && !live->patient;
}

/* Waits for up to @ms until the job is finished or, with @opened, has opened its file. */
static bool job_wait(struct sim_job *job, uint64_t ms, bool opened)
{
	uint64_t now = now_ms(), end = now + ms;

	while (!job->finished && !(opened && job->worker->shared->opened) &&
	       !stopped(job->sim->live)) {
		if (live_pause(job->sim->live, job->worker->tell, job->worker->life,
			       now < end ? (int)(end - now) : 0))
			job_listen(job);
		else if (now >= end)
			break;
		now = now_ms();
	}
	return job->finished;
}

/* How many requests wait at the gates of a mount */
static uint64_t nr_waiting(struct sim *sim)
{
	const char *actor = sim->actor;
	struct base_buf gates, path, text;
	uint64_t sum = 0, nr;

	sim->actor = NULL; /* it is not the actor who reads this */
	base_buf_init(&gates);
	base_buf_init(&path);
	base_buf_init(&text);
	if (!live_list(sim->live, "machine/race", "", &gates)) {
		char *rest = gates.data, *name;

		while ((name = strsep(&rest, " "))) {
			base_buf_reset(&path);
			base_buf_reset(&text);
			base_buf_printf(&path, "machine/race/%s/waiting", name);
			if (!sim_read(sim, base_buf_text(&path), &text) &&
			    sim_text_number(base_buf_text(&text), &nr))
				sum += nr;
		}
	}
	base_buf_fini(&gates);
	base_buf_fini(&path);
	base_buf_fini(&text);
	sim->actor = actor;
	return sum;
}

void live_job_start(struct sim_job *job, const char *path)
{
	struct sim_live *live = job->sim->live;
	int ret = 0;

	if (job->op == TREE_OP_WRITE && live->kind == SIM_ROOT_MACHINE)
		ret = live_undo_note(job->sim, path);
	if (job->sim->actor && live->kind == SIM_ROOT_MOUNT)
		job->waiting = nr_waiting(job->sim);
	if (!ret)
		ret = live_worker_ask(job, path);
	base_buf_reset(&job->data);
	if (ret)
		finish(job, ret);
}

/* A request is held if it makes one more than before that wait at gates. */
bool live_job_held(const struct sim_job *asked)
{
	struct sim_job *job = (struct sim_job *)asked;

	if (job->sim->live->kind != SIM_ROOT_MOUNT)
		return false;
	for (uint64_t end = now_ms() + END_MS; now_ms() < end;) {
		if (job_wait(job, 1, false))
			return false;
		if (nr_waiting(job->sim) > job->waiting)
			return true;
	}
	return false;
}

/* Whether the process waits in the kernel, as far as /proc says so */
static bool sleeps(pid_t pid)
{
	char path[32], state = 'R';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 'R';
	fclose(file);
	return state == 'S' || state == 'D';
}

void live_job_leave(struct sim_job *job)
{
	uint64_t end = now_ms() + BEGIN_MS;

	/* A gate may hold the open already. */
	job_wait(job, BEGIN_OPEN_MS, true);
	while (!job->finished && !sleeps(job->worker->pid) && now_ms() < end)
		job_wait(job, 1, false);
}

int live_job_wait(struct sim *sim, struct sim_job *job)
{
	if (job_wait(job, PATIENCE_MS, false))
		return 0;
	if (stopped(sim->live))
		return -EINTR;
	fprintf(sim->live->err, "an operation is ended after %d s\n", PATIENCE_MS / 1000);
	return -ETIMEDOUT;
}

bool live_job_wait_ms(struct sim *sim, struct sim_job *job, uint64_t ms)
{
	return job_wait(job, BASE_MAX(ms, GRACE_MS), false);
}

bool live_job_kill(struct sim *sim, struct sim_job *job)
{
	bool patient = sim->live->patient;

	if (job->finished)
		return true;
	kill(job->worker->pid, SIGKILL);
	sim->live->patient = true;
	job_wait(job, END_MS, false);
	sim->live->patient = patient;
	return job->finished;
}
