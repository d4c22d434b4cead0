// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp/cli/children.h"

#include <signal.h>
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

void children_end(pid_t *spare, size_t nr_spare)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	signal_children(SIGTERM, spare, nr_spare);
	signal_children(SIGCONT, spare, nr_spare);
	for (unsigned int waited = 0;; waited += POLL_MS) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			children_forget(pid, spare, nr_spare);
		if (!signal_children(waited < TERM_MS ? 0 : SIGKILL, spare, nr_spare))
			return;
		nanosleep(&pause, NULL);
	}
}
