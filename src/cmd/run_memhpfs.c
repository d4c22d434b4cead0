// SPDX-License-Identifier: GPL-2.0-or-later
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

/* Prefers memhpfs in the directory of this program, as in a build directory, to PATH. */
static void exec_memhpfs(char *const argv[])
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (len > 0) {
		path[len] = '\0';
		slash = strrchr(path, '/');
		snprintf(slash + 1, sizeof(path) - (size_t)(slash + 1 - path), "memhpfs");
		execv(path, argv);
	}
	execvp("memhpfs", argv);
	warn("memhpfs");
	_exit(RUN_FAILED);
}

/*
 * Starts memhpfs.
 * @ready_fd: memhpfs stays in the foreground, and reports here when the mount can be used; -1: it
 *	      goes to the background when the mount can be used
 */
static pid_t spawn_memhpfs(const struct run *run, int ready_fd)
{
	const struct run_options *options = run->options;
	char ready[32], machine[PATH_MAX + 16], root[PATH_MAX];
	const char *argv[13] = { "memhpfs" };
	unsigned int nr = 1;
	char *cmdline = NULL, *kernel = NULL, *trace = NULL;
	pid_t pid = fork();

	if (pid)
		return pid;
	if (ready_fd >= 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
		/* Signals from the terminal are for the command. */
		setsid();
		fcntl(ready_fd, F_SETFD, 0);
		snprintf(ready, sizeof(ready), "--ready-fd=%d", ready_fd);
		argv[nr++] = "-f";
		argv[nr++] = ready;
		argv[nr++] = "-oallow_other";
	} else {
		argv[nr++] = "--rmdir";
	}
	if (options->machine) {
		snprintf(machine, sizeof(machine), "--machine=%s", options->machine);
		argv[nr++] = machine;
	}
	if (options->cmdline && asprintf(&cmdline, "--cmdline=%s", options->cmdline) >= 0)
		argv[nr++] = cmdline;
	if (options->kernel && asprintf(&kernel, "--kernel=%s", options->kernel) >= 0)
		argv[nr++] = kernel;
	if (options->trial.trace &&
	    asprintf(&trace, "--trace%s=%s", options->trial.trace_changes ? "-changes" : "",
		     options->trial.trace) >= 0)
		argv[nr++] = trace;
	snprintf(root, sizeof(root), "%s", run->root);
	argv[nr++] = root;
	sigprocmask(SIG_SETMASK, &run->mask, NULL);
	exec_memhpfs((char *const *)argv);
	return -1;
}

pid_t run_start_memhpfs(const struct run *run)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC)) {
		warn("pipe");
		return -1;
	}
	pid = spawn_memhpfs(run, fds[1]);
	close(fds[1]);
	if (pid < 0)
		warn("fork");
	else if (!run_step_wait(fds[0]))
		pid = -1;
	close(fds[0]);
	return pid;
}

bool run_start_kept_memhpfs(const struct run *run)
{
	pid_t pid = spawn_memhpfs(run, -1);
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}
