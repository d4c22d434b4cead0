// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp/cli/children.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TERM_MS 300 /* from SIGTERM to SIGKILL */
#define POLL_MS 2

void children_adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static FILE *open_children(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	return fopen(path, "re");
}

size_t children_list(pid_t **ret_pids)
{
	FILE *file = open_children();
	pid_t *pids = NULL, *more;
	size_t nr = 0;
	int pid;

	while (file && fscanf(file, "%d", &pid) == 1) {
		more = reallocarray(pids, nr + 1, sizeof(*pids));
		if (!more)
			break;
		pids = more;
		pids[nr++] = pid;
	}
	if (file)
		fclose(file);
	*ret_pids = pids;
	return nr;
}

static pid_t *find(pid_t pid, pid_t *pids, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (pids[i] == pid)
			return &pids[i];
	}
	return NULL;
}

void children_forget(pid_t pid, pid_t *pids, size_t nr)
{
	pid_t *dead = find(pid, pids, nr);

	if (dead)
		*dead = 0;
}

/* Signals all children except @spare; returns how many could be signalled. */
static unsigned int signal_children(int signo, pid_t *spare, size_t nr_spare)
{
	FILE *file = open_children();
	unsigned int nr = 0;
	int pid;

	while (file && fscanf(file, "%d", &pid) == 1) {
		if (!find(pid, spare, nr_spare) && !kill(pid, signo))
			nr++;
	}
	if (file)
		fclose(file);
	return nr;
}

static unsigned int ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned int)((now.tv_sec - start->tv_sec) * 1000 +
			      (now.tv_nsec - start->tv_nsec) / 1000000);
}

/* Ends all children; SIGCHLD is blocked, so that none is missed. */
static void end_children(const sigset_t *ended, pid_t *spare, size_t nr_spare)
{
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	signal_children(SIGTERM, spare, nr_spare);
	signal_children(SIGCONT, spare, nr_spare);
	for (;;) {
		unsigned int ms = ms_since(&start);
		bool is_late = ms >= TERM_MS;
		const struct timespec limit = {
			.tv_nsec = (is_late ? POLL_MS : TERM_MS - ms) * 1000000L,
		};
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			children_forget(pid, spare, nr_spare);
		if (!signal_children(is_late ? SIGKILL : 0, spare, nr_spare))
			return;
		(void)sigtimedwait(ended, NULL, &limit);
	}
}

void children_end(pid_t *spare, size_t nr_spare)
{
	sigset_t ended, before;

	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, &before);
	end_children(&ended, spare, nr_spare);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
