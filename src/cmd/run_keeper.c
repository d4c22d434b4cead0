// SPDX-License-Identifier: GPL-2.0-or-later
#include <err.h>
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/children.h"
#include "run.h"

/* How long the init may take to end when it was killed. */
#define END_S 1

/* Unlike unshare(CLONE_NEWPID), this affects no other child of the keeper. */
static pid_t fork_into(int namespaces)
{
	struct clone_args args = { .flags = (unsigned int)namespaces, .exit_signal = SIGCHLD };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static pid_t spawn_init(struct run *run, bool has_pids, int calls, int *ret_link)
{
	int link[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link)) {
		warn("socketpair");
		return -1;
	}
	pid = fork_into(CLONE_NEWNS | (has_pids ? CLONE_NEWPID : 0));
	if (!pid) {
		close(link[0]);
		run_init(run, has_pids, link[1], calls);
	}
	if (pid < 0)
		warn("clone");
	close(link[1]);
	*ret_link = link[0];
	return pid;
}

/* Starts the init; returns -1 after reporting an error. */
static pid_t start_init(struct run *run, int calls)
{
	bool has_pids = !(run->options->shared & CLONE_NEWPID);
	int link, status;
	pid_t pid;

	for (;;) {
		pid = spawn_init(run, has_pids, calls, &link);
		if (pid < 0)
			return -1;
		if (run_step_wait(link))
			break;
		close(link);
		/*
		 * Where a part of the real /proc is hidden already, as in containers and in another
		 * memhpfs-run, processes cannot have a /proc of their own.
		 */
		if (waitpid(pid, &status, 0) != pid || !has_pids || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != RUN_NO_PROC)
			return -1;
		has_pids = false;
	}
	if ((!run->options->privileged && !run_map_same(pid)) || run_uevents(run, pid) < 0 ||
	    !run_step_done(link)) {
		kill(pid, SIGKILL);
		pid = -1;
	}
	close(link);
	return pid;
}

/*
 * Passes signals on to the init until it has ended. If it is killed while a process waits for a
 * step that hangs, that process cannot end before its machine does.
 */
static void attend(pid_t init, pid_t outer, pid_t memhpfs)
{
	bool killed = false;
	int status;

	for (bool ended = false; !ended;) {
		pid_t sender, pid;
		int signo = run_signal_wait(&sender);

		if (killed && !signo && memhpfs > 0)
			kill(memhpfs, SIGKILL);
		/* That the first process has ended arrives as SIGTERM. */
		if (!killed && signo && signo != SIGCHLD) {
			killed = getppid() != outer;
			kill(init, killed ? SIGKILL : signo);
		}
		if (killed)
			alarm(END_S);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			memhpfs = pid == memhpfs ? 0 : memhpfs;
			if (pid != init)
				continue;
			ended = true;
			if (WIFSIGNALED(status))
				warnx("the process that supervises the command was killed");
		}
	}
}

void run_keeper(struct run *run, pid_t outer, int map_fd)
{
	pid_t memhpfs = 0, init;
	int calls;

	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != outer)
		return;
	children_adopt();
	if (!run_enter_mounts(map_fd))
		return;
	/* Ids are mapped, or they need not be. */
	close(map_fd);
	if (!run_prepare_base(run))
		return;
	if (run->is_private) {
		memhpfs = run_start_memhpfs(run);
		if (memhpfs < 0)
			return;
	}
	run->has_dax = run_has_dax(run);
	calls = run_start_calls(run);
	if (calls < 0 && !run->options->no_seccomp)
		return;
	init = start_init(run, calls);
	if (calls >= 0)
		close(calls);
	if (init > 0)
		attend(init, outer, memhpfs);
	/* What counts is taken away from the machine before it ends. */
	if (run->options->account)
		children_end(&memhpfs, 1);
	children_end(NULL, 0);
	/* The outer process may be dead and unable to clean up. */
	umount2(run->base, MNT_DETACH);
	rmdir(run->base);
}
