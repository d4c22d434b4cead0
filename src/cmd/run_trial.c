// SPDX-License-Identifier: GPL-2.0-or-later
/* Conducts a trial: setup, the command with its faults, what comes after it, and the result. */
#include "run_trial.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "memhp/cli/children.h"
#include "memhp/cli/json_text.h"
#include "run.h"

#define POLL_MS 20
/* So often in a row the command must be seen waiting. */
#define NR_LOOKS 3
#define OUTPUT_BYTES 16384

/*
 * struct conduct - a trial in progress
 * @spare: processes that existed before the command
 * @status: of the command; @ended: it has one
 * @killed, @timed_out, @stuck: what has ended it: a fault, the time limit, or that it waits for ever
 * @until_pid: waits for the condition; 0: it holds
 * @fired: how often each fault has taken place
 */
struct conduct {
	const struct run *run;
	struct run_trial *trial;
	pid_t command;
	pid_t *spare;
	size_t nr_spare;
	int status;
	bool ended;
	bool killed;
	bool timed_out;
	bool stuck;
	bool settled;
	pid_t until_pid;
	uint64_t fired[RUN_MAX_FAULTS];
	json_t *result;
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- processes ------------------------------------------------------------------------------- */

static bool is_spare(const struct conduct *c, pid_t pid)
{
	for (size_t i = 0; i < c->nr_spare; i++) {
		if (c->spare[i] == pid)
			return true;
	}
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		if (c->trial->faults[i].watcher == pid)
			return true;
	}
	return pid == c->until_pid;
}

/* Calls @fn for @pid and its descendants, those first that come later; false: one call was. */
static bool each_below(pid_t pid, bool (*fn)(pid_t pid))
{
	char path[64];
	bool all = fn(pid);
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &child) == 1)
		all = each_below(child, fn) && all;
	if (file)
		fclose(file);
	return all;
}

/* The same for all processes of the command, also those that have lost their parent. */
static bool each_of_command(const struct conduct *c, bool (*fn)(pid_t pid), size_t *ret_nr)
{
	pid_t *pids;
	size_t nr = children_list(&pids), found = 0;
	bool all = true;

	for (size_t i = 0; i < nr; i++) {
		if (is_spare(c, pids[i]))
			continue;
		found++;
		all = each_below(pids[i], fn) && all;
	}
	free(pids);
	if (ret_nr)
		*ret_nr = found;
	return all;
}

static bool kill_it(pid_t pid)
{
	return !kill(pid, SIGKILL);
}

/* A watcher ends when its request has come. */
static void reaped(struct conduct *c, pid_t pid, int status)
{
	if (pid == c->command) {
		c->status = status;
		c->ended = true;
	}
	if (pid == c->until_pid)
		c->until_pid = 0;
	children_forget(pid, c->spare, c->nr_spare);
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		if (c->trial->faults[i].watcher != pid)
			continue;
		c->trial->faults[i].watcher = 0;
		c->killed |= !status && c->trial->faults[i].action == RUN_KILL;
	}
}

static void reap(struct conduct *c)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		reaped(c, pid, status);
}

static void nap(long ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

/* Starts a shell command, or the command itself; @out: for its output, or -1. */
static pid_t start(const struct conduct *c, const char *shell, int out)
{
	char *const argv[] = { (char *)"sh", (char *)"-c", (char *)shell, NULL };
	pid_t pid = fork();
	int status;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigprocmask(SIG_SETMASK, &c->run->mask, NULL);
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
	}
	if (shell)
		execv("/bin/sh", argv);
	else
		execvp(*c->run->options->command, c->run->options->command);
	status = errno == ENOENT ? RUN_NOT_FOUND : RUN_CANNOT_INVOKE;
	warn("%s", shell ? "/bin/sh" : *c->run->options->command);
	_exit(status);
}

/* Runs a shell command; its status. Without a limit of time, it may take as long as it likes. */
static int run_shell(struct conduct *c, const char *shell, int out)
{
	uint64_t end_ms = c->trial->timeout_ms ? now_ms() + c->trial->timeout_ms : UINT64_MAX;
	pid_t pid = start(c, shell, out), got;
	int status = RUN_FAILED << 8;

	while (pid > 0 &&
	       (got = waitpid(pid, &status, c->trial->timeout_ms ? WNOHANG : 0)) != pid) {
		if (got < 0 && errno != EINTR)
			break;
		if (now_ms() > end_ms)
			(void)each_below(pid, kill_it);
		else
			nap(2);
	}
	return status;
}

static int shell_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Ends what the command has left behind; steps that hang go on, or it could not end. */
static void end_command(struct conduct *c)
{
	size_t nr;

	(void)each_of_command(c, kill_it, NULL);
	for (unsigned int i = 0; i < c->trial->nr_faults; i++)
		c->fired[i] = run_fault_end(c->run, &c->trial->faults[i], i);
	if (c->until_pid)
		kill(c->until_pid, SIGKILL);
	for (;;) {
		reap(c);
		(void)each_of_command(c, kill_it, &nr);
		if (!nr)
			return;
		nap(1);
	}
}

/* ---- running --------------------------------------------------------------------------------- */

static bool hangs(const struct conduct *c)
{
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		if (run_fault_hangs(c->run, &c->trial->faults[i], i))
			return true;
	}
	return false;
}

/* The command is looked at only if a step may be held up. */
static bool may_hang(const struct conduct *c)
{
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		const struct run_fault *fault = &c->trial->faults[i];

		if (fault->action == RUN_HOLD || *fault->delay)
			return true;
	}
	return false;
}

/* When all wait, nobody notices that time passes sooner. */
static bool hasten(const struct conduct *c)
{
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		if (run_fault_hasten(c->run, &c->trial->faults[i], i))
			return true;
	}
	return false;
}

/* Waits for a signal; the first one that is not SIGCHLD is passed on. */
static void wait_a_while(const struct conduct *c, long ms)
{
	const struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	sigset_t blocked;
	siginfo_t info;
	int signo;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	signo = sigtimedwait(&blocked, &info, &limit);
	if (signo > 0 && signo != SIGCHLD)
		kill(c->command, signo);
}

/* Waits until the state has not changed for a while. */
static void settle(struct conduct *c, uint64_t end_ms)
{
	uint64_t since = now_ms();
	json_t *last = run_state(c->run), *state;

	while (now_ms() - since < c->trial->settle_ms && now_ms() < end_ms) {
		wait_a_while(c, POLL_MS);
		reap(c);
		state = run_state(c->run);
		if (!json_equal(state, last))
			since = now_ms();
		json_decref(last);
		last = state;
	}
	json_decref(last);
}

/* A daemon is poked when it waits, or does nothing but wait for a while. */
static void poke(struct conduct *c)
{
	for (unsigned int looks = 0, i = 0; looks < NR_LOOKS && i < 50 && !c->ended; i++) {
		wait_a_while(c, POLL_MS);
		reap(c);
		looks = each_of_command(c, run_waits_for_ever, NULL) ? looks + 1 : 0;
	}
	if (c->trial->poke && !c->ended)
		json_object_set_new(c->result, "poke",
				    json_integer(shell_status(run_shell(c, c->trial->poke, -1))));
}

static void end_daemon(struct conduct *c)
{
	c->settled = true;
	kill(c->command, SIGTERM);
	for (int i = 0; i < 100 && !c->ended; i++) {
		wait_a_while(c, POLL_MS);
		reap(c);
	}
	if (!c->ended)
		c->stuck = true;
}

static void attend(struct conduct *c)
{
	bool looks_at = may_hang(c), daemon = c->trial->daemon;
	uint64_t end_ms = c->trial->timeout_ms ? now_ms() + c->trial->timeout_ms : UINT64_MAX;
	unsigned int looks = 0;

	if (c->trial->poke)
		poke(c);
	while (!c->ended && !c->killed) {
		uint64_t now = now_ms();

		if (daemon && !c->until_pid) {
			settle(c, end_ms);
			if (now_ms() < end_ms && !c->ended && !c->killed && !hangs(c))
				end_daemon(c);
			daemon = false;
			continue;
		}
		c->timed_out = now >= end_ms;
		looks = looks_at && each_of_command(c, run_waits_for_ever, NULL) ? looks + 1 : 0;
		if (looks >= NR_LOOKS && !hasten(c))
			c->stuck = hangs(c);
		if (c->timed_out || c->stuck)
			return;
		wait_a_while(c, looks_at	     ? POLL_MS :
				end_ms == UINT64_MAX ? 3600000 :
						       (long)(end_ms - now) + 1);
		reap(c);
	}
}

/* ---- the result ------------------------------------------------------------------------------ */

static void note_status(struct conduct *c)
{
	json_t *fired = json_array();
	const char *signal =
		c->ended && WIFSIGNALED(c->status) ? sigabbrev_np(WTERMSIG(c->status)) : NULL;

	for (unsigned int i = 0; i < c->trial->nr_faults; i++)
		json_array_append_new(fired, json_integer((json_int_t)c->fired[i]));
	json_object_set_new(c->result, "fired", fired);
	json_object_set_new(c->result, "status", json_integer(shell_status(c->status)));
	if (signal)
		json_object_set_new(c->result, "signal", json_string(signal));
	json_object_set_new(c->result, "killed", json_boolean(c->killed));
	json_object_set_new(c->result, "stuck", json_boolean(c->stuck || c->timed_out));
	json_object_set_new(c->result, "settled", json_boolean(c->settled));
}

/* What a command has printed, or its beginning. */
static json_t *output_of(int fd)
{
	char text[OUTPUT_BYTES];
	ssize_t len = pread(fd, text, sizeof(text), 0);

	return json_text(text, len > 0 ? (size_t)len : 0);
}

/* Runs --recover or --check and notes what has come of it; its status. */
static int afterwards(struct conduct *c, const char *name, const char *shell)
{
	int out = c->trial->result ? memfd_create("output", MFD_CLOEXEC) : -1;
	int status = shell_status(run_shell(c, shell, out));
	json_t *what = json_object();

	json_object_set_new(what, "status", json_integer(status));
	if (out >= 0) {
		json_object_set_new(what, "output", output_of(out));
		close(out);
	}
	json_object_set_new(c->result, name, what);
	return status;
}

static void note_time(struct conduct *c, const char *name)
{
	char text[32];

	if (run_get(c->run, "machine/clock/now_ns", text, sizeof(text)))
		json_object_set_new(c->result, name,
				    json_integer((json_int_t)strtoull(text, NULL, 10)));
}

static bool write_result(const struct conduct *c)
{
	int fd = c->trial->result_fd;

	if (fd < 0)
		return true;
	if (!json_dumpfd(c->result, fd, JSON_COMPACT))
		return true;
	warnx("%s: the result cannot be written", c->trial->result);
	return false;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* A directory for temporary files, which no earlier trial has used. */
static void new_tmp(const struct run *run)
{
	char tmp[PATH_MAX];

	snprintf(tmp, sizeof(tmp), "%s/tmp", run->base);
	if (!mkdir(tmp, 01777))
		setenv("TMPDIR", tmp, 1);
}

static void prepare(struct conduct *c)
{
	int status = c->trial->setup ? run_shell(c, c->trial->setup, -1) : 0;

	if (status) {
		warnx("--setup: '%s' has failed with status %d", c->trial->setup,
		      shell_status(status));
		_exit(RUN_FAILED);
	}
	if (c->trial->settle_ms && c->trial->setup)
		settle(c, UINT64_MAX);
	c->nr_spare = children_list(&c->spare);
	if (c->trial->result)
		json_object_set_new(c->result, "begin", run_state(c->run));
	note_time(c, "begin_ns");
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		if (!run_fault_arm(c->run, &c->trial->faults[i], i))
			_exit(RUN_FAILED);
	}
	if (!c->trial->until)
		return;
	c->until_pid = run_until_watch(c->run, c->trial->until);
	if (c->until_pid < 0)
		_exit(RUN_FAILED);
}

/* The exit status of this program. */
static int finish(struct conduct *c)
{
	int status = 0;

	note_time(c, "end_ns");
	end_command(c);
	if (c->trial->settle_ms && !c->trial->daemon)
		settle(c, UINT64_MAX);
	note_status(c);
	if (c->trial->result)
		json_object_set_new(c->result, "end", run_state(c->run));
	if (c->killed && c->trial->recover) {
		afterwards(c, "recover", c->trial->recover);
		if (c->trial->result)
			json_object_set_new(c->result, "recovered", run_state(c->run));
	}
	if (c->trial->check)
		status = afterwards(c, "check", c->trial->check);
	if (!write_result(c))
		return RUN_FAILED << 8;
	if (c->stuck || c->timed_out)
		return RUN_TIMED_OUT << 8;
	if (c->settled)
		c->status = 0;
	return c->status || !status ? c->status : 1 << 8;
}

/* Ends like the command, so that the caller sees its signal. */
static void end_as(int status)
{
	const struct rlimit none = { 0, 0 };

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	setrlimit(RLIMIT_CORE, &none);
	signal(WTERMSIG(status), SIG_DFL);
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(WTERMSIG(status));
}

void run_trial(const struct run *run, struct run_trial *trial)
{
	struct conduct c = { .run = run, .trial = trial, .result = json_object() };
	sigset_t before;

	run_signals_block(&before);
	children_adopt();
	new_tmp(run);
	prepare(&c);
	c.command = start(&c, NULL, -1);
	if (c.command < 0) {
		warn("fork");
		_exit(RUN_FAILED);
	}
	attend(&c);
	end_as(finish(&c));
	_exit(RUN_FAILED);
}
