// SPDX-License-Identifier: GPL-2.0-or-later
#include "uevent_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <bsd/sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/children.h"
#include "memhp/hotplug.h"

#define MAX_ENV 64 /* the kernel's UEVENT_NUM_ENVP */
#define CANNOT_RUN 127
#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL

/* The limit of waiting events; a reader of machine/uevents loses the excess, too. */
#define MAX_WAITING_BYTES (16u << 20)
/* A queue that was larger than this returns its memory when it is empty. */
#define TRIM_BYTES (1u << 20)
/* Helpers that take too long run in parallel, up to this number. */
#define MAX_RUNNING 64
/* Some helpers fail for events they do not handle; after this many in a row, the next ones wait. */
#define MAX_FAILED 64
#define FAILED_PAUSE_MS 100

/* @text: consecutive strings: the path, the argument, the environment */
struct job {
	TAILQ_ENTRY(job) link;
	pid_t pid;
	size_t len;
	char text[];
};
TAILQ_HEAD(jobs, job);

/*
 * @waiting: jobs that have not been started
 * @bytes: the size of all waiting jobs; @peak: the largest since the list was empty
 * @running: jobs that have been started
 * @current: the running job that others wait for
 * @timer: expires when others stop waiting for @current, or, without it, when a pause ends
 * @nr_lost: events dropped for lack of room since the log last reported them
 * @nr_failed: how many jobs in a row have failed
 * @others: children that are not helpers
 */
struct uevent_helper {
	struct loop *loop;
	struct machine *machine;
	char *root;
	struct loop_watch *watch;
	struct base_timer timer;
	struct jobs waiting, running;
	struct job *current;
	unsigned int nr_running;
	size_t bytes;
	size_t peak;
	uint64_t nr_lost;
	unsigned int nr_failed;
	pid_t *others;
	size_t nr_others;
};

static const char *next_string(const char *text)
{
	return text + strlen(text) + 1;
}

/* ---- the process of a job -------------------------------------------------------------------- */

/* Runs in the child, which inherits nothing from the daemon, as if the kernel had started it. */
static void exec_job(struct job *job, pid_t daemon)
{
	char *envp[MAX_ENV] = { NULL }, *argv[] = { job->text, NULL, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const char *text = next_string(job->text);
	sigset_t none;

	argv[1] = (char *)text;
	for (size_t i = 0; (text = next_string(text)) < job->text + job->len; i++)
		envp[i] = (char *)text;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	/* in case the daemon is killed; otherwise it ends all helpers itself */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (getppid() != daemon || chdir("/"))
		_exit(CANNOT_RUN);
	execve(argv[0], argv, envp);
	_exit(CANNOT_RUN);
}

/* The environment begins with ACTION=..., DEVPATH=/devices/... */
static const char *job_action(const struct job *job)
{
	return strchr(next_string(next_string(job->text)), '=') + 1;
}

static const char *job_event(const struct job *job)
{
	return strchr(next_string(job_action(job)), '=') + 1;
}

static void report(struct uevent_helper *h, const struct job *job, int status)
{
	struct hp *hp = machine_hp(h->machine);

	if (WIFSIGNALED(status))
		hp_log(hp, "memhpfs: uevent_helper %s: signal %d (%s@%s)", job->text,
		       WTERMSIG(status), job_action(job), job_event(job));
	else if (WEXITSTATUS(status) == CANNOT_RUN)
		hp_log(hp, "memhpfs: uevent_helper %s: cannot be run (%s@%s)", job->text,
		       job_action(job), job_event(job));
	else if (WEXITSTATUS(status))
		hp_log(hp, "memhpfs: uevent_helper %s: exit status %d (%s@%s)", job->text,
		       WEXITSTATUS(status), job_action(job), job_event(job));
}

/* ---- waiting jobs ---------------------------------------------------------------------------- */

/* The caller owns the returned job. */
static struct job *take_first(struct uevent_helper *h)
{
	struct job *job = TAILQ_FIRST(&h->waiting);

	TAILQ_REMOVE(&h->waiting, job, link);
	h->bytes -= sizeof(*job) + job->len;
	return job;
}

static void say_lost(struct uevent_helper *h)
{
	if (h->nr_lost)
		hp_log(machine_hp(h->machine),
		       "memhpfs: uevent_helper: not run for %llu events: %u MiB waited already",
		       (unsigned long long)h->nr_lost, MAX_WAITING_BYTES >> 20);
	h->nr_lost = 0;
}

static void give_memory_back(struct uevent_helper *h)
{
	if (!TAILQ_EMPTY(&h->waiting))
		return;
	if (h->peak > TRIM_BYTES)
		malloc_trim(0);
	h->peak = 0;
}

/* Drops the waiting jobs for @path (NULL: all). */
static void drop_waiting(struct uevent_helper *h, const char *path, const char *why)
{
	struct job *job, *next;
	uint64_t nr = 0;

	say_lost(h);
	TAILQ_FOREACH_SAFE(job, &h->waiting, link, next) {
		if (path && strcmp(job->text, path))
			continue;
		TAILQ_REMOVE(&h->waiting, job, link);
		h->bytes -= sizeof(*job) + job->len;
		free(job);
		nr++;
	}
	give_memory_back(h);
	if (nr)
		hp_log(machine_hp(h->machine),
		       "memhpfs: uevent_helper: not run for %llu events that waited: %s",
		       (unsigned long long)nr, why);
}

/* ---- running jobs ---------------------------------------------------------------------------- */

static void set_timer(struct uevent_helper *h, uint64_t ns)
{
	struct base_clock *clock = loop_clock(h->loop);

	clock->stop(clock, &h->timer);
	if (ns)
		(void)clock->start(clock, &h->timer, ns);
}

static void start_next(struct uevent_helper *h)
{
	pid_t daemon = getpid();

	while (!h->current && h->nr_running < MAX_RUNNING && !h->timer.impl &&
	       !TAILQ_EMPTY(&h->waiting)) {
		struct job *job = take_first(h);

		/* Not vfork(): the program may be in the mount that this process serves. */
		job->pid = fork();
		if (!job->pid)
			exec_job(job, daemon);
		if (job->pid < 0) {
			hp_log(machine_hp(h->machine), "memhpfs: uevent_helper %s: %s", job->text,
			       strerror(errno));
			free(job);
			continue;
		}
		TAILQ_INSERT_TAIL(&h->running, job, link);
		h->nr_running++;
		h->current = job;
		set_timer(h, UEVENT_HELPER_PATIENCE_S * NS_PER_S);
	}
	give_memory_back(h);
}

/* Stops waiting for the helper; the kernel would not have waited at all. */
static void on_timer(struct base_timer *timer)
{
	struct uevent_helper *h = base_container_of(timer, struct uevent_helper, timer);

	if (h->current)
		hp_log(machine_hp(h->machine),
		       "memhpfs: uevent_helper %s: still running after %d s (%s@%s)",
		       h->current->text, UEVENT_HELPER_PATIENCE_S, job_action(h->current),
		       job_event(h->current));
	h->current = NULL;
	start_next(h);
}

static void job_ended(struct uevent_helper *h, struct job *job, int status)
{
	report(h, job, status);
	h->nr_failed = status ? h->nr_failed + 1 : 0;
	if (job == h->current) {
		h->current = NULL;
		set_timer(h, h->nr_failed > MAX_FAILED ? FAILED_PAUSE_MS * NS_PER_MS : 0);
	}
	/* running the others would only fill the log */
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_RUN)
		drop_waiting(h, job->text, "it cannot be run");
	TAILQ_REMOVE(&h->running, job, link);
	h->nr_running--;
	free(job);
}

/* Also reaps processes that helpers have left behind. */
static void child_ended(void *ctx)
{
	struct uevent_helper *h = ctx;
	struct job *job;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		children_forget(pid, h->others, h->nr_others);
		TAILQ_FOREACH(job, &h->running, link) {
			if (job->pid == pid)
				break;
		}
		if (job)
			job_ended(h, job, status);
	}
	start_next(h);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void add_string(struct base_buf *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void add_string(struct base_buf *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	base_buf_vprintf(text, fmt, args);
	va_end(args);
	base_buf_add(text, "", 1);
}

static void job_text(const struct uevent_helper *h, const char *path, const struct hp_uevent *event,
		     struct base_buf *text)
{
	add_string(text, "%s", path);
	add_string(text, "%s", event->subsystem);
	add_string(text, "ACTION=%s", event->action);
	add_string(text, "DEVPATH=%s", event->devpath);
	add_string(text, "SUBSYSTEM=%s", event->subsystem);
	for (size_t i = 0; i < event->nr_env && i < MAX_ENV - 8; i++)
		add_string(text, "%s", event->env[i]);
	add_string(text, "SEQNUM=%llu", (unsigned long long)event->seqnum);
	add_string(text, "HOME=/");
	add_string(text, "PATH=/sbin:/bin:/usr/sbin:/usr/bin");
	add_string(text, "MEMHPFS_ROOT=%s", h->root);
}

static struct job *job_new(const struct uevent_helper *h, const char *path,
			   const struct hp_uevent *event)
{
	struct job *job = NULL;
	struct base_buf text;

	base_buf_init(&text);
	job_text(h, path, event, &text);
	if (!text.failed && h->bytes + sizeof(*job) + text.len <= MAX_WAITING_BYTES)
		job = malloc(sizeof(*job) + text.len);
	if (job) {
		job->len = text.len;
		memcpy(job->text, text.data, text.len);
	}
	base_buf_fini(&text);
	return job;
}

static void helper_run(void *ctx, const char *path, const struct hp_uevent *event)
{
	struct uevent_helper *h = ctx;
	struct job *job = job_new(h, path, event);

	if (!job) {
		h->nr_lost++;
		return;
	}
	say_lost(h);
	TAILQ_INSERT_TAIL(&h->waiting, job, link);
	h->bytes += sizeof(*job) + job->len;
	h->peak = BASE_MAX(h->peak, h->bytes);
	start_next(h);
}

static void helper_set(void *ctx, const char *path)
{
	struct uevent_helper *h = ctx;

	h->nr_failed = 0;
	if (!*path)
		drop_waiting(h, NULL, "it was cleared");
}

const struct tree_helper uevent_helper_calls = {
	.run = helper_run,
	.set = helper_set,
};

/* ---- creating and freeing -------------------------------------------------------------------- */

struct uevent_helper *uevent_helper_new(struct loop *loop, struct machine *machine,
					const char *root)
{
	struct uevent_helper *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->loop = loop;
	h->machine = machine;
	h->timer.fn = on_timer;
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->running);
	h->root = strdup(root);
	h->watch = loop_watch_signal(loop, SIGCHLD, child_ended, h);
	if (!h->root || !h->watch) {
		uevent_helper_free(h);
		return NULL;
	}
	h->nr_others = children_list(&h->others);
	children_adopt();
	return h;
}

static void jobs_free(struct jobs *jobs)
{
	struct job *job;

	while ((job = TAILQ_FIRST(jobs))) {
		TAILQ_REMOVE(jobs, job, link);
		free(job);
	}
}

void uevent_helper_free(struct uevent_helper *h)
{
	if (!h)
		return;
	set_timer(h, 0);
	loop_unwatch(h->watch);
	children_end(h->others, h->nr_others);
	jobs_free(&h->running);
	jobs_free(&h->waiting);
	free(h->others);
	free(h->root);
	free(h);
}
