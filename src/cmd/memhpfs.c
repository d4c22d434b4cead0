/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhpfs: mounts a machine.
 *
 * In the background, which is the default, a child does everything: the parent only waits for one
 * byte, the exit status, which the child sends when the mount answers or has failed. So the mount
 * point can be used as soon as the parent exits.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/needs.h"
#include "memhp/cli/std_fds.h"
#include "memhp/cli/warn.h"
#include "memhp/fuse.h"
#include "memhp/loop.h"
#include "memhp/machine.h"
#include "memhp/record.h"
#include "memhp/state.h"
#include "memhp/tree.h"
#include "memhpfs_args.h"
#include "monitor.h"
#include "trace.h"
#include "uevent_helper.h"

/**
 * struct memhpfs - the running program
 * @report_fd: pipe to the parent, which waits for the status; -1: no parent waits
 * @is_unheard: the reader of --ready-fd could not be notified
 */
struct memhpfs {
	const struct memhpfs_args *args;
	int report_fd;
	bool is_unheard;
	struct loop *loop;
	struct loop_pace *pace;
	struct state *state;
	struct machine_spec *spec;
	struct machine *machine;
	struct tree *tree;
	struct uevent_helper *helper;
	struct trace *trace;
	struct monitor *monitor;
	struct memfuse *fuse;
	struct loop_watch *watch;
	struct loop_watch *signals[3];
	struct loop_watch *exit_with;
};

static const int memhpfs_signals[] = { SIGTERM, SIGINT, SIGHUP };

/* Reports the status to the parent, and detaches from the standard descriptors. */
static void memhpfs_report(struct memhpfs *prog, enum memhpfs_status status)
{
	unsigned char byte = (unsigned char)status;
	int null;

	if (prog->report_fd < 0)
		return;
	if (write(prog->report_fd, &byte, 1) != 1)
		loop_quit(prog->loop);
	close(prog->report_fd);
	prog->report_fd = -1;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

static void memhpfs_ready(void *ctx)
{
	struct memhpfs *prog = ctx;
	int fd = prog->args->ready_fd;

	if (fd >= 0) {
		/* A mount whose starter does not read this is of no use. */
		if (write(fd, "\n", 1) != 1) {
			warn("descriptor %d", fd);
			prog->is_unheard = true;
			loop_quit(prog->loop);
		}
		close(fd);
	}
	memhpfs_report(prog, MEMHPFS_OK);
}

static void memhpfs_closed(void *ctx)
{
	struct memhpfs *prog = ctx;

	loop_unwatch(prog->watch);
	prog->watch = NULL;
	loop_quit(prog->loop);
}

static void memhpfs_dispatch(void *ctx)
{
	struct memhpfs *prog = ctx;

	memfuse_dispatch(prog->fuse);
}

/* A signal has arrived, or the process of --exit-with has ended. */
static void memhpfs_stop(void *ctx)
{
	struct memhpfs *prog = ctx;

	loop_quit(prog->loop);
}

static const struct memfuse_calls memhpfs_calls = {
	.ready = memhpfs_ready,
	.closed = memhpfs_closed,
};

static int memhpfs_load(struct memhpfs *prog)
{
	const struct memhpfs_args *args = prog->args;
	int err;

	if (args->machine)
		err = record_load(args->machine, stderr, &prog->spec);
	else
		err = machine_spec_default(&prog->spec);
	return err ? err :
		     warn_options("memhpfs", prog->spec, args->kernel,
				  base_buf_text(&args->cmdline));
}

/* Boots the machine, and resumes its saved state if there is one. */
static int memhpfs_boot(struct memhpfs *prog)
{
	int err;

	prog->loop = loop_new();
	if (!prog->loop)
		return -ENOMEM;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(memhpfs_signals); i++) {
		prog->signals[i] =
			loop_watch_signal(prog->loop, memhpfs_signals[i], memhpfs_stop, prog);
		if (!prog->signals[i])
			return -ENOMEM;
	}
	if (prog->args->exit_with >= 0) {
		prog->exit_with =
			loop_watch_fd(prog->loop, prog->args->exit_with, memhpfs_stop, prog);
		if (!prog->exit_with)
			return -ENOMEM;
	}
	prog->pace = loop_pace_new(prog->loop);
	if (!prog->pace)
		return -ENOMEM;
	err = tree_boot(prog->spec, loop_pace_clock(prog->pace), &prog->machine, &prog->tree);
	if (err)
		return err;
	tree_set_command(prog->tree, memfuse_command, NULL);
	return prog->state ? state_resume(prog->state, prog->tree, prog->pace) :
			     tree_add_devices(prog->tree, stderr);
}

static int memhpfs_open_state(struct memhpfs *prog, const char *path)
{
	const struct state_machine what = {
		.file = prog->args->machine ? prog->spec->path : NULL,
		.cmdline = base_buf_text(&prog->args->cmdline),
		.kernel = prog->args->kernel ? prog->args->kernel : "",
	};

	return state_open(path, &what, &prog->state);
}

/* Tries to resume from a state file, in a process of its own. */
static int memhpfs_try(void *ctx, const char *path, uint64_t *ret_wrong)
{
	struct memhpfs *prog = ctx;
	int err = memhpfs_open_state(prog, path);

	if (err)
		return err;
	err = memhpfs_boot(prog);
	*ret_wrong = state_wrong(prog->state);
	return err;
}

static int memhpfs_build(struct memhpfs *prog)
{
	int err = memhpfs_boot(prog);

	if (err && prog->state && state_wrong(prog->state))
		warnx("%s: damaged, or of another build; --state-recover discards that input and "
		      "all later ones",
		      prog->args->state);
	else if (err)
		warnx("cannot start the machine: %s", strerror(-err));
	if (err)
		return err;
	loop_pace_start(prog->pace);
	err = trace_new(prog->tree, prog->args->trace, prog->args->trace_changes,
			prog->args->trace_changes ? loop_clock(prog->loop) : NULL, &prog->trace);
	if (err && prog->args->trace)
		warnx("%s: cannot be written: %s", prog->args->trace, strerror(-err));
	return err;
}

/* Resolves the path of the mount point before mounting: the mount does not answer until served. */
static int memhpfs_helper(struct memhpfs *prog)
{
	char root[PATH_MAX];

	if (!realpath(prog->args->mountpoint, root))
		return 0; /* mounting will fail and report that */
	prog->helper = uevent_helper_new(prog->loop, prog->machine, root);
	if (!prog->helper)
		return -ENOMEM;
	tree_set_helper(prog->tree, &uevent_helper_calls, prog->helper);
	return 0;
}

static int memhpfs_mount(struct memhpfs *prog)
{
	const struct memhpfs_args *args = prog->args;
	struct base_buf why;
	int err;

	base_buf_init(&why);
	err = memfuse_new(prog->tree, loop_clock(prog->loop), args->mountpoint,
			  base_buf_text(&args->options), &memhpfs_calls, prog, &why, &prog->fuse);
	if (why.len)
		warnx("%s", base_buf_text(&why));
	base_buf_fini(&why);
	if (err == -EIO)
		needs_mount();
	return err;
}

static int memhpfs_serve(struct memhpfs *prog)
{
	int err;

	err = memhpfs_helper(prog);
	if (!err && prog->args->qmp)
		err = monitor_new(prog->tree, prog->loop, prog->args->qmp, memhpfs_stop, prog,
				  &prog->monitor);
	if (err)
		return err;
	if (!needs_fuse(false))
		return -ENODEV;
	err = memhpfs_mount(prog);
	if (err)
		return err;
	prog->watch = loop_watch_fd(prog->loop, memfuse_fd(prog->fuse), memhpfs_dispatch, prog);
	if (!prog->watch) {
		warnx("out of memory");
		return -ENOMEM;
	}
	if (prog->report_fd >= 0 && chdir("/"))
		warn("/");
	return loop_run(prog->loop);
}

/* Returns false if the tree is still busy: it must then be left to the exit that follows. */
static bool memhpfs_unbuild(struct memhpfs *prog)
{
	bool finished;

	loop_unwatch(prog->watch);
	if (prog->tree)
		tree_set_helper(prog->tree, NULL, NULL);
	monitor_free(prog->monitor);
	finished = memfuse_free(prog->fuse);
	/* after the mount, which helpers may use */
	uevent_helper_free(prog->helper);
	if (!finished || !state_close(prog->state))
		return false;
	trace_free(prog->trace);
	tree_free(prog->tree);
	machine_free(prog->machine);
	loop_pace_free(prog->pace);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(memhpfs_signals); i++)
		loop_unwatch(prog->signals[i]);
	loop_unwatch(prog->exit_with);
	loop_free(prog->loop);
	machine_spec_free(prog->spec);
	return true;
}

static enum memhpfs_status memhpfs_run(const struct memhpfs_args *args, int report_fd)
{
	struct memhpfs prog = { .args = args, .report_fd = report_fd };
	enum memhpfs_status status = MEMHPFS_FAILED;
	int err;

	signal(SIGPIPE, SIG_IGN);
	err = memhpfs_load(&prog);
	if (err) {
		status = err == -ENOMEM ? MEMHPFS_FAILED : MEMHPFS_REFUSED;
		goto out_report;
	}
	if ((args->state_recover && state_recover(args->state, memhpfs_try, &prog)) ||
	    (args->state && memhpfs_open_state(&prog, args->state)) || memhpfs_build(&prog))
		goto out_unbuild;
	/* if it was stopped before it was ready, waiting for the mount has failed */
	if (!memhpfs_serve(&prog) && prog.report_fd < 0 && !prog.is_unheard)
		status = MEMHPFS_OK;
out_unbuild:
	if (!memhpfs_unbuild(&prog)) {
		memhpfs_report(&prog, status);
		_exit(status);
	}
out_report:
	memhpfs_report(&prog, status);
	return status;
}

/* Returns the descriptor to report to in the child, and does not return in the parent. */
static int memhpfs_background(void)
{
	unsigned char status = MEMHPFS_FAILED;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		err(MEMHPFS_FAILED, "pipe");
	pid = fork();
	if (pid < 0)
		err(MEMHPFS_FAILED, "fork");
	if (!pid) {
		close(fds[0]);
		setsid();
		return fds[1];
	}
	close(fds[1]);
	if (read(fds[0], &status, 1) != 1)
		warnx("died before the mount was ready");
	_exit(status);
}

int main(int argc, char **argv)
{
	struct memhpfs_args args;
	enum memhpfs_status status;
	char *mountpoint = NULL;
	int report_fd = -1;

	std_fds_reserve(0);
	if (argc > 1 && !strcmp(argv[1], "record"))
		return record_main(argc - 1, argv + 1);
	memhpfs_args_parse(&args, argc, argv);
	if (args.cmdline.failed || args.options.failed)
		errx(MEMHPFS_FAILED, "out of memory");
	if (!args.foreground)
		report_fd = memhpfs_background();
	else if (args.exit_with >= 0)
		setsid(); /* who kills the process group of that process must not kill this one */
	/* The working directory will be another one. */
	if (args.rmdir)
		mountpoint = realpath(args.mountpoint, NULL);
	status = memhpfs_run(&args, report_fd);
	if (mountpoint && rmdir(mountpoint))
		warn("%s", mountpoint);
	free(mountpoint);
	base_buf_fini(&args.cmdline);
	base_buf_fini(&args.options);
	return status;
}
