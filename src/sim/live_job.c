// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Jobs that make system calls: each is a process of its own, which may wait in the kernel, and can
 * be killed there. It tells through a pipe that its file is open (OPENED), and at the end its result
 * (struct outcome) and the data that it read.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "live_private.h"

#define READ_SIZE 65536
/* How long an operation may take that nothing else ends, such as the offlining of pinned memory */
#define PATIENCE_MS 300000
/* How long a killed process may take to end, and a request to be queued at a gate */
#define END_MS 10000
/* For the scheduler: a result that is due may be this late on a busy host. */
#define GRACE_MS 200
/* How long a job that is left to itself may take to begin its write */
#define BEGIN_MS 1000
#define BEGIN_OPEN_MS 100

#define OPENED 'o'

/** struct outcome - what a job's process tells at the end, before the data */
struct outcome {
	char tag; /* not OPENED */
	ssize_t result;
} __attribute__((packed));

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- in the process of a job ----------------------------------------------------------------- */

static void say(int fd, const void *data, size_t len)
{
	for (const char *p = data; len;) {
		ssize_t n = write(fd, p, len);

		if (n < 0)
			_exit(1);
		p += n;
		len -= (size_t)n;
	}
}

/* Whether the next read would wait: at the present end of a stream */
static bool would_wait(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, 0) == 0;
}

static ssize_t read_all(int fd, struct base_buf *data)
{
	char *chunk = malloc(READ_SIZE);
	ssize_t n = -1;

	if (!chunk)
		return -ENOMEM;
	do {
		n = read(fd, chunk, READ_SIZE);
		if (n > 0)
			base_buf_add(data, chunk, (size_t)n);
	} while (n > 0 && !would_wait(fd));
	n = n < 0 ? -errno : 0;
	free(chunk);
	return n ? n : data->failed ? -ENOMEM : 0;
}

static ssize_t do_read(struct sim_job *job, const char *path, int out)
{
	int fd = live_open(job->sim->live, path, job->flags);

	if (fd < 0)
		return fd;
	say(out, &(char){ OPENED }, 1);
	base_buf_reset(&job->data);
	return read_all(fd, &job->data);
}

static ssize_t do_write(struct sim_job *job, const char *path, int out)
{
	int fd = live_open(job->sim->live, path, job->flags);
	ssize_t ret;

	if (fd < 0)
		return fd;
	say(out, &(char){ OPENED }, 1);
	ret = write(fd, base_buf_text(&job->data), job->data.len);
	ret = ret < 0 ? -errno : ret;
	base_buf_reset(&job->data);
	return ret;
}

static ssize_t do_make(struct sim_job *job, const char *path)
{
	char *copy = strdup(path), *name;
	int dir, ret;

	if (!copy)
		return -ENOMEM;
	for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--)
		copy[len - 1] = '\0';
	name = strrchr(copy, '/');
	if (name)
		*name++ = '\0';
	dir = live_open(job->sim->live, name ? copy : "", O_PATH | O_DIRECTORY);
	if (dir < 0)
		return dir;
	name = name ? name : copy;
	ret = job->op == TREE_OP_MKDIR ? mkdirat(dir, name, 0777) :
					 unlinkat(dir, name, AT_REMOVEDIR);
	return ret ? -errno : 0;
}

static void run(struct sim_job *job, const char *path, int out)
{
	struct outcome outcome = { .tag = 'r' };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (job->sim->actor)
		prctl(PR_SET_NAME, job->sim->actor);
	if (job->op == TREE_OP_WRITE)
		outcome.result = do_write(job, path, out);
	else if (job->op == TREE_OP_READ)
		outcome.result = do_read(job, path, out);
	else
		outcome.result = do_make(job, path);
	say(out, &outcome, sizeof(outcome));
	if (job->op == TREE_OP_READ && !outcome.result)
		say(out, base_buf_text(&job->data), job->data.len);
	_exit(0);
}

/* ---- in the process that waits for it -------------------------------------------------------- */

static void finish(struct sim_job *job, ssize_t result)
{
	job->result = result;
	job->finished = true;
}

/* At the end of the pipe: takes the result out of what was told. */
static void job_ended(struct sim_job *job)
{
	size_t start = job->data.len && *job->data.data == OPENED;
	struct outcome outcome;

	close(job->fd);
	job->fd = -1;
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
	job->pid = 0;
	if (job->data.failed) {
		finish(job, -ENOMEM);
	} else if (job->data.len < start + sizeof(outcome)) {
		base_buf_reset(&job->data);
		finish(job, -EINTR); /* somebody killed it */
	} else {
		memcpy(&outcome, job->data.data + start, sizeof(outcome));
		start += sizeof(outcome);
		job->data.len -= start;
		memmove(job->data.data, job->data.data + start, job->data.len + 1);
		finish(job, outcome.result);
	}
}

/* Takes what has been told so far. */
static void job_listen(struct sim_job *job)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(job->fd, chunk, sizeof(chunk))) > 0)
		base_buf_add(&job->data, chunk, (size_t)n);
	if (!n)
		job_ended(job);
}

bool live_pause(struct sim_live *live, int fd, int ms)
{
	struct pollfd poller[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = live->patient ? -1 : live->signals, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	if (live->signal && !live->patient)
		return false;
	poll(poller, BASE_ARRAY_SIZE(poller), ms);
	if (poller[1].revents && read(live->signals, &info, sizeof(info)) == sizeof(info))
		live->signal = (int)info.ssi_signo;
	return poller[0].revents;
}

static bool stopped(const struct sim_live *live)
{
	return live->signal && !live->patient;
}

/* Waits for up to @ms until the job is finished or, with @opened, has opened its file. */
static bool job_wait(struct sim_job *job, uint64_t ms, bool opened)
{
	uint64_t now = now_ms(), end = now + ms;

	while (!job->finished && !(opened && job->data.len) && !stopped(job->sim->live)) {
		if (live_pause(job->sim->live, job->fd, now < end ? (int)(end - now) : 0))
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
	struct base_buf gates, path, text;
	uint64_t sum = 0, nr;

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
	return sum;
}

void live_job_start(struct sim_job *job, const char *path)
{
	struct sim_live *live = job->sim->live;
	int ends[2], ret = 0;

	job->fd = -1;
	if (job->op == TREE_OP_WRITE && live->kind == SIM_ROOT_MACHINE)
		ret = live_undo_note(job->sim, path);
	if (job->sim->actor && live->kind == SIM_ROOT_MOUNT)
		job->waiting = nr_waiting(job->sim);
	if (!ret && pipe2(ends, O_CLOEXEC))
		ret = -errno;
	if (ret) {
		finish(job, ret);
		return;
	}
	job->pid = fork();
	if (!job->pid) {
		close(ends[0]);
		run(job, path, ends[1]);
	}
	ret = job->pid < 0 ? -errno : 0;
	close(ends[1]);
	base_buf_reset(&job->data);
	job->fd = ends[0];
	fcntl(job->fd, F_SETFL, O_NONBLOCK);
	if (ret) {
		close(job->fd);
		job->pid = 0;
		finish(job, ret);
	}
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
	while (!job->finished && !sleeps(job->pid) && now_ms() < end)
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
	kill(job->pid, SIGKILL);
	sim->live->patient = true;
	job_wait(job, END_MS, false);
	sim->live->patient = patient;
	return job->finished;
}
