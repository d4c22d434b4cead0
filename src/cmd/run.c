// SPDX-License-Identifier: GPL-2.0-or-later
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/children.h"
#include "memhp/cli/needs.h"
#include "memhp/cli/std_fds.h"
#include "run.h"

enum { RUN_KEY_MACHINE = 0x100, RUN_KEY_CMDLINE, RUN_KEY_KERNEL, RUN_KEY_MOUNT, RUN_KEY_KEEP };

const char *argp_program_version = "memhpfs-run " MEMHP_VERSION;

static const struct argp_option run_option_table[] = {
	{ "machine", RUN_KEY_MACHINE, "FILE", 0, "the machine, see memhpfs-machine(5)", 0 },
	{ "cmdline", RUN_KEY_CMDLINE, "TEXT", 0, "words to add to the kernel command line", 0 },
	{ "kernel", RUN_KEY_KERNEL, "VERSION", 0, "the version of Linux, such as 6.1", 0 },
	{ "mount", RUN_KEY_MOUNT, "DIR", 0, "use the machine that is mounted on DIR", 0 },
	{ "keep", RUN_KEY_KEEP, NULL, 0, "leave the machine mounted and print where", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static error_t run_parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *options = state->input;

	switch (key) {
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
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp run_argp = {
	.options = run_option_table,
	.parser = run_parse,
	.args_doc = "COMMAND [ARG...]",
	.doc = "Run a program on an emulated machine in place of the real one.",
};

/* ---- signals --------------------------------------------------------------------------------- */

static const int passed_on[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
				 SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH };

static void signals_block(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, before);
}

/* Waits for a signal; returns 0 for one from the terminal, as the command gets that as well. */
static int signal_wait(void)
{
	siginfo_t info;
	sigset_t set;
	int signo;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigaddset(&set, SIGCHLD);
	signo = sigwaitinfo(&set, &info);
	if (signo < 0 || (info.si_code == SI_KERNEL && signo != SIGCHLD))
		return 0;
	return signo;
}

/* ---- starting memhpfs ------------------------------------------------------------------------ */

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
static pid_t spawn_memhpfs(const struct run *run, const sigset_t *mask, int ready_fd)
{
	const struct run_options *options = run->options;
	char ready[32], machine[PATH_MAX + 16], root[PATH_MAX];
	const char *argv[12] = { "memhpfs" };
	unsigned int nr = 1;
	char *cmdline = NULL, *kernel = NULL;
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
	}
	if (options->machine) {
		snprintf(machine, sizeof(machine), "--machine=%s", options->machine);
		argv[nr++] = machine;
	}
	if (options->cmdline && asprintf(&cmdline, "--cmdline=%s", options->cmdline) >= 0)
		argv[nr++] = cmdline;
	if (options->kernel && asprintf(&kernel, "--kernel=%s", options->kernel) >= 0)
		argv[nr++] = kernel;
	snprintf(root, sizeof(root), "%s", run->root);
	argv[nr++] = root;
	sigprocmask(SIG_SETMASK, mask, NULL);
	exec_memhpfs((char *const *)argv);
	return -1;
}

/* Starts a memhpfs that ends with this program; returns -1 if it fails, which is reported. */
static pid_t start_memhpfs(const struct run *run, const sigset_t *mask)
{
	int fds[2];
	pid_t pid;
	char byte;

	if (pipe2(fds, O_CLOEXEC)) {
		warn("pipe");
		return -1;
	}
	pid = spawn_memhpfs(run, mask, fds[1]);
	close(fds[1]);
	if (pid < 0)
		warn("fork");
	else if (read(fds[0], &byte, 1) != 1)
		pid = -1;
	close(fds[0]);
	return pid;
}

/* Starts a memhpfs that outlives this program. */
static bool start_kept_memhpfs(const struct run *run, const sigset_t *mask)
{
	pid_t pid = spawn_memhpfs(run, mask, -1);
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/* ---- the process in the namespaces ----------------------------------------------------------- */

static pid_t start_command(const struct run *run, const sigset_t *mask)
{
	char **command = run->options->command;
	pid_t pid = fork();
	int status;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigprocmask(SIG_SETMASK, mask, NULL);
	setenv("MEMHPFS_ROOT", run->root, 1);
	/* Otherwise libudev rejects all files that are not in a sysfs. */
	setenv("SYSTEMD_DEVICE_VERIFY_SYSFS", "0", 1);
	execvp(command[0], command);
	/* warn() may change errno */
	status = errno == ENOENT ? RUN_NOT_FOUND : RUN_CANNOT_INVOKE;
	warn("%s", command[0]);
	_exit(status);
}

static int status_of(int code)
{
	return code << 8;
}

/* Waits for the command to end; returns its status. Passes signals from @outer on to it. */
static int attend(pid_t command, pid_t outer)
{
	int status, command_status = status_of(RUN_FAILED);
	bool ended = false;

	while (!ended) {
		int signo = signal_wait();
		pid_t pid;

		if (signo && signo != SIGCHLD)
			kill(command, getppid() == outer ? signo : SIGKILL);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid != command)
				continue;
			command_status = status;
			ended = true;
		}
	}
	return command_status;
}

/* Does everything in the namespaces; returns the status of the command, as from waitpid(). */
static int run_inside(struct run *run, const sigset_t *mask, pid_t outer)
{
	pid_t memhpfs = 0, command;
	int status;

	if (!run_enter_namespaces() || !run_prepare_base(run))
		return status_of(RUN_FAILED);
	if (run->is_private) {
		memhpfs = start_memhpfs(run, mask);
		if (memhpfs < 0)
			return status_of(RUN_FAILED);
	}
	if (!run_bind_view(run) || run_uevents(run) < 0) {
		children_end(NULL, 0);
		return status_of(RUN_FAILED);
	}
	command = start_command(run, mask);
	if (command < 0) {
		warn("fork");
		status = status_of(RUN_FAILED);
	} else {
		status = attend(command, outer);
	}
	/* End processes that still use the machine before the machine itself. */
	children_end(&memhpfs, 1);
	children_end(NULL, 0);
	return status;
}

/* ---- the first process ----------------------------------------------------------------------- */

static pid_t spawn_inside(struct run *run, const sigset_t *mask, int status_fd)
{
	pid_t outer = getpid(), pid = fork();
	int status;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != outer)
		_exit(RUN_FAILED);
	children_adopt();
	status = run_inside(run, mask, outer);
	if (write(status_fd, &status, sizeof(status)) != sizeof(status))
		_exit(RUN_FAILED);
	/* The outer process may be dead and unable to clean up. */
	umount2(run->base, MNT_DETACH);
	rmdir(run->base);
	_exit(0);
}

static int supervise(struct run *run, const sigset_t *mask)
{
	int fds[2], status = status_of(RUN_FAILED);
	pid_t inside;

	children_adopt();
	if (pipe2(fds, O_CLOEXEC))
		err(RUN_FAILED, "pipe");
	inside = spawn_inside(run, mask, fds[1]);
	if (inside < 0)
		err(RUN_FAILED, "fork");
	close(fds[1]);
	for (bool ended = false; !ended;) {
		int signo = signal_wait();
		pid_t pid;

		if (signo && signo != SIGCHLD)
			kill(inside, signo);
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			ended = ended || pid == inside;
	}
	if (read(fds[0], &status, sizeof(status)) != sizeof(status))
		warnx("the process that supervises the command was killed");
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
	sigset_t mask;
	int status;

	/* the command gets the same descriptors as without this program */
	std_fds_reserve(O_CLOEXEC);
	argp_err_exit_status = RUN_FAILED;
	argp_parse(&run_argp, argc, argv, ARGP_IN_ORDER, NULL, &options);
	choose_root(&run);
	signals_block(&mask);
	if (options.keep && !start_kept_memhpfs(&run, &mask)) {
		rmdir(run.root);
		rmdir(run.base);
		return RUN_FAILED;
	}
	status = supervise(&run, &mask);
	rmdir(run.base);
	if (options.keep)
		warnx("the machine remains mounted at %s (fusermount3 -u ends it)", run.root);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return end_as(status);
}
