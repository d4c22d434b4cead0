/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals for a waiting thread: reported once, and again when it is being killed, in any order of
 * arrival. The threads are real processes, visible in /proc.
 */
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../src/fuse/interrupt.h"

#define RECHECK_NS 20000000u

struct waiter {
	struct memfuse_interrupt interrupt;
	unsigned int mild;
	unsigned int fatal;
};

static void waiter_fn(struct memfuse_interrupt *interrupt, bool fatal)
{
	struct waiter *waiter = base_container_of(interrupt, struct waiter, interrupt);

	if (fatal)
		waiter->fatal++;
	else
		waiter->mild++;
}

static struct base_clock *clock_of(void **state)
{
	return *state;
}

static void init(struct waiter *waiter, void **state, pid_t tid)
{
	*waiter = (struct waiter){ .mild = 0 };
	memfuse_interrupt_init(&waiter->interrupt, clock_of(state), tid, waiter_fn);
}

static void expect(const struct waiter *waiter, unsigned int mild, unsigned int fatal)
{
	assert_int_equal(waiter->mild, mild);
	assert_int_equal(waiter->fatal, fatal);
}

/* a child that does nothing */
static pid_t child_new(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		for (;;)
			pause();
	}
	return pid;
}

/* A separate program: a process in valgrind has all signals blocked, and so none to handle. */
static pid_t child_spawn(void)
{
	const char *argv[] = { "sleep", "60", NULL };
	pid_t pid;

	assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, (char **)argv, environ), 0);
	return pid;
}

/* dead, but still visible in /proc */
static void child_kill(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void child_reap(pid_t pid)
{
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void told_once(void **state)
{
	struct waiter waiter;

	init(&waiter, state, getpid());
	memfuse_interrupt_raise(&waiter.interrupt);
	expect(&waiter, 0, 0);
	memfuse_interrupt_raise(&waiter.interrupt);
	base_vclock_advance(clock_of(state), 0);
	expect(&waiter, 1, 0);
	memfuse_interrupt_raise(&waiter.interrupt);
	base_vclock_advance(clock_of(state), 10 * RECHECK_NS);
	expect(&waiter, 1, 0);
	memfuse_interrupt_fini(&waiter.interrupt);
	assert_false(base_vclock_step(clock_of(state)));
}

static void not_told_without_a_signal(void **state)
{
	struct waiter waiter;

	init(&waiter, state, getpid());
	assert_false(base_vclock_step(clock_of(state)));
	memfuse_interrupt_fini(&waiter.interrupt);
	expect(&waiter, 0, 0);
}

static void finished_before_it_is_told(void **state)
{
	struct waiter waiter;

	init(&waiter, state, getpid());
	memfuse_interrupt_raise(&waiter.interrupt);
	memfuse_interrupt_fini(&waiter.interrupt);
	assert_false(base_vclock_step(clock_of(state)));
	expect(&waiter, 0, 0);
}

static void killed(void **state)
{
	pid_t pid = child_new();
	struct waiter waiter;

	init(&waiter, state, pid);
	child_kill(pid);
	memfuse_interrupt_raise(&waiter.interrupt);
	base_vclock_advance(clock_of(state), 10 * RECHECK_NS);
	expect(&waiter, 0, 1);
	assert_false(base_vclock_step(clock_of(state)));
	child_reap(pid);
}

static void killed_after_another_signal(void **state)
{
	pid_t pid = child_new();
	struct waiter waiter;

	init(&waiter, state, pid);
	memfuse_interrupt_raise(&waiter.interrupt);
	base_vclock_advance(clock_of(state), 3 * RECHECK_NS);
	expect(&waiter, 1, 0);
	child_kill(pid);
	base_vclock_advance(clock_of(state), 4 * RECHECK_NS);
	expect(&waiter, 1, 1);
	assert_false(base_vclock_step(clock_of(state)));
	child_reap(pid);
}

/* A handler that cannot run before the answer. */
static void told_again_until_handled(void **state)
{
	pid_t pid = child_spawn();
	struct waiter waiter;
	int status;

	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_int_equal(kill(pid, SIGTSTP), 0);
	init(&waiter, state, pid);
	memfuse_interrupt_raise(&waiter.interrupt);
	base_vclock_advance(clock_of(state), 3 * RECHECK_NS);
	expect(&waiter, 3, 0);
	/* less and less often, but not too rarely */
	base_vclock_advance(clock_of(state), 28 * RECHECK_NS);
	expect(&waiter, 6, 0);
	base_vclock_advance(clock_of(state), 16 * 10 * RECHECK_NS);
	expect(&waiter, 16, 0);
	memfuse_interrupt_fini(&waiter.interrupt);
	child_kill(pid);
	child_reap(pid);
}

static void gone(void **state)
{
	pid_t pid = child_new();
	struct waiter waiter;

	child_kill(pid);
	child_reap(pid);
	init(&waiter, state, pid);
	memfuse_interrupt_raise(&waiter.interrupt);
	base_vclock_advance(clock_of(state), 0);
	expect(&waiter, 0, 1);
}

static void out_of_sight(void **state)
{
	struct waiter waiter;

	init(&waiter, state, 0);
	memfuse_interrupt_raise(&waiter.interrupt);
	base_vclock_advance(clock_of(state), 0);
	expect(&waiter, 0, 1);
}

static int setup(void **state)
{
	*state = base_vclock_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	base_vclock_free(*state);
	return 0;
}

#define INTERRUPT_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

/* Blocked signals do not count, except the first one, which the kernel reports. */
static void blocked(void **state)
{
	struct waiter waiter;
	sigset_t usr1, before;
	int sig;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, &usr1, &before), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	init(&waiter, state, getpid());
	memfuse_interrupt_raise(&waiter.interrupt);
	base_vclock_advance(clock_of(state), 10 * RECHECK_NS);
	expect(&waiter, 1, 0);
	memfuse_interrupt_fini(&waiter.interrupt);
	assert_int_equal(sigwait(&usr1, &sig), 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		INTERRUPT_TEST(told_once),
		INTERRUPT_TEST(not_told_without_a_signal),
		INTERRUPT_TEST(finished_before_it_is_told),
		INTERRUPT_TEST(killed),
		INTERRUPT_TEST(killed_after_another_signal),
		INTERRUPT_TEST(told_again_until_handled),
		INTERRUPT_TEST(blocked),
		INTERRUPT_TEST(gone),
		INTERRUPT_TEST(out_of_sight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
