// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nothing is left behind: what the command has started loses its parent sooner or later, becomes
 * ours (PR_SET_CHILD_SUBREAPER), and is ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

#define TERM_MS 300 /* from SIGTERM to SIGKILL */
#define POLL_MS 2

void run_adopt_orphans(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* Signals all children but @spare; how many there are. */
static unsigned int signal_children(int signo, pid_t spare)
{
	char path[64];
	unsigned int nr = 0;
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fscanf(file, "%d", &pid) == 1) {
		if (pid == spare)
			continue;
		nr++;
		if (signo)
			kill(pid, signo);
	}
	fclose(file);
	return nr;
}

void run_end_children(pid_t spare)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	signal_children(SIGTERM, spare);
	signal_children(SIGCONT, spare);
	for (unsigned int waited = 0;; waited += POLL_MS) {
		pid_t pid;

		/* The one to be spared may be dead already; then the number means nobody. */
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
			if (pid == spare)
				spare = 0;
		}
		if (!signal_children(waited < TERM_MS ? 0 : SIGKILL, spare))
			return;
		nanosleep(&pause, NULL);
	}
}
