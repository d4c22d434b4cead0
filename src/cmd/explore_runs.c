// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs: a memhpfs-run for each, several at a time. Their order decides nothing. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "explore.h"

#define MAX_ARGS 48
#define MAX_OUTPUT 4000

/* A run in progress; @name: of its files. */
struct job {
	struct explore_run *run;
	pid_t pid;
	double since;
	char name[24];
};

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static char *path_of(const struct explore *x, const char *name, const char *suffix)
{
	return explore_format("%s/%s.%s", x->dir, name, suffix);
}

/* Prefers memhpfs-run in the directory of this program to PATH. */
static void exec_run(char **argv)
{
	char path[PATH_MAX + 16];
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (len > 0) {
		path[len] = '\0';
		strcpy(strrchr(path, '/') + 1, "memhpfs-run");
		execv(path, argv);
	}
	execvp("memhpfs-run", argv);
	warn("memhpfs-run");
	_exit(EXPLORE_FAILED);
}

static bool is_baseline(const struct explore_run *run)
{
	return !run->spec[0];
}

struct arguments {
	char *argv[MAX_ARGS];
	size_t nr;
};

static void add(struct arguments *args, const char *name, const char *value)
{
	if (value)
		args->argv[args->nr++] = explore_format("--%s=%s", name, value);
}

static void run_options(const struct explore *x, const struct job *job, struct arguments *args)
{
	const struct explore_options *o = x->options;

	args->argv[args->nr++] = explore_format("memhpfs-run");
	add(args, "machine", job->run->machine ? job->run->machine : o->machine);
	add(args, "cmdline", o->cmdline);
	add(args, "kernel", o->kernel);
	add(args, "setup", o->setup);
	add(args, "check", o->check);
	add(args, "recover", o->recover ? o->recover : explore_default_recover(o));
	add(args, "poke", o->poke);
	add(args, "until", o->until);
	add(args, "settle", o->settle);
	add(args, "junit", o->junit);
	add(args, "fault", job->run->spec[0]);
	add(args, "fault", job->run->spec[1]);
	add(args, "timeout", explore_format("%g", o->timeout));
	add(args, "trace-changes", path_of(x, job->name, "trace"));
	add(args, "result", path_of(x, job->name, "result"));
	if (o->daemon)
		args->argv[args->nr++] = explore_format("--daemon");
	args->argv[args->nr++] = explore_format("--");
}

/* The output goes to a file; nothing is read from the terminal. */
static void redirect(const struct explore *x, const struct job *job)
{
	int in = open("/dev/null", O_RDONLY), out;

	out = open(path_of(x, job->name, "output"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	close(in);
	close(out);
}

static void be_run(const struct explore *x, const struct job *job)
{
	struct arguments args = { .nr = 0 };
	char **argv;
	size_t nr = 0;

	/* Signals of the terminal are for this program, with which the run ends. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigprocmask(SIG_SETMASK, &x->mask, NULL);
	run_options(x, job, &args);
	while (x->options->command[nr])
		nr++;
	argv = calloc(args.nr + nr + 1, sizeof(*argv));
	if (!argv)
		_exit(EXPLORE_FAILED);
	memcpy(argv, args.argv, args.nr * sizeof(*argv));
	memcpy(argv + args.nr, x->options->command, nr * sizeof(*argv));
	redirect(x, job);
	exec_run(argv);
}

static bool start(struct explore *x, struct job *job, struct explore_run *run, const char *name)
{
	sigset_t all, mask;

	job->run = run;
	job->since = seconds();
	snprintf(job->name, sizeof(job->name), "%s", name);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	job->pid = fork();
	if (!job->pid)
		be_run(x, job);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (job->pid < 0)
		warn("fork");
	return job->pid > 0;
}

static void take_output(struct explore *x, struct job *job)
{
	char *path = path_of(x, job->name, "output");

	job->run->output = explore_read_file(path);
	if (job->run->output && strlen(job->run->output) > MAX_OUTPUT)
		job->run->output[MAX_OUTPUT] = '\0';
	unlink(path);
	free(path);
}

/* What the files of a run tell. */
static void take_result(struct explore *x, struct job *job)
{
	char *result = path_of(x, job->name, "result"), *trace = path_of(x, job->name, "trace");
	struct explore_run *run = job->run;
	char *text;

	run->result = json_load_file(result, 0, NULL);
	text = explore_read_file(trace);
	unlink(result);
	unlink(trace);
	free(result);
	free(trace);
	take_output(x, job);
	if (!run->result) {
		run->verdict = EXPLORE_BROKEN;
		run->is_finding = true;
		run->why = explore_format("memhpfs-run failed: %s", run->output ?: "");
		free(text);
		return;
	}
	if (!is_baseline(run))
		explore_judge(x, run);
	if (!is_baseline(run) && run->machine)
		json_object_set(run->result, "without_fault",
				json_object_get(x->baseline.result, "end"));
	if (is_baseline(run) || x->options->depth > 1)
		run->points = explore_find_points(text, run->result);
	if (run->is_finding || is_baseline(run))
		run->lines = explore_trace_lines(text, run->result);
	free(text);
	if (run->is_finding || is_baseline(run))
		return;
	json_decref(run->result);
	run->result = NULL;
	free(run->output);
	run->output = NULL;
}

static void finish(struct explore *x, struct job *job)
{
	job->run->seconds = seconds() - job->since;
	job->pid = 0;
	if (x->interrupted)
		return;
	take_result(x, job);
	x->nr_done++;
	x->nr_findings += job->run->is_finding;
}

void explore_free_run(struct explore_run *run)
{
	free(run->label);
	free(run->spec[0]);
	free(run->spec[1]);
	free(run->machine);
	json_decref(run->result);
	free(run->lines);
	free(run->output);
	free(run->why);
	explore_free_points(&run->points);
}

static void show_progress(const struct explore *x, double since)
{
	double rate = (seconds() - since) / (double)(x->nr_done ? x->nr_done : 1);

	if (!isatty(STDOUT_FILENO))
		return;
	fprintf(stderr, "\r%zu/%zu, %zu findings, %.0f s left \033[K", x->nr_done, x->nr_runs,
		x->nr_findings, rate * (double)(x->nr_runs - x->nr_done));
}

static struct job *find(struct job *jobs, unsigned int nr, pid_t pid)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (jobs[i].pid == pid)
			return &jobs[i];
	}
	return NULL;
}

/* Waits for a child, or for an interruption. */
static pid_t wait_for_one(struct explore *x)
{
	sigset_t set;
	int signo;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	while (!(pid = waitpid(-1, NULL, WNOHANG))) {
		signo = sigwaitinfo(&set, NULL);
		if (signo > 0 && signo != SIGCHLD)
			x->interrupted = true;
		if (x->interrupted)
			return 0;
	}
	return pid;
}

static void end_all(struct job *jobs, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (jobs[i].pid > 0)
			kill(jobs[i].pid, SIGKILL);
	}
	for (unsigned int i = 0; i < nr; i++) {
		if (jobs[i].pid > 0)
			waitpid(jobs[i].pid, NULL, 0);
	}
}

void explore_do(struct explore *x, struct explore_run *run, const char *name)
{
	struct job job;
	pid_t pid;

	if (!start(x, &job, run, name))
		exit(EXPLORE_FAILED);
	while ((pid = wait_for_one(x)) > 0 && pid != job.pid)
		;
	if (pid == job.pid)
		finish(x, &job);
	else
		end_all(&job, 1);
}

void explore_do_all(struct explore *x, size_t first)
{
	struct job jobs[256] = { { .pid = 0 } };
	unsigned int running = 0, nr = x->options->jobs;
	size_t next = first;
	double since = seconds();
	char name[24];

	while (!x->interrupted && (next < x->nr_runs || running)) {
		struct job *job = next < x->nr_runs ? find(jobs, nr, 0) : NULL;
		pid_t pid;

		if (job) {
			snprintf(name, sizeof(name), "%zu", next);
			if (!start(x, job, &x->run[next], name))
				break;
			next++;
			running++;
			continue;
		}
		show_progress(x, since);
		pid = wait_for_one(x);
		job = pid > 0 ? find(jobs, nr, pid) : NULL;
		if (!job)
			continue;
		finish(x, job);
		running--;
	}
	end_all(jobs, nr);
	if (isatty(STDOUT_FILENO))
		fputs("\r\033[K", stderr);
}
