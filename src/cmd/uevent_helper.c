// SPDX-License-Identifier: GPL-2.0-or-later
#include "uevent_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WAITING 65536
#define MAX_ENV 64 /* as the kernel's UEVENT_NUM_ENVP */
#define CANNOT_RUN 127
#define NS_PER_S 1000000000ULL

/* @text: strings one behind the other; @argv and @envp point into it */
struct job {
	TAILQ_ENTRY(job) link;
	pid_t pid;
	char *argv[3];
	char *envp[MAX_ENV];
	struct base_buf text;
};

/*
 * @waiting: for their turn; @running: started; @current: of those, the one that others wait for
 */
struct uevent_helper {
	struct loop *loop;
	struct machine *machine;
	char *root;
	struct loop_watch *watch;
	struct base_timer timer;
	TAILQ_HEAD(, job) waiting, running;
	struct job *current;
	unsigned int nr_waiting;
};

static void job_free(struct job *job)
{
	base_buf_fini(&job->text);
	free(job);
}

/* ---- one process ----------------------------------------------------------------------------- */

/* In the child: nothing of ours, as what the kernel starts. */
static void exec_job(struct job *job)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (chdir("/"))
		_exit(CANNOT_RUN);
	execve(job->argv[0], job->argv, job->envp);
	_exit(CANNOT_RUN);
}

static const char *job_event(const struct job *job)
{
	/* DEVPATH=/devices/... */
	return strchr(job->envp[1], '=') + 1;
}

static const char *job_action(const struct job *job)
{
	return strchr(job->envp[0], '=') + 1;
}

static void report(struct uevent_helper *h, const struct job *job, int status)
{
	struct hp *hp = machine_hp(h->machine);

	if (WIFSIGNALED(status))
		hp_log(hp, "memhpfs: uevent_helper %s: signal %d (%s@%s)", job->argv[0],
		       WTERMSIG(status), job_action(job), job_event(job));
	else if (WEXITSTATUS(status) == CANNOT_RUN)
		hp_log(hp, "memhpfs: uevent_helper %s: cannot be run (%s@%s)", job->argv[0],
		       job_action(job), job_event(job));
	else if (WEXITSTATUS(status))
		hp_log(hp, "memhpfs: uevent_helper %s: exit status %d (%s@%s)", job->argv[0],
		       WEXITSTATUS(status), job_action(job), job_event(job));
}

/* ---- one after the other --------------------------------------------------------------------- */

static void start_next(struct uevent_helper *h)
{
	struct base_clock *clock = loop_clock(h->loop);

	while (!h->current && !TAILQ_EMPTY(&h->waiting)) {
		struct job *job = TAILQ_FIRST(&h->waiting);

		TAILQ_REMOVE(&h->waiting, job, link);
		h->nr_waiting--;
		/* fork() and not vfork(): the program may lie in our own mount. */
		job->pid = fork();
		if (!job->pid)
			exec_job(job);
		if (job->pid < 0) {
			hp_log(machine_hp(h->machine), "memhpfs: uevent_helper %s: %s",
			       job->argv[0], strerror(errno));
			job_free(job);
			continue;
		}
		TAILQ_INSERT_TAIL(&h->running, job, link);
		h->current = job;
		(void)clock->start(clock, &h->timer, UEVENT_HELPER_PATIENCE_S * NS_PER_S);
	}
}

/* The kernel would not have waited at all. */
static void lose_patience(struct base_timer *timer)
{
	struct uevent_helper *h = base_container_of(timer, struct uevent_helper, timer);

	hp_log(machine_hp(h->machine),
	       "memhpfs: uevent_helper %s: still running after %d s (%s@%s)", h->current->argv[0],
	       UEVENT_HELPER_PATIENCE_S, job_action(h->current), job_event(h->current));
	h->current = NULL;
	start_next(h);
}

static void child_ended(void *ctx)
{
	struct uevent_helper *h = ctx;
	struct job *job, *next;
	int status;

	for (job = TAILQ_FIRST(&h->running); job; job = next) {
		next = TAILQ_NEXT(job, link);
		if (waitpid(job->pid, &status, WNOHANG) != job->pid)
			continue;
		report(h, job, status);
		if (job == h->current) {
			loop_clock(h->loop)->stop(loop_clock(h->loop), &h->timer);
			h->current = NULL;
		}
		TAILQ_REMOVE(&h->running, job, link);
		job_free(job);
	}
	start_next(h);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void add_string(struct job *job, char **slot, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void add_string(struct job *job, char **slot, const char *fmt, ...)
{
	va_list args;

	/* The text may move as it grows: for now, where it will be. */
	*slot = (char *)(uintptr_t)job->text.len;
	va_start(args, fmt);
	base_buf_vprintf(&job->text, fmt, args);
	va_end(args);
	base_buf_add(&job->text, "", 1);
}

static void place_strings(struct job *job, unsigned int nr_env)
{
	job->argv[0] = job->text.data + (uintptr_t)job->argv[0];
	job->argv[1] = job->text.data + (uintptr_t)job->argv[1];
	for (unsigned int i = 0; i < nr_env; i++)
		job->envp[i] = job->text.data + (uintptr_t)job->envp[i];
}

static struct job *job_new(const struct uevent_helper *h, const char *path,
			   const struct hp_uevent *event)
{
	struct job *job = calloc(1, sizeof(*job));
	unsigned int nr = 0;

	if (!job)
		return NULL;
	base_buf_init(&job->text);
	add_string(job, &job->argv[0], "%s", path);
	add_string(job, &job->argv[1], "%s", event->subsystem);
	add_string(job, &job->envp[nr++], "ACTION=%s", event->action);
	add_string(job, &job->envp[nr++], "DEVPATH=%s", event->devpath);
	add_string(job, &job->envp[nr++], "SUBSYSTEM=%s", event->subsystem);
	for (size_t i = 0; i < event->nr_env && nr < MAX_ENV - 5; i++)
		add_string(job, &job->envp[nr++], "%s", event->env[i]);
	add_string(job, &job->envp[nr++], "SEQNUM=%llu", (unsigned long long)event->seqnum);
	add_string(job, &job->envp[nr++], "HOME=/");
	add_string(job, &job->envp[nr++], "PATH=/sbin:/bin:/usr/sbin:/usr/bin");
	add_string(job, &job->envp[nr++], "MEMHPFS_ROOT=%s", h->root);
	if (job->text.failed) {
		job_free(job);
		return NULL;
	}
	place_strings(job, nr);
	return job;
}

void uevent_helper_event(void *helper, const char *path, const struct hp_uevent *event)
{
	struct uevent_helper *h = helper;
	struct job *job = h->nr_waiting < MAX_WAITING ? job_new(h, path, event) : NULL;

	if (!job) {
		hp_log(machine_hp(h->machine), "memhpfs: uevent_helper %s: not run (%s@%s)", path,
		       event->action, event->devpath);
		return;
	}
	TAILQ_INSERT_TAIL(&h->waiting, job, link);
	h->nr_waiting++;
	start_next(h);
}

struct uevent_helper *uevent_helper_new(struct loop *loop, struct machine *machine,
					const char *root)
{
	struct uevent_helper *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->loop = loop;
	h->machine = machine;
	h->timer.fn = lose_patience;
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->running);
	h->root = strdup(root);
	h->watch = loop_watch_signal(loop, SIGCHLD, child_ended, h);
	if (h->root && h->watch)
		return h;
	uevent_helper_free(h);
	return NULL;
}

void uevent_helper_free(struct uevent_helper *h)
{
	struct job *job;

	if (!h)
		return;
	loop_clock(h->loop)->stop(loop_clock(h->loop), &h->timer);
	loop_unwatch(h->watch);
	while ((job = TAILQ_FIRST(&h->running))) {
		TAILQ_REMOVE(&h->running, job, link);
		job_free(job);
	}
	while ((job = TAILQ_FIRST(&h->waiting))) {
		TAILQ_REMOVE(&h->waiting, job, link);
		job_free(job);
	}
	free(h->root);
	free(h);
}
