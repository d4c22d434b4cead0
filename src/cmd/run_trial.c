// SPDX-License-Identifier: GPL-2.0-or-later
/* Conducts a trial: setup, the command with its faults, what comes after it, and the result. */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/children.h"
#include "run_conduct.h"
#include "run_read.h"

#define POLL_MS 20
/* When a command is looked at first that has not ended by then. */
#define FIRST_MS 100
/* So often in a row the processes must be seen waiting, and none of them must have run. */
#define NR_LOOKS 3

/* ---- running --------------------------------------------------------------------------------- */

static bool hangs(const struct conduct *c)
{
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		if (run_fault_hangs(c->run, &c->trial->faults[i], i))
			return true;
	}
	return false;
}

/* The command is looked at soon if a step may be held up. */
static bool may_hang(const struct conduct *c)
{
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		const struct run_fault *fault = &c->trial->faults[i];

		if (fault->action == RUN_HOLD || *fault->delay)
			return true;
	}
	return false;
}

static bool has_fired(const struct conduct *c)
{
	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		if (run_fault_fired(c->run, &c->trial->faults[i], i))
			return true;
	}
	return false;
}

/* A helper of uevents is started by the machine, and not among the processes here. */
static bool has_helper(const struct conduct *c)
{
	char text[PATH_MAX];

	return run_get(c->run, "sys/kernel/uevent_helper", text, sizeof(text)) && *text;
}

/*
 * Looks at processes, several times in a row.
 * @runs: as of run_all_wait()
 * @looks: so often none of them has run since the look before
 * @more_ms: how much time the machine is given next
 * @is_last: it had nothing to do when it was asked
 */
struct looks {
	uint64_t runs;
	unsigned int looks;
	uint64_t more_ms;
	bool is_last;
};

/* Whether all have waited for a while. */
static bool look(const struct conduct *c, bool everyone, struct looks *l)
{
	uint64_t runs = run_all_wait(c, everyone);

	if (!runs || runs != l->runs)
		*l = (struct looks){ .runs = runs, .more_ms = 1 };
	else
		l->looks++;
	return l->looks >= NR_LOOKS;
}

/*
 * All have waited for a while. When nobody runs, nobody notices that time passes sooner: the
 * machine goes to its next event. If it tries something again and again, it gets more and more
 * time.
 *
 * Return: the machine has nothing to do, and they have waited since it said so; or its time is up.
 */
static bool nothing_left(const struct conduct *c, struct looks *l)
{
	char text[32];

	l->looks = 0;
	if (run_put(c->run, "machine/clock/rate", "skip") == ENOENT) {
		/* It has answered all earlier requests, but some may only now get the answer. */
		if (l->is_last)
			return true;
		l->is_last = true;
		return false;
	}
	snprintf(text, sizeof(text), "%llu", (unsigned long long)l->more_ms * 1000000);
	(void)run_put(c->run, "machine/clock/advance_ns", text);
	l->more_ms *= 2;
	l->is_last = false;
	return c->trial->timeout_ms && l->more_ms > c->trial->timeout_ms;
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

/* An event that is late has not failed to come. */
static uint64_t settle_ms(const struct conduct *c)
{
	uint64_t late_ms = 0;

	for (unsigned int i = 0; i < c->trial->nr_faults; i++) {
		const struct run_fault *fault = &c->trial->faults[i];

		if (!strcmp(fault->what, "uevent"))
			late_ms += strtoull(fault->delay, NULL, 10);
	}
	return c->trial->settle_ms + late_ms;
}

/*
 * Waits until the state has not changed for a while; no longer if nothing is going to happen in the
 * machine, and all processes wait for that.
 */
static void settle(struct conduct *c, uint64_t ms, uint64_t end_ms)
{
	json_t *last = run_state(c->run), *state;
	struct looks l = { .looks = 0 };
	uint64_t since = run_now_ms();
	bool looks_at = !has_helper(c), done = false;

	while (!done && run_now_ms() - since < ms && run_now_ms() < end_ms) {
		wait_a_while(c, POLL_MS);
		run_reap(c);
		state = run_state(c->run);
		if (!json_equal(state, last))
			since = run_now_ms();
		json_decref(last);
		last = state;
		done = looks_at && look(c, true, &l) && nothing_left(c, &l);
	}
	json_decref(last);
}

/* A daemon is poked when it waits, or does nothing but wait for a while. */
static void poke(struct conduct *c)
{
	struct looks l = { .looks = 0 };

	for (int i = 0; !look(c, false, &l) && i < 50 && !c->ended; i++) {
		wait_a_while(c, POLL_MS);
		run_reap(c);
	}
	if (c->trial->poke && !c->ended)
		json_object_set_new(c->result, "poke",
				    json_integer(
					    run_shell_status(run_shell(c, c->trial->poke, -1))));
}

static void end_daemon(struct conduct *c)
{
	c->settled = true;
	kill(c->command, SIGTERM);
	for (int i = 0; i < 100 && !c->ended; i++) {
		wait_a_while(c, POLL_MS);
		run_reap(c);
	}
	if (!c->ended)
		c->stuck = true;
}

/* Whether a command that has waited for a while will never go on. */
static bool is_stuck(struct conduct *c, struct looks *l)
{
	if (hangs(c))
		return true;
	return nothing_left(c, l) && has_fired(c) && run_all_wait(c, true) &&
	       !isatty(STDIN_FILENO) && !has_helper(c);
}

static void attend(struct conduct *c)
{
	bool looks_at = c->trial->nr_faults, daemon = c->trial->daemon;
	uint64_t end_ms = c->trial->timeout_ms ? run_now_ms() + c->trial->timeout_ms : UINT64_MAX;
	uint64_t pause = may_hang(c) ? POLL_MS : FIRST_MS;
	struct looks l = { .looks = 0 };

	if (c->trial->poke)
		poke(c);
	while (!c->ended && !c->killed && !c->stuck) {
		uint64_t now = run_now_ms();

		if (daemon && !c->until_pid) {
			settle(c, settle_ms(c), end_ms);
			if (run_now_ms() < end_ms && !c->ended && !c->killed && !hangs(c))
				end_daemon(c);
			daemon = false;
			continue;
		}
		c->timed_out = now >= end_ms;
		if (c->timed_out)
			return;
		if (!looks_at)
			pause = end_ms == UINT64_MAX ? 3600000 : end_ms - now + 1;
		wait_a_while(c, (long)pause);
		pause = POLL_MS;
		run_reap(c);
		c->stuck = looks_at && !c->ended && !c->killed && look(c, false, &l) &&
			   is_stuck(c, &l);
	}
}

/* ---- the whole ------------------------------------------------------------------------------ */

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
		      run_shell_status(status));
		_exit(RUN_FAILED);
	}
	if (c->trial->settle_ms && c->trial->setup)
		settle(c, c->trial->settle_ms, UINT64_MAX);
	c->nr_spare = children_list(&c->spare);
	if (c->trial->result)
		json_object_set_new(c->result, "begin", run_state(c->run));
	run_note_time(c, "begin_ns");
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
	bool is_over = c->ended && !c->killed, settles = c->trial->settle_ms && !c->trial->daemon;
	int status = 0;

	/* What happens in the background is part of the run, and meets the faults. */
	if (settles && is_over)
		settle(c, settle_ms(c), UINT64_MAX);
	run_note_time(c, "end_ns");
	/* bats ends before its report is complete. */
	if (c->trial->junit && c->ended && !c->killed)
		run_let_end(c);
	run_end_command(c);
	if (settles && !is_over)
		settle(c, c->trial->settle_ms, UINT64_MAX);
	run_note_status(c);
	if (c->trial->result)
		json_object_set_new(c->result, "end", run_state(c->run));
	if (c->killed && c->trial->recover) {
		run_afterwards(c, "recover", c->trial->recover);
		if (c->trial->result)
			json_object_set_new(c->result, "recovered", run_state(c->run));
	}
	if (c->trial->check)
		status = run_afterwards(c, "check", c->trial->check);
	if (!run_write_result(c))
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
	sigset_t set;

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	setrlimit(RLIMIT_CORE, &none);
	signal(WTERMSIG(status), SIG_DFL);
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
	c.command = run_start(&c, NULL, -1);
	if (c.command < 0) {
		warn("fork");
		_exit(RUN_FAILED);
	}
	attend(&c);
	end_as(finish(&c));
	_exit(RUN_FAILED);
}
