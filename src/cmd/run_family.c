// SPDX-License-Identifier: GPL-2.0-or-later
/* The processes of a trial: the command's, and those that were there before it. */
#include "run_conduct.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "memhp/cli/children.h"
#include "run_read.h"

/* What may pass until a killed process is gone, whose request is held at a gate. */
#define HELD_MS 2000
/* Then those are left alone that may not be killed. */
#define END_MS 10000

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

/*
 * Adds what @fn returns for @pid and its descendants, those that come later included; 0 for one of
 * them is 0 for all.
 */
static uint64_t each_below(pid_t pid, uint64_t (*fn)(pid_t pid))
{
	uint64_t sum = fn(pid), more;
	char path[64];
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &child) == 1) {
		more = each_below(child, fn);
		sum = sum && more ? sum + more : 0;
	}
	if (file)
		fclose(file);
	return sum;
}

/*
 * The same for all processes of the command, also those that have lost their parent, or with
 * @everyone for all that there are. Without any, the sum is 1.
 */
static uint64_t each_of(const struct conduct *c, bool everyone, uint64_t (*fn)(pid_t pid),
			size_t *ret_nr)
{
	uint64_t sum = 1, more;
	pid_t *pids;
	size_t nr = children_list(&pids), found = 0;

	for (size_t i = 0; i < nr; i++) {
		if (!everyone && is_spare(c, pids[i]))
			continue;
		found++;
		more = each_below(pids[i], fn);
		sum = sum && more ? sum + more : 0;
	}
	free(pids);
	if (ret_nr)
		*ret_nr = found;
	return sum;
}

static uint64_t kill_it(pid_t pid)
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
		if (status || c->trial->faults[i].action != RUN_KILL)
			continue;
		c->killed = true;
		c->fired[i] = 1;
	}
}

void run_reap(struct conduct *c)
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
pid_t run_start(const struct conduct *c, const char *shell, int out)
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

/* Waits for a child to end, but not beyond a time; others that end are taken as well. */
static bool wait_for(struct conduct *c, pid_t pid, uint64_t end_ms, int *ret_status)
{
	struct timespec limit = { .tv_sec = 3600 };
	sigset_t child;
	pid_t got;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		uint64_t now = run_now_ms();

		while ((got = waitpid(-1, ret_status, WNOHANG)) > 0) {
			if (got == pid)
				return true;
			reaped(c, got, *ret_status);
		}
		if (now >= end_ms)
			return false;
		if (end_ms != UINT64_MAX)
			limit = (struct timespec){ .tv_sec = (time_t)((end_ms - now) / 1000),
						   .tv_nsec = (long)((end_ms - now) % 1000) *
							      1000000 };
		(void)sigtimedwait(&child, NULL, &limit);
	}
}

/* Runs a shell command; its status. Without a limit of time, it may take as long as it likes. */
int run_shell(struct conduct *c, const char *shell, int out)
{
	uint64_t end_ms = c->trial->timeout_ms ? run_now_ms() + c->trial->timeout_ms : UINT64_MAX;
	pid_t pid = run_start(c, shell, out);
	int status;

	if (pid < 0)
		return RUN_FAILED << 8;
	while (!wait_for(c, pid, end_ms, &status)) {
		(void)each_below(pid, kill_it);
		end_ms = run_now_ms() + 1;
	}
	return status;
}

int run_shell_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

uint64_t run_all_wait(const struct conduct *c, bool everyone)
{
	return each_of(c, everyone, run_waits_for_ever, NULL);
}

static uint64_t leave_it(pid_t pid)
{
	return 1;
}

/* Does it to all processes of the command until none is left, or for some time. */
static bool until_none(struct conduct *c, uint64_t (*fn)(pid_t pid), uint64_t ms)
{
	uint64_t end_ms = run_now_ms() + ms;
	size_t nr;

	for (;;) {
		(void)each_of(c, false, fn, &nr);
		if (!nr || run_now_ms() >= end_ms)
			return !nr;
		nap(1);
		run_reap(c);
	}
}

/* Kills all processes of the command until none is left, or for some time. */
static bool kill_all(struct conduct *c, uint64_t ms)
{
	return until_none(c, kill_it, ms);
}

void run_let_end(struct conduct *c)
{
	(void)until_none(c, leave_it, HELD_MS);
}

/*
 * A request at a gate ends with its process, and must not take place because the gate goes first. A
 * step that hangs has to go on before its process can end.
 */
void run_end_command(struct conduct *c)
{
	bool hangs = false;

	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		const struct run_fault *fault = &c->trial->faults[i];
		bool held = run_fault_hangs(c->run, fault, i);

		hangs |= held && fault->action == RUN_PLAN;
		c->fired[i] += held && fault->action == RUN_HOLD;
	}
	(void)kill_all(c, hangs ? 0 : HELD_MS);
	for (unsigned int i = 0; i < c->trial->nr_faults; i++)
		c->fired[i] += run_fault_end(c->run, &c->trial->faults[i], i);
	if (c->until_pid)
		kill(c->until_pid, SIGKILL);
	(void)kill_all(c, END_MS);
}
