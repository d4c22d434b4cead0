// SPDX-License-Identifier: GPL-2.0-or-later
#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "run.h"

static const int passed_on[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
				 SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH };

static void waited_for(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++)
		sigaddset(set, passed_on[i]);
	sigaddset(set, SIGCHLD);
}

void run_signals_block(sigset_t *before)
{
	sigset_t set;

	waited_for(&set);
	sigprocmask(SIG_BLOCK, &set, before);
}

int run_signal_wait(pid_t *ret_sender)
{
	siginfo_t info;
	sigset_t set;
	int signo;

	waited_for(&set);
	signo = sigwaitinfo(&set, &info);
	if (signo < 0 || (info.si_code == SI_KERNEL && signo != SIGCHLD))
		return 0;
	*ret_sender = info.si_pid;
	return signo;
}

bool run_step_done(int fd)
{
	ssize_t len;

	do
		len = write(fd, "", 1);
	while (len < 0 && errno == EINTR);
	return len == 1;
}

bool run_step_wait(int fd)
{
	ssize_t len;
	char byte;

	do
		len = read(fd, &byte, 1);
	while (len < 0 && errno == EINTR);
	return len == 1;
}

pid_t run_fork_helper(void)
{
	pid_t pid = fork();
	sigset_t none;

	if (pid < 0)
		warn("fork");
	if (pid)
		return pid;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	setsid();
	return 0;
}
