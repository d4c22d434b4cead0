// SPDX-License-Identifier: GPL-2.0-or-later
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/children.h"
#include "memhp/cli/needs.h"
#include "memhp/cli/std_fds.h"
#include "run.h"

enum {
	RUN_KEY_MACHINE = 0x100,
	RUN_KEY_CMDLINE,
	RUN_KEY_KERNEL,
	RUN_KEY_MOUNT,
	RUN_KEY_KEEP,
	RUN_KEY_PRIVILEGED,
	RUN_KEY_NO_SECCOMP,
	RUN_KEY_ACCOUNT,
	RUN_KEY_PID,
	RUN_KEY_IPC,
	RUN_KEY_UTS,
};

const char *argp_program_version = "memhpfs-run " MEMHP_VERSION;

static const struct argp_option run_option_table[] = {
	{ "machine", RUN_KEY_MACHINE, "MACHINE", 0,
	  "a name of \"memhp machines\", or a machine file", 0 },
	{ "cmdline", RUN_KEY_CMDLINE, "TEXT", 0, "words to add to the kernel command line", 0 },
	{ "kernel", RUN_KEY_KERNEL, "VERSION", 0, "the version of Linux, such as 6.1", 0 },
	{ "mount", RUN_KEY_MOUNT, "DIR", 0, "use the machine that is mounted on DIR", 0 },
	{ "keep", RUN_KEY_KEEP, NULL, 0, "leave the machine mounted and print where", 0 },
	{ "privileged", RUN_KEY_PRIVILEGED, NULL, 0,
	  "keep all privileges, with which the real machine can be reached", 0 },
	{ "no-seccomp", RUN_KEY_NO_SECCOMP, NULL, 0,
	  "leave system calls to the real kernel, such as sysinfo and uname", 0 },
	{ "account", RUN_KEY_ACCOUNT, NULL, 0,
	  "let memory on nodes that a program has chosen count in the machine", 0 },
	{ "pid", RUN_KEY_PID, "host", 0, "see the processes of the real machine", 0 },
	{ "ipc", RUN_KEY_IPC, "host", 0, "share System V IPC and message queues with it", 0 },
	{ "uts", RUN_KEY_UTS, "host", 0, "share its host name", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_child run_children[] = { { &run_trial_argp, 0, NULL, 0 }, { NULL } };

/* Namespaces are new, or the caller's. */
static error_t share(struct argp_state *state, const char *option, const char *arg, int *shared,
		     int namespace)
{
	if (strcmp(arg, "host"))
		argp_error(state, "--%s=%s: only \"host\" is possible", option, arg);
	*shared |= namespace;
	return 0;
}

static error_t run_parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->trial;
		return 0;
	case RUN_KEY_MACHINE:
		options->machine = arg;
		return 0;
	case RUN_KEY_CMDLINE:
		options->cmdline = arg;
		return 0;
	case RUN_KEY_KERNEL:
		options->kernel = arg;
		return 0;
	case RUN_KEY_MOUNT:
		options->mount = arg;
		return 0;
	case RUN_KEY_KEEP:
		options->keep = true;
		return 0;
	case RUN_KEY_PRIVILEGED:
		options->privileged = true;
		return 0;
	case RUN_KEY_NO_SECCOMP:
		options->no_seccomp = true;
		return 0;
	case RUN_KEY_ACCOUNT:
		options->account = true;
		return 0;
	case RUN_KEY_PID:
		return share(state, "pid", arg, &options->shared, CLONE_NEWPID);
	case RUN_KEY_IPC:
		return share(state, "ipc", arg, &options->shared, CLONE_NEWIPC);
	case RUN_KEY_UTS:
		return share(state, "uts", arg, &options->shared, CLONE_NEWUTS);
	case ARGP_KEY_ARG:
		options->command = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!options->command)
			argp_error(state, "no command");
		if (options->mount &&
		    (options->machine || options->cmdline || options->kernel || options->keep))
			argp_error(state,
				   "--mount excludes --machine, --cmdline, --kernel and --keep");
		if (options->account && options->no_seccomp)
			argp_error(state, "--no-seccomp excludes --account");
		if (options->mount && options->trial.trace)
			argp_error(state, "--mount excludes --trace: read machine/trace there");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp run_argp = {
	.options = run_option_table,
	.parser = run_parse,
	.children = run_children,
	.args_doc = "COMMAND [ARG...]",
	.doc = "Run a program on an emulated machine in place of the real one.",
};

/* ---- the first process ----------------------------------------------------------------------- */

static pid_t spawn_keeper(struct run *run, int map_fd)
{
	pid_t outer = getpid(), pid = fork();

	if (pid)
		return pid;
	run_keeper(run, outer, map_fd);
	_exit(0);
}

static int supervise(struct run *run)
{
	int fds[2], map[2], code, status = RUN_FAILED << 8;
	pid_t keeper;

	children_adopt();
	if (pipe2(fds, O_CLOEXEC) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, map))
		err(RUN_FAILED, "pipe");
	run->status_fd = fds[1];
	keeper = spawn_keeper(run, map[1]);
	if (keeper < 0)
		err(RUN_FAILED, "fork");
	close(fds[1]);
	close(map[1]);
	/* Root does not ask for this. */
	if (run_step_wait(map[0]) && run_map_user(keeper))
		(void)run_step_done(map[0]);
	close(map[0]);
	for (bool ended = false; !ended;) {
		pid_t sender, pid;
		int signo = run_signal_wait(&sender);

		if (signo && signo != SIGCHLD)
			kill(keeper, signo);
		while ((pid = waitpid(-1, &code, WNOHANG)) > 0) {
			if (pid != keeper)
				continue;
			ended = true;
			if (WIFSIGNALED(code))
				warnx("the process that keeps the machine was killed");
		}
	}
	if (read(fds[0], &status, sizeof(status)) < 0)
		warn("the status of the command");
	children_end(NULL, 0);
	return status;
}

static void choose_root(struct run *run)
{
	const char *tmp = getenv("TMPDIR"), *mount = run->options->mount;

	if (mount && !realpath(mount, run->root))
		err(RUN_FAILED, "%s", mount);
	if (mount && !run_is_memhpfs(run->root))
		errx(RUN_FAILED, "%s: memhpfs is not mounted there", mount);
	if (!needs_fuse(true))
		exit(RUN_FAILED);
	if (snprintf(run->base, sizeof(run->base), "%s/memhpfs-run.XXXXXX",
		     tmp && *tmp == '/' ? tmp : "/tmp") >= (int)sizeof(run->base) ||
	    !mkdtemp(run->base))
		err(RUN_FAILED, "%s", run->base);
	if (mount)
		return;
	run->is_private = !run->options->keep;
	snprintf(run->root, sizeof(run->root), "%s/root", run->base);
	if (!run->options->keep)
		return;
	/* It must not be below the directory that is removed at the end. */
	snprintf(run->root, sizeof(run->root), "%s.root", run->base);
	if (mkdir(run->root, 0755))
		err(RUN_FAILED, "%s", run->root);
}

/* Ends with the exit status or signal of the command. */
static int end_as(int status)
{
	const struct rlimit none = { 0, 0 };
	int signo = WTERMSIG(status);

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &none);
	signal(signo, SIG_DFL);
	raise(signo);
	return 128 + signo;
}

int main(int argc, char **argv)
{
	struct run_options options = { .machine = NULL };
	struct run run = { .options = &options };
	int status;

	/* the command gets the same descriptors as without this program */
	std_fds_reserve(O_CLOEXEC);
	argp_err_exit_status = RUN_FAILED;
	argp_parse(&run_argp, argc, argv, ARGP_IN_ORDER, NULL, &options);
	run_trial_open(&options.trial);
	if (!getcwd(run.cwd, sizeof(run.cwd)))
		*run.cwd = '\0';
	choose_root(&run);
	run_signals_block(&run.mask);
	if (options.keep && !run_start_kept_memhpfs(&run)) {
		rmdir(run.root);
		rmdir(run.base);
		return RUN_FAILED;
	}
	if (options.privileged)
		warnx("--privileged: COMMAND can remove the view and reach the real machine");
	status = supervise(&run);
	rmdir(run.base);
	if (options.keep)
		warnx("the machine remains mounted at %s (fusermount3 -u ends it)", run.root);
	sigprocmask(SIG_SETMASK, &run.mask, NULL);
	return end_as(status);
}
